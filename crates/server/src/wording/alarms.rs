//! Alarms in words, and where each is mended.

use std::collections::HashMap;

use app::office365::Office365View;
use model::{
    alarm::{Alarm, AlarmKind, Severity},
    watch::{Watch, WatchKind},
};

use super::times;
use crate::pages::parts::{Check, Link, Tone};

/// The sort, in a few words.
pub(crate) fn title(kind: AlarmKind) -> &'static str {
    match kind {
        AlarmKind::CertificateEnds => "A certificate ends",
        AlarmKind::FederationDiffers => "The federation was changed",
        AlarmKind::FederationLost => "A domain is federated with us no more",
        AlarmKind::KeyUntrusted => "Microsoft does not trust our key",
        AlarmKind::PermitEnds => "A permit ends",
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
        AlarmKind::CertificateEnds => Link::new("Signing keys", "/admin/keys"),
        AlarmKind::FederationDiffers | AlarmKind::FederationLost => {
            of_domain("Look at the domain", "")
        }
        AlarmKind::KeyUntrusted => of_domain("Show the swap script", "/swap"),
        AlarmKind::PermitEnds => of_domain("Look at the permit", "/protocols"),
    }
}

/// What was looked at, when, and what could not be seen.
pub(crate) fn looked(watch: &Watch) -> Option<Check> {
    let label = match watch.kind {
        WatchKind::Round => return None,
        WatchKind::Federation => format!("Federation of {}", watch.subject),
    };
    Some(match &watch.trouble {
        None => {
            let detail = format!("Compared with the plan on {}.", times::exact(watch.tried_at));
            Check::new(Tone::Ok, &label, &detail)
        }
        Some(why) => {
            let detail = format!("It can't be read, so nothing is known of it: {why}");
            Check::new(Tone::Danger, &label, &detail)
        }
    })
}
