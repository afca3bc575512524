//! Asking a directory, off the threads that others wait for: a few questions at once to each, and none
//! for a while to one that was away just now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use authn::lockout::Permit;
use directory::Trail;
use model::{
    Role, Ts,
    audit::{AuditKind, Outcome},
    directory::{Absence, Answer, Directory, Step},
    ids::DirectoryId,
};
use secrecy::{ExposeSecret as _, SecretString};
use store::{Tx, audit_log, directories, users};
use tokio::sync::Semaphore;

use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    passwords::{Held, Said, held_of},
};

/// How many are asked about at once at one directory.
const AT_ONCE: usize = 16;
/// How long one that was away is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(15);
/// How long somebody waits for their turn.
const TURN: Duration = Duration::from_secs(10);

/// What this server knows of each directory.
#[derive(Debug, Default)]
pub(crate) struct Lanes(Mutex<HashMap<DirectoryId, Lane>>);

#[derive(Debug, Clone)]
struct Lane {
    slots: Arc<Semaphore>,
    /// When it was found away, with the settings of which time, and why.
    away: Option<(Ts, Ts, Absence)>,
}

impl Lanes {
    fn slots(&self, directory: &Directory) -> Arc<Semaphore> {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Lane { slots: Arc::new(Semaphore::new(AT_ONCE)), away: None };
        Arc::clone(&lanes.entry(directory.id).or_insert_with(new).slots)
    }

    /// Since when it is away, and why, if it was at the last look.
    pub(crate) fn away(&self, directory: &Directory) -> Option<(Ts, Absence)> {
        let lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let away = lanes.get(&directory.id)?.away.clone();
        let (at, changed_at, why) = away?;
        (changed_at == directory.changed_at).then_some((at, why))
    }

    /// Why it is left alone now, if it is.
    fn left_alone(&self, directory: &Directory, now: Ts) -> Option<Absence> {
        self.away(directory).filter(|(at, _)| now.since(*at) < LEFT_ALONE).map(|(_, why)| why)
    }

    /// The same for whoever's turn it is. The first one after that time asks, and until they know the
    /// others leave it alone.
    fn hold_back(&self, directory: &Directory, now: Ts) -> Option<Absence> {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, changed_at, why) = lanes.get_mut(&directory.id)?.away.as_mut()?;
        if *changed_at != directory.changed_at {
            return None;
        }
        if now.since(*at) < LEFT_ALONE {
            return Some(why.clone());
        }
        *at = now;
        None
    }

    /// What comes of one person's entry says nothing of the directory.
    fn note(&self, directory: &Directory, answer: &Answer, now: Ts) {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get_mut(&directory.id) {
            lane.away = match answer {
                Answer::Away(why) if !matches!(why.step, Step::Search | Step::Person) => {
                    Some((now, directory.changed_at, why.clone()))
                }
                _ => None,
            };
        }
    }
}

/// Whether one that was away just now is asked all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    Asks,
    LeavesAlone,
}

/// A step of a try, for the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// What was done.
    pub step: Step,
    /// What was seen, or what stood in the way; `None`: it was not come to.
    pub ended: Option<std::result::Result<String, String>>,
}

impl House {
    /// What a directory says to a name and a password; one that was away just now is not asked.
    pub(crate) async fn ask_directory(
        &self,
        directory: &Directory,
        name: &str,
        password: SecretString,
        _: &Permit,
    ) -> Result<Answer> {
        if let Some(why) = self.lanes().left_alone(directory, self.now()) {
            return Ok(Answer::Away(why));
        }
        let name = name.to_owned();
        let work = move |it: &Directory| directory::ask(it, &name, &password);
        Ok(self.converse(directory, Patience::LeavesAlone, work).await?.answer)
    }

    /// Looks whether a directory is there, and notes it.
    pub(super) async fn look_at_directory(&self, directory: &Directory) -> Result<Trail> {
        self.converse(directory, Patience::Asks, |it| directory::look(it, None)).await
    }

    async fn converse(
        &self,
        directory: &Directory,
        patience: Patience,
        work: impl FnOnce(&Directory) -> Trail + Send + 'static,
    ) -> Result<Trail> {
        // Neither is the directory's silence: what was kept of a password doesn't open then.
        let away =
            |step, why: &str| Answer::Away(Absence { step, why: why.to_owned(), silent: false });
        let turn = self.lanes().slots(directory).acquire_owned();
        let Ok(Ok(slot)) = tokio::time::timeout(TURN, turn).await else {
            let answer = away(Step::Connection, "too many ask it at once");
            return Ok(Trail { passed: Vec::new(), answer });
        };
        // Whoever had their turn before may have found it away.
        if patience == Patience::LeavesAlone
            && let Some(why) = self.lanes().hold_back(directory, self.now())
        {
            return Ok(Trail { passed: Vec::new(), answer: Answer::Away(why) });
        }
        let asked = directory.clone();
        let asking = tokio::task::spawn_blocking(move || {
            let trail = work(&asked);
            (trail, slot)
        });
        // What it answered may be such that the library gave up on it.
        let (trail, held) = asking.await.map_or_else(
            |_| {
                let answer = away(Step::Person, "what it answered can't be read");
                (Trail { passed: Vec::new(), answer }, None)
            },
            |(trail, slot)| (trail, Some(slot)),
        );
        self.lanes().note(directory, &trail.answer, self.now());
        // Whoever is next reads what was noted.
        drop(held);
        Ok(trail)
    }

