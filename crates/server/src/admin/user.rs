//! One person's page, and what an admin does to them.

use actix_web::web;
use app::accounts::{JournalRow, PersonDetails};
use model::{Ts, detail::Detail, ids::UserId, user::UserState};
use secrecy::{ExposeSecret as _, SecretString};

use super::{access_pass, assignments, leavers, password, policy, role, users};
use crate::{
    answer::{Answer, Desk, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::user::{Assignment, Factor, OneTimeSecret, Token, User},
        parts::{Badge, Fact, Tone, Verdict},
    },
    portal::security::link,
    visitor::Console,
    wording::{capital, countries, events, factors, old_clients, times},
};

/// The page.
pub(super) async fn show(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let page = page(&admin, &desk, id(&path)?).await?;
    desk.page(&desk.console_chrome(&admin, Rail::People).await?, &page)
}

/// Blocks.
pub(super) async fn block(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.block(&admin, id(&path)?, desk.guest.visitor()).await?;
    Ok(see_other(&format!("/admin/users/{path}?done=blocked")))
}

/// Unblocks.
pub(super) async fn unblock(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.unblock(&admin, id(&path)?, desk.guest.visitor()).await?;
    Ok(see_other(&format!("/admin/users/{path}?done=unblocked")))
}

/// Lets passwords and codes be tried again.
pub(super) async fn unlock(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.unlock(&admin, id(&path)?, desk.guest.visitor()).await?;
    Ok(see_other(&format!("/admin/users/{path}?done=unlocked")))
}

/// Ends every session.
pub(super) async fn end_sessions(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.end_sessions(&admin, id(&path)?, desk.guest.visitor()).await?;
    Ok(see_other(&format!("/admin/users/{path}?done=sessions-ended")))
}

/// Hands out a code for a first enrolment.
pub(super) async fn make_enrollment_code(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let id = id(&path)?;
    let code = desk.counter.house.make_enrollment_code(&admin, id, desk.guest.visitor()).await?;
    show_code(&admin, &desk, id, &code).await
}

/// Replaces the password by an initial one, shown once.
pub(super) async fn give_initial_password(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let id: UserId = id(&path)?;
    let house = &desk.counter.house;
    let password = house.give_initial_password(&admin, id, desk.guest.visitor()).await?;
    let mut page = page(&admin, &desk, id).await?;
    page.new_password = Some(OneTimeSecret {
        label: "Initial password".to_owned(),
        value: password.expose_secret().to_owned(),
        note: format!("Read it to {}. It works once, for the next 24 hours.", page.name),
    });
    desk.page(&desk.console_chrome(&admin, Rail::People).await?, &page)
}

/// Takes away every second factor and hands out a code for a new one.
pub(super) async fn reset_factors(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let id: UserId = id(&path)?;
    let code = desk.counter.house.reset_factors(&admin, id, desk.guest.visitor()).await?;
    show_code(&admin, &desk, id, &code).await
}

/// Takes one of their linked Microsoft accounts away.
pub(super) async fn unlink(
    admin: Console,
    desk: Desk,
    path: web::Path<(String, String)>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let (person, account) = (id::<UserId>(&path.0)?, id(&path.1)?);
    let visitor = desk.guest.visitor();
    desk.counter.house.unlink_persons_microsoft(&admin, (person, account), visitor).await?;
    Ok(see_other(&format!("/admin/users/{person}?done=microsoft-taken")))
}

async fn show_code(admin: &Console, desk: &Desk, id: UserId, code: &SecretString) -> Answer {
    let mut page = page(admin, desk, id).await?;
    page.enrollment_code = Some(enrollment_code(&page.name, code));
    desk.page(&desk.console_chrome(admin, Rail::People).await?, &page)
}

/// An enrolment code, to be handed over.
pub(super) fn enrollment_code(name: &str, code: &SecretString) -> OneTimeSecret {
    OneTimeSecret {
        label: "Enrolment code".to_owned(),
        value: code.expose_secret().to_owned(),
        note: format!("Read it to {name} on the phone. It works once, for the next 24 hours."),
    }
}

