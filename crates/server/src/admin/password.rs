//! Where a person's password is checked: shown and changed on their page.

use actix_web::web;
use app::accounts::{PersonDetails, UsedUp};
use model::{Role, Ts, directory::Delegation, ids::UserId};

use super::user;
use crate::{
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    pages::{
        Rail,
        admin::user::PasswordPanel,
        parts::{Choice, Fact, Problem},
    },
    visitor::Console,
    wording::times,
};

/// The panel of a person.
pub(super) fn panel(admin: &Console, person: &PersonDetails) -> PasswordPanel {
    let place = &person.password;
    let by = place.directory.as_ref();
    let why = match place.delegation {
        Delegation::ByDomain if by.is_some() => ", as the domain has it",
        Delegation::Here => ", whatever the domain has",
        Delegation::ByDomain | Delegation::To(_) => "",
    };
    let text = match by {
        Some(directory) => format!("Checked by the directory {}{why}.", directory.name),
        None => format!("Checked here{why}."),
    };
    let fact = |label: &str, at: Option<Ts>| at.map(|at| Fact::text(label, &times::exact(at)));
    let facts = [
        fact("Found right by the directory", place.confirmed_at),
        fact("Opens without the directory until", place.kept_until),
    ];
    let mine = admin.role();
    let may_change = mine.covers(Role::SecurityAdmin)
        && person.user.role.is_none_or(|role| mine.covers(role))
        && (!place.choices.is_empty() || place.delegation != Delegation::ByDomain);
    PasswordPanel {
        place: text,
        is_elsewhere: by.is_some(),
        facts: facts.into_iter().flatten().collect(),
        locked: locked(person.used_up),
        choices: if may_change { choices(person) } else { Vec::new() },
    }
}

/// What is not checked any more, in a sentence; empty: nothing.
const fn locked(used_up: UsedUp) -> &'static str {
    match used_up {
        UsedUp { passwords: false, codes: false } => "",
        UsedUp { passwords: true, codes: false } => {
            "A hundred wrong passwords in a row: only browsers that were used here before can sign in."
        }
        UsedUp { passwords: false, codes: true } => {
            "Twenty wrong codes within a day: codes of that kind are not checked before tomorrow."
        }
        UsedUp { passwords: true, codes: true } => {
            "Passwords and codes were tried too often: neither is checked any more."
        }
    }
}

fn choices(person: &PersonDetails) -> Vec<Choice> {
    let place = &person.password;
    let chosen = match place.delegation {
        Delegation::ByDomain => "domain".to_owned(),
        Delegation::Here => "here".to_owned(),
        Delegation::To(directory) => directory.to_string(),
    };
    let fixed = [("domain", "As the domain has it"), ("here", "Here, whatever the domain has")];
    let fixed = fixed.map(|(value, label)| Choice::new(value, label, &chosen));
    let by = place.choices.iter().map(|(id, name)| {
        Choice::new(&id.to_string(), &format!("By the directory {name}"), &chosen)
    });
    fixed.into_iter().chain(by).collect()
}

/// Chooses another place.
pub(super) async fn choose(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [place] = form.exactly(["place"])?;
    let person: UserId = id(&path)?;
    let to = match place.as_str() {
        "domain" => Delegation::ByDomain,
        "here" => Delegation::Here,
        directory => Delegation::To(id(directory)?),
    };
    let house = &desk.counter.house;
    let problem = match house.delegate_password(&admin, person, to, desk.guest.visitor()).await {
        Ok(()) => return Ok(see_other(&format!("/admin/users/{path}?done=password-place"))),
        Err(error) if error.kind == app::Kind::Conflict => {
            Problem::of_form(&error.public, "Nothing was changed.")
        }
        Err(error) => field_problem(error, &[])?,
    };
    let mut page = user::page(&admin, &desk, person).await?;
    page.problems.push(problem);
    desk.again(&desk.console_chrome(&admin, Rail::People).await?, &page)
}
