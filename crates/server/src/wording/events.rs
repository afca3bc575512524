//! The audit log in words.

use std::collections::{HashMap, HashSet};

use model::{
    Actor, FactorEvent, Method, Ts,
    audit::{AuditEvent, AuditKind, Outcome},
    ids::{ProgramId, UserId},
};

use super::times;
use crate::pages::parts::{AuditRow, Badge, Tone};

/// What happened, in a few words.
pub(crate) fn what(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::PasswordChecked => "Password checked",
        AuditKind::FactorChecked => "Second factor checked",
        AuditKind::PasskeyChecked => "Passkey checked",
        AuditKind::SessionOpened => "Signed in",
        AuditKind::SessionEnded => "Session ended",
        AuditKind::TokenIssued => "Token issued",
        AuditKind::RequestRefused => "Sign-in request refused",
        AuditKind::Throttled => "Slowed down after many tries",
        AuditKind::FactorEnrolled => "Second factor set up",
        AuditKind::FactorRenamed => "Second factor renamed",
        AuditKind::FactorRemoved => "Second factor removed",
        AuditKind::RecoveryCodesMade => "Recovery codes made",
        AuditKind::EnrollmentCodeMade => "Enrolment code made",
        AuditKind::CampaignChanged => "Campaign for second factors changed",
        AuditKind::CampaignInvited => "Asked everybody to set up a second factor",
        AuditKind::PasswordChanged => "Password changed",
        AuditKind::ResetAsked => "New password asked for",
        AuditKind::ResetLinkUsed => "Link for a new password used",
        AuditKind::UserCreated => "Person created",
        AuditKind::UserChanged => "Person changed",
        AuditKind::UserBlocked => "Person blocked",
        AuditKind::UserUnblocked => "Person unblocked",
        AuditKind::UserRemoved => "Person removed",
        AuditKind::PeopleImported => "Import of people",
        AuditKind::FirstSignInsMade => "First sign-in handed out",
        AuditKind::GroupCreated => "Group made",
        AuditKind::GroupChanged => "Group changed",
        AuditKind::GroupRemoved => "Group removed",
        AuditKind::Assigned => "Assigned",
        AuditKind::AssignmentReduced => "Fewer products",
        AuditKind::Unassigned => "Unassigned",
        AuditKind::HoldPlaced => "Legal hold placed",
        AuditKind::HoldLifted => "Legal hold lifted",
        AuditKind::ApplicationChanged => "Application changed",
        AuditKind::TenantChanged => "Tenant connection changed",
        AuditKind::DomainChanged => "Domain changed",
        AuditKind::RelyingPartyChanged => "Relying party changed",
        AuditKind::PolicyDrafted => "Sign-in policy drafted",
        AuditKind::PolicyPublished => "Sign-in policy published",
        AuditKind::ScriptMade => "Federation script shown",
        AuditKind::PreflightDone => "Pre-flight done",
        AuditKind::DomainRehearsed => "Rehearsal",
        AuditKind::PepperMade => "Password pepper made",
        AuditKind::MasterKeyRotated => "Master key rotated",
        AuditKind::KeyMade => "Signing key made",
        AuditKind::KeyPromoted => "Signing key promoted",
        AuditKind::KeysReplaced => "Signing keys replaced in an emergency",
        AuditKind::AlarmRaised => "Alarm raised",
        AuditKind::AlarmEnded => "Alarm ended",
        AuditKind::WebhookChanged => "Webhook for alarms changed",
        AuditKind::AlarmAcknowledged => "Alarm acknowledged",
        _ => of_help(kind),
    }
}

fn of_help(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::AccessPassGiven => "Temporary access pass given",
        AuditKind::AccessPassWithdrawn => "Temporary access pass taken back",
        AuditKind::FactorPutOff => "Second factor put off",
        AuditKind::ExemptionGranted => "Exempt from a second factor for a while",
        AuditKind::ExemptionEnded => "Exemption ended",
        AuditKind::UserUnlocked => "Unlocked",
        AuditKind::OwnerRecovered => "Owner let in again",
        _ => of_conveniences(kind),
    }
}

fn of_conveniences(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::MailedCodesChanged => "Codes by e-mail switched on or off",
        AuditKind::MailedCodeSent => "Code sent by e-mail",
        AuditKind::DeviceRemembered => "Browser remembered",
        AuditKind::SignInDisowned => "Said that a sign-in was not theirs",
        AuditKind::DeviceForgotten => "Remembered browser forgotten",
        AuditKind::ClientTold => "Application told of a sign-out",
        _ => of_microsoft(kind),
    }
}

