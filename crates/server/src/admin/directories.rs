//! Directories that check passwords: the list, one of them, and trying it out.

use actix_web::web;
use app::directories::{DirectoryForm, DirectoryView, Tried};
use model::{Role, directory::Encryption, ids::DirectoryId};
use secrecy::SecretString;

use super::step_up;
use crate::{
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::{
            directories::{Directories, DirectoryPage, DirectoryRow, Fields},
            policy::tabs,
        },
        parts::{Badge, Check, Choice, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, rows},
};

const PATH: &str = "/admin/directories";

const FIELDS: [&str; 12] = [
    "name",
    "host",
    "port",
    "encryption",
    "authority",
    "account",
    "account_password",
    "base",
    "filter",
    "keep_days",
    "help",
    "domains",
];

/// The list.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let views = desk.counter.house.directories(&admin).await?;
    let away = views.iter().filter(|view| view.away.is_some()).count();
    let verdict = match (views.len(), away) {
        (0, _) => Verdict::new(Tone::Neutral, "Every password is checked here."),
        (all, 0) => {
            let many = count(rows(all), "directory checks", "directories check");
            Verdict::new(Tone::Ok, &format!("{many} passwords for us."))
        }
        (_, away) => {
            let many = count(rows(away), "directory is", "directories are");
            Verdict::new(Tone::Danger, &format!("{many} away."))
        }
    };
    let page = Directories {
        verdict,
        tabs: tabs(6),
        may_add: admin.role() == Role::Owner,
        rows: views.iter().map(row).collect(),
    };
    desk.page(&desk.console_chrome(&admin, Rail::Policy).await?, &page)
}

/// The form for a new one.
pub(super) async fn ask(admin: Console, desk: Desk) -> Answer {
    let page = new(&admin, first_fields(), Vec::new());
    desk.page(&desk.console_chrome(&admin, Rail::Policy).await?, &page)
}

/// Adds one.
pub(super) async fn add(admin: Console, desk: Desk, form: Form) -> Answer {
    let typed = read(&form)?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    match house.save_directory(&admin, None, typed.clone(), visitor).await {
        Ok(id) => Ok(see_other(&format!("{PATH}/{id}?done=directory-saved"))),
        Err(error) => {
            let page = new(&admin, fields_of(typed), vec![problem(error)?]);
            desk.again(&desk.console_chrome(&admin, Rail::Policy).await?, &page)
        }
    }
}

/// One of them.
pub(super) async fn show_one(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let page = page(&admin, &desk, id(&path)?).await?;
    desk.page(&desk.console_chrome(&admin, Rail::Policy).await?, &page)
}

/// Changes it.
pub(super) async fn change(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let typed = read(&form)?;
    let id: DirectoryId = id(&path)?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    match house.save_directory(&admin, Some(id), typed.clone(), visitor).await {
        Ok(_) => Ok(see_other(&format!("{PATH}/{id}?done=directory-saved"))),
        Err(error) => {
            let problems = vec![problem(error)?];
            let fields = fields_of(typed);
            let page = DirectoryPage { fields, problems, ..page(&admin, &desk, id).await? };
            desk.again(&desk.console_chrome(&admin, Rail::Policy).await?, &page)
        }
    }
}

