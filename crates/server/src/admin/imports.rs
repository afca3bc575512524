//! Bringing people along in a CSV file: the upload, and the imports of the last days.

use std::collections::HashMap;

use actix_web::web;
use app::imports::MAX_BYTES;
use model::{
    Ts,
    ids::UserId,
    import::{Import, ImportState},
};

use crate::{
    answer::{Answer, Desk, field_problem, see_other},
    error::Failure,
    pages::{
        Rail,
        admin::imports::{Imports, Row},
        parts::{Badge, Problem, Tone},
    },
    upload,
    visitor::Console,
    wording::{count, times},
};

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let page = page(&admin, &desk, String::new(), Vec::new()).await?;
    desk.page(&desk.console_chrome(&admin, Rail::People).await?, &page)
}

/// Takes a file, or what was pasted in the place of one, and leads to its draft.
pub(super) async fn upload(admin: Console, desk: Desk, payload: web::Payload) -> Answer {
    let sent = upload::read(&desk.request, payload, MAX_BYTES).await?;
    let [text] = sent.form.exactly(["text"])?;
    let has_file = !sent.content.is_empty();
    let content = if has_file { sent.content } else { text.clone().into_bytes() };
    let house = &desk.counter.house;
    let file = (sent.file_name.as_str(), content.into());
    match house.begin_import(&admin, file, desk.guest.visitor()).await {
        Ok(id) => Ok(see_other(&format!("/admin/imports/{id}"))),
        Err(error) => {
            let at = if has_file { "file" } else { "text" };
            let problem = field_problem(error, &[("file", at)])?;
            let page = page(&admin, &desk, text, vec![problem]).await?;
            desk.again(&desk.console_chrome(&admin, Rail::People).await?, &page)
        }
    }
}

async fn page(
    admin: &Console,
    desk: &Desk,
    text: String,
    problems: Vec<Problem>,
) -> Result<Imports, Failure> {
    let house = &desk.counter.house;
    let imports = house.imports(admin).await?;
    let names = house.names(admin, imports.iter().map(|import| import.made_by).collect()).await?;
    let now = house.now();
    let rows = imports.iter().map(|import| row(import, &names, now)).collect();
    Ok(Imports { text, rows, problems })
}

fn row(import: &Import, names: &HashMap<UserId, String>, now: Ts) -> Row {
    Row {
        href: format!("/admin/imports/{}", import.id),
        file: import.terms.file_name.clone(),
        lines: match import.terms.tenant {
            Some(_) => count(import.terms.rows, "account", "accounts"),
            None => count(import.terms.rows, "line", "lines"),
        },
        by: names.get(&import.made_by).cloned().unwrap_or_default(),
        at: times::when(import.made_at, now),
        state: state(import.state),
    }
}

/// How an import stands.
pub(super) fn state(state: ImportState) -> Badge {
    match state {
        ImportState::Draft => Badge::new(Tone::Neutral, "Draft"),
        ImportState::Applying => Badge::new(Tone::Warn, "Under way"),
        ImportState::Applied => Badge::new(Tone::Ok, "Imported"),
        ImportState::Undoing => Badge::new(Tone::Warn, "Being taken back"),
        ImportState::Undone => Badge::new(Tone::Neutral, "Taken back"),
    }
}
