//! One import: its columns are matched, its lines looked at, and then it is written or taken back.

mod accounts;
mod draft;

use actix_web::web;
use app::imports::{FirstSignIn, ImportDetails};
use model::{
    ids::ImportId,
    import::{Field, ImportRow, ImportState, Mapping, RowOutcome},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{domain::script::attachment, sync_run::csv::line, sync_runs::carry_on};
use crate::{
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::import::{Ended, Import, LeftRow},
        parts::{Badge, Fact, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, times},
};

/// The page.
pub(super) async fn show(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let id: ImportId = id(&path)?;
    let details = desk.counter.house.import(&admin, id).await?;
    let (import, chrome) = (&details.import, desk.console_chrome(&admin, Rail::People).await?);
    if import.state == ImportState::Draft && import.terms.tenant.is_some() {
        return desk.page(&chrome, &accounts::page(&admin, &desk, &details));
    }
    desk.page(&chrome, &page(&desk, &details, None))
}

/// Says anew which column holds what.
pub(super) async fn map(admin: Console, desk: Desk, path: web::Path<String>, form: Form) -> Answer {
    const FIELDS: usize = Field::ALL.len();
    let names: [&str; FIELDS] = std::array::from_fn(|at| Field::ALL[at].name());
    let typed = form.with_lists(names, &["update"])?;
    let update = !form.list("update").is_empty();
    let columns = Field::ALL.iter().zip(typed).filter(|(_, column)| !column.is_empty());
    let columns = columns.map(|(field, column)| Some((*field, column.parse().ok()?)));
    let mapping: Option<Mapping> = columns.collect();
    let mapping = mapping.ok_or_else(|| Failure::bad_input("The form can't be read."))?;
    let id: ImportId = id(&path)?;
    let (house, wanted) = (&desk.counter.house, (mapping.clone(), update));
    match house.map_import(&admin, id, wanted, desk.guest.visitor()).await {
        Ok(()) => Ok(see_other(&format!("/admin/imports/{id}"))),
        Err(error) => {
            let problem = field_problem(error, &[])?;
            let details = desk.counter.house.import(&admin, id).await?;
            let page = page(&desk, &details, Some((problem, (mapping, update))));
            desk.again(&desk.console_chrome(&admin, Rail::People).await?, &page)
        }
    }
}

/// Writes it, or goes on with it.
pub(super) async fn apply(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [seen] = form.exactly(["seen"])?;
    let id: ImportId = id(&path)?;
    let (house, admin) = (desk.counter.house.clone(), (*admin).clone());
    let visitor = desk.guest.visitor().clone();
    let work = async move { house.apply_import(&admin, id, &seen, &visitor).await };
    let done = carry_on(work).await?.map_or("import-begun", |()| "import-done");
    Ok(see_other(&format!("/admin/imports/{id}?done={done}")))
}

/// Throws a draft away.
pub(super) async fn discard(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    house.discard_import(&admin, id(&path)?, visitor).await?;
    Ok(see_other("/admin/imports?done=import-discarded"))
}

/// Takes it back.
pub(super) async fn undo(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let id: ImportId = id(&path)?;
    let (house, admin) = (desk.counter.house.clone(), (*admin).clone());
    let visitor = desk.guest.visitor().clone();
    let work = async move { house.undo_import(&admin, id, &visitor).await };
    let done = carry_on(work).await?.map_or("import-begun", |()| "import-undone");
    Ok(see_other(&format!("/admin/imports/{id}?done={done}")))
}

/// What the next people need for their first sign-in, as a table for a spreadsheet (R142).
pub(super) async fn make_first_sign_ins(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let id: ImportId = id(&path)?;
    let made = desk.counter.house.make_first_sign_ins(&admin, id, desk.guest.visitor()).await?;
    let mut answer =
        attachment("text/csv; charset=utf-8", &format!("first-sign-ins-{id}.csv"), table(&made));
    let never = actix_web::http::header::HeaderValue::from_static("no-store");
    answer.headers_mut().insert(actix_web::http::header::CACHE_CONTROL, never);
    Ok(answer)
}

/// The list with its head, marked as UTF-8 for spreadsheets.
fn table(made: &[FirstSignIn]) -> String {
    let secret = |secret: &Option<SecretString>| {
        secret.as_ref().map(|secret| secret.expose_secret().to_owned()).unwrap_or_default()
    };
    let head = line(&["name", "sign-in name", "first password", "enrolment code", "good until"]);
    let rows = made.iter().map(|one| {
        let until = times::exact(one.until);
        line(&[&one.name, &one.upn, &secret(&one.password), &secret(&one.code), &until])
    });
    std::iter::once(format!("\u{feff}{head}")).chain(rows).collect()
}

fn page(
    desk: &Desk,
    details: &ImportDetails,
    refused: Option<(Problem, (Mapping, bool))>,
) -> Import {
    let import = &details.import;
    let is_draft = import.state == ImportState::Draft;
    let (problems, chosen) = match refused {
        Some((problem, chosen)) => (vec![problem], chosen),
        None => (Vec::new(), (import.terms.mapping.clone(), import.terms.update)),
    };
    Import {
        id: import.id.to_string(),
        file: import.terms.file_name.clone(),
        verdict: if is_draft { draft::verdict(details) } else { verdict(details) },
        facts: if is_draft { draft::facts(details) } else { facts(details) },
        draft: is_draft.then(|| draft::panel(desk, details, &chosen)),
        ended: (!is_draft).then(|| ended(desk, details)),
        problems,
    }
}

fn facts(details: &ImportDetails) -> Vec<Fact> {
    let label = |outcome: RowOutcome| match outcome {
        RowOutcome::Created => "New people",
        RowOutcome::Updated => "Changed",
        RowOutcome::Left => "Left as they are",
        RowOutcome::Refused => "Left out",
        RowOutcome::Removed => "Removed again",
        RowOutcome::Blocked => "Blocked",
        RowOutcome::PutBack => "Put back",
        RowOutcome::Kept => "Kept",
    };
    let counts = details.tally.iter();
    counts.map(|(outcome, count)| Fact::text(label(*outcome), &count.to_string())).collect()
}

fn verdict(details: &ImportDetails) -> Verdict {
    let terms = &details.import.terms;
    let refused = details.tally.iter().any(|(outcome, _)| *outcome == RowOutcome::Refused);
    let (tone, text) = match details.import.state {
        ImportState::Draft | ImportState::Applying => {
            let lines = match terms.tenant {
                Some(_) => count(terms.rows, "account", "accounts"),
                None => count(terms.rows, "line", "lines"),
            };
            (Tone::Warn, format!("Under way: {} of {lines} are done.", details.import.done))
        }
        ImportState::Applied if refused => (Tone::Warn, "Imported; some were left out.".to_owned()),
        ImportState::Applied => (Tone::Ok, "Imported.".to_owned()),
        ImportState::Undoing => (Tone::Warn, "It is being taken back.".to_owned()),
        ImportState::Undone => {
            (Tone::Neutral, "Taken back, as far as nothing has happened since.".to_owned())
        }
    };
    Verdict::new(tone, &text)
}

fn ended(desk: &Desk, details: &ImportDetails) -> Ended {
    let (import, now) = (&details.import, desk.counter.house.now());
    let (go_on, go_on_to) = match import.state {
        ImportState::Applying => ("Go on if it has stopped", "apply"),
        ImportState::Undoing => ("Go on if it has stopped", "undo"),
        _ => ("", ""),
    };
    // One that stopped in the middle can be gone on with for a day, and taken back for seven.
    let is_written = matches!(import.state, ImportState::Applied | ImportState::Applying);
    let waits = is_written && details.waiting > 0;
    let first_sign_ins = waits.then(|| {
        let people = count(details.waiting, "new person has", "new people have");
        format!("{people} not been handed anything yet.")
    });
    let may_undo = is_written && now < import.until;
    Ended {
        go_on: go_on.to_owned(),
        go_on_to: go_on_to.to_owned(),
        first_sign_ins: first_sign_ins.unwrap_or_default(),
        undo_until: if may_undo { times::exact(import.until) } else { String::new() },
        undo_says: undo_says(import).to_owned(),
        left: details.left.iter().map(left).collect(),
    }
}

/// What undoing comes to.
const fn undo_says(import: &model::import::Import) -> &'static str {
    match import.terms.tenant {
        Some(_) => {
            "People who have not begun are removed, and whoever was here before has what they had. \
             Accounts at Microsoft are neither blocked nor deleted. One that was taken over keeps its \
             immutable id: remove it at Microsoft where the account is not its person's, for whoever \
             is still assigned through a group opens that account with it. Where accounts were \
             taken over, a security admin must do it."
        }
        None => {
            "People who have not begun are removed; those whom Microsoft 365 knows are blocked; \
             changed profiles go back."
        }
    }
}

fn left(row: &ImportRow) -> LeftRow {
    let what = match row.outcome {
        RowOutcome::Refused => Badge::new(Tone::Warn, "Left out"),
        _ => Badge::new(Tone::Neutral, "Kept"),
    };
    LeftRow { line: row.line, upn: row.trace.upn.clone(), what, why: row.trace.why.clone() }
}
