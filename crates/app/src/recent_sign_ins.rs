//! What people see of their own sign-ins, so that they notice one that wasn't theirs
//! (`recent_sign_ins/disown.rs` is what they do then).
//!
//! Only what somebody did who had got past the first step is listed, and each of it only so often: a
//! stranger who tries passwords adds to a number, and can push nothing off the page.

mod disown;

use std::time::Duration;

use model::{
    Actor, FactorEvent, Ts,
    audit::{AuditEvent, AuditKind, Outcome},
    ids::SessionId,
    session::{ClientInfo, Session, SessionAudience},
    user::User,
};
use store::{Tx, audit_log, former_names, issued_tokens, relying_parties, sessions};

pub use disown::{AtMicrosoft, Said};

use crate::{Employee, Error, House, Result, passwords::directory_of, portal::used_with};

/// How far back they see.
pub const SHOWN_FOR: Duration = Duration::from_hours(30 * 24);
/// How many sign-ins they see.
const MOST: usize = 50;
/// How many kinds of tries that were stopped.
const MOST_STOPPED: usize = 20;
/// Of how many rows of the audit log each sort of those is put together.
const ROWS: i64 = 500;

/// A person's sign-ins of the last thirty days.
#[derive(Debug, Clone)]
pub struct RecentSignIns {
    /// The newest, at most fifty, newest first.
    pub sign_ins: Vec<SignIn>,
    /// What ended after the first step, newest first.
    pub stopped: Vec<Stopped>,
    /// How many wrong passwords were typed with their name, by whomever.
    pub wrong_passwords: i64,
    /// What they said last of all this, if they did within a week.
    pub said: Option<Said>,
    /// Where the password is changed, in a sentence, when a directory keeps it.
    pub password_elsewhere: Option<String>,
}

/// A sign-in, or what a program got that brings the password each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// When it was; of a program's, the last time.
    pub at: Ts,
    /// How they came.
    pub way: Way,
    /// From where, and with what.
    pub client: ClientInfo,
    /// For which applications there were tokens, by name.
    pub applications: Vec<String>,
}

/// How somebody came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// With a browser, which got a session.
    Browser {
        /// What was proved in it, also later.
        events: Vec<FactorEvent>,
        /// What it opened.
        audience: SessionAudience,
        /// The second factor was left out because the browser was remembered.
        remembered: bool,
        /// It is the one that looks at this.
        current: bool,
    },
    /// With a program that brings the password each time, so many times.
    Program(u32),
}

/// Tries from one address that ended after the first step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The last of them.
    pub at: Ts,
    /// From which address.
    pub address: String,
    /// Where they ended.
    pub step: Step,
    /// How many.
    pub times: u32,
}

/// Where a sign-in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A second factor was wrong.
    SecondFactor,
    /// The policy, or the state of the account.
    LettingIn,
}

impl House {
    /// A person's own sign-ins of the last thirty days.
    pub async fn recent_sign_ins(&self, me: &Employee) -> Result<RecentSignIns> {
        let (user, current, now) = (me.user().clone(), me.session().id, self.now());
        self.store()
            .read(move |tx| {
                let since = now - SHOWN_FOR;
                let mut sign_ins = in_browsers(tx, (&user, current), since)?;
                sign_ins.extend(by_programs(tx, &user, since)?);
                sign_ins.sort_by_key(|sign_in| std::cmp::Reverse(sign_in.at));
                sign_ins.truncate(MOST);
                Ok(RecentSignIns {
                    sign_ins,
                    stopped: stopped(tx, &user, since)?,
                    wrong_passwords: refused(tx, &user, AuditKind::PasswordChecked, since, 0)?.1,
                    said: disown::said(tx, &user, now)?,
                    password_elsewhere: directory_of(tx, &user)?.map(|it| it.where_to_change()),
                })
            })
            .await
    }
}

fn in_browsers(tx: &mut Tx, (user, current): (&User, SessionId), since: Ts) -> Result<Vec<SignIn>> {
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let found = sessions::begun_since(tx, user.id, since, most)?;
    let mut led_to = used_with(tx, user.id, &found)?;
    let sign_in = |session: Session| SignIn {
        at: session.created_at,
        applications: led_to.remove(&session.id).unwrap_or_default(),
        client: session.client,
        way: Way::Browser {
            events: session.events,
            audience: session.audience,
            remembered: session.remembered.is_some(),
            current: session.id == current,
        },
    };
    Ok(found.into_iter().map(sign_in).collect())
}

/// A program comes every hour: it is one line for each place that it comes from.
fn by_programs(tx: &mut Tx, user: &User, since: Ts) -> Result<Vec<SignIn>> {
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let found = issued_tokens::without_session(tx, user.id, since, most)?;
    let gone = || "an application that is gone".to_owned();
    let sign_in = |tokens: issued_tokens::TokensOfPerson| {
        let party = relying_parties::by_id(tx, tokens.relying_party_id)?;
        Ok(SignIn {
            at: tokens.last,
            way: Way::Program(tokens.times),
            client: ClientInfo { address: tokens.address, user_agent: tokens.agent },
            applications: vec![party.map_or_else(gone, |party| party.name)],
        })
    };
    found.into_iter().map(sign_in).collect()
}

/// What ended after the first step. Nobody comes that far without the password, a letter to the mailbox
/// or a linked account, and the limits of codes hold there; from one address it is one line.
fn stopped(tx: &mut Tx, user: &User, since: Ts) -> Result<Vec<Stopped>> {
    let mut all: Vec<Stopped> = Vec::new();
    for (kind, step) in [
        (AuditKind::FactorChecked, Step::SecondFactor),
        (AuditKind::SessionOpened, Step::LettingIn),
    ] {
        for event in refused(tx, user, kind, since, ROWS)?.0 {
            let alike = |it: &&mut Stopped| it.step == step && it.address == event.client_address;
            match all.iter_mut().find(alike) {
                Some(known) => known.times = known.times.saturating_add(1),
                None => all.push(Stopped {
                    at: event.at,
                    address: event.client_address,
                    step,
                    times: 1,
                }),
            }
        }
    }
    all.sort_by_key(|it| std::cmp::Reverse(it.at));
    all.truncate(MOST_STOPPED);
    Ok(all)
}

/// The newest refusals of one kind under a person's names, each in its time, and how many there were.
/// Of those that name an actor, theirs alone.
fn refused(
    tx: &mut Tx,
    user: &User,
    kind: AuditKind,
    since: Ts,
    limit: i64,
) -> Result<(Vec<AuditEvent>, i64)> {
    let mut found = rows(tx, user, (kind, Outcome::Refused), since, limit)?;
    found.rows.retain(|event| event.actor == Actor::Person(user.id));
    Ok((found.rows, found.total))
}

fn rows(
    tx: &mut Tx,
    user: &User,
    (kind, outcome): (AuditKind, Outcome),
    since: Ts,
    limit: i64,
) -> Result<store::Page<AuditEvent>> {
    let mut names = former_names::of_user(tx, user.id, &user.upn)?;
    for named in &mut names {
        named.since = named.since.max(Some(since));
    }
    let filter = audit_log::AuditFilter {
        names,
        kind: Some(kind),
        outcome: Some(outcome),
        limit,
        ..Default::default()
    };
    Ok::<_, Error>(audit_log::list(tx, &filter)?)
}
