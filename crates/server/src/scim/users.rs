//! People, one address for all of them and one for each.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web,
};
use app::programs::{Caller, FindPerson, Person};
use model::ids::UserId;
use serde_json::Value;

use super::{
    Object, Outcome, answered, body, enter, filter,
    listing::{Part, page},
    location, patch,
    problem::Problem,
    select::Selection,
    shape, user,
};
use crate::answer::Desk;

/// Some of them.
pub(super) async fn list(desk: Desk) -> HttpResponse {
    let outcome = listed(&desk).await;
    answered(&desk, outcome)
}

/// Somebody new.
pub(super) async fn create(desk: Desk, payload: web::Payload) -> HttpResponse {
    let outcome = created(&desk, payload).await;
    answered(&desk, outcome)
}

/// One of them.
pub(super) async fn show(desk: Desk, path: web::Path<String>) -> HttpResponse {
    let outcome = shown(&desk, &path).await;
    answered(&desk, outcome)
}

/// All of a person anew; what says nothing of `externalId` and `active` leaves them.
pub(super) async fn replace(
    desk: Desk,
    path: web::Path<String>,
    payload: web::Payload,
) -> HttpResponse {
    let outcome = replaced(&desk, &path, payload).await;
    answered(&desk, outcome)
}

/// Parts of a person.
pub(super) async fn modify(
    desk: Desk,
    path: web::Path<String>,
    payload: web::Payload,
) -> HttpResponse {
    let outcome = modified(&desk, &path, payload).await;
    answered(&desk, outcome)
}

/// Lets a person go.
pub(super) async fn remove(desk: Desk, path: web::Path<String>) -> HttpResponse {
    let outcome = removed(&desk, &path).await;
    answered(&desk, outcome)
}

async fn listed(desk: &Desk) -> Outcome {
    let caller = enter(desk).await?;
    let part = Part::read(&desk.asked("startIndex"), &desk.asked("count"))?;
    let asked = desk.asked("filter");
    let house = &desk.counter.house;
    let (rows, total) = if asked.is_empty() {
        let found = house.brought_people(&caller, FindPerson::All, part.rows()).await?;
        (found.rows, found.total)
    } else {
        let filter = filter::parse(&asked)?;
        let found = house.brought_people(&caller, wanted(&filter)?, part.rows()).await?;
        let fits = |person: &Person| filter.holds(&Value::Object(resource(desk, person)));
        let all: Vec<Person> = found.rows.into_iter().filter(fits).collect();
        let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
        let (limit, offset) = part.rows();
        let at = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        (all.into_iter().skip(at(offset)).take(at(limit)).collect(), total)
    };
    let rows: Vec<Value> = rows.iter().map(|person| Value::Object(chosen(desk, person))).collect();
    Ok(super::json(StatusCode::OK, &page(&rows, total, part)))
}

/// What can be looked up for a filter; a look at everybody is not had.
fn wanted(filter: &filter::Filter) -> Result<FindPerson, Problem> {
    let find = |(name, wanted): (String, String)| match name.as_str() {
        "id" => wanted.parse().ok().map(FindPerson::Id),
        "username" => Some(FindPerson::UserName(wanted)),
        "externalid" => Some(FindPerson::ExternalId(wanted)),
        "emails" | "emails.value" => Some(FindPerson::Mail(wanted)),
        _ => None,
    };
    filter.equalities().into_iter().find_map(find).ok_or_else(|| {
        Problem::filter(
            "A filter must say what one of these is equal to: userName, externalId, emails.value or id.",
        )
    })
}

async fn created(desk: &Desk, payload: web::Payload) -> Outcome {
    let caller = enter(desk).await?;
    let sent = shape::person(&body(&desk.request, payload).await?)?;
    let visitor = desk.guest.visitor();
    let made = desk.counter.house.bring_person(&caller, user::new(&sent)?, visitor).await?;
    let at = location(desk, "Users", &made.user.id.to_string());
    let mut answer = super::json(StatusCode::CREATED, &Value::Object(chosen(desk, &made)));
    if let Ok(at) = header::HeaderValue::from_str(&at) {
        answer.headers_mut().insert(header::LOCATION, at);
    }
    Ok(answer)
}

async fn shown(desk: &Desk, path: &str) -> Outcome {
    let caller = enter(desk).await?;
    let find = FindPerson::Id(id(path)?);
    let found = desk.counter.house.brought_people(&caller, find, (1, 0)).await?;
    let person = found.rows.first().ok_or_else(Problem::not_there)?;
    Ok(super::json(StatusCode::OK, &Value::Object(chosen(desk, person))))
}

async fn replaced(desk: &Desk, path: &str, payload: web::Payload) -> Outcome {
    let caller = enter(desk).await?;
    let id = id(path)?;
    let sent = shape::person(&body(&desk.request, payload).await?)?;
    changed(desk, &caller, id, move |before, now| {
        let mut all = sent;
        for name in ["externalId", "active"] {
            if !all.contains_key(name) {
                shape::put(&mut all, name, before.get(name).cloned());
            }
        }
        *now = all;
        Ok(())
    })
    .await
}

async fn modified(desk: &Desk, path: &str, payload: web::Payload) -> Outcome {
    let caller = enter(desk).await?;
    let id = id(path)?;
    let operations = patch::read(&body(&desk.request, payload).await?)?;
    changed(desk, &caller, id, move |_, now| patch::apply(now, operations)).await
}

/// Changes a person as they are when the change is made.
async fn changed(
    desk: &Desk,
    caller: &Caller,
    id: UserId,
    change: impl FnOnce(&Object, &mut Object) -> Result<(), Problem> + Send + 'static,
) -> Outcome {
    let anew = move |person: &Person| {
        let before = user::attributes(person);
        let mut now = before.clone();
        let changed = change(&before, &mut now);
        changed.and_then(|()| user::wish(&now, Some(person))).map_err(Problem::trouble)
    };
    let visitor = desk.guest.visitor();
    let person = desk.counter.house.change_brought_person(caller, id, anew, visitor).await?;
    Ok(super::json(StatusCode::OK, &Value::Object(chosen(desk, &person))))
}

async fn removed(desk: &Desk, path: &str) -> Outcome {
    let caller = enter(desk).await?;
    desk.counter.house.remove_brought_person(&caller, id(path)?, desk.guest.visitor()).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn id(text: &str) -> Result<UserId, Problem> {
    text.parse().map_err(|_| Problem::not_there())
}

fn resource(desk: &Desk, person: &Person) -> Object {
    user::resource(person, &location(desk, "Users", &person.user.id.to_string()))
}

/// What of a person is asked for.
fn chosen(desk: &Desk, person: &Person) -> Object {
    let mut resource = resource(desk, person);
    let selection = Selection::read(&desk.asked("attributes"), &desk.asked("excludedAttributes"));
    selection.apply(&mut resource);
    resource
}
