//! `gatehouse rehearse`: the way of a domain to us and back, with a copy of its tenant. It fails when a step
//! does.

use std::{fmt::Write as _, path::PathBuf, process::ExitCode};

use model::{
    federated_domain::BrowserProtocol,
    rehearsal::{Outcome, Rehearsal, Verdict},
};
use rehearsal::{Audience, Source};

use super::serve;
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The domain, such as contoso.com; not needed where there is only one.
    domain: Option<String>,
    /// The configuration file.
    #[arg(long, default_value = "gatehouse.toml")]
    config: PathBuf,
    /// Rehearse with the sample; needs no configuration and no tenant.
    #[arg(long, conflicts_with_all = ["config", "domain"])]
    sample: bool,
    /// Have the sample's browsers come by SAML 2.0.
    #[arg(long, requires = "sample")]
    saml: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let source = source(&options).await?;
    let mut printed = Printed { silent: options.json };
    let rehearsal = rehearsal::rehearse(source.clone(), &mut printed).await;
    if let Source::House { house, id, .. } = &source {
        house.keep_operators_rehearsal(*id, rehearsal.clone()).await?;
    }
    if options.json {
        print(&serde_json::to_string_pretty(&rehearsal)?);
    } else {
        print(&verdict(&rehearsal));
    }
    Ok(if rehearsal.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn source(options: &Options) -> anyhow::Result<Source> {
    if options.sample {
        let saml = options.saml;
        return Ok(Source::Sample(if saml {
            BrowserProtocol::Saml2
        } else {
            BrowserProtocol::WsFed
        }));
    }
    let house = serve::open(&Config::read(&options.config)?).await?;
    let domain = house.domain_to_rehearse(options.domain.as_deref()).await?;
    Ok(Source::House { house, id: domain.id, domain: domain.name })
}

/// Prints each step as it ends.
struct Printed {
    silent: bool,
}

impl Audience for Printed {
    fn ended(&mut self, outcome: &Outcome) {
        if !self.silent {
            print(&line(outcome));
        }
    }
}

#[expect(clippy::print_stdout, reason = "what was seen is this command's answer")]
fn print(text: &str) {
    println!("{text}");
}

fn line(outcome: &Outcome) -> String {
    let verdict = match outcome.verdict {
        Verdict::Failed => "FAILED",
        other => other.label(),
    };
    let mut text = format!("{verdict:<10} {}", outcome.step.label());
    if matches!(outcome.verdict, Verdict::Passed | Verdict::Failed) {
        let (seconds, tenths) = (outcome.millis / 1000, outcome.millis % 1000 / 100);
        write!(text, " ({seconds}.{tenths} s)").expect("a string takes any text");
    }
    for sentence in &outcome.evidence {
        write!(text, "\n           {sentence}").expect("a string takes any text");
    }
    text
}

fn verdict(rehearsal: &Rehearsal) -> String {
    let (domain, with) = (&rehearsal.domain, &rehearsal.with);
    match rehearsal.failed() {
        None => format!("{domain}, rehearsed with {with}: everything went as it should."),
        Some(failed) => {
            format!("{domain}, rehearsed with {with}: it failed at \"{}\".", failed.step.label())
        }
    }
}

#[cfg(test)]
mod tests {
    use model::rehearsal::Step;

    use super::*;

    #[test]
    fn a_line_says_how_a_step_went_and_what_was_seen() {
        let outcome = Outcome {
            step: Step::Federate,
            verdict: Verdict::Failed,
            evidence: vec!["The script stopped.".to_owned()],
            millis: 1_260,
        };
        let said = "FAILED     Federate the domain (1.2 s)\n           The script stopped.";
        assert_eq!(line(&outcome), said);
        let untried = Outcome { verdict: Verdict::NotTried, evidence: vec![], ..outcome };
        assert_eq!(line(&untried), "not tried  Federate the domain");
    }
}