/// Everything about a person.
pub(super) async fn page(admin: &Console, desk: &Desk, id: UserId) -> Result<User, Failure> {
    let house = &desk.counter.house;
    let person = house.person(admin, id).await?;
    let giver = person.access_pass.as_ref().map(|pass| pass.given_by);
    let mut known = events::actors(&person.audit);
    let exempting = person.exemption.as_ref().map(|exemption| exemption.granted_by);
    known.extend(leavers::holder(&person).into_iter().chain(giver).chain(exempting));
    let names = house.names(admin, known).await?;
    let programs = house.program_names(admin).await?;
    let view = house.office365(admin).await?.into_iter().next();
    let now = house.now();
    let assignment = assignments::panel(&person, view.as_ref(), now);
    let user = &person.user;
    Ok(User {
        id: user.id.to_string(),
        name: user.profile.display_name.clone(),
        upn: user.upn.to_string(),
        verdict: verdict(&person, &assignment),
        state: users::state(user.state),
        blocked: user.state == UserState::Blocked,
        identity: identity(&person),
        role: role::panel(admin, user),
        factors: person.factors.iter().map(|known| factor(known, now)).collect(),
        linked: person.linked.iter().map(|account| link(account, now)).collect(),
        recovery_codes_left: u32::try_from(person.recovery_codes_left).unwrap_or(0),
        exemption: policy::exemption(admin, &person, exempting.and_then(|id| names.get(&id))),
        access_pass: access_pass::panel(&person, giver.and_then(|id| names.get(&id))),
        enrollment_code: None,
        password: password::panel(admin, &person),
        new_password: None,
        live_sessions: u32::try_from(person.sessions.len()).unwrap_or(u32::MAX),
        old_clients: person.old_clients.iter().map(|old| old_clients::line(old, now)).collect(),
        remembered: u32::try_from(person.remembered.len()).unwrap_or(u32::MAX),
        tokens: person.tokens.iter().map(|row| token(row, now)).collect(),
        recent: person
            .audit
            .iter()
            .map(|event| events::row(event, (&names, &programs), now))
            .collect(),
        departure: leavers::panel(&person, &names, now),
        assignment,
        problems: Vec::new(),
    })
}

fn verdict(person: &PersonDetails, assignment: &Assignment) -> Verdict {
    let name = first_name(person);
    let (tone, text) = match (person.user.state, assignment.assigned, person.object_id) {
        (UserState::Deleted, ..) => (Tone::Neutral, format!("{name} is deleted.")),
        (UserState::Blocked, ..) => {
            (Tone::Danger, format!("{name} can't sign in: the account is blocked."))
        }
        (_, false, _) => {
            (Tone::Neutral, format!("{name} can sign in here and is not assigned to Office 365."))
        }
        (_, true, None) => {
            (Tone::Warn, format!("{name} is assigned and not in Microsoft 365 yet."))
        }
        (_, true, Some(_)) => {
            (Tone::Ok, format!("{name} can sign in and is assigned to Office 365."))
        }
    };
    Verdict::new(tone, &text)
}

fn first_name(person: &PersonDetails) -> &str {
    let profile = &person.user.profile;
    profile.given_name.as_deref().unwrap_or(&profile.display_name)
}

fn identity(person: &PersonDetails) -> Vec<Fact> {
    let (user, profile) = (&person.user, &person.user.profile);
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let object = person.object_id.map(|id| id.to_string()).unwrap_or_default();
    let groups: Vec<&str> = person.groups.iter().map(|group| group.name.as_str()).collect();
    let country = profile.country.as_deref().map(countries::name).unwrap_or_default();
    let detail = |detail: Detail| {
        let value = profile.details.get(detail)?;
        Some(Fact::text(&capital(detail.attribute().label()), value))
    };
    let mut facts = vec![
        Fact::id("Sign-in name (UPN)", user.upn.as_str()),
        Fact::id("Immutable id", user.immutable_id.as_str()),
        Fact::id("Object id in Entra", &object),
        Fact::text("Mail", &text(&profile.mail)),
        Fact::text("Department", &text(&profile.department)),
        Fact::text("Job title", &text(&profile.job_title)),
        Fact::text("Country", &country),
        Fact::text("Groups", &groups.join(", ")),
        Fact::text("Created", &times::exact(user.created_at)),
    ];
    facts.extend(person.brought_by.iter().map(|name| Fact::text("Brought by", name)));
    // What isn't known takes no line: they are many.
    facts.splice(6..6, Detail::ALL.into_iter().filter_map(detail));
    facts
}

fn factor(known: &app::accounts::Factor, now: Ts) -> Factor {
    Factor {
        name: factors::name(&known.kind),
        note: factors::note(known, now),
        added: times::when(known.added, now),
    }
}

fn token(row: &JournalRow, now: Ts) -> Token {
    let issued = &row.token;
    let party = row.relying_party.clone();
    Token {
        at: times::when(issued.issued_at, now),
        relying_party: party.unwrap_or_else(|| "An application that is gone".to_owned()),
        grounds: events::grounds(&issued.events),
        mfa: if issued.says_mfa {
            Badge::new(Tone::Ok, "MFA")
        } else {
            Badge::new(Tone::Neutral, "No MFA")
        },
        address: issued.client_address.clone(),
        token_id: issued.token_id.clone(),
    }
}
