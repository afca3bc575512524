//! The form of a rule, for a new one and for one that is there.

use actix_web::web;
use app::policy::{PolicyView, RuleWish};
use model::{
    Role,
    ids::RuleId,
    policy::{Client, Factor, Target},
};

use super::{drafted, fine, wrong};
use crate::{
    answer::{Answer, Desk, field_problem, id},
    csrf::Form,
    error::Failure,
    pages::{
        admin::policy::RulePage,
        parts::{Choice, Problem},
    },
    visitor::Console,
    wording::policy as words,
};

/// The form of a new rule.
pub(in crate::admin) async fn ask_new(admin: Console, desk: Desk) -> Answer {
    let view = desk.counter.house.policy(&admin).await?;
    let wish = RuleWish { factor: Some(Factor::Always), ..RuleWish::default() };
    fine(&admin, &desk, &page(&view, None, &wish, Vec::new())).await
}

/// The form of a rule as it is.
pub(in crate::admin) async fn ask(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let wanted: RuleId = id(&path)?;
    let view = desk.counter.house.policy(&admin).await?;
    let rule = view.rules().iter().find(|rule| rule.id == wanted);
    let wish = RuleWish::of(rule.ok_or(Failure::NoSuchPage)?);
    fine(&admin, &desk, &page(&view, Some(wanted), &wish, Vec::new())).await
}

/// Puts a new rule at the end of the draft.
pub(in crate::admin) async fn save_new(admin: Console, desk: Desk, form: Form) -> Answer {
    keep(&admin, &desk, None, read(&form)?).await
}

/// Puts a rule in the place of what it was.
pub(in crate::admin) async fn save(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    keep(&admin, &desk, Some(id(&path)?), read(&form)?).await
}

async fn keep(admin: &Console, desk: &Desk, rule: Option<RuleId>, wish: RuleWish) -> Answer {
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let done = house.save_rule(admin, rule, wish.clone(), visitor).await;
    match done {
        Err(error) if matches!(error.kind, app::Kind::Invalid { .. }) => {
            let problem = field_problem(error, &[])?;
            let view = house.policy(admin).await?;
            wrong(admin, desk, &page(&view, rule, &wish, vec![problem])).await
        }
        done => drafted(admin, desk, done).await,
    }
}

const CLIENTS: [(Client, &str, &str); 3] = [
    (Client::Browser, "browser", "Browsers and modern apps"),
    (Client::WsTrust, "ws_trust", "Programs that send a password by WS-Trust"),
    (Client::Ecp, "ecp", "Old mail programs, by SAML ECP"),
];
const ROLES: [(Role, &str, &str); 5] = [
    (Role::Owner, "owner", Role::Owner.label()),
    (Role::SecurityAdmin, "security_admin", Role::SecurityAdmin.label()),
    (Role::UserAdmin, "user_admin", Role::UserAdmin.label()),
    (Role::HelpDesk, "help_desk", Role::HelpDesk.label()),
    (Role::Auditor, "auditor", Role::Auditor.label()),
];
const PLACES: [(Option<bool>, &str, &str); 3] = [
    (None, "anywhere", "From anywhere"),
    (Some(true), "inside", "From these networks"),
    (Some(false), "outside", "From anywhere but these networks"),
];
const ASKED: [(Option<bool>, &str, &str); 3] = [
    (None, "either", "Whether or not it asks for a second factor"),
    (Some(true), "yes", "Only if it asks for a second factor"),
    (Some(false), "no", "Only if it asks for none"),
];
const THEN: [(Option<Factor>, &str, &str); 4] = [
    (
        Some(Factor::PhishingResistant),
        "phishing-resistant",
        "A passkey, or a password and a security key; no code",
    ),
    (Some(Factor::Always), "always", "A password and a second factor"),
    (
        Some(Factor::WhenAsked),
        "when-asked",
        "A password; a second factor only if the application asks",
    ),
    (None, "deny", "Nothing helps: it is denied"),
];

