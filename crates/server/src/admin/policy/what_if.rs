//! What if: the form and what the policy says.

use app::policy::{Answer as Said, Asked, PolicyView, Scenario};
use model::policy::{Client, Target};

use super::{
    fine,
    rule::{client, clients, target, targets},
    wrong,
};
use crate::{
    answer::{Answer, Desk, field_problem},
    error::Failure,
    pages::{
        admin::policy::{AnswerView, AskedRow, WhatIf, tabs},
        parts::{Badge, Choice, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{policy as words, times},
};

/// The form; with a person in the address, the answers as well.
pub(in crate::admin) async fn show(admin: Console, desk: Desk) -> Answer {
    let view = desk.counter.house.policy(&admin).await?;
    let scenario = asked(&desk, &view)?;
    if desk.asked("person").is_empty() {
        return fine(&admin, &desk, &page(&view, &scenario, Vec::new(), Vec::new())).await;
    }
    match desk.counter.house.what_if(&admin, scenario.clone()).await {
        Ok(said) => {
            let answers = said.iter().map(|it| answer(&scenario, it)).collect();
            fine(&admin, &desk, &page(&view, &scenario, answers, Vec::new())).await
        }
        Err(error) => {
            let problems = vec![field_problem(error, &[])?];
            wrong(&admin, &desk, &page(&view, &scenario, Vec::new(), problems)).await
        }
    }
}

/// What the address asks for; at first, a browser from where the admin is.
fn asked(desk: &Desk, view: &PolicyView) -> Result<Scenario, Failure> {
    let first = view.parties.first().map_or(Target::Portal, |(party, _)| Target::Party(party.id));
    let or = |name: &str, default: &str| match desk.asked(name) {
        given if given.is_empty() => default.to_owned(),
        given => given,
    };
    let chosen = desk.asked("target");
    Ok(Scenario {
        person: desk.asked("person").trim().to_owned(),
        target: if chosen.is_empty() { first } else { target(&chosen)? },
        address: or("address", &desk.guest.visitor().client.address).trim().to_owned(),
        client: match desk.asked("client") {
            none if none.is_empty() => Client::Browser,
            value => client(&value)?,
        },
        agent: desk.asked("agent"),
        asked: desk.asked("asked") == "yes",
    })
}

fn page(
    view: &PolicyView,
    scenario: &Scenario,
    answers: Vec<AnswerView>,
    problems: Vec<Problem>,
) -> WhatIf {
    let asked = if scenario.asked { "yes" } else { "no" };
    WhatIf {
        tabs: tabs(1),
        person: scenario.person.clone(),
        target: targets(view, |it| it == scenario.target),
        address: scenario.address.clone(),
        client: clients(|it| it == scenario.client),
        agent: scenario.agent.clone(),
        asked: vec![Choice::new("no", "No", asked), Choice::new("yes", "Yes", asked)],
        answers,
        problems,
    }
}

fn answer(scenario: &Scenario, said: &Said) -> AnswerView {
    let (title, key) =
        if said.is_draft { ("The draft", "draft") } else { ("The published policy", "published") };
    let deciding = said.rules.iter().find(|asked| asked.decides);
    let by = deciding.map_or("no rule fits".to_owned(), |it| format!("rule \"{}\"", it.rule.name));
    let badge = words::verdict(said.verdict);
    let tone = if said.lacks_passkey { Tone::Danger } else { badge.tone };
    let besides = match (scenario.target, scenario.client) {
        _ if said.lacks_passkey => {
            " They have none: with an app they are locked out, with no second factor yet they set one up."
        }
        _ if badge.tone == Tone::Danger => "",
        (Target::Console, _) => " The console asks for a second factor besides.",
        (_, Client::Browser) => "",
        (_, Client::WsTrust | Client::Ecp) => " A permit of the domain must name them besides.",
    };
    let exempt = said.exempt_until.map(|until| {
        format!(" They are exempt from a second factor until {}.", times::exact(until))
    });
    let exempt = exempt.unwrap_or_default();
    let remembered = match (said.verdict.remembers_for(), said.remembers_for) {
        (None, _) => "",
        (Some(_), Some(_)) => {
            " In a browser that they had remembered their password is enough, unless the application asks for a \
             fresh sign-in."
        }
        (Some(_), None) => {
            " It makes no difference whether their browser is remembered: they have a role, or the application \
             asks for a second factor."
        }
    };
    let text =
        format!("{} for {}: {by}.{exempt}{remembered}{besides}", badge.text, scenario.person);
    AnswerView {
        title: title.to_owned(),
        key: key.to_owned(),
        verdict: Verdict::new(tone, &text),
        rules: said.rules.iter().map(row).collect(),
    }
}

fn row(asked: &Asked) -> AskedRow {
    let (badge, why) = match asked.misfit {
        Some(misfit) => (Badge::new(Tone::Neutral, "Does not fit"), words::misfit(misfit)),
        None if asked.decides => (Badge::new(Tone::Ok, "Decides"), "It is the first that fits."),
        None => (Badge::new(Tone::Neutral, "Not reached"), "It fits, but one above it decides."),
    };
    AskedRow { name: asked.rule.name.clone(), badge, why: why.to_owned() }
}
