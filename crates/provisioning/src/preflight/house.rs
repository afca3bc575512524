//! This house: what it may do, its clock, addresses, keys and people.

use std::time::Duration;

use model::{
    Ts,
    explanation::Place,
    federated_domain::MfaBehavior,
    preflight::{Check, Finding},
    tenant_state::{CertificateForm, Probe},
};

use super::{Address, MailWay, Observed, failed, named, passed, people, seen, unseen, warning};

const DAY: Duration = Duration::from_hours(24);
/// Entra forgives about five minutes; tokens begin a minute before they are made.
const CLOCK_FINE: i64 = 30;
const CLOCK_BEARABLE: i64 = 120;
/// How long a signing certificate should last at the least.
const CERTIFICATE_LASTS: u32 = 30;
/// So many letters wait when the mail server does not take them.
const MANY_LETTERS: i64 = 20;
const LEAST_BITS: usize = 2048;

pub(super) fn findings(observed: &Observed, now: Ts) -> Vec<Finding> {
    vec![
        permissions(observed),
        secret_end(observed, now),
        clock(observed),
        public_address(observed),
        address_certificate(observed),
        metadata(observed),
        sign_in_address(observed),
        description(observed),
        signing_certificate(&observed.ours.signing),
        dates(&observed.ours.signing, now),
        next_certificate(observed.ours.next.as_ref(), now),
        factor_coverage(observed),
        owners_factors(observed),
        mail(observed.ours.mail),
    ]
}

fn permissions(observed: &Observed) -> Finding {
    let check = Check::Permissions;
    let more = observed.tenant.superfluous_permissions.as_deref();
    seen(check, &observed.tenant.missing_permissions, |missing| {
        let superfluous = match (missing.is_empty(), more) {
            (true, Ok([])) => {
                return passed(
                    check,
                    "What was tried works, and the app registration has no more.",
                );
            }
            (true, Err(why)) => {
                let evidence =
                    format!("What was tried works. Whether it has more is unknown: {why}");
                return passed(check, evidence);
            }
            (_, more) => more.unwrap_or_default(),
        };
        if missing.is_empty() {
            let fix = "Take them from the app registration: whoever takes over this server has them, \
                       too.";
            let evidence = format!("It has more than Gatehouse needs: {}.", named(superfluous));
            return warning(check, evidence, (fix, Place::EntraAppRegistrations));
        }
        let names: Vec<String> =
            missing.iter().map(|(name, purpose)| format!("{name} (to {purpose})")).collect();
        let fix =
            "Grant them to the app registration as application permissions, with admin consent.";
        failed(check, format!("Missing: {}.", named(&names)), (fix, Place::EntraAppRegistrations))
    })
}

fn secret_end(observed: &Observed, now: Ts) -> Finding {
    let check = Check::SecretEnd;
    let Some(end) = observed.ours.secret_ends_at else {
        let fix = "Type in the last day that Entra shows, so that you are told in time.";
        let evidence = "Nobody has said when it ends.";
        return warning(check, evidence, (fix, Place::Connection));
    };
    let fix = "Make a new secret in Entra and type it in here; the old one works until its day.";
    let day = day(end);
    match left(end, now) {
        None => failed(check, format!("It ended on {day}."), (fix, Place::Connection)),
        Some(left) if left < 7 * DAY => {
            failed(check, format!("It ends on {day}."), (fix, Place::Connection))
        }
        Some(left) if left < 30 * DAY => {
            warning(check, format!("It ends on {day}."), (fix, Place::Connection))
        }
        Some(_) => passed(check, format!("It is good until {day}.")),
    }
}

/// How long until then; none when it is past.
fn left(end: Ts, now: Ts) -> Option<Duration> {
    (end > now).then(|| end.since(now))
}

fn day(at: Ts) -> String {
    at.datetime().format("%Y-%m-%d").to_string()
}

