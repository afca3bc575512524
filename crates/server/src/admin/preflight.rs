//! The pre-flight of a domain: what the newest one found, and the button that does one.

use actix_web::web;
use app::preflight::in_numbers;
use model::{
    preflight::{Area, Finding, Mend, Preflight, Verdict as Found},
    relying_party::Cloud,
};

use super::domain::{find, tabs};
use crate::{
    answer::{Answer, Desk, see_other},
    csrf::Form,
    pages::{
        Rail,
        admin::preflight::{Checked, Part, PreflightPage},
        parts::{Badge, Fact, Link, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, explanations, rows, times},
};

/// What the newest one found.
pub(super) async fn show(admin: Console, desk: Desk, slug: web::Path<String>) -> Answer {
    let (view, domain) = find(&admin, &desk, &slug).await?;
    let house = &desk.counter.house;
    let newest = house.newest_preflight(&admin, domain.id).await?;
    let page = PreflightPage {
        verdict: verdict(&domain.name, newest.as_ref()),
        tabs: tabs(&domain.slug, "preflight"),
        when: newest.as_ref().map(|it| times::when(it.at, house.now())),
        numbers: newest.as_ref().map(in_numbers).unwrap_or_default(),
        parts: newest.iter().flat_map(|it| parts(it, view.tenant.cloud)).collect(),
        state: newest.iter().flat_map(state).collect(),
        name: domain.name,
        slug: domain.slug,
    };
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Does one.
pub(super) async fn run(admin: Console, desk: Desk, slug: web::Path<String>, form: Form) -> Answer {
    let [] = form.exactly([])?;
    let (_, domain) = find(&admin, &desk, &slug).await?;
    desk.counter.house.preflight(&admin, domain.id, desk.guest.visitor()).await?;
    Ok(see_other(&format!("/admin/domains/{}/preflight?done=preflight", domain.slug)))
}

/// The state of a domain's pre-flight, in a sentence.
pub(super) fn verdict(name: &str, newest: Option<&Preflight>) -> Verdict {
    let Some(preflight) = newest else {
        let text = format!("Nobody has looked yet whether {name} can be federated.");
        return Verdict::new(Tone::Neutral, &text);
    };
    let of = |found| rows(preflight.count(found));
    let labels: Vec<&str> = preflight.holding_back().map(|it| it.check.label()).collect();
    let (tone, text) = if !labels.is_empty() {
        let first = labels.join("; ");
        (Tone::Danger, format!("{name} must not be federated yet. Mend first: {first}."))
    } else if of(Found::Failed) > 0 {
        let failed = count(of(Found::Failed), "check fails", "checks fail");
        (
            Tone::Danger,
            format!("{name} can be federated, but {failed}: somebody would be locked out."),
        )
    } else if of(Found::Warning) + of(Found::Unseen) > 0 {
        let open = count(of(Found::Warning) + of(Found::Unseen), "point is", "points are");
        (Tone::Warn, format!("{name} can be federated; {open} worth a look before."))
    } else {
        (Tone::Ok, format!("Nothing stands in the way of federating {name}."))
    };
    Verdict::new(tone, &text)
}

/// The checks of each area; the worst come first.
fn parts(preflight: &Preflight, cloud: Cloud) -> Vec<Part> {
    let part = |area: Area| {
        let of_area = preflight.findings.iter().filter(|it| it.check.area() == area);
        let mut findings: Vec<&Finding> = of_area.collect();
        findings.sort_by_key(|finding| rank(finding.verdict));
        Part {
            id: format!("area-{}", area as u8),
            title: area.label().to_owned(),
            checks: findings.into_iter().map(|finding| checked(finding, cloud)).collect(),
        }
    };
    Area::ALL.into_iter().map(part).collect()
}

const fn rank(found: Found) -> u8 {
    match found {
        Found::Failed => 0,
        Found::Unseen => 1,
        Found::Warning => 2,
        Found::Passed => 3,
    }
}

fn checked(finding: &Finding, cloud: Cloud) -> Checked {
    let (tone, word) = match finding.verdict {
        Found::Passed => (Tone::Ok, "Passed"),
        Found::Warning => (Tone::Warn, "Warning"),
        Found::Failed => (Tone::Danger, "Failed"),
        Found::Unseen => (Tone::Neutral, "Not seen"),
    };
    Checked {
        badge: Badge::new(tone, word),
        label: finding.check.label().to_owned(),
        evidence: finding.evidence.clone(),
        fix: finding.mend.as_ref().map(|mend| mend.fix.clone()).unwrap_or_default(),
        link: finding.mend.as_ref().and_then(|mend| link(mend, cloud)),
    }
}

fn link(mend: &Mend, cloud: Cloud) -> Option<Link> {
    let place = mend.place?;
    let (site, page) = place.named();
    let label = match explanations::page(place) {
        Some(_) => page.to_owned(),
        None => format!("{}: {page}", site.label()),
    };
    Some(Link::new(&label, explanations::href(place, Some(cloud))?))
}

fn state(preflight: &Preflight) -> Vec<Fact> {
    preflight.state.iter().map(|(what, value)| Fact::text(what, value)).collect()
}
