//! One group: its people, what it gives them, its name.

use actix_web::web;
use app::{
    assign::Tally,
    groups::{GroupDetails, MEMBERS},
};
use model::{
    ids::{GroupId, UserId},
    user::User,
};

use super::{assignments, groups::gives, leavers, paging, users};
use crate::{
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::groups::{GroupPage, Member},
        parts::{Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::count,
};

/// The page.
pub(super) async fn show(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let page = page(&admin, &desk, id(&path)?).await?;
    desk.page(&desk.console_chrome(&admin, Rail::People).await?, &page)
}

/// Gives it another name.
pub(super) async fn rename(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [name] = form.exactly(["name"])?;
    let id: GroupId = id(&path)?;
    match desk.counter.house.rename_group(&admin, id, &name, desk.guest.visitor()).await {
        Ok(()) => Ok(see_other(&format!("/admin/groups/{id}?done=saved"))),
        Err(error) => {
            let problem = field_problem(error, &[])?;
            let change = |page: &mut GroupPage| page.new_name = name;
            again(&admin, &desk, id, problem, change).await
        }
    }
}

/// Removes it.
pub(super) async fn remove(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.remove_group(&admin, id(&path)?, desk.guest.visitor()).await?;
    Ok(see_other("/admin/groups?done=group-removed"))
}

/// Puts people into it.
pub(super) async fn add_members(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [people] = form.exactly(["people"])?;
    let id: GroupId = id(&path)?;
    match desk.counter.house.add_members(&admin, id, &people, desk.guest.visitor()).await {
        Ok(_) => Ok(see_other(&format!("/admin/groups/{id}?done=members-added"))),
        Err(error) => {
            let problem = field_problem(error, &[])?;
            again(&admin, &desk, id, problem, |page| page.people = people).await
        }
    }
}

/// Takes somebody out of it.
pub(super) async fn remove_member(
    admin: Console,
    desk: Desk,
    path: web::Path<(String, String)>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let (group, person): (GroupId, UserId) = (id(&path.0)?, id(&path.1)?);
    let house = &desk.counter.house;
    if !house.remove_member(&admin, group, person, desk.guest.visitor()).await? {
        return Err(app::Error::not_found("member").into());
    }
    Ok(see_other(&format!("/admin/groups/{group}?done=member-removed")))
}

/// Assigns everybody in it, or changes its products.
pub(super) async fn assign(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.with_lists([], &["sku", "plan"])?;
    let (id, house): (GroupId, _) = (id(&path)?, &desk.counter.house);
    let view = assignments::office365(&admin, &desk).await?;
    let licences = assignments::chosen(&form, &view.skus)?;
    let (application, visitor) = (view.application.id, desk.guest.visitor());
    let assigned = match assignments::check_whole(&licences, &view.skus) {
        Ok(()) => house.assign_group(&admin, id, application, licences.clone(), visitor).await,
        Err(error) => Err(error),
    };
    match assigned {
        Ok(tally) => Ok(see_other(&done(id, tally, "group-assigned"))),
        Err(error) => {
            let problem = field_problem(error, &[])?;
            let products = assignments::offered(&view, Some(&licences));
            again(&admin, &desk, id, problem, |page| page.products = products).await
        }
    }
}

/// Takes the application from it.
pub(super) async fn unassign(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let id: GroupId = id(&path)?;
    let application = assignments::office365(&admin, &desk).await?.application.id;
    let house = &desk.counter.house;
    let tally = house.unassign_group(&admin, id, application, desk.guest.visitor()).await?;
    Ok(see_other(&done(id, tally, "group-unassigned")))
}

/// The page, and what is said on it: how the tenant follows depends on how many lose something.
fn done(id: GroupId, tally: Tally, word: &str) -> String {
    let word = if tally.goes_by_plan() { "group-by-plan" } else { word };
    format!("/admin/groups/{id}?done={word}")
}

/// The page with a problem, and with what was typed.
async fn again(
    admin: &Console,
    desk: &Desk,
    id: GroupId,
    problem: Problem,
    keep: impl FnOnce(&mut GroupPage),
) -> Answer {
    let mut page = page(admin, desk, id).await?;
    page.problems.push(problem);
    keep(&mut page);
    desk.again(&desk.console_chrome(admin, Rail::People).await?, &page)
}

async fn page(admin: &Console, desk: &Desk, id: GroupId) -> Result<GroupPage, Failure> {
    let (house, number) = (&desk.counter.house, paging::number(desk));
    let seen = house.group(admin, id, paging::offset(number, MEMBERS)).await?;
    let views = house.office365(admin).await?;
    let view = views.first();
    let shown = (seen.members.rows.len(), seen.members.total);
    let mine = view.and_then(|view| {
        seen.entitlements.iter().find(|given| given.application_id == view.application.id)
    });
    let licences = mine.map(|given| given.licences.as_slice());
    Ok(GroupPage {
        id: id.to_string(),
        verdict: verdict(&seen),
        members: seen.members.rows.iter().map(member).collect(),
        pager: paging::pager((number, MEMBERS), shown, &format!("/admin/groups/{id}"), &[]),
        people: String::new(),
        assigned: mine.is_some(),
        gives: gives(&seen.entitlements, &views),
        products: view.map(|view| assignments::offered(view, licences)).unwrap_or_default(),
        consequence: view
            .map(|view| leavers::unassigning(&view.application.settings))
            .unwrap_or_default(),
        brought_by: seen.brought_by.clone().unwrap_or_default(),
        named_by: seen.named_by.join("; "),
        new_name: seen.group.name.clone(),
        name: seen.group.name,
        problems: Vec::new(),
    })
}

fn verdict(seen: &GroupDetails) -> Verdict {
    let people = count(seen.members.total, "person", "people");
    let text = if seen.entitlements.is_empty() {
        format!("{people}. The group is assigned to nothing.")
    } else {
        format!("{people}, who are assigned to Office 365 by being in it.")
    };
    Verdict::new(Tone::Neutral, &text)
}

fn member(user: &User) -> Member {
    Member {
        id: user.id.to_string(),
        name: user.profile.display_name.clone(),
        upn: user.upn.to_string(),
        department: user.profile.department.clone().unwrap_or_default(),
        state: users::state(user.state),
    }
}