fn clock(observed: &Observed) -> Finding {
    let check = Check::Clock;
    seen(check, &observed.tenant.clock_ahead, |ahead| {
        let off = ahead.abs();
        let side = if *ahead < 0 { "ahead of" } else { "behind" };
        let evidence = format!("This server's clock is {off} seconds {side} Microsoft's.");
        let fix = "Let the server's clock follow a time server (NTP): tokens carry times.";
        match off {
            0..=CLOCK_FINE => passed(check, evidence),
            off if off <= CLOCK_BEARABLE => warning(check, evidence, (fix, None)),
            _ => failed(check, evidence, (fix, None)),
        }
    })
}

fn public_address(observed: &Observed) -> Finding {
    let check = Check::PublicAddress;
    match &observed.answers.address {
        Address::Https(url) => passed(check, format!("People are sent to {url}.")),
        Address::Http(url) if url.starts_with("http://localhost") => {
            let fix = "Set server.public_url to an https address before you federate for real.";
            warning(check, format!("Only this machine reaches {url}: a trial."), (fix, None))
        }
        Address::Http(url) => {
            let fix = "Set server.public_url to an https address: browsers and Microsoft take no \
                       other.";
            failed(check, format!("{url} is not encrypted."), (fix, None))
        }
    }
}

fn address_certificate(observed: &Observed) -> Finding {
    let check = Check::AddressCertificate;
    match (&observed.answers.address, &observed.answers.metadata) {
        (Address::Http(_), _) => unseen(check, "A plain http address has no certificate."),
        (_, Probe::Answered { .. }) => passed(check, "The chain is whole and trusted."),
        (_, Probe::BadCertificate(why)) => {
            let fix = "Install the whole chain for this name, of an authority that browsers trust.";
            failed(check, format!("It is not accepted: {why}."), (fix, None))
        }
        (_, Probe::Silent(why)) => unseen(check, &unheard(why)),
    }
}

fn unheard(why: &str) -> String {
    format!(
        "This server got no answer from its own public address ({why}). Behind some firewalls that \
         is so; open it from a phone outside."
    )
}

/// An address that must answer like this, with something of ours.
fn answers(check: Check, (probe, wanted): (&Probe, u16), what: &str) -> Finding {
    let fix = "Look at what stands before this server: a proxy, a firewall, another web server.";
    match probe {
        Probe::Answered { status, ours: true } if *status == wanted => {
            passed(check, format!("{what} answers."))
        }
        Probe::Answered { status, .. } if *status == wanted => {
            failed(check, format!("{what} answers with something that is not ours."), (fix, None))
        }
        Probe::Answered { status, .. } => {
            failed(check, format!("{what} answers with status {status}."), (fix, None))
        }
        Probe::BadCertificate(why) => {
            failed(check, format!("Nobody accepts its certificate: {why}."), (fix, None))
        }
        Probe::Silent(why) => unseen(check, &unheard(why)),
    }
}

fn metadata(observed: &Observed) -> Finding {
    answers(Check::Metadata, (&observed.answers.metadata, 200), "The metadata")
}

fn sign_in_address(observed: &Observed) -> Finding {
    // Asked to end a sign-in that there is not, it answers with nothing.
    answers(Check::SignInAddress, (&observed.answers.sign_in, 204), "The sign-in address")
}

fn description(observed: &Observed) -> Finding {
    let check = Check::Description;
    match &observed.answers.description {
        None => {
            passed(check, "WS-Trust is off, and nothing is described. Windows sign-in needs it.")
        }
        Some(probe) => answers(check, (probe, 200), "The description"),
    }
}

fn signing_certificate(form: &CertificateForm) -> Finding {
    let check = Check::SigningCertificate;
    let bits = form.rsa_bits.unwrap_or_default();
    if bits >= LEAST_BITS && form.sha256 && form.one_line {
        return passed(check, format!("RSA of {bits} bits with SHA-256, base64 in one line."));
    }
    let what = match form.rsa_bits {
        None => "Its key is not RSA.".to_owned(),
        Some(bits) if bits < LEAST_BITS => format!("Its key has {bits} bits only."),
        Some(_) if !form.sha256 => "It is not signed with SHA-256.".to_owned(),
        Some(_) => "Its text is not in one line.".to_owned(),
    };
    let fix = "Make a new key and promote it: Microsoft wants RSA of 2048 bits with SHA-256.";
    failed(check, what, (fix, Place::Keys))
}

