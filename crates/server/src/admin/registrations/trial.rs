//! What the last test of a registration found, and what a code of Microsoft's means for it.

use app::{explain::explain, registrations::here};
use model::{
    registration::Registration,
    trial::{Found, Trial, TrialStep},
};

use crate::{
    answer::Desk,
    error::Failure,
    pages::{
        admin::registrations::TrialFound,
        parts::{Check, Tone, Verdict},
    },
    visitor::Console,
    wording::{explanations, times},
};

/// What the last test found, since the registration was changed.
pub(super) async fn found(
    admin: &Console,
    desk: &Desk,
    registration: &Registration,
) -> Result<Option<TrialFound>, Failure> {
    let look = desk.counter.house.registration_trial(admin, registration.id).await?;
    let Some((at, trial)) = look.and_then(|look| look.seen) else { return Ok(None) };
    let mut steps = Vec::new();
    for step in &trial.steps {
        steps.push(check(desk, registration, step)?);
    }
    let at = times::when(at, desk.counter.house.now());
    Ok(Some(TrialFound { verdict: verdict(&trial), at, steps }))
}

fn verdict(trial: &Trial) -> Verdict {
    let untold = trial.steps.iter().any(|step| step.found == Found::Untold);
    match trial.wrong() {
        Some(step) => {
            let text = format!("People can't sign in through it: {}.", step.part.label());
            Verdict::new(Tone::Danger, &text)
        }
        None if untold => {
            Verdict::new(Tone::Ok, "Nothing is wrong, as far as it can be told from here.")
        }
        None => Verdict::new(Tone::Ok, "Everything is as it should be."),
    }
}

/// A step; with a number of Microsoft's, what it comes to here.
fn check(desk: &Desk, registration: &Registration, step: &TrialStep) -> Result<Check, Failure> {
    let tone = match step.found {
        Found::Fine => Tone::Ok,
        Found::Untold | Found::Skipped => Tone::Neutral,
        Found::Wrong => Tone::Danger,
    };
    let detail = match step.found {
        Found::Skipped => step.detail.clone(),
        _ => format!("{} ({} ms)", step.detail, step.millis),
    };
    let Some(code) = step.code else { return Ok(Check::new(tone, step.part.label(), &detail)) };
    let detail = match known(desk, registration, code)? {
        Some(known) => format!("AADSTS{code}: {detail} {known}"),
        None => format!("AADSTS{code}: {detail}"),
    };
    Ok(explanations::check(Check::new(tone, step.part.label(), &detail)))
}

/// What the code in the address comes to: somebody read it on Microsoft's page.
pub(super) fn explained(desk: &Desk, registration: &Registration) -> Result<Vec<Check>, Failure> {
    let asked = desk.asked("said");
    let asked = asked.trim();
    let is_bare = !asked.is_empty() && asked.bytes().all(|byte| byte.is_ascii_digit());
    let asked = if is_bare { format!("AADSTS{asked}") } else { asked.to_owned() };
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let explained = explain(&asked);
    let mut found = Vec::new();
    for entry in explained.entries {
        let here = entry.number().map(|code| known(desk, registration, code)).transpose()?;
        let what_to_do = here.flatten().unwrap_or_else(|| entry.fix.clone());
        let check = Check {
            link: Some(explanations::link(entry)),
            ..Check::new(
                Tone::Neutral,
                &format!("{}: {}", entry.code, entry.title),
                &format!("{} {what_to_do}", entry.means),
            )
        };
        found.push(check);
    }
    for code in &explained.unknown {
        let number = code.strip_prefix("AADSTS").and_then(|number| number.parse().ok());
        let here = number.map(|number| known(desk, registration, number)).transpose()?;
        let text = here.flatten();
        let text = text.as_deref().unwrap_or("Nobody has explained this code here yet.");
        found.push(Check::new(Tone::Neutral, code, text));
    }
    if found.is_empty() {
        let text = "No code is in that. Microsoft's page shows one that begins with AADSTS.";
        found.push(Check::new(Tone::Neutral, "Nothing found", text));
    }
    Ok(found)
}

fn known(desk: &Desk, registration: &Registration, code: u32) -> Result<Option<String>, Failure> {
    let house = &desk.counter.house;
    Ok(here(registration, &house.redirect_uri(registration.id)?, code, house.now()))
}
