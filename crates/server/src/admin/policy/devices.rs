//! Devices that join by themselves: the rules for them, what stands in their way, and which came.

use app::policy::{DeviceRules, Devices as Found, TokensOfProgram};
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
        may_add: matches!(found.rules, DeviceRules::Missing),
        rules: rules_note(found.rules).to_owned(),
        may_change: admin.role().covers(model::Role::SecurityAdmin),
        networks,
        doors: found.doors.iter().map(|(domain, permit)| door(domain, permit.as_ref())).collect(),
        seen: found.seen.iter().map(|(tokens, user)| seen(tokens, user.as_ref(), now)).collect(),
        problems,
    })
}

fn verdict(found: &Found) -> Verdict {
    if found.doors.iter().all(|(_, permit)| permit.is_none()) {
        let text = "Windows computers are not let in: no permit is open.";
        return Verdict::new(Tone::Neutral, text);
    }
    let warn = |text| Verdict::new(Tone::Warn, text);
    match found.rules {
        DeviceRules::Missing => {
            warn("A permit is open, and no rule says that only Windows may use it.")
        }
        DeviceRules::Drafted => warn("A permit is open, and the rules are not published yet."),
        DeviceRules::Broken => {
            warn("A permit is open, and the rules do not keep it to Windows as they stand.")
        }
        DeviceRules::InForce => {
            let many = count(rows(found.seen.len()), "place", "places");
            let text = format!("Windows signed people in from {many} in the last 30 days.");
            Verdict::new(Tone::Ok, &text)
        }
    }
}

/// What the panel says of the rules.
fn rules_note(rules: DeviceRules) -> &'static str {
    match rules {
        DeviceRules::Missing => "There are no such rules.",
        DeviceRules::Drafted => "The rules are in the draft. They count once it is published.",
        DeviceRules::Broken => {
            "There is a rule for Windows, but the two do not work together: one is switched off or \
             gone, they are not in this order, a rule before them lets any program in, or the one \
             that denies leaves something out."
        }
        DeviceRules::InForce => "The rules are published and count.",
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