fn dates(form: &CertificateForm, now: Ts) -> Finding {
    let check = Check::SigningCertificateDates;
    let (from, to) = (day(form.not_before), day(form.not_after));
    let fix = "Promote the next key before you federate the domain.";
    let soon = CERTIFICATE_LASTS * DAY;
    match left(form.not_after, now) {
        _ if form.not_before > now => {
            let fix = "Look at this server's clock.";
            failed(check, format!("It begins only on {from}."), (fix, None))
        }
        None => failed(check, format!("It ended on {to}."), (fix, Place::Keys)),
        Some(left) if left < soon => {
            warning(check, format!("It ends on {to}."), (fix, Place::Keys))
        }
        Some(_) => passed(check, format!("It is good from {from} to {to}.")),
    }
}

fn next_certificate(next: Option<&CertificateForm>, now: Ts) -> Finding {
    let check = Check::NextCertificate;
    if let Some(next) = next.filter(|next| next.not_after > now) {
        let until = day(next.not_after);
        return passed(
            check,
            format!("The script hands it over as well; it is good until {until}."),
        );
    }
    let fix = "Make the next key now: then Microsoft trusts it long before it is needed.";
    let evidence = "There is none: a lost key could only be replaced with an outage.";
    warning(check, evidence, (fix, Place::Keys))
}

fn factor_coverage(observed: &Observed) -> Finding {
    let check = Check::FactorCoverage;
    let (all, without) = (observed.assigned().count(), observed.without_factor());
    if without.is_empty() {
        return passed(check, format!("So it is with all {all} who are assigned."));
    }
    let evidence = format!(
        "{} of {} who are assigned have no second factor: {}.",
        without.len(),
        people(all),
        named(&without)
    );
    match observed.ours.mfa_behavior {
        MfaBehavior::Reject => passed(check, format!("{evidence} Microsoft asks for its own.")),
        MfaBehavior::Accept => {
            let fix = "Have them set one up: until then they are asked at Microsoft where a policy \
                       there wants one.";
            warning(check, evidence, (fix, Place::Campaign))
        }
        MfaBehavior::Enforce => {
            let fix = "Have everybody set one up first, or let Microsoft accept ours and ask for its \
                       own otherwise: enforcing sends them back here until they have one.";
            failed(check, evidence, (fix, Place::Campaign))
        }
    }
}

fn owners_factors(observed: &Observed) -> Finding {
    let check = Check::OwnersFactors;
    let owners = &observed.ours.owners;
    let without: Vec<&str> =
        owners.iter().filter(|it| !it.has_factor).map(|it| it.upn.as_str()).collect();
    if !without.is_empty() || owners.is_empty() {
        let fix = "Have each owner set up a second factor: without one the console stays shut.";
        let evidence = if owners.is_empty() {
            "This house has no owner.".to_owned()
        } else {
            format!("These owners have none: {}.", named(&without))
        };
        return failed(check, evidence, (fix, Place::People));
    }
    if let [one] = owners.as_slice() {
        let fix = "Make a second owner: if this one loses their factor, nobody opens the console.";
        return warning(check, format!("{} is the only owner.", one.upn), (fix, Place::People));
    }
    passed(check, format!("All {} owners have one.", owners.len()))
}

fn mail(way: MailWay) -> Finding {
    let check = Check::Mail;
    match way {
        MailWay::Server { waiting } if waiting < MANY_LETTERS => {
            passed(check, "A mail server is configured, and takes letters.")
        }
        MailWay::Server { waiting } => {
            let fix = "Try it with gatehouse mail test, and look at the log.";
            warning(check, format!("{waiting} letters wait for the mail server."), (fix, None))
        }
        MailWay::None => {
            let fix = "Configure mail: alarms and links for a new password go by it.";
            let evidence = "No mail server is configured: nobody hears of an alarm by letter.";
            warning(check, evidence, (fix, None))
        }
    }
}