fn of_microsoft(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::MicrosoftChecked => "Came back from Microsoft",
        AuditKind::MicrosoftLinked => "Microsoft account linked",
        AuditKind::MicrosoftUnlinked => "Microsoft account unlinked",
        AuditKind::RegistrationChanged => "Registration for Microsoft changed",
        AuditKind::ExternalMfaAsked => "Microsoft asked for a second factor",
        AuditKind::ExternalMfaAnswered => "Second factor confirmed to Microsoft",
        AuditKind::ExternalMfaChanged => "External MFA changed",
        _ => of_programs(kind),
    }
}

fn of_programs(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::ProgramChanged => "Other system let in, changed or removed",
        AuditKind::ProgramTokenChanged => "Token of another system made or taken back",
        AuditKind::ProgramHeld => "Other system held: too many would lose something",
        AuditKind::ProgramLetGo => "Other system lets go",
        _ => of_the_sync(kind),
    }
}

fn of_directories(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::DirectoryAnswered => "A directory was away, or refused an account",
        AuditKind::DirectoryChanged => "Directory changed",
        AuditKind::DirectoryTested => "Directory tested",
        AuditKind::PasswordDelegated => "Place of a password changed",
        _ => "",
    }
}

fn of_the_sync(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::MatchAccepted => "Account confirmed as theirs",
        AuditKind::MatchRejected => "Account said not to be theirs",
        AuditKind::MatchReopened => "Answer about an account taken back",
        AuditKind::UserAdopted => "Account taken over",
        AuditKind::SyncRun => "Sync run",
        AuditKind::SyncStep => "Sync step",
        AuditKind::GuardTripped => "Plan stopped by the guard",
        AuditKind::PlanApproved => "Plan approved",
        _ => of_directories(kind),
    }
}

/// Everybody whom these events name as their actors.
pub(crate) fn actors<'a>(events: impl IntoIterator<Item = &'a AuditEvent>) -> HashSet<UserId> {
    events.into_iter().filter_map(|event| actor_id(event.actor)).collect()
}

/// The person behind an actor.
pub(crate) fn actor_id(actor: Actor) -> Option<UserId> {
    match actor {
        Actor::Person(id) | Actor::Admin(id) => Some(id),
        Actor::Anonymous | Actor::Program(_) | Actor::Schedule | Actor::Operator => None,
    }
}

/// Who did it.
pub(crate) fn actor(actor: Actor, names: &HashMap<UserId, String>) -> String {
    let name = match actor {
        Actor::Anonymous => "Somebody",
        Actor::Program(_) => "Another system",
        Actor::Schedule => "The scheduler",
        Actor::Operator => "The command line",
        Actor::Person(id) | Actor::Admin(id) => {
            names.get(&id).map_or("Somebody who is gone", String::as_str)
        }
    };
    name.to_owned()
}

/// A row of the table.
pub(crate) fn row(
    event: &AuditEvent,
    (names, programs): (&HashMap<UserId, String>, &HashMap<ProgramId, String>),
    now: Ts,
) -> AuditRow {
    AuditRow {
        at: times::when(event.at, now),
        actor: match event.actor {
            Actor::Program(id) => {
                programs.get(&id).map_or("A system that is gone", String::as_str).to_owned()
            }
            other => actor(other, names),
        },
        what: what(event.kind).to_owned(),
        kind: event.kind.as_str().to_owned(),
        subject: event.subject.clone(),
        outcome: match event.outcome {
            Outcome::Done => Badge::new(Tone::Ok, "Done"),
            Outcome::Refused => Badge::new(Tone::Danger, "Refused"),
        },
        detail: plain(&event.detail),
        client_address: event.client_address.clone(),
        correlation_id: event.correlation_id.clone(),
    }
}

/// A single word of the house (`wrong_password`) as people write it.
fn plain(detail: &str) -> String {
    let is_word = !detail.is_empty() && detail.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if is_word { detail.replace('_', " ") } else { detail.to_owned() }
}

/// "Password, authenticator app".
pub(crate) fn grounds(events: &[FactorEvent]) -> String {
    let mut words: Vec<&str> = Vec::new();
    for event in events {
        let word = match event.method {
            Method::Password => "password",
            Method::Totp => "authenticator app",
            Method::RecoveryCode => "recovery code",
            Method::AccessPass => "access pass",
            Method::MailedCode => "code by e-mail",
            Method::Passkey => "passkey",
            Method::SecurityKey => "security key",
            Method::Microsoft => "Microsoft account",
            Method::MicrosoftMfa => "Microsoft account with a second factor there",
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let text = words.join(", ");
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_words_of_its_own() {
        let words: HashSet<&str> = AuditKind::ALL.iter().map(|kind| what(*kind)).collect();
        assert_eq!(words.len(), AuditKind::ALL.len());
        assert!(!words.contains(""));
    }
}
