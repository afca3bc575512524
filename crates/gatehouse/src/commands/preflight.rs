//! `gatehouse preflight`: the checks that the console does before a domain is federated. It fails when
//! one of them does.

use std::fmt::Write as _;

use anyhow::bail;
use app::preflight::in_numbers;
use model::preflight::{Area, Finding, Preflight, Verdict};

use super::{WithConfig, serve};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    config: WithConfig,
    /// The domain, such as contoso.com.
    domain: String,
}

#[expect(clippy::print_stdout, reason = "what was found is this command's answer")]
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let house = serve::open(&Config::read(&options.config.config)?).await?;
    let domain = house.addresses(&options.domain).await?.domain_id;
    let preflight = house.preflight_by_operator(domain).await?;
    print!("{}", report(&preflight));
    ready(&options.domain, &preflight)
}

/// A failed check, or a way back in that nobody saw, makes the command fail.
fn ready(domain: &str, preflight: &Preflight) -> anyhow::Result<()> {
    if preflight.count(Verdict::Failed) > 0 || preflight.holding_back().next().is_some() {
        bail!("{domain} is not ready: {}", in_numbers(preflight));
    }
    Ok(())
}

fn report(preflight: &Preflight) -> String {
    let mut text = String::new();
    for area in Area::ALL {
        writeln!(text, "{}", area.label()).expect("a string takes any text");
        for finding in preflight.findings.iter().filter(|it| it.check.area() == area) {
            text += &line(finding);
        }
    }
    text + &in_numbers(preflight) + "\n"
}

fn line(finding: &Finding) -> String {
    let word = match finding.verdict {
        Verdict::Passed => "passed ",
        Verdict::Warning => "warning",
        Verdict::Failed => "FAILED ",
        Verdict::Unseen => "unseen ",
    };
    let mut text = format!("  {word}  {}: {}\n", finding.check.label(), finding.evidence);
    if let Some(mend) = &finding.mend {
        let place = mend.place.map(|place| {
            let (site, page) = place.named();
            format!(" ({}: {page})", site.label())
        });
        let place = place.unwrap_or_default();
        writeln!(text, "           {}{place}", mend.fix).expect("a string takes any text");
    }
    text
}

#[cfg(test)]
mod tests {
    use model::{
        Ts,
        explanation::Place,
        ids::FederatedDomainId,
        preflight::{Check, Mend},
    };

    use super::*;

    fn found(check: Check, verdict: Verdict) -> Preflight {
        let place = Some(Place::EntraUsers);
        let mend = Mend { fix: "Make two.".to_owned(), place };
        let mend = (verdict != Verdict::Passed).then_some(mend);
        let finding = Finding { check, verdict, evidence: "There is one.".to_owned(), mend };
        Preflight {
            domain: "0190c2e4-0000-7000-8000-000000000001"
                .parse::<FederatedDomainId>()
                .expect("an id"),
            at: Ts(0),
            state: Vec::new(),
            findings: vec![finding],
        }
    }

    /// Y08
    #[test]
    fn the_command_fails_with_a_check_and_says_which() {
        for (check, verdict, is_ready) in [
            (Check::Mail, Verdict::Passed, true),
            (Check::Mail, Verdict::Warning, true),
            (Check::Mail, Verdict::Unseen, true),
            (Check::Mail, Verdict::Failed, false),
            (Check::EmergencyAccounts, Verdict::Unseen, false),
            (Check::EmergencyAccounts, Verdict::Passed, true),
        ] {
            let outcome = ready("contoso.com", &found(check, verdict));
            assert_eq!(outcome.is_ok(), is_ready, "{check:?} {verdict:?}");
        }
        let text = report(&found(Check::EmergencyAccounts, Verdict::Failed));
        let lines = "The way back in\n  FAILED   Two emergency accounts: There is one.\n           \
                     Make two. (Microsoft Entra admin center: Users)\n";
        assert!(text.contains(lines), "{text}");
        assert!(text.ends_with("0 passed, 0 warnings, 1 failed, 0 not seen\n"), "{text}");
    }
}
