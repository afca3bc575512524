//! The rehearsal of a domain: what the newest one saw, and the button that asks for one. It is played in
//! the background.

use actix_web::web;
use app::rehearsal::KeptRehearsal;
use model::rehearsal::{Outcome, Step, Verdict as Went};

use super::domain::{find, script::attachment, tabs};
use crate::{
    answer::{Answer, Desk, see_other},
    csrf::Form,
    pages::{
        Rail,
        admin::rehearsal::{Played, RehearsalPage},
        parts::{Badge, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, events, rows, times},
};

/// What the newest one saw.
pub(super) async fn show(admin: Console, desk: Desk, slug: web::Path<String>) -> Answer {
    let (_, domain) = find(&admin, &desk, &slug).await?;
    let house = &desk.counter.house;
    let newest = house.newest_rehearsal(&admin, domain.id).await?;
    let by = newest.as_ref().map(|it| it.asked_by);
    let names = house.names(&admin, by.and_then(events::actor_id).into_iter().collect()).await?;
    let page = RehearsalPage {
        verdict: verdict(&domain.name, newest.as_ref()),
        tabs: tabs(&domain.slug, "rehearsal"),
        by: by.map(|by| events::actor(by, &names)).unwrap_or_default(),
        when: newest.as_ref().map(|it| times::when(it.asked_at, house.now())),
        under_way: newest.as_ref().is_some_and(|it| it.ended_at.is_none()),
        steps: newest.iter().flat_map(|it| it.seen.steps.iter().map(played)).collect(),
        name: domain.name,
        slug: domain.slug,
    };
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Asks for one.
pub(super) async fn ask(admin: Console, desk: Desk, slug: web::Path<String>, form: Form) -> Answer {
    let [] = form.exactly([])?;
    let (_, domain) = find(&admin, &desk, &slug).await?;
    desk.counter.house.ask_for_rehearsal(&admin, domain.id, desk.guest.visitor()).await?;
    Ok(see_other(&format!("/admin/domains/{}/rehearsal?done=rehearsal", domain.slug)))
}

/// What was seen, as JSON.
pub(super) async fn download(admin: Console, desk: Desk, slug: web::Path<String>) -> Answer {
    let (_, domain) = find(&admin, &desk, &slug).await?;
    let newest = desk.counter.house.newest_rehearsal(&admin, domain.id).await?;
    let newest = newest.ok_or_else(|| app::Error::not_found("rehearsal"))?;
    let text = serde_json::to_string_pretty(&newest.seen)
        .expect("a rehearsal holds only strings, numbers and lists");
    let name = format!("rehearsal-{}.json", domain.slug);
    Ok(attachment("application/json", &name, text))
}

fn verdict(name: &str, newest: Option<&KeptRehearsal>) -> Verdict {
    let Some(newest) = newest else {
        return Verdict::new(Tone::Neutral, &format!("{name} was not rehearsed yet."));
    };
    let seen = &newest.seen;
    let (tone, text) = match (newest.ended_at, seen.failed()) {
        (None, _) => {
            let over = count(rows(seen.steps.len()), "step is", "steps are");
            let all = Step::ALL.len();
            (Tone::Neutral, format!("{name} is being rehearsed: of {all} steps, {over} over."))
        }
        (Some(_), Some(failed)) => {
            (Tone::Danger, format!("The rehearsal of {name} failed: {}.", failed.step.label()))
        }
        (Some(_), None) => {
            (Tone::Ok, format!("{name} went there and back: everything went as it should."))
        }
    };
    Verdict::new(tone, &text)
}

fn played(outcome: &Outcome) -> Played {
    let (tone, word) = match outcome.verdict {
        Went::Passed => (Tone::Ok, "Passed"),
        Went::Failed => (Tone::Danger, "Failed"),
        Went::NotUsed => (Tone::Neutral, "Not used"),
        Went::NotTried => (Tone::Neutral, "Not tried"),
    };
    let did = matches!(outcome.verdict, Went::Passed | Went::Failed);
    let (seconds, tenths) = (outcome.millis / 1000, outcome.millis % 1000 / 100);
    Played {
        badge: Badge::new(tone, word),
        label: outcome.step.label().to_owned(),
        evidence: outcome.evidence.clone(),
        took: if did { format!("{seconds}.{tenths} s") } else { String::new() },
    }
}
