//! Alarms in a sentence: what is wrong and what to do.

use super::{Alarm, Cause, Notice};
use crate::{Ts, signing_key::SigningKeyState};

impl Alarm {
    /// What is wrong and what to do, for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let name = &self.subject;
        match &self.cause {
            Cause::AuditLogChanged { finding } => changed(finding),
            Cause::AuditSinkFails { since, trouble } => sink(name, *since, trouble),
            Cause::CertificateEnds { key, ends_at, notice } => certificate(*key, *ends_at, *notice),
            Cause::FederationDiffers { changes } => {
                let properties: Vec<&str> =
                    changes.iter().map(|change| change.property.as_str()).collect();
                format!(
                    "Microsoft federates {name} another way than planned ({}). If this is not a \
                     change of yours that is under way, somebody may be taking the domain over: \
                     look into Entra's audit log, then run the script of the domain again.",
                    properties.join(", ")
                )
            }
            Cause::FederationLost { issuer } => lost(name, issuer.as_deref()),
            Cause::DirectoryAway { why, days } => away(name, why, *days),
            Cause::KeyUntrusted => format!(
                "Microsoft does not trust the key that signs for {name}: nobody can sign in. Run \
                 the script that swaps the keys now."
            ),
            Cause::KeyUnusable { key, why, away: false } => unusable(*key, why),
            Cause::KeyUnusable { key, why, away: true } => out_of_reach(*key, why),
            Cause::UnexplainedSignIn { times, last_at, .. } => {
                let last = last_at.datetime().format("%-d %b %Y, %H:%M UTC");
                let often = match times {
                    1 => format!("on {last}"),
                    times => format!("{times} times, last on {last},"),
                };
                format!(
                    "Microsoft let {name} in {often} by a token that is not in our journal. \
                     Somebody else may have our signing key: replace both keys, have the person's \
                     sessions at Microsoft revoked, and look into Entra's sign-in log."
                )
            }
            Cause::PasswordSpray { names, addresses, .. } => format!(
                "Within an hour, somebody tried passwords at {names} names from {addresses} \
                 addresses, and got in at none of them from there. Each name and each address is \
                 slowed down already. Look in the activity log whether anybody signed in from \
                 there before, and, unless it is your own mail service, let the network refuse \
                 the addresses."
            ),
            Cause::ClockSet { seconds } => clock(name, *seconds),
            Cause::PasskeyCopied { name: key, times, .. } => copied(name, key, *times),
            Cause::SignInDisowned { times, .. } => disowned(name, *times),
            Cause::SecretEnds { ends_at, notice, certificate } => {
                credential(name, (*ends_at, *notice), *certificate)
            }
            Cause::SignInSecretEnds { ends_at, notice } => sign_in_secret(name, *ends_at, *notice),
            Cause::PermitEnds { ends_at, .. } => permit(name, *ends_at),
            Cause::RequestSignaturesEnd { ends_at, .. } => request_signatures(name, *ends_at),
            Cause::ProgramHeld { since } => held(name, *since),
        }
    }
}

fn credential(name: &str, (ends_at, notice): (Ts, Notice), certificate: bool) -> String {
    let (what, mend) = if certificate {
        ("certificate", "Make the next one here, and upload it to the app registration")
    } else {
        ("secret", "Make a new one in the app registration, and save it with its last day")
    };
    let ends = if notice.is_over() { "ended" } else { "ends" };
    let day = day(ends_at);
    format!(
        "The client {what} of {name} {ends} on {day}: nothing reaches the tenant from then on. {mend}."
    )
}

fn sign_in_secret(name: &str, ends_at: Ts, notice: Notice) -> String {
    format!(
        "The client secret of the registration {name} {} on {}: nobody signs in with Microsoft \
         through it from then on. Make a new one at Microsoft, and save it with its last day.",
        if notice.is_over() { "ended" } else { "ends" },
        day(ends_at)
    )
}

fn changed(finding: &str) -> String {
    format!(
        "The activity log is not as it was written: {finding}. Somebody may be hiding what they did. \
         Keep a copy of the database as it is, have `gatehouse audit verify` name every row, and \
         compare them with what was exported."
    )
}

fn lost(name: &str, issuer: Option<&str>) -> String {
    let instead = match issuer {
        Some(_) => "another identity provider vouches for its people",
        None => "its people sign in at Microsoft",
    };
    format!(
        "Microsoft federates {name} with this house no more; {instead}. If this was not you, find \
         out who did it in Entra's audit log, then run the script of the domain again."
    )
}

