//! Devices that join by themselves: the rules for them, what stands in their way, and which came.

use app::policy::{Devices as Found, TokensOfProgram};
use model::{Ts, federated_domain::FederatedDomain, user::User, wstrust::WsTrustPermit};

use super::{LIST, fine, wrong};
use crate::{
    answer::{Answer, Desk, field_problem, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        admin::devices::{Devices, Seen},
        admin::policy::tabs,
        parts::{Check, Link, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, rows, times},
};

/// The page.
pub(in crate::admin) async fn show(admin: Console, desk: Desk) -> Answer {
    let page = page(&admin, &desk, String::new(), Vec::new()).await?;
    fine(&admin, &desk, &page).await
}

/// Puts the rules into the draft.
pub(in crate::admin) async fn add(admin: Console, desk: Desk, form: Form) -> Answer {
    let [networks] = form.exactly(["networks"])?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let problem = match house.add_device_rules(&admin, &networks, visitor).await {
        Ok(()) => return Ok(see_other(&format!("{LIST}?done=policy-drafted"))),
        Err(error) if error.kind == app::Kind::Conflict => {
            Problem::of_form(&error.public, "Nothing was changed.")
        }
        Err(error) => field_problem(error, &[])?,
    };
    let page = page(&admin, &desk, networks, vec![problem]).await?;
    wrong(&admin, &desk, &page).await
}

async fn page(
    admin: &Console,
    desk: &Desk,
    networks: String,
    problems: Vec<Problem>,
) -> Result<Devices, Failure> {
    let house = &desk.counter.house;
    let (found, now) = (house.devices(admin).await?, house.now());
    Ok(Devices {
        verdict: verdict(&found),
        tabs: tabs(4),
        has_rule: found.has_rule,
        may_change: admin.role().covers(model::Role::SecurityAdmin),
        networks,
        doors: found.doors.iter().map(|(domain, permit)| door(domain, permit.as_ref())).collect(),
        seen: found.seen.iter().map(|(tokens, user)| seen(tokens, user.as_ref(), now)).collect(),
        problems,
    })
}

fn verdict(found: &Found) -> Verdict {
    let open = found.doors.iter().any(|(_, permit)| permit.is_some());
    match (open, found.has_rule) {
        (false, _) => {
            Verdict::new(Tone::Neutral, "Windows computers are not let in: no permit is open.")
        }
        (true, false) => {
            let text = "A permit is open, and no rule says that only Windows may use it.";
            Verdict::new(Tone::Warn, text)
        }
        (true, true) => {
            let many = count(rows(found.seen.len()), "place", "places");
            let text = format!("Windows signed people in from {many} in the last 30 days.");
            Verdict::new(Tone::Ok, &text)
        }
    }
}

fn door(domain: &FederatedDomain, permit: Option<&WsTrustPermit>) -> Check {
    let (tone, detail) = match permit {
        None => (Tone::Neutral, "No permit is open: a rule alone lets nobody in.".to_owned()),
        Some(permit) => (Tone::Ok, format!("Permitted until {}.", times::exact(permit.expires_at))),
    };
    let page = format!("/admin/domains/{}/protocols", domain.slug);
    let link = Some(Link::new("Protocols of the domain", &page));
    Check { link, ..Check::new(tone, &domain.name, &detail) }
}

fn seen(tokens: &TokensOfProgram, user: Option<&User>, now: Ts) -> Seen {
    let name = user.map_or("Somebody who is gone", |user| &user.profile.display_name);
    Seen {
        name: name.to_owned(),
        upn: user.map(|user| user.upn.to_string()).unwrap_or_default(),
        href: format!("/admin/users/{}/tokens", tokens.user_id),
        address: tokens.address.clone(),
        times: count(tokens.times, "token", "tokens"),
        first: times::when(tokens.first, now),
        last: times::when(tokens.last, now),
    }
}
