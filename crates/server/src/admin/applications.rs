//! The applications that people are assigned to.

use app::office365::Office365View;

use crate::{
    answer::{Answer, Desk},
    pages::{
        Rail,
        admin::applications::{Applications, Row},
        parts::{Badge, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, rows},
};

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let house = &desk.counter.house;
    let views = house.office365(&admin).await?;
    let people = house.headcount(&admin).await?.assigned;
    let many = count(rows(views.len()), "application", "applications");
    let verdict = if views.is_empty() {
        Verdict::new(Tone::Neutral, "No application yet.")
    } else {
        let assigned = count(people, "person is", "people are");
        Verdict::new(Tone::Ok, &format!("{many}; {assigned} assigned."))
    };
    let rows = views.iter().map(|view| row(view, people)).collect();
    let page = Applications { verdict, rows };
    desk.page(&desk.console_chrome(&admin, Rail::Applications).await?, &page)
}

fn row(view: &Office365View, people: i64) -> Row {
    Row {
        href: "/admin/applications/office365".to_owned(),
        name: view.application.name.clone(),
        tenant: view.tenant.alias.clone(),
        people: people.to_string(),
        state: if view.tenant.writes_stopped {
            Badge::new(Tone::Danger, "Writes stopped")
        } else if view.application.settings.first_plan_confirmed {
            Badge::new(Tone::Ok, "Active")
        } else {
            Badge::new(Tone::Warn, "First plan not confirmed")
        },
    }
}
