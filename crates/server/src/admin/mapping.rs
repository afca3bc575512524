//! What of a person reaches Microsoft 365: the table of attributes, tried on somebody.

pub(super) mod report;
pub(super) mod rule;

use app::{
    accounts::Show,
    mapping::{MappingView, RuleView, There, Trial as Tried},
};
use model::{attribute::Attribute, ids::ApplicationId, mapping::Mode, user::User};
use url::form_urlencoded;

use super::assignments::office365;
use crate::{
    answer::{Answer, Desk, field_problem},
    error::Failure,
    pages::{
        Rail,
        admin::mapping::{Mapping, RuleRow, Trial, TrialRow},
        parts::{Badge, Link, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{capital, count, rows},
};

/// The table's address.
const PATH: &str = "/admin/applications/office365/attributes";
/// How many people are offered to try it on.
const OFFERED: usize = 10;

/// The table; with a person in the address, what the rules do for them.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let view = view(&admin, &desk).await?;
    let mut page = page(&view, desk.asked("person").trim());
    if !page.person.is_empty() {
        match chosen(&admin, &desk, &page.person).await? {
            Chosen::One(upn) => page.trial = tried(&admin, &desk, (view.application, &upn)).await?,
            Chosen::Several(links) => page.found = links,
            Chosen::Nobody => {
                let cause = "Nobody fits what was typed.";
                let action = "Type a sign-in name, or part of a name.";
                page.problems.push(Problem::of_field("person", cause, action));
                let chrome = desk.console_chrome(&admin, Rail::Applications).await?;
                return desk.again(&chrome, &page);
            }
        }
    }
    desk.page(&desk.console_chrome(&admin, Rail::Applications).await?, &page)
}

/// The rules of the application.
async fn view(admin: &Console, desk: &Desk) -> Result<MappingView, Failure> {
    let id: ApplicationId = office365(admin, desk).await?.application.id;
    Ok(desk.counter.house.mapping(admin, id).await?)
}

/// Who was meant by what somebody typed.
enum Chosen {
    One(String),
    Several(Vec<Link>),
    Nobody,
}

async fn chosen(admin: &Console, desk: &Desk, typed: &str) -> Result<Chosen, Failure> {
    let found = desk.counter.house.find_people(admin, typed, Show::Everybody, 0).await?.rows;
    let people: Vec<&User> = found.iter().map(|row| &row.user).collect();
    let exactly = people.iter().find(|user| user.upn.as_str().eq_ignore_ascii_case(typed));
    Ok(match (exactly, people.as_slice()) {
        (Some(user), _) | (None, [user]) => Chosen::One(user.upn.to_string()),
        (None, []) => Chosen::Nobody,
        (None, several) => {
            Chosen::Several(several.iter().take(OFFERED).map(|user| link(user)).collect())
        }
    })
}

fn link(user: &User) -> Link {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let query = query.append_pair("person", user.upn.as_str()).finish();
    let label = format!("{} ({})", user.profile.display_name, user.upn);
    Link::new(&label, &format!("{PATH}?{query}"))
}

async fn tried(
    admin: &Console,
    desk: &Desk,
    (id, upn): (ApplicationId, &str),
) -> Result<Option<Trial>, Failure> {
    Ok(Some(trial(&desk.counter.house.try_mapping(admin, id, upn).await?)))
}

fn page(view: &MappingView, person: &str) -> Mapping {
    let written = view.rules.iter().filter(|rule| rule.rule.mode != Mode::Never).count();
    let people = count(rows(view.assigned), "person", "people");
    let resting = view.rules.iter().filter(|rule| rule.missing_group.is_some()).count();
    let text = format!("{written} of {} attributes are written for {people}.", view.rules.len());
    Mapping {
        verdict: if resting == 0 {
            Verdict::new(Tone::Ok, &text)
        } else {
            let rest = count(rows(resting), "rule rests", "rules rest");
            let why = "a group that is asked for is not there any more.";
            Verdict::new(Tone::Warn, &format!("{text} {rest}: {why}"))
        },
        person: person.to_owned(),
        found: Vec::new(),
        trial: None,
        rows: view.rules.iter().map(|rule| row(rule, view.assigned)).collect(),
        problems: Vec::new(),
    }
}

fn row(rule: &RuleView, assigned: usize) -> RuleRow {
    let rests = rule.missing_group.as_ref();
    let mode = rule.rule.mode;
    RuleRow {
        href: format!("{PATH}/{}", rule.attribute.word()),
        name: name(rule.attribute),
        graph_name: rule.attribute.graph_name().to_owned(),
        expression: rule.rule.expression.clone(),
        mode: match (rests, mode) {
            (Some(_), _) => Badge::new(Tone::Warn, "Rests"),
            (None, Mode::Never) => Badge::new(Tone::Neutral, mode.label()),
            (None, _) => Badge::new(Tone::Ok, mode.label()),
        },
        people: of(rule, assigned),
        note: match (rests, rule.is_changed) {
            (Some(group), _) => format!("There is no group {group}."),
            (None, true) => "Changed from the default.".to_owned(),
            (None, false) => String::new(),
        },
    }
}

/// What people call an attribute, at the beginning of a line.
fn name(attribute: Attribute) -> String {
    capital(attribute.label())
}

/// "9 of 10"; nothing of what is never written.
fn of(rule: &RuleView, assigned: usize) -> String {
    format!("{} of {assigned}", rule.people)
}

/// A trial, in words.
fn trial(tried: &Tried) -> Trial {
    let (tone, seen) = match &tried.there {
        There::Seen => (Tone::Ok, "The account was seen just now.".to_owned()),
        There::None => (Tone::Neutral, "There is no account in Microsoft 365 yet.".to_owned()),
        There::Unknown(why) => (Tone::Warn, format!("The account can't be seen: {why}")),
    };
    let verdict = if tried.is_assigned {
        Verdict::new(tone, &seen)
    } else {
        let text = format!("Not assigned to Office 365, so nothing is written. {seen}");
        Verdict::new(Tone::Warn, &text)
    };
    let row = |row: &app::mapping::TrialRow| TrialRow {
        name: name(row.attribute),
        now: row.now.clone().unwrap_or_default(),
        value: row.value.clone().unwrap_or_default(),
        written: if row.is_written {
            Badge::new(Tone::Warn, "Written")
        } else {
            Badge::new(Tone::Neutral, "Not written")
        },
        why: row.why.clone(),
    };
    Trial {
        name: tried.user.profile.display_name.clone(),
        upn: tried.user.upn.to_string(),
        href: format!("/admin/users/{}", tried.user.id),
        verdict,
        rows: tried.rows.iter().map(row).collect(),
    }
}

/// What is said beside the form when something is in the way: what was typed stays.
fn beside(error: app::Error, path: &str) -> Result<Problem, Failure> {
    match error.kind {
        app::Kind::StepUp => Ok(super::step_up::problem("/admin", path)),
        app::Kind::Upstream | app::Kind::Unavailable | app::Kind::Conflict => {
            let action = "Nothing was saved. What was typed stays here.";
            Ok(Problem::of_form(&error.public, action))
        }
        _ => field_problem(error, &[]),
    }
}
