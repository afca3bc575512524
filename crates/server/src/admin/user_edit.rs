//! Changing what others see of a person, and their sign-in name.

use actix_web::web;
use model::{
    Upn,
    detail::{Detail, Details},
    ids::UserId,
    user::Profile,
};

use super::user_new::some;
use crate::{
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    pages::{
        Rail,
        admin::user_edit::{DetailField, UserEdit},
        parts::Problem,
    },
    visitor::Console,
    wording::{capital, countries},
};

const OWN: [&str; 7] =
    ["display_name", "given_name", "surname", "mail", "department", "job_title", "country"];
/// Those and the details.
const FIELDS: usize = OWN.len() + Detail::ALL.len();

/// The form, as it is now.
pub(super) async fn ask(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let id: UserId = id(&path)?;
    let user = desk.counter.house.person(&admin, id).await?.user;
    let page = page(id, &Names::of(&user.upn), user.profile, Vec::new());
    desk.page(&desk.console_chrome(&admin, Rail::People).await?, &page)
}

/// Changes it.
pub(super) async fn save(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let names: [&str; FIELDS] = std::array::from_fn(|at| {
        OWN.get(at).copied().unwrap_or_else(|| Detail::ALL[at - OWN.len()].word())
    });
    let typed = form.exactly(names)?;
    let (id, house): (UserId, _) = (id(&path)?, &desk.counter.house);
    let profile = profile(&typed);
    match house.change_profile(&admin, id, profile.clone(), desk.guest.visitor()).await {
        Ok(()) => Ok(see_other(&format!("/admin/users/{id}?done=saved"))),
        Err(error) => {
            let problem = field_problem(error, &[])?;
            let upn = house.person(&admin, id).await?.user.upn;
            let page = page(id, &Names::of(&upn), profile, vec![problem]);
            desk.again(&desk.console_chrome(&admin, Rail::People).await?, &page)
        }
    }
}

/// Gives the person another sign-in name.
pub(super) async fn rename(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [name] = form.exactly(["local_part"])?;
    let (id, house): (UserId, _) = (id(&path)?, &desk.counter.house);
    let user = house.person(&admin, id).await?.user;
    let typed = format!("{}@{}", name.trim(), user.upn.domain());
    match house.rename_person(&admin, id, &typed, desk.guest.visitor()).await {
        Ok(()) => Ok(see_other(&format!("/admin/users/{id}?done=saved"))),
        Err(error) => {
            let problem = field_problem(error, &[("upn", "local_part")])?;
            let names = Names { typed: name, ..Names::of(&user.upn) };
            let page = page(id, &names, user.profile, vec![problem]);
            desk.again(&desk.console_chrome(&admin, Rail::People).await?, &page)
        }
    }
}

/// A sign-in name, and what somebody typed in the place of its first part.
struct Names {
    upn: String,
    domain: String,
    typed: String,
}

impl Names {
    fn of(upn: &Upn) -> Self {
        Self { upn: upn.to_string(), domain: upn.domain(), typed: upn.name().to_owned() }
    }
}

fn profile(typed: &[String; FIELDS]) -> Profile {
    let [display_name, given_name, surname, mail, department, job_title, country, rest @ ..] =
        typed;
    let mut details = Details::default();
    for (detail, text) in Detail::ALL.into_iter().zip(rest) {
        details.set(detail, text);
    }
    Profile {
        display_name: display_name.clone(),
        given_name: some(given_name),
        surname: some(surname),
        mail: some(mail),
        department: some(department),
        job_title: some(job_title),
        country: some(country),
        details,
    }
}

fn detail_fields(details: &Details) -> Vec<DetailField> {
    let field = |detail: Detail| DetailField {
        name: detail.word().to_owned(),
        label: capital(detail.attribute().label()),
        value: details.get(detail).unwrap_or_default().to_owned(),
    };
    Detail::ALL.into_iter().map(field).collect()
}

fn page(id: UserId, names: &Names, profile: Profile, problems: Vec<Problem>) -> UserEdit {
    UserEdit {
        details: detail_fields(&profile.details),
        id: id.to_string(),
        upn: names.upn.clone(),
        local_part: names.typed.clone(),
        domain: names.domain.clone(),
        display_name: profile.display_name,
        given_name: profile.given_name.unwrap_or_default(),
        surname: profile.surname.unwrap_or_default(),
        mail: profile.mail.unwrap_or_default(),
        department: profile.department.unwrap_or_default(),
        job_title: profile.job_title.unwrap_or_default(),
        country: countries::choices(profile.country.as_deref().unwrap_or_default()),
        problems,
    }
}
