//! Who does the second factor that Microsoft demands, and the scripts that switch off what the tenant
//! demands beside it.

use actix_web::web;
use app::office365::{DemandScript, Effect, MfaView, Turn};
use model::{demand::Demand, federated_domain::MfaBehavior, preflight::Finding};

use super::{find, script, tabs};
use crate::{
    answer::{Answer, Desk, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::second_factor::{Card, Meaning, SecondFactor, Switch},
        parts::{Tone, Verdict},
    },
    visitor::Console,
};

/// How many people without a second factor are named.
const MOST_NAMES: usize = 10;

/// The choices.
pub(in crate::admin) async fn show(admin: Console, desk: Desk, slug: web::Path<String>) -> Answer {
    let (_, domain) = find(&admin, &desk, &slug).await?;
    let view = desk.counter.house.mfa_choices(&admin, domain.id).await?;
    let page = page(&view);
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Chooses one.
pub(in crate::admin) async fn choose(
    admin: Console,
    desk: Desk,
    slug: web::Path<String>,
    form: Form,
) -> Answer {
    let [chosen] = form.exactly(["behavior"])?;
    let behavior = MfaBehavior::ALL.into_iter().find(|it| it.in_graph() == chosen);
    let behavior = behavior.ok_or_else(|| Failure::bad_input("There is no such choice."))?;
    let (_, domain) = find(&admin, &desk, &slug).await?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    house.choose_mfa_behavior(&admin, domain.id, behavior, visitor).await?;
    Ok(see_other(&format!("/admin/domains/{}/second-factor?done=mfa-chosen", domain.slug)))
}

/// Downloads a script of a switch: `security-defaults-off.ps1`.
pub(in crate::admin) async fn download(
    admin: Console,
    desk: Desk,
    path: web::Path<(String, String)>,
) -> Answer {
    let (slug, file) = path.into_inner();
    let (demand, turn, dialect) = named(&file).ok_or(Failure::NoSuchPage)?;
    let (_, domain) = find(&admin, &desk, &slug).await?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let made = house.demand_script(&admin, domain.id, (demand, turn), visitor).await?;
    let text = text(&made, dialect).to_owned();
    let name = format!("{}-{}-{}.{dialect}", demand.word(), turn.word(), domain.name);
    Ok(script::attachment("text/plain; charset=utf-8", &name, text))
}

/// What the address of a script names.
fn named(file: &str) -> Option<(Demand, Turn, &'static str)> {
    let (stem, extension) = file.split_once('.')?;
    let dialect = ["ps1", "sh"].into_iter().find(|dialect| *dialect == extension)?;
    let turn = [Turn::Off, Turn::Back]
        .into_iter()
        .find(|turn| stem.ends_with(&format!("-{}", turn.word())))?;
    let word = stem.strip_suffix(turn.word())?.strip_suffix('-')?;
    let demand = Demand::ALL.into_iter().find(|demand| demand.word() == word)?;
    Some((demand, turn, dialect))
}

fn text<'s>(made: &'s DemandScript, dialect: &str) -> &'s str {
    if dialect == "sh" { &made.script.sh } else { &made.script.powershell }
}

fn page(view: &MfaView) -> SecondFactor {
    let (advised, why) = view.advice;
    let planned = view.domain.mfa_behavior;
    let (tone, text) = if planned == advised {
        (Tone::Ok, format!("{} fits how far people have come.", planned.label()))
    } else {
        let (planned, advised) = (planned.label(), advised.label());
        (Tone::Warn, format!("{planned} is planned; {advised} would fit better."))
    };
    let names: Vec<String> = view.without_factor.iter().take(MOST_NAMES).cloned().collect();
    SecondFactor {
        name: view.domain.name.clone(),
        slug: view.domain.slug.clone(),
        verdict: Verdict::new(tone, &text),
        tabs: tabs(&view.domain.slug, "second-factor"),
        cards: view.choices.iter().map(|choice| card(choice, planned, (advised, why))).collect(),
        more_without: view.without_factor.len() - names.len(),
        without: names,
        switches: view.needed.iter().map(switch).collect(),
    }
}

fn card(
    (behavior, effects): &(MfaBehavior, Vec<Effect>),
    planned: MfaBehavior,
    (advised, why): (MfaBehavior, &str),
) -> Card {
    let meaning =
        |effect: &Effect| Meaning { whom: effect.whom.clone(), sees: effect.sees.to_owned() };
    Card {
        value: behavior.in_graph().to_owned(),
        title: behavior.label().to_owned(),
        planned: *behavior == planned,
        advice: if *behavior == advised { why.to_owned() } else { String::new() },
        meanings: effects.iter().map(meaning).collect(),
    }
}

fn switch((demand, finding): &(Demand, Finding)) -> Switch {
    Switch {
        word: demand.word().to_owned(),
        title: demand.label().to_owned(),
        evidence: finding.evidence.clone(),
        loss: demand.loss().to_owned(),
    }
}
