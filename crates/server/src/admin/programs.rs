//! Other systems that bring people: the list, and letting one in.

use app::programs::{ProgramView, ProgramWish};
use model::{Role, Ts, program::Removal};

use super::step_up;
use crate::{
    answer::{Answer, Desk, field_problem, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::programs::{ProgramForm, ProgramNew, ProgramRow, Programs},
        parts::{Badge, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, rows, times},
};

pub(super) const PATH: &str = "/admin/programs";

/// The list.
pub(super) async fn list(admin: Console, desk: Desk) -> Answer {
    let (all, now) = (desk.counter.house.programs(&admin).await?, desk.counter.house.now());
    let held = all.iter().filter(|view| view.program.held_at.is_some()).count();
    let verdict = match (all.len(), held) {
        (0, _) => Verdict::new(Tone::Neutral, "No other system brings people."),
        (_, 1..) => {
            let many = count(rows(held), "system is", "systems are");
            Verdict::new(Tone::Danger, &format!("{many} held until an admin looks."))
        }
        (all, _) => {
            let many = count(rows(all), "other system brings", "other systems bring");
            Verdict::new(Tone::Ok, &format!("{many} people."))
        }
    };
    let may_change = admin.role().covers(Role::UserAdmin);
    let rows = all.iter().map(|view| row(view, now)).collect();
    let page = Programs { verdict, rows, may_change };
    desk.page(&desk.console_chrome(&admin, Rail::People).await?, &page)
}

/// The empty form.
pub(super) async fn ask(admin: Console, desk: Desk) -> Answer {
    let page = ProgramNew { form: ProgramForm::new("", "groups", "block", Vec::new()) };
    desk.page(&desk.console_chrome(&admin, Rail::People).await?, &page)
}

/// Lets one in.
pub(super) async fn add(admin: Console, desk: Desk, form: Form) -> Answer {
    let [name, brings, removal] = form.exactly(["name", "brings", "removal"])?;
    let wish = wish(&name, &brings, &removal)?;
    match desk.counter.house.add_program(&admin, wish, desk.guest.visitor()).await {
        Ok(id) => Ok(see_other(&format!("{PATH}/{id}?done=program-added"))),
        Err(error) => {
            let form = ProgramForm::new(&name, &brings, &removal, vec![problem(error)?]);
            let chrome = desk.console_chrome(&admin, Rail::People).await?;
            desk.again(&chrome, &ProgramNew { form })
        }
    }
}

/// What was wrong, at its field.
pub(super) fn problem(error: app::Error) -> Result<Problem, Failure> {
    match error.kind {
        app::Kind::StepUp => Ok(step_up::problem("/admin", PATH)),
        _ => field_problem(error, &[]),
    }
}

/// What the form says.
pub(super) fn wish(name: &str, brings: &str, removal: &str) -> Result<ProgramWish, Failure> {
    let brings_groups = match brings {
        "people" => false,
        "groups" => true,
        _ => return Err(Failure::bad_input("It brings people, or groups as well.")),
    };
    let removal = match removal {
        "block" => Removal::Block,
        "keep" => Removal::Keep,
        _ => return Err(Failure::bad_input("Whom it removes is blocked, or stays.")),
    };
    Ok(ProgramWish { name: name.to_owned(), brings_groups, removal })
}

/// "214 people, 12 groups".
pub(super) fn brought(view: &ProgramView) -> String {
    let people = count(view.people, "person", "people");
    if !view.program.brings_groups && view.groups == 0 {
        return people;
    }
    format!("{people}, {}", count(view.groups, "group", "groups"))
}

/// How a system stands.
pub(super) fn state(view: &ProgramView, now: Ts) -> Badge {
    if view.program.held_at.is_some() {
        Badge::new(Tone::Danger, "Held")
    } else if view.tokens.iter().any(|token| token.expires_at > now) {
        Badge::new(Tone::Ok, "Let in")
    } else {
        Badge::new(Tone::Neutral, "No token")
    }
}

fn row(view: &ProgramView, now: Ts) -> ProgramRow {
    let program = &view.program;
    ProgramRow {
        href: format!("{PATH}/{}", program.id),
        name: program.name.clone(),
        brought: brought(view),
        last: program.last.as_ref().map(|(_, did)| did.clone()).unwrap_or_default(),
        at: program.last.as_ref().map(|(at, _)| times::when(*at, now)),
        state: state(view, now),
    }
}
