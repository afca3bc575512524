//! Alarms for another system: where they go, and what became of each.

use app::webhooks::WebhookView;
use model::{Role, Ts, webhook::Delivery};

use crate::{
    answer::{Answer, Desk, field_problem, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::{
            user::OneTimeSecret,
            webhook::{DeliveryRow, Webhook},
        },
        parts::{Badge, Fact, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::times,
};

const PATH: &str = "/admin/alarms/webhook";

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let page = page(&admin, &desk).await?;
    desk.page(&desk.console_chrome(&admin, Rail::Home).await?, &page)
}

/// Sends alarms to an address from now on; its secret is shown this once.
pub(super) async fn set(admin: Console, desk: Desk, form: Form) -> Answer {
    let [url] = form.exactly(["url"])?;
    let set = desk.counter.house.set_webhook(&admin, &url, desk.guest.visitor()).await;
    match set {
        Ok(secret) => {
            let secret = OneTimeSecret {
                label: "Secret".to_owned(),
                value: secret.expose().to_owned(),
                note: "Give it to the other system, which checks the signature with it.".to_owned(),
            };
            let page = Webhook { secret: Some(secret), ..page(&admin, &desk).await? };
            desk.page(&desk.console_chrome(&admin, Rail::Home).await?, &page)
        }
        Err(error) => {
            let problems = vec![field_problem(error, &[])?];
            let page = Webhook { url, problems, ..page(&admin, &desk).await? };
            desk.again(&desk.console_chrome(&admin, Rail::Home).await?, &page)
        }
    }
}

/// Sends alarms there no more.
pub(super) async fn remove(admin: Console, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.remove_webhook(&admin, desk.guest.visitor()).await?;
    Ok(see_other(&format!("{PATH}?done=webhook-removed")))
}

/// Sends a try there now.
pub(super) async fn attempt(admin: Console, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    let tried = desk.counter.house.try_webhook(&admin).await?;
    if tried.taken_at.is_some() {
        return Ok(see_other(&format!("{PATH}?done=webhook-tried")));
    }
    let action = "Nothing is tried again by itself after a try; alarms are, for a day.";
    let problem = Problem::of_form(&format!("It was not taken: {}.", tried.answer), action);
    let page = Webhook { problems: vec![problem], ..page(&admin, &desk).await? };
    desk.again(&desk.console_chrome(&admin, Rail::Home).await?, &page)
}

async fn page(admin: &Console, desk: &Desk) -> Result<Webhook, Failure> {
    let house = &desk.counter.house;
    let (view, now) = (house.webhook(admin).await?, house.now());
    let facts = view.set.as_ref().map(|(url, by, at)| {
        let by = by.as_ref().map_or("Somebody who is gone", |user| &user.profile.display_name);
        vec![
            Fact::id("Address", url),
            Fact::text("Set by", by),
            Fact::text("Set", &times::exact(*at)),
        ]
    });
    Ok(Webhook {
        verdict: verdict(&view),
        facts: facts.unwrap_or_default(),
        may_change: admin.role() == Role::Owner,
        url: String::new(),
        secret: None,
        deliveries: view.deliveries.iter().map(|delivery| row(delivery, now)).collect(),
        problems: Vec::new(),
    })
}

fn verdict(view: &WebhookView) -> Verdict {
    let waiting = view.deliveries.iter().any(|it| it.due_at.is_some() && it.attempts > 0);
    match (&view.set, waiting) {
        (None, _) => Verdict::new(Tone::Neutral, "Alarms go to no other system."),
        (Some(_), true) => Verdict::new(Tone::Warn, "Something was not taken and is tried again."),
        (Some(_), false) => Verdict::new(Tone::Ok, "Alarms go to another system, too."),
    }
}

fn row(delivery: &Delivery, now: Ts) -> DeliveryRow {
    let state = match (delivery.taken_at, delivery.due_at) {
        (Some(_), _) => Badge::new(Tone::Ok, "Taken"),
        (None, Some(_)) => Badge::new(Tone::Warn, "Waits"),
        (None, None) => Badge::new(Tone::Danger, "Given up"),
    };
    DeliveryRow {
        title: delivery.title.clone(),
        made: times::when(delivery.made_at, now),
        attempts: delivery.attempts,
        state,
        answer: delivery.answer.clone(),
        next: delivery.due_at.map(|at| times::when(at, now)),
        id: delivery.id.to_string(),
    }
}
