//! Groups, one address for all of them and one for each.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web,
};
use app::programs::{FindGroup, OwnGroup};
use model::ids::GroupId;
use serde_json::Value;

use super::{
    Object, Outcome, answered, body, enter, filter, group,
    listing::{Part, page},
    location, patch,
    problem::Problem,
    select::Selection,
};
use crate::answer::Desk;

/// So many groups of one answer with their members.
const MOST_WITH_MEMBERS: i64 = 50;

/// Some of them.
pub(super) async fn list(desk: Desk) -> HttpResponse {
    let outcome = listed(&desk).await;
    answered(&desk, outcome)
}

/// A new one.
pub(super) async fn create(desk: Desk, payload: web::Payload) -> HttpResponse {
    let outcome = created(&desk, payload).await;
    answered(&desk, outcome)
}

/// One of them.
pub(super) async fn show(desk: Desk, path: web::Path<String>) -> HttpResponse {
    let outcome = shown(&desk, &path).await;
    answered(&desk, outcome)
}

/// All of a group anew; what says nothing of `externalId` and `members` leaves them.
pub(super) async fn replace(
    desk: Desk,
    path: web::Path<String>,
    payload: web::Payload,
) -> HttpResponse {
    let outcome = replaced(&desk, &path, payload).await;
    answered(&desk, outcome)
}

/// Its name, or who is in it.
pub(super) async fn modify(
    desk: Desk,
    path: web::Path<String>,
    payload: web::Payload,
) -> HttpResponse {
    let outcome = modified(&desk, &path, payload).await;
    answered(&desk, outcome)
}

/// Lets a group go.
pub(super) async fn remove(desk: Desk, path: web::Path<String>) -> HttpResponse {
    let outcome = removed(&desk, &path).await;
    answered(&desk, outcome)
}

async fn listed(desk: &Desk) -> Outcome {
    let caller = enter(desk).await?;
    let mut part = Part::read(&desk.asked("startIndex"), &desk.asked("count"))?;
    let (asked, selection) = (desk.asked("filter"), selection(desk));
    let shows = selection.shows("members");
    if shows {
        part.count = part.count.min(MOST_WITH_MEMBERS);
    }
    let house = &desk.counter.house;
    let filter = if asked.is_empty() { None } else { Some(filter::parse(&asked)?) };
    let find = filter.as_ref().map_or(Ok(FindGroup::All), wanted)?;
    let with_members = shows || filter.as_ref().is_some_and(|filter| filter.names("members"));
    let found = house.brought_groups(&caller, find, part.rows(), with_members).await?;
    let mut rows: Vec<Object> = found.rows.iter().map(|group| resource(desk, group)).collect();
    let mut total = found.total;
    if let Some(filter) = filter {
        rows.retain(|row| filter.holds(&Value::Object(row.clone())));
        total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let (limit, offset) = part.rows();
        let at = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        rows = rows.into_iter().skip(at(offset)).take(at(limit)).collect();
    }
    for row in &mut rows {
        selection.apply(row);
    }
    let rows: Vec<Value> = rows.into_iter().map(Value::Object).collect();
    Ok(super::json(StatusCode::OK, &page(&rows, total, part)))
}

/// What can be looked up for a filter; a look at all of them is not had.
fn wanted(filter: &filter::Filter) -> Result<FindGroup, Problem> {
    let find = |(name, wanted): (String, String)| match name.as_str() {
        "id" => wanted.parse().ok().map(FindGroup::Id),
        "displayname" => Some(FindGroup::Name(wanted)),
        "externalid" => Some(FindGroup::ExternalId(wanted)),
        _ => None,
    };
    filter.equalities().into_iter().find_map(find).ok_or_else(|| {
        Problem::filter(
            "A filter must say what one of these is equal to: displayName, externalId or id.",
        )
    })
}

async fn created(desk: &Desk, payload: web::Payload) -> Outcome {
    let caller = enter(desk).await?;
    let wish = group::wish(&body(&desk.request, payload).await?, None)?;
    let visitor = desk.guest.visitor();
    let made = desk.counter.house.bring_group(&caller, wish, visitor).await?;
    let at = location(desk, "Groups", &made.group.id.to_string());
    let mut answer = one(desk, &caller, made.group.id, StatusCode::CREATED).await?;
    if let Ok(at) = header::HeaderValue::from_str(&at) {
        answer.headers_mut().insert(header::LOCATION, at);
    }
    Ok(answer)
}

async fn shown(desk: &Desk, path: &str) -> Outcome {
    let caller = enter(desk).await?;
    one(desk, &caller, id(path)?, StatusCode::OK).await
}

async fn replaced(desk: &Desk, path: &str, payload: web::Payload) -> Outcome {
    let caller = enter(desk).await?;
    let id = id(path)?;
    let sent = body(&desk.request, payload).await?;
    let anew = move |before: &OwnGroup| group::wish(&sent, Some(before)).map_err(Problem::trouble);
    let visitor = desk.guest.visitor();
    desk.counter.house.change_brought_group(&caller, id, anew, visitor).await?;
    one(desk, &caller, id, StatusCode::OK).await
}

/// Answers without the group: it may be large.
async fn modified(desk: &Desk, path: &str, payload: web::Payload) -> Outcome {
    let caller = enter(desk).await?;
    let id = id(path)?;
    let operations = patch::read(&body(&desk.request, payload).await?)?;
    let anew =
        move |before: &OwnGroup| group::patched(before, operations).map_err(Problem::trouble);
    let visitor = desk.guest.visitor();
    desk.counter.house.change_brought_group(&caller, id, anew, visitor).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn removed(desk: &Desk, path: &str) -> Outcome {
    let caller = enter(desk).await?;
    desk.counter.house.remove_brought_group(&caller, id(path)?, desk.guest.visitor()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// One group, with what is asked for of it.
async fn one(
    desk: &Desk,
    caller: &app::programs::Caller,
    id: GroupId,
    status: StatusCode,
) -> Outcome {
    let selection = selection(desk);
    let (find, members) = (FindGroup::Id(id), selection.shows("members"));
    let found = desk.counter.house.brought_groups(caller, find, (1, 0), members).await?;
    let group = found.rows.first().ok_or_else(Problem::not_there)?;
    let mut resource = resource(desk, group);
    selection.apply(&mut resource);
    Ok(super::json(status, &Value::Object(resource)))
}

fn selection(desk: &Desk) -> Selection {
    Selection::read(&desk.asked("attributes"), &desk.asked("excludedAttributes"))
}

fn id(text: &str) -> Result<GroupId, Problem> {
    text.parse().map_err(|_| Problem::not_there())
}

fn resource(desk: &Desk, group: &OwnGroup) -> Object {
    let at = location(desk, "Groups", &group.group.id.to_string());
    group::resource(group, &at, &format!("{}{}/Users", desk.counter.origin, super::ROOT))
}
