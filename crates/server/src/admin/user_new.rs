//! Creating a person; the secrets of their first sign-in are shown once.

use app::accounts::{Created, NewPerson};
use model::user::Profile;
use secrecy::ExposeSecret as _;

use super::user::enrollment_code;
use crate::{
    answer::{Answer, Desk, field_problem},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::{
            user::OneTimeSecret,
            user_new::{UserCreated, UserNew},
        },
        parts::{Choice, Problem},
    },
    visitor::Console,
    wording::countries,
};

const FIELDS: [&str; 7] =
    ["given_name", "surname", "local_part", "domain", "department", "job_title", "country"];

/// The empty form.
pub(super) async fn ask(admin: Console, desk: Desk) -> Answer {
    let typed = std::array::from_fn(|_| String::new());
    let domains = domains(&admin, &desk).await?;
    let page = page(typed, &domains, Vec::new());
    desk.page(&desk.console_chrome(&admin, Rail::People).await?, &page)
}

/// Creates.
pub(super) async fn create(admin: Console, desk: Desk, form: Form) -> Answer {
    let typed = form.exactly(FIELDS)?;
    let domains = domains(&admin, &desk).await?;
    let chrome = desk.console_chrome(&admin, Rail::People).await?;
    let problem = if domains.contains(&typed[3]) {
        let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
        match house.create_person(&admin, person(&typed), visitor).await {
            Ok(created) => return desk.page(&chrome, &done(&created)),
            Err(error) => {
                field_problem(error, &[("upn", "local_part"), ("display_name", "given_name")])?
            }
        }
    } else {
        Problem::of_field("domain", "This is none of our domains.", "Choose one of the list.")
    };
    desk.again(&chrome, &page(typed, &domains, vec![problem]))
}

/// The domains that people can be in.
async fn domains(admin: &Console, desk: &Desk) -> Result<Vec<String>, Failure> {
    let views = desk.counter.house.office365(admin).await?;
    Ok(views.into_iter().flat_map(|view| view.domains).map(|domain| domain.name).collect())
}

fn person(typed: &[String; 7]) -> NewPerson {
    let [given_name, surname, local_part, domain, department, job_title, country] = typed;
    let upn = format!("{}@{domain}", local_part.trim());
    let profile = Profile {
        display_name: format!("{} {}", given_name.trim(), surname.trim()).trim().to_owned(),
        given_name: some(given_name),
        surname: some(surname),
        mail: Some(upn.clone()),
        department: some(department),
        job_title: some(job_title),
        country: some(country),
        ..Profile::default()
    };
    NewPerson { upn, profile }
}

/// The text without blanks around it; `None` when nothing is left.
pub(super) fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn page(typed: [String; 7], domains: &[String], mut problems: Vec<Problem>) -> UserNew {
    let [given_name, surname, local_part, chosen, department, job_title, country] = typed;
    if domains.is_empty() {
        let cause = "There is no domain yet that people could be in.";
        problems.push(Problem::of_form(cause, "Add one under Microsoft 365 first."));
    }
    UserNew {
        given_name,
        surname,
        local_part,
        domain: domains.iter().map(|name| Choice::new(name, name, &chosen)).collect(),
        department,
        job_title,
        country: countries::choices(&country),
        problems,
    }
}

fn done(created: &Created) -> UserCreated {
    let user = &created.user;
    let name = user.profile.display_name.clone();
    let password = created.initial_password.as_ref().map(|password| OneTimeSecret {
        label: "First password".to_owned(),
        value: password.expose_secret().to_owned(),
        note:
            "Good for a day and one sign-in. Hand it over in person or on the phone, not by mail \
               to the new mailbox."
                .to_owned(),
    });
    UserCreated {
        upn: user.upn.to_string(),
        href: format!("/admin/users/{}", user.id),
        secrets: password
            .into_iter()
            .chain([enrollment_code(&name, &created.enrollment_code)])
            .collect(),
        name,
    }
}