fn sink(name: &str, since: Ts, trouble: &str) -> String {
    let since = since.datetime().format("%-d %b %Y, %H:%M UTC");
    format!(
        "Since {since} the activity log can't be brought to \"{name}\": {trouble}. Nothing is lost: \
         it waits in the database and follows by itself. See to it that the place can be reached and \
         has room, or change [audit] in the configuration."
    )
}

fn permit(name: &str, ends_at: Ts) -> String {
    format!(
        "The permit of {name} for programs without a browser ends on {}: they stop working then. \
         Grant it anew if it is still needed.",
        day(ends_at)
    )
}

fn request_signatures(name: &str, ends_at: Ts) -> String {
    format!(
        "Microsoft must sign its requests for {name}, and signs with SHA-1, which counts until {}: \
         nobody comes in by SAML 2.0 afterwards. Set a later day, or make signatures optional and run \
         the script of the domain.",
        day(ends_at)
    )
}

fn held(name: &str, since: Ts) -> String {
    let since = since.datetime().format("%-d %b %Y, %H:%M UTC");
    format!(
        "{name} would have taken something from too many people within a day, or made too many, and \
         is held since {since}: it blocks, removes, renames and takes out of groups nobody. Look at \
         its source: a filter that was changed looks the same as people who left. Then let it go \
         on, on its page, or remove it."
    )
}

fn clock(name: &str, seconds: i64) -> String {
    let (by, way) = (seconds.unsigned_abs(), if seconds < 0 { "back" } else { "forward" });
    format!(
        "The clock of a server was set {way} by {by} seconds while it ran (\"{name}\" in its log). \
         Nobody can set up an authenticator app there, and codes and tokens may go by a wrong time. \
         Compare it with a clock that you trust, and mend what sets it. Once it is right, \
         acknowledge this: then apps can be set up again."
    )
}

fn copied(name: &str, key: &str, times: u32) -> String {
    let often = match times {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    format!(
        "The passkey \"{key}\" of {name} was refused {often}: its counter went back, as when \
         somebody has a copy of it. Ask {name} whether they tried, and reset their second factors \
         if they did not."
    )
}

fn disowned(name: &str, times: u32) -> String {
    let often = match times {
        1 => String::new(),
        times => format!(" {times} times"),
    };
    format!(
        "{name} said{often} that somebody else signed in as them. Their other sessions have ended, \
         and their browsers are remembered no more. Ask {name} what they saw, look at their \
         sign-ins in the activity log, and see to it that their password is changed; reset their \
         second factors if one of them is not theirs."
    )
}

fn away(name: &str, why: &str, days: u16) -> String {
    let meanwhile = match days {
        0 => "its people can't sign in with a password until it is back".to_owned(),
        1 => {
            "its people sign in with what was kept of their passwords, for a day at most".to_owned()
        }
        days => format!(
            "its people sign in with what was kept of their passwords, for {days} days at most"
        ),
    };
    format!(
        "The directory {name} does not check passwords: {why}. Meanwhile {meanwhile}. Look at the \
         directory and at the way to it, then test the connection on its page."
    )
}

fn unusable(key: SigningKeyState, why: &str) -> String {
    match key {
        SigningKeyState::Next => format!(
            "The next signing key can't be used: {why}. It can't be promoted. Look who changed the \
             database, bring that row back from a backup, or replace both keys."
        ),
        _ => format!(
            "The active signing key can't be used: {why}. Nobody gets a token. Promote the next key, \
             or replace both. Then look who changed the database."
        ),
    }
}

/// Nothing is wrong with the key, so replacing it would only harm.
fn out_of_reach(key: SigningKeyState, why: &str) -> String {
    let (which, so) = match key {
        SigningKeyState::Next => ("next", "It can't be promoted there"),
        _ => ("active", "That node gives nobody a token"),
    };
    format!(
        "A node can't reach the {which} signing key: {why}. {so}. Don't replace it: bring the token, or \
         the master key, back to the node and restart it."
    )
}

fn certificate(key: SigningKeyState, ends_at: Ts, notice: Notice) -> String {
    let which = if key == SigningKeyState::Next { "next" } else { "active" };
    let ends = if notice.is_over() { "ended" } else { "ends" };
    let advice = match key {
        SigningKeyState::Next => {
            "Roll the keys over twice, so that a key that is made today signs."
        }
        _ => "Roll the keys over: hand the next key to Microsoft and promote it.",
    };
    format!("The certificate of the {which} signing key {ends} on {}. {advice}", day(ends_at))
}

/// "25 Nov 2026".
fn day(at: Ts) -> String {
    at.datetime().format("%-d %b %Y").to_string()
}