/// Tries it out, step by step.
pub(super) async fn attempt(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [who, password] = form.exactly(["who", "try_password"])?;
    let id: DirectoryId = id(&path)?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let wish = (who.clone(), SecretString::from(password));
    let tried = house.try_directory(&admin, id, wish, visitor).await;
    let chrome = desk.console_chrome(&admin, Rail::Policy).await?;
    match tried {
        Ok(tried) => {
            let tried = tried.iter().map(step).collect();
            let page = DirectoryPage { who, tried, ..page(&admin, &desk, id).await? };
            desk.page(&chrome, &page)
        }
        Err(error) => {
            let problems = vec![problem(error)?];
            let page = DirectoryPage { who, problems, ..page(&admin, &desk, id).await? };
            desk.again(&chrome, &page)
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
    desk.counter.house.remove_directory(&admin, id(&path)?, desk.guest.visitor()).await?;
    Ok(see_other(&format!("{PATH}?done=directory-removed")))
}

/// What is wrong, at its field where it has one.
fn problem(error: app::Error) -> Result<Problem, Failure> {
    match error.kind {
        app::Kind::Conflict => Ok(Problem::of_form(&error.public, "Nothing was changed.")),
        app::Kind::StepUp => Ok(step_up::problem("/admin", PATH)),
        _ => field_problem(error, &[("password", "account_password")]),
    }
}

fn row(view: &DirectoryView) -> DirectoryRow {
    let directory = &view.directory;
    let state = match view.away {
        Some(_) => Badge::new(Tone::Danger, "Away"),
        None => Badge::new(Tone::Ok, "Not known to be away"),
    };
    DirectoryRow {
        name: directory.name.clone(),
        href: format!("{PATH}/{}", directory.id),
        place: format!("{}:{}", directory.host, directory.port),
        people: people(view),
        state,
        note: view.away.as_ref().map(|(_, why)| why.clone()).unwrap_or_default(),
    }
}

fn people(view: &DirectoryView) -> String {
    let by_name = count(view.people, "person", "people");
    match (view.domains.is_empty(), view.people) {
        (true, 0) => "Nobody".to_owned(),
        (true, _) => format!("{by_name} by name"),
        (false, 0) => format!("Everybody of {}", view.domains.join(", ")),
        (false, _) => format!("Everybody of {}, and {by_name} by name", view.domains.join(", ")),
    }
}

async fn page(admin: &Console, desk: &Desk, id: DirectoryId) -> Result<DirectoryPage, Failure> {
    let view = desk.counter.house.directory(admin, id).await?;
    let directory = &view.directory;
    let verdict = match &view.away {
        Some((_, why)) => Verdict::new(Tone::Danger, &format!("The directory is away: {why}.")),
        None => Verdict::new(Tone::Ok, &format!("It checks passwords for us: {}.", people(&view))),
    };
    let encryption = match directory.encryption {
        Encryption::Tls => "tls",
        Encryption::StartTls => "start_tls",
    };
    Ok(DirectoryPage {
        title: directory.name.clone(),
        verdict,
        path: format!("{PATH}/{id}"),
        may_change: admin.role() == Role::Owner,
        may_try: admin.role().covers(Role::SecurityAdmin),
        people: people(&view),
        fields: Fields {
            name: directory.name.clone(),
            host: directory.host.clone(),
            port: directory.port.to_string(),
            encryption: encryptions(encryption),
            authority: directory.authority.clone(),
            account: directory.account.clone(),
            base: directory.base.clone(),
            filter: directory.filter.clone(),
            keep_days: directory.keep_days.to_string(),
            help: directory.help.clone(),
            domains: view.domains.join("\n"),
        },
        who: String::new(),
        tried: Vec::new(),
        problems: Vec::new(),
    })
}

fn new(admin: &Console, fields: Fields, problems: Vec<Problem>) -> DirectoryPage {
    DirectoryPage {
        title: String::new(),
        verdict: Verdict::new(Tone::Neutral, "Nothing is asked of it until it is saved."),
        path: String::new(),
        may_change: admin.role() == Role::Owner,
        may_try: false,
        people: String::new(),
        fields,
        who: String::new(),
        tried: Vec::new(),
        problems,
    }
}

/// As for Active Directory.
fn first_fields() -> Fields {
    Fields {
        port: "636".to_owned(),
        encryption: encryptions("tls"),
        filter: "(userPrincipalName={name})".to_owned(),
        keep_days: "3".to_owned(),
        ..Fields::default()
    }
}

fn encryptions(chosen: &str) -> Vec<Choice> {
    vec![
        Choice::new("tls", "TLS from the first byte (LDAPS)", chosen),
        Choice::new("start_tls", "StartTLS", chosen),
    ]
}

/// What was typed, to be shown again; the password is typed anew.
fn fields_of(typed: DirectoryForm) -> Fields {
    Fields {
        name: typed.name,
        host: typed.host,
        port: typed.port,
        encryption: encryptions(&typed.encryption),
        authority: typed.authority,
        account: typed.account,
        base: typed.base,
        filter: typed.filter,
        keep_days: typed.keep_days,
        help: typed.help,
        domains: typed.domains,
    }
}

fn read(form: &Form) -> Result<DirectoryForm, Failure> {
    let [
        name,
        host,
        port,
        encryption,
        authority,
        account,
        password,
        base,
        filter,
        days,
        help,
        domains,
    ] = form.exactly(FIELDS)?;
    Ok(DirectoryForm {
        name,
        host,
        port,
        encryption,
        authority,
        account,
        password: password.into(),
        base,
        filter,
        keep_days: days,
        help,
        domains,
    })
}

fn step(tried: &Tried) -> Check {
    let label = tried.step.words();
    match &tried.ended {
        Some(Ok(seen)) if seen.is_empty() => Check::new(Tone::Ok, label, "Done."),
        Some(Ok(seen)) => Check::new(Tone::Ok, label, seen),
        Some(Err(why)) => Check::new(Tone::Danger, label, why),
        None => Check::new(Tone::Neutral, label, "Not come to."),
    }
}
