//! The protocols of a domain: shows WS-Trust, and switches it on and off; and names the corporate
//! networks that tokens speak of.

use actix_web::web;
use app::office365::{ProtocolsView, WsTrustWish};
use model::{Ts, federated_domain::FederatedDomain, ids::GroupId, network::joined};

use super::{find, tabs};
use crate::{
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    pages::{
        Rail,
        admin::protocols::Protocols,
        parts::{Choice, Fact, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::times,
};

/// The tab.
pub(in crate::admin) async fn show(admin: Console, desk: Desk, slug: web::Path<String>) -> Answer {
    let (_, domain) = find(&admin, &desk, &slug).await?;
    let view = desk.counter.house.protocols(&admin, domain.id).await?;
    let typed = stored(&view);
    let page = page(&desk, &view, &typed, Vec::new());
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Grants the exception, or another one in its place.
pub(in crate::admin) async fn permit(
    admin: Console,
    desk: Desk,
    slug: web::Path<String>,
    form: Form,
) -> Answer {
    let names = ["networks", "people", "until", "reason"];
    let [networks, people, until, reason] = form.with_lists(names, &["groups", "ecp"])?;
    let groups = form.list("groups").iter().map(|text| id(text)).collect::<Result<_, _>>()?;
    let ecp = form.list("ecp") == ["yes"];
    let wish = WsTrustWish { networks, people, groups, ecp, until, reason };
    let (_, domain) = find(&admin, &desk, &slug).await?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    match house.permit_wstrust(&admin, domain.id, wish.clone(), visitor).await {
        Ok(()) => Ok(see_other(&address(&domain, "wstrust-on"))),
        Err(error) => {
            let problem = field_problem(error, &[])?;
            let view = house.protocols(&admin, domain.id).await?;
            let page = page(&desk, &view, &wish, vec![problem]);
            desk.again(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
        }
    }
}

/// Names the corporate networks.
pub(in crate::admin) async fn name_networks(
    admin: Console,
    desk: Desk,
    slug: web::Path<String>,
    form: Form,
) -> Answer {
    let [typed] = form.exactly(["corporate_networks"])?;
    let (_, domain) = find(&admin, &desk, &slug).await?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    match house.name_corporate_networks(&admin, domain.id, &typed, visitor).await {
        Ok(()) => Ok(see_other(&address(&domain, "networks-saved"))),
        Err(error) => {
            let problem = field_problem(error, &[])?;
            let view = house.protocols(&admin, domain.id).await?;
            let page = page(&desk, &view, &stored(&view), vec![problem]);
            let page = Protocols { corporate_networks: typed, ..page };
            desk.again(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
        }
    }
}

/// Takes the exception back.
pub(in crate::admin) async fn forbid(
    admin: Console,
    desk: Desk,
    slug: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let (_, domain) = find(&admin, &desk, &slug).await?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    house.forbid_wstrust(&admin, domain.id, visitor).await?;
    Ok(see_other(&address(&domain, "wstrust-off")))
}

fn address(domain: &FederatedDomain, done: &str) -> String {
    format!("/admin/domains/{}/protocols?done={done}", domain.slug)
}

/// What the form shows before anybody types: the exception as it is.
fn stored(view: &ProtocolsView) -> WsTrustWish {
    let Some(permit) = &view.permit else { return WsTrustWish::default() };
    let last = Ts(permit.expires_at.0 - 1).datetime();
    WsTrustWish {
        networks: joined(&permit.networks, " "),
        people: view.people.join(" "),
        groups: permit.groups.clone(),
        ecp: permit.ecp,
        until: last.format("%Y-%m-%d").to_string(),
        reason: permit.reason.clone(),
    }
}

fn page(
    desk: &Desk,
    view: &ProtocolsView,
    typed: &WsTrustWish,
    problems: Vec<Problem>,
) -> Protocols {
    let [mex, v13, v2005, ecp] = &view.addresses;
    let choices = view.groups.iter().map(|(group, size)| {
        let label = format!("{} ({size})", group.name);
        let chosen = typed.groups.contains(&group.id);
        Choice { value: group.id.to_string(), label, selected: chosen }
    });
    let now = desk.counter.house.now();
    let on = view.permit.as_ref().is_some_and(|permit| permit.is_live(now));
    Protocols {
        verdict: verdict(view, on),
        tabs: tabs(&view.domain.slug, "protocols"),
        permit: permit_facts(view),
        addresses: vec![
            Fact::id("Description (MEX)", mex),
            Fact::id("WS-Trust 1.3", v13),
            Fact::id("WS-Trust 2005", v2005),
            Fact::id("SAML ECP", ecp),
        ],
        on,
        possible: view.secure,
        networks: typed.networks.clone(),
        corporate_networks: joined(&view.domain.corporate_networks, " "),
        people: typed.people.clone(),
        groups: choices.collect(),
        ecp: typed.ecp,
        until: typed.until.clone(),
        reason: typed.reason.clone(),
        problems,
        name: view.domain.name.clone(),
        slug: view.domain.slug.clone(),
    }
}

fn verdict(view: &ProtocolsView, on: bool) -> Verdict {
    let name = &view.domain.name;
    if on {
        let text = "WS-Trust is on: the people named below sign in with a password alone.";
        Verdict::new(Tone::Warn, text)
    } else if view.permit.is_some() {
        Verdict::new(Tone::Ok, &format!("WS-Trust is off for {name}: the exception has run out."))
    } else {
        Verdict::new(Tone::Ok, &format!("WS-Trust is off for {name}."))
    }
}

fn permit_facts(view: &ProtocolsView) -> Vec<Fact> {
    let Some(permit) = &view.permit else { return Vec::new() };
    let name = |id: &GroupId| {
        let found = view.groups.iter().find(|(group, _)| group.id == *id);
        found.map_or_else(|| "a group that is gone".to_owned(), |(group, _)| group.name.clone())
    };
    let groups: Vec<String> = permit.groups.iter().map(name).collect();
    let granted = format!("{} on {}", view.granted_by, times::day(permit.granted_at));
    vec![
        Fact::text("Until", &times::exact(permit.expires_at)),
        Fact::text("From", &joined(&permit.networks, ", ")),
        Fact::text("People", &view.people.join(", ")),
        Fact::text("Groups", &groups.join(", ")),
        Fact::text("Old mail programs", if permit.ecp { "Allowed, by SAML ECP" } else { "No" }),
        Fact::text("Why", &permit.reason),
        Fact::text("Granted by", &granted),
    ]
}
