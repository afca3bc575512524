//! What follows on somebody's leaving, and on which day: the one place that knows it. The planner
//! acts on it, the applier asks it again just before it deletes, and pages show it.
//!
//! Blocking waits for nothing and isn't decided here. What is decided here takes a mailbox away in
//! the end, so each doubt counts for the person: on the day after anything that may have been a
//! mistake nobody is deleted, days begin anew when their setting changes, and an object that we didn't make is never.

use std::{collections::HashMap, time::Duration};

use model::{
    Ts,
    application::{Assignment, Office365Settings, OnUnassign},
    entra::{EntraLink, EntraUser, Origin},
    ids::UserId,
    legal_hold::LegalHold,
    user::{User, UserState},
};

use crate::reasons;

/// How long nobody is deleted after a hold was lifted, or we had to block once more somebody whose
/// account was opened in Entra.
const TIME_TO_NOTICE: Duration = Duration::from_hours(24);

/// What happened before, by person.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// The newest legal hold, lifted ones included.
    pub holds: HashMap<UserId, LegalHold>,
    /// Since when people are blocked here.
    pub blocked_here: HashMap<UserId, Ts>,
    /// When we last blocked people in Entra, unless we unblocked them since.
    pub blocked_in_entra: HashMap<UserId, Ts>,
    /// When we last deleted people in Entra, unless we restored them since.
    pub deleted: HashMap<UserId, Ts>,
}

/// What follows on somebody's leaving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// When they left: the earliest of what happened.
    pub since: Ts,
    /// When their licences are taken away; `None` is never.
    pub licences_at: Option<Ts>,
    /// What becomes of the account.
    pub account: Account,
}

/// What becomes of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// It is deleted, then.
    DeletedAt(Ts),
    /// It stays, and why.
    Stays(Why),
}

/// Why an account stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The policy deletes nobody for this reason.
    Policy,
    /// It is under a legal hold.
    Held,
    /// There is none that we know of.
    NotThere,
    /// It was in Entra before us.
    NotOurs,
    /// We deleted it then, and somebody restored it in Entra.
    RestoredInEntra(Ts),
}

/// Something that makes a person a leaver, and what the policy has follow on it.
struct Event {
    since: Ts,
    licences_at: Option<Ts>,
    delete_at: Option<Ts>,
}

/// What follows for one person; `None` for whoever hasn't left.
#[must_use]
pub fn of(
    user: &User,
    assignment: Option<&Assignment>,
    settings: &Office365Settings,
    link: Option<&EntraLink>,
    past: &Past,
) -> Option<Leaving> {
    let known = assignment.is_some() || link.is_some();
    let unassigned = assignment.and_then(|assignment| unassigned(assignment, settings));
    let blocked = past.blocked_here.get(&user.id).map(|since| blocked(*since, settings));
    let blocked = blocked.filter(|_| known && user.state == UserState::Blocked);
    let events: Vec<Event> = [unassigned, blocked].into_iter().flatten().collect();
    let since = events.iter().map(|event| event.since).min()?;
    let licences_at = licences_at(&events, past.holds.get(&user.id));
    let account = match deleted_at(user.id, &events, link, past) {
        Err(why) => Account::Stays(why),
        Ok(due) => {
            let not_before = past.last_block(user.id).map(|at| at + TIME_TO_NOTICE);
            match licences_at {
                // Whoever keeps the licences keeps the account.
                None => Account::Stays(Why::Policy),
                Some(licences) => {
                    Account::DeletedAt(due.max(licences).max(not_before.unwrap_or(due)))
                }
            }
        }
    };
    Some(Leaving { since, licences_at, account })
}

/// What speaks against deleting an object now, whatever the days say. Whoever can sign in was let in
/// by somebody in Entra.
#[must_use]
pub fn objection(user: &User, object: &EntraUser) -> Option<String> {
    let differs = reasons::differs(user.immutable_id.as_str(), user.upn.as_str(), object);
    let open = || "its sign-in was opened in Entra since this plan was made".to_owned();
    differs.or_else(|| object.account_enabled.then(open))
}

impl Leaving {
    /// When the account is deleted, if it is.
    #[must_use]
    pub fn delete_at(&self) -> Option<Ts> {
        match self.account {
            Account::DeletedAt(at) => Some(at),
            Account::Stays(_) => None,
        }
    }
}

impl Past {
    fn last_block(&self, user: UserId) -> Option<Ts> {
        self.blocked_in_entra.get(&user).copied()
    }
}

fn unassigned(assignment: &Assignment, settings: &Office365Settings) -> Option<Event> {
    let since = assignment.ended_at.filter(|_| settings.on_unassign == OnUnassign::Block)?;
    let days = (Some(settings.licence_grace_days), settings.delete_days);
    Some(event(since, days, settings))
}

fn blocked(since: Ts, settings: &Office365Settings) -> Event {
    event(since, (settings.blocked_licence_days, settings.blocked_delete_days), settings)
}

/// A policy that is set today takes nothing at once from people who left long ago: for them its
/// days begin with the change.
fn event(
    since: Ts,
    (licences, delete): (Option<u32>, Option<u32>),
    settings: &Office365Settings,
) -> Event {
    let from = |changed: Option<Ts>| changed.map_or(since, |changed| since.max(changed));
    Event {
        since,
        licences_at: after(from(settings.licences_changed_at), licences),
        delete_at: after(from(settings.deletion_changed_at), delete),
    }
}

/// The first of the events whose days are over; a hold that was lifted leaves a day to notice.
fn licences_at(events: &[Event], hold: Option<&LegalHold>) -> Option<Ts> {
    let due = events.iter().filter_map(|event| event.licences_at).min()?;
    match hold {
        None => Some(due),
        Some(hold) => hold.lifted_at.map(|lifted| due.max(lifted + TIME_TO_NOTICE)),
    }
}

fn deleted_at(
    user: UserId,
    events: &[Event],
    link: Option<&EntraLink>,
    past: &Past,
) -> Result<Ts, Why> {
    let deleting = || events.iter().filter(|event| event.delete_at.is_some());
    if deleting().next().is_none() {
        return Err(Why::Policy);
    }
    if past.holds.get(&user).is_some_and(LegalHold::holds) {
        return Err(Why::Held);
    }
    match link {
        None => return Err(Why::NotThere),
        Some(link) if link.origin != Origin::Made => return Err(Why::NotOurs),
        Some(_) => {}
    }
    // Once for each leaving: whoever is there again was restored by somebody who meant it.
    let before = past.deleted.get(&user).copied();
    let open = deleting().filter(|event| before.is_none_or(|at| at < event.since));
    let due = open.filter_map(|event| event.delete_at).min();
    due.ok_or_else(|| before.map_or(Why::Policy, Why::RestoredInEntra))
}

fn after(since: Ts, days: Option<u32>) -> Option<Ts> {
    days.map(|days| since + Duration::from_secs(u64::from(days) * 86_400))
}