    /// Tries a directory out step by step: with a name whether it is found, and with a password whether
    /// that is theirs, which counts as a guess like every other.
    pub async fn try_directory(
        &self,
        admin: &Admin,
        id: DirectoryId,
        (name, password): (String, SecretString),
        visitor: &Visitor,
    ) -> Result<Vec<Tried>> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let name = name.trim().to_owned();
        let found = self.store().read(move |tx| Ok::<_, Error>(directories::by_id(tx, id)?));
        let directory = found.await?.ok_or_else(|| Error::not_found("directory"))?;
        let with_password = !password.expose_secret().is_empty();
        if with_password && name.is_empty() {
            return Err(Error::invalid("who", "Say whose password it is."));
        }
        let last = match (name.is_empty(), with_password) {
            (true, _) => Step::Account,
            (false, false) => Step::Search,
            (false, true) => Step::Person,
        };
        let counted =
            if with_password { Some(self.count_try(&name, visitor).await?) } else { None };
        let asked = name.clone();
        let trail = self.converse(&directory, Patience::Asks, move |it| match last {
            Step::Person => directory::ask(it, &asked, &password),
            Step::Search => directory::look(it, Some(&asked)),
            _ => directory::look(it, None),
        });
        let trail = trail.await?;
        let row_of =
            visitor.audit(self, admin.actor(), AuditKind::DirectoryTested, &directory.name);
        let row = with_outcome(row_of, &trail, &name);
        let right = trail.answer == Answer::Right;
        let (answer, now) = (trail.answer.clone(), self.now());
        self.store()
            .write(move |tx| {
                if let Some(counted) = counted.filter(|_| right) {
                    crate::sign_in::uncount(tx, &counted)?;
                }
                heed(tx, (&directory, &name), answer, now)?;
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await?;
        Ok(steps(&trail, last))
    }

    async fn count_try(&self, name: &str, visitor: &Visitor) -> Result<Vec<crate::sign_in::Key>> {
        let (house, name, from) = (self.clone(), name.to_owned(), visitor.clone());
        let counted = self.store().write(move |tx| {
            let guess = house.identify(tx, &name, &from)?;
            if house.count(tx, &guess.keys)?.is_some() {
                return Ok(Some(guess.keys));
            }
            house.audit_throttled(tx, &from, &guess, &name)?;
            Ok::<_, Error>(None)
        });
        let public = "So many wrong passwords came for this name, or from here, that none is tried for a \
                      while. Try without a password.";
        counted.await?.ok_or_else(|| Error::new(Kind::Conflict, public))
    }
}

/// What a try hears of somebody's account counts as if they had signed in.
fn heed(tx: &mut Tx, (directory, name): (&Directory, &str), answer: Answer, now: Ts) -> Result<()> {
    let Some(person) = users::by_upn(tx, name)? else { return Ok(()) };
    users::lock(tx, person.id)?;
    match held_of(tx, &person)? {
        Some(Held::Elsewhere(held)) if held.directory.id == directory.id => {
            Said::of_a_try(answer, now).drop_kept(tx, &person, (&held, false), now)
        }
        _ => Ok(()),
    }
}

fn with_outcome(
    mut row: model::audit::AuditEvent,
    trail: &Trail,
    name: &str,
) -> model::audit::AuditEvent {
    let who = if name.is_empty() { String::new() } else { format!(", for {name}") };
    let (outcome, ended) = match &trail.answer {
        Answer::Right => (Outcome::Done, "it went well".to_owned()),
        Answer::Refused(why) => (Outcome::Refused, why.words().to_owned()),
        Answer::Away(absence) => (Outcome::Refused, absence.to_string()),
    };
    row.outcome = outcome;
    row.detail = format!("{ended}{who}");
    row
}

/// Every step up to the last that was wanted, with how it ended.
fn steps(trail: &Trail, last: Step) -> Vec<Tried> {
    let upto = Step::ALL.iter().position(|step| *step == last).unwrap_or(0);
    let mut failure = match &trail.answer {
        Answer::Right => None,
        Answer::Refused(why) => Some(why.words().to_owned()),
        Answer::Away(absence) => Some(absence.why.clone()),
    };
    let refused = matches!(trail.answer, Answer::Refused(_));
    let of = |step: &Step| {
        let passed = trail.passed.iter().find(|(passed, _)| passed == step);
        let ended = match passed {
            // The person's bind was answered: with a no.
            Some(_) if refused && *step == Step::Person => failure.take().map(Err),
            Some((_, seen)) => Some(Ok(seen.clone())),
            None => failure.take().map(Err),
        };
        Tried { step: *step, ended }
    };
    Step::ALL[..=upto].iter().map(of).collect()
}
