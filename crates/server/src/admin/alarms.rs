//! Alarms: what is open, who knows of it, and what was.

use std::collections::HashMap;

use actix_web::web;
use app::alarms::{AlarmState, AlarmsView};
use model::{
    Ts,
    alarm::{Alarm, Cause},
    ids::{AlarmId, UserId},
    watch::WatchKind,
};

use super::microsoft365::PATIENCE;
use crate::{
    answer::{Answer, Desk, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::alarms::{Alarms, Changed, Ended, Open},
        parts::{Badge, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{alarms as words, count, rows, times},
};

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let page = page(&admin, &desk, None).await?;
    desk.page(&desk.console_chrome(&admin, Rail::Home).await?, &page)
}

/// Looks at everything now instead of within a quarter of an hour.
pub(super) async fn look(admin: Console, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    if let Ok(looked) = tokio::time::timeout(PATIENCE, desk.counter.house.keep_watch()).await {
        looked?;
        return Ok(see_other("/admin/alarms?done=checked"));
    }
    let problem = Problem::of_form(
        "Microsoft did not answer in time.",
        "Try again in a moment, or look at the connection to the tenant.",
    );
    let page = page(&admin, &desk, Some(problem)).await?;
    desk.again(&desk.console_chrome(&admin, Rail::Home).await?, &page)
}

/// An admin knows of an alarm.
pub(super) async fn acknowledge(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let alarm: AlarmId = id(&path)?;
    desk.counter.house.acknowledge_alarm(&admin, alarm, desk.guest.visitor()).await?;
    Ok(see_other("/admin/alarms?done=alarm-acknowledged"))
}

async fn page(admin: &Console, desk: &Desk, problem: Option<Problem>) -> Result<Alarms, Failure> {
    let house = &desk.counter.house;
    let view = house.alarms(admin).await?;
    let views = house.office365(admin).await?;
    let slugs = words::slugs(&views);
    let all = view.open.iter().chain(&view.ended);
    let known = all.filter_map(|alarm| alarm.acknowledged.map(|known| known.by)).collect();
    let names = house.names(admin, known).await?;
    let now = house.now();
    let round = view.watches.iter().find(|watch| watch.kind == WatchKind::Round);
    Ok(Alarms {
        verdict: verdict(&view),
        open: view.open.iter().map(|alarm| open(alarm, (&slugs, &names), now)).collect(),
        ended: view.ended.iter().map(|alarm| ended(alarm, &names, now)).collect(),
        looked: round.map(|round| times::when(round.tried_at, now)),
        looks: view.watches.iter().filter_map(|watch| words::looked(watch, &views)).collect(),
        problems: problem.into_iter().collect(),
    })
}

fn verdict(view: &AlarmsView) -> Verdict {
    let news = view.open.iter().filter(|alarm| alarm.needs_somebody()).count();
    let many = count(rows(news), "alarm needs somebody", "alarms need somebody");
    match view.state {
        AlarmState::Danger => Verdict::new(Tone::Danger, &format!("{many} now.")),
        AlarmState::Warning if news > 0 => Verdict::new(Tone::Warn, &format!("{many} soon.")),
        AlarmState::Warning => {
            Verdict::new(Tone::Warn, "No alarm, but not everything could be looked at.")
        }
        AlarmState::Unwatched => {
            let text = "Nobody has looked for 45 minutes: is the scheduler of the server running?";
            Verdict::new(Tone::Danger, text)
        }
        AlarmState::Quiet if view.open.is_empty() => Verdict::new(Tone::Ok, "No alarm is open."),
        AlarmState::Quiet => Verdict::new(Tone::Ok, "Somebody knows of every open alarm."),
    }
}

type Words<'a> = (&'a HashMap<String, String>, &'a HashMap<UserId, String>);

fn open(alarm: &Alarm, (slugs, names): Words<'_>, now: Ts) -> Open {
    Open {
        id: alarm.id.to_string(),
        badge: badge(alarm),
        title: words::title(alarm.cause.kind()).to_owned(),
        subject: alarm.subject.clone(),
        text: alarm.sentence(),
        first_seen: times::when(alarm.first_seen_at, now),
        last_seen: times::when(alarm.last_seen_at, now),
        known_to: known_to(alarm, names),
        changes: changes(&alarm.cause),
        mend: words::mend(alarm, slugs),
        puts_away: alarm.cause.is_event(),
    }
}

fn badge(alarm: &Alarm) -> Badge {
    match words::tone(alarm) {
        _ if alarm.acknowledged.is_some() => Badge::new(Tone::Neutral, "Known"),
        Tone::Danger => Badge::new(Tone::Danger, "Act now"),
        tone => Badge::new(tone, "Act soon"),
    }
}

fn known_to(alarm: &Alarm, names: &HashMap<UserId, String>) -> String {
    let Some(known) = alarm.acknowledged else { return String::new() };
    let name = names.get(&known.by).map_or("Somebody who is gone", String::as_str);
    format!("{name} knows since {}", times::exact(known.at))
}

fn changes(cause: &Cause) -> Vec<Changed> {
    let Cause::FederationDiffers { changes } = cause else { return Vec::new() };
    let row = |change: &model::alarm::Change| Changed {
        property: change.property.clone(),
        planned: change.planned.clone(),
        found: change.found.clone(),
    };
    changes.iter().map(row).collect()
}

fn ended(alarm: &Alarm, names: &HashMap<UserId, String>, now: Ts) -> Ended {
    Ended {
        title: words::title(alarm.cause.kind()).to_owned(),
        subject: alarm.subject.clone(),
        text: alarm.sentence(),
        first_seen: times::when(alarm.first_seen_at, now),
        ended: times::when(alarm.ended_at.unwrap_or(now), now),
        known_to: known_to(alarm, names),
    }
}
