//! The groups: the list, and making one.

use app::{groups::GroupRow, office365::Office365View};
use model::entitlement::Entitlement;

use crate::{
    answer::{Answer, Desk, field_problem, see_other},
    csrf::Form,
    pages::{
        Rail,
        admin::groups::{Groups, Row},
        parts::{Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, products, rows},
};

/// The list.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let page = page(&admin, &desk, String::new(), Vec::new()).await?;
    desk.page(&desk.console_chrome(&admin, Rail::People).await?, &page)
}

/// Makes an empty group and goes to its page.
pub(super) async fn create(admin: Console, desk: Desk, form: Form) -> Answer {
    let [name] = form.exactly(["name"])?;
    match desk.counter.house.create_group(&admin, &name, desk.guest.visitor()).await {
        Ok(id) => Ok(see_other(&format!("/admin/groups/{id}?done=group-created"))),
        Err(error) => {
            let problem = field_problem(error, &[])?;
            let page = page(&admin, &desk, name, vec![problem]).await?;
            desk.again(&desk.console_chrome(&admin, Rail::People).await?, &page)
        }
    }
}

async fn page(
    admin: &Console,
    desk: &Desk,
    name: String,
    problems: Vec<Problem>,
) -> Result<Groups, crate::error::Failure> {
    let house = &desk.counter.house;
    let (all, views) = (house.groups(admin).await?, house.office365(admin).await?);
    let assigned = all.iter().filter(|row| !row.entitlements.is_empty()).count();
    let text = format!(
        "{}, {assigned} of them assigned to Office 365.",
        count(rows(all.len()), "group", "groups")
    );
    Ok(Groups {
        verdict: Verdict::new(Tone::Neutral, &text),
        rows: all.iter().map(|group| row(group, &views)).collect(),
        name,
        problems,
    })
}

fn row(group: &GroupRow, views: &[Office365View]) -> Row {
    Row {
        href: format!("/admin/groups/{}", group.group.id),
        name: group.group.name.clone(),
        members: group.members.to_string(),
        brought_by: group.brought_by.clone().unwrap_or_default(),
        gives: gives(&group.entitlements, views).join("; "),
    }
}

/// What entitlements give, in plain words, a line each; none when there are none.
pub(super) fn gives(given: &[Entitlement], views: &[Office365View]) -> Vec<String> {
    let mut lines = Vec::new();
    for entitlement in given {
        let of = |view: &&Office365View| view.application.id == entitlement.application_id;
        let skus = views.iter().find(of).map(|view| view.skus.as_slice()).unwrap_or_default();
        if entitlement.licences.is_empty() {
            lines.push("An account without a product".to_owned());
        }
        lines.extend(entitlement.licences.iter().map(|licence| products::licence(licence, skus)));
    }
    lines
}
