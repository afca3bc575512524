//! The list of people, found by search.

use app::accounts::{Headcount, PAGE, PersonRow, Show};
use model::{entra::SubscribedSku, user::UserState};

use super::paging;
use crate::{
    answer::{Answer, Desk},
    pages::{
        Rail,
        admin::users::{Row, Users},
        parts::{Badge, Choice, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, products},
};

const SHOWS: [(&str, &str, Show); 4] = [
    ("everybody", "Everybody", Show::Everybody),
    ("assigned", "Assigned to Office 365", Show::Assigned),
    ("unassigned", "Not assigned", Show::Unassigned),
    ("blocked", "Blocked", Show::Blocked),
];

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let (q, asked, number) = (desk.asked("q"), desk.asked("show"), paging::number(&desk));
    let (word, _, show) = SHOWS.iter().find(|(word, ..)| *word == asked).unwrap_or(&SHOWS[0]);
    let house = &desk.counter.house;
    let found = house.find_people(&admin, &q, *show, paging::offset(number, PAGE)).await?;
    let headcount = house.headcount(&admin).await?;
    let skus = skus(&admin, &desk).await?;
    let filters = [("q", q.as_str()), ("show", asked.as_str())];
    let shown = (found.rows.len(), found.total);
    let page = Users {
        verdict: verdict(&headcount),
        show: SHOWS.iter().map(|(value, label, _)| Choice::new(value, label, word)).collect(),
        rows: found.rows.iter().map(|person| row(person, &skus)).collect(),
        pager: paging::pager((number, PAGE), shown, "/admin/users", &filters),
        q,
    };
    desk.page(&desk.console_chrome(&admin, Rail::People).await?, &page)
}

/// The products of every tenant.
pub(super) async fn skus(
    admin: &Console,
    desk: &Desk,
) -> Result<Vec<SubscribedSku>, crate::error::Failure> {
    let views = desk.counter.house.office365(admin).await?;
    Ok(views.into_iter().flat_map(|view| view.skus).collect())
}

fn verdict(people: &Headcount) -> Verdict {
    let text = format!(
        "{}: {} assigned to Office 365, {} blocked.",
        count(people.people, "person", "people"),
        people.assigned,
        people.blocked
    );
    Verdict::new(Tone::Ok, &text)
}

fn row(person: &PersonRow, skus: &[SubscribedSku]) -> Row {
    let user = &person.user;
    let licences = person.assignments.iter().flat_map(|assignment| &assignment.licences);
    let licences: Vec<String> = licences.map(|licence| products::licence(licence, skus)).collect();
    let licence = match (person.assignments.is_empty(), licences.is_empty()) {
        (true, _) => String::new(),
        (false, true) => "Assigned without a product".to_owned(),
        (false, false) => licences.join("; "),
    };
    Row {
        href: format!("/admin/users/{}", user.id),
        upn: user.upn.to_string(),
        name: user.profile.display_name.clone(),
        role: user.role.map_or("", model::Role::label).to_owned(),
        department: user.profile.department.clone().unwrap_or_default(),
        state: state(user.state),
        licence,
        mfa: if person.enrolled {
            Badge::new(Tone::Ok, "Enrolled")
        } else {
            Badge::new(Tone::Neutral, "None")
        },
    }
}

/// Active, blocked or deleted.
pub(super) fn state(state: UserState) -> Badge {
    match state {
        UserState::Active => Badge::new(Tone::Ok, "Active"),
        UserState::Blocked => Badge::new(Tone::Danger, "Blocked"),
        UserState::Deleted => Badge::new(Tone::Neutral, "Deleted"),
    }
}