fn read(form: &Form) -> Result<RuleWish, Failure> {
    let names = ["name", "place", "networks", "agent", "asked", "then", "hours", "remember"];
    let lists = ["targets", "groups", "roles", "clients"];
    let [name, place, networks, agent, asked, then, hours, remember] =
        form.with_lists(names, &lists)?;
    let each = |list: &str| form.list(list);
    Ok(RuleWish {
        name,
        targets: each("targets").iter().map(|it| target(it)).collect::<Result<_, _>>()?,
        groups: each("groups").iter().map(|it| id(it)).collect::<Result<_, _>>()?,
        roles: each("roles").iter().map(|it| one_of(&ROLES, it)).collect::<Result<_, _>>()?,
        inside: one_of(&PLACES, &place)?,
        networks,
        clients: each("clients").iter().map(|it| client(it)).collect::<Result<_, _>>()?,
        agent,
        asked: one_of(&ASKED, &asked)?,
        factor: one_of(&THEN, &then)?,
        hours,
        remember,
    })
}

fn one_of<T: Copy>(list: &[(T, &str, &str)], chosen: &str) -> Result<T, Failure> {
    let found = list.iter().find(|(_, value, _)| *value == chosen);
    found.map(|(it, ..)| *it).ok_or_else(|| Failure::bad_input("There is no such choice."))
}

fn choices<T: Copy>(
    list: &[(T, &'static str, &'static str)],
    chosen: impl Fn(T) -> bool,
) -> Vec<Choice> {
    let choice = |(it, value, label): &(T, &str, &str)| Choice {
        value: (*value).to_owned(),
        label: (*label).to_owned(),
        selected: chosen(*it),
    };
    list.iter().map(choice).collect()
}

/// A kind of program by its value in forms.
pub(super) fn client(value: &str) -> Result<Client, Failure> {
    one_of(&CLIENTS, value)
}

/// The kinds of programs to choose from.
pub(super) fn clients(chosen: impl Fn(Client) -> bool) -> Vec<Choice> {
    choices(&CLIENTS, chosen)
}

/// What somebody signs in for, by its value in forms.
pub(super) fn target(value: &str) -> Result<Target, Failure> {
    match value.split_once(':') {
        Some(("party", party)) => Ok(Target::Party(id(party)?)),
        None if value == "portal" => Ok(Target::Portal),
        None if value == "console" => Ok(Target::Console),
        _ => Err(Failure::bad_input("There is no such application.")),
    }
}

/// What somebody may sign in for, to choose from.
pub(super) fn targets(view: &PolicyView, chosen: impl Fn(Target) -> bool) -> Vec<Choice> {
    let parties = view.parties.iter().map(|(party, _)| Target::Party(party.id));
    let choice = |it: Target| {
        let label = words::target(view, it);
        let (value, label) = match it {
            Target::Party(id) => (format!("party:{id}"), label),
            Target::Portal => ("portal".to_owned(), "The portal".to_owned()),
            Target::Console => ("console".to_owned(), "The console".to_owned()),
        };
        Choice { value, label, selected: chosen(it) }
    };
    parties.chain([Target::Portal, Target::Console]).map(choice).collect()
}

fn page(
    view: &PolicyView,
    rule: Option<RuleId>,
    wish: &RuleWish,
    problems: Vec<Problem>,
) -> RulePage {
    let group = |group: &model::user::Group| Choice {
        value: group.id.to_string(),
        label: group.name.clone(),
        selected: wish.groups.contains(&group.id),
    };
    RulePage {
        id: rule.map(|id| id.to_string()).unwrap_or_default(),
        name: wish.name.clone(),
        targets: targets(view, |it| wish.targets.contains(&it)),
        groups: view.groups.iter().map(group).collect(),
        roles: choices(&ROLES, |role| wish.roles.contains(&role)),
        place: choices(&PLACES, |inside| inside == wish.inside),
        networks: wish.networks.clone(),
        clients: clients(|client| wish.clients.contains(&client)),
        agent: wish.agent.clone(),
        asked: choices(&ASKED, |asked| asked == wish.asked),
        then: choices(&THEN, |factor| factor == wish.factor),
        hours: wish.hours.clone(),
        remember: wish.remember.clone(),
        problems,
    }
}
