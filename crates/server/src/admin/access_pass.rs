//! The temporary access pass on a person's page: given, shown once, taken back.

use actix_web::web;
use app::accounts::{NewAccessPass, PersonDetails};
use model::ids::UserId;
use secrecy::{ExposeSecret as _, SecretString};

use super::user;
use crate::{
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    pages::{
        Rail,
        admin::user::{AccessPassPanel, OneTimeSecret},
        parts::Choice,
    },
    visitor::Console,
    wording::times,
};

/// What is chosen at first: a day at work.
const USUAL_HOURS: &str = "8";

/// The panel of a person.
pub(super) fn panel(person: &PersonDetails, giver: Option<&String>) -> AccessPassPanel {
    let waiting = person.access_pass.as_ref().map(|pass| {
        let giver = giver.map_or("somebody who is gone", String::as_str);
        let until = times::exact(pass.expires_at);
        format!("Given by {giver}, good once until {until}. {}", pass.reason)
    });
    AccessPassPanel {
        waiting,
        hours: hours(USUAL_HOURS),
        reason: String::new(),
        problems: Vec::new(),
        new: None,
    }
}

/// Gives one, and shows it this once.
pub(super) async fn give(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [chosen, reason] = form.exactly(["hours", "reason"])?;
    let id: UserId = id(&path)?;
    let new = NewAccessPass { hours: chosen.parse().unwrap_or(0), reason: reason.clone() };
    let house = &desk.counter.house;
    let given = house.give_access_pass(&admin, id, new, desk.guest.visitor()).await;
    let chrome = desk.console_chrome(&admin, Rail::People).await?;
    match given {
        Ok(pass) => {
            let mut page = user::page(&admin, &desk, id).await?;
            page.access_pass.new = Some(shown(&page.name, &chosen, &pass));
            desk.page(&chrome, &page)
        }
        Err(error) => {
            let problem = field_problem(error, &[])?;
            let mut page = user::page(&admin, &desk, id).await?;
            page.access_pass.hours = hours(&chosen);
            page.access_pass.reason = reason;
            page.access_pass.problems = vec![problem.clone()];
            page.problems.push(problem);
            desk.again(&chrome, &page)
        }
    }
}

/// Takes it back.
pub(super) async fn withdraw(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.withdraw_access_pass(&admin, id(&path)?, desk.guest.visitor()).await?;
    Ok(see_other(&format!("/admin/users/{path}?done=pass-withdrawn")))
}

fn shown(name: &str, hours: &str, pass: &SecretString) -> OneTimeSecret {
    OneTimeSecret {
        label: "Temporary access pass".to_owned(),
        value: pass.expose_secret().to_owned(),
        note: format!(
            "Read it to {name} once you are sure whom you speak with. They type it after their \
             password, where the page offers a recovery code or a temporary pass. It works once, within {hours} h."
        ),
    }
}

fn hours(chosen: &str) -> Vec<Choice> {
    let choice = |hours: u64| {
        let value = hours.to_string();
        let label = if hours == 1 { "1 hour".to_owned() } else { format!("{hours} hours") };
        Choice { selected: value == chosen, value, label }
    };
    app::accounts::ACCESS_PASS_HOURS.into_iter().map(choice).collect()
}
