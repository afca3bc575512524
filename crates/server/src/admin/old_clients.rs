//! Why old programs keep asking for the password.

use app::old_clients::OldClients as Found;
use model::{Ts, federated_domain::FederatedDomain, wstrust::WsTrustPermit};

use crate::{
    answer::{Answer, Desk},
    pages::{
        Rail,
        admin::old_clients::OldClients,
        parts::{Check, Link, Tab, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, old_clients as words, rows, times},
};

/// How far back can be looked.
const SPANS: [u32; 2] = [7, 30];

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let asked = desk.asked("days").parse().unwrap_or(0);
    let days = SPANS.into_iter().find(|span| *span == asked).unwrap_or(SPANS[0]);
    let house = &desk.counter.house;
    let found = house.old_clients(&admin, days).await?;
    let now = house.now();
    let page = OldClients {
        verdict: verdict(&found, days),
        spans: SPANS.iter().map(|span| tab(*span, days)).collect(),
        lines: found.lines.iter().map(|old| words::line(old, now)).collect(),
        left_out: match found.left_out {
            0 => String::new(),
            more => format!("{} not shown.", count(rows(more), "more is", "more are")),
        },
        doors: found.doors.iter().map(|(domain, permit)| door(domain, permit.as_ref())).collect(),
    };
    desk.page(&desk.console_chrome(&admin, Rail::Activity).await?, &page)
}

fn verdict(found: &Found, days: u32) -> Verdict {
    match rows(found.lines.len() + found.left_out) {
        0 => Verdict::new(Tone::Ok, &format!("No program was refused in the last {days} days.")),
        many => {
            let many = count(many, "program was", "programs were");
            Verdict::new(Tone::Warn, &format!("{many} refused in the last {days} days."))
        }
    }
}

fn tab(span: u32, days: u32) -> Tab {
    let href = format!("/admin/old-clients?days={span}");
    Tab { label: format!("Last {span} days"), href, active: span == days }
}

fn door(domain: &FederatedDomain, permit: Option<&WsTrustPermit>) -> Check {
    let (tone, detail) = match permit {
        None => (
            Tone::Neutral,
            "Closed: programs without our sign-in page get nothing, and nothing is written down of \
             them."
                .to_owned(),
        ),
        Some(permit) => (Tone::Warn, open(permit.expires_at, permit.ecp)),
    };
    let page = format!("/admin/domains/{}/protocols", domain.slug);
    let link = Some(Link::new("Protocols of the domain", &page));
    Check { link, ..Check::new(tone, &domain.name, &detail) }
}

fn open(until: Ts, ecp: bool) -> String {
    let ways = if ecp { "WS-Trust and SAML ECP" } else { "WS-Trust alone" };
    format!("Open until {} for whom its permit names, by {ways}.", times::exact(until))
}
