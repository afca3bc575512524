//! Alarms in words, and where each is mended.

use std::collections::HashMap;

use app::office365::Office365View;
use model::{
    alarm::{Alarm, AlarmKind, Severity},
    watch::{Sight, Watch, WatchKind},
};

use super::{explanations, times};
use crate::pages::parts::{Check, Link, Tone};

/// The sort, in a few words.
pub(crate) fn title(kind: AlarmKind) -> &'static str {
    match kind {
        AlarmKind::AuditLogChanged => "The activity log was changed",
        AlarmKind::AuditSinkFails => "The activity log is not kept elsewhere",
        AlarmKind::CertificateEnds => "A certificate ends",
        AlarmKind::ClockSet => "A clock was set",
        AlarmKind::DirectoryAway => "A directory is away",
        AlarmKind::FederationDiffers => "The federation was changed",
        AlarmKind::FederationLost => "A domain is federated with us no more",
        AlarmKind::KeyUntrusted => "Microsoft does not trust our key",
        AlarmKind::KeyUnusable => "A signing key can't be used",
        AlarmKind::PasskeyCopied => "A passkey may have been copied",
        AlarmKind::PermitEnds => "A permit ends",
        AlarmKind::RequestSignaturesEnd => "Microsoft's signatures count no more soon",
        AlarmKind::ProgramHeld => "Another system is held",
        AlarmKind::PasswordSpray => "Somebody tries passwords at many names",
        AlarmKind::SignInDisowned => "Somebody says that a sign-in was not theirs",
        AlarmKind::SecretEnds => "What reaches the tenant ends",
        AlarmKind::SignInSecretEnds => "A secret for signing in with Microsoft ends",
        AlarmKind::UnexplainedSignIn => "Somebody signed in without a token of ours",
    }
}

/// How bad it is.
pub(crate) fn tone(alarm: &Alarm) -> Tone {
    match alarm.cause.severity() {
        Severity::Warning => Tone::Warn,
        Severity::Danger => Tone::Danger,
    }
}

/// The path segment of each domain, by its name.
pub(crate) fn slugs(views: &[Office365View]) -> HashMap<String, String> {
    let domains = views.iter().flat_map(|view| &view.domains);
    domains.map(|domain| (domain.name.clone(), domain.slug.clone())).collect()
}

/// Where it is mended.
pub(crate) fn mend(alarm: &Alarm, slugs: &HashMap<String, String>) -> Link {
    let of_domain = |label, view: &str| {
        let slug = slugs.get(&alarm.subject);
        let page = slug.map(|slug| format!("/admin/domains/{slug}{view}"));
        Link::new(label, page.as_deref().unwrap_or("/admin/microsoft365"))
    };
    match alarm.cause.kind() {
        AlarmKind::AuditLogChanged | AlarmKind::AuditSinkFails => {
            Link::new("Look at the log", "/admin/audit")
        }
        AlarmKind::CertificateEnds | AlarmKind::KeyUnusable => {
            Link::new("Signing keys", "/admin/keys")
        }
        AlarmKind::SecretEnds => Link::new("Renew it", "/admin/microsoft365"),
        AlarmKind::SignInSecretEnds => Link::new("Save a new secret", "/admin/registrations"),
        AlarmKind::ClockSet => Link::new("See since when", "/admin/alarms"),
        AlarmKind::DirectoryAway => Link::new("Test the connection", "/admin/directories"),
        AlarmKind::PasskeyCopied | AlarmKind::SignInDisowned => {
            Link::new("Find the person", "/admin/users")
        }
        AlarmKind::UnexplainedSignIn => Link::new("Replace the keys", "/admin/keys#emergency"),
        AlarmKind::FederationDiffers | AlarmKind::FederationLost => {
            of_domain("Look at the domain", "")
        }
        AlarmKind::PasswordSpray => {
            Link::new("Look at the tries", "/admin/audit?kind=sign_in.password&outcome=refused")
        }
        AlarmKind::KeyUntrusted => of_domain("Show the swap script", "/swap"),
        AlarmKind::ProgramHeld => Link::new("Look at it", "/admin/programs"),
        AlarmKind::RequestSignaturesEnd => Link::new("Set a later day", "/admin/relying-parties"),
        AlarmKind::PermitEnds => of_domain("Look at the permit", "/protocols"),
    }
}

/// What was looked at, when, and what could not be seen.
pub(crate) fn looked(watch: &Watch, views: &[Office365View]) -> Option<Check> {
    let label = match watch.kind {
        WatchKind::Round => return None,
        WatchKind::Federation => format!("Federation of {}", watch.subject),
        WatchKind::SignIns => format!("Sign-ins at {}", tenant(&watch.subject, views)),
    };
    let at = times::exact(watch.tried_at);
    let (tone, detail) = match &watch.sight {
        Sight::Seen if watch.kind == WatchKind::SignIns => {
            (Tone::Ok, format!("Compared with the journal on {at}."))
        }
        Sight::Seen => (Tone::Ok, format!("Compared with the plan on {at}.")),
        Sight::Blind(why) => {
            (Tone::Danger, format!("It can't be read, so nothing is known of it: {why}"))
        }
        Sight::NotAllowed(why) => (Tone::Neutral, format!("Not looked at: {why}")),
    };
    Some(explanations::check(Check::new(tone, &label, &detail)))
}

/// The name of the tenant with this id.
fn tenant<'a>(id: &'a str, views: &'a [Office365View]) -> &'a str {
    let found = views.iter().find(|view| view.tenant.id.to_string() == id);
    found.map_or(id, |view| view.tenant.alias.as_str())
}
