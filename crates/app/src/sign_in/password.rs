//! The password step. The guess is counted before the hash is computed (R019), the same work is
//! done for names that nobody has (R023), and all failures read alike (R022).

mod counting;

use authn::{
    denial::Reason,
    lockout::{self, Limit, Permit},
};
use model::{
    Actor, FactorEvent, Method,
    audit::{AuditKind, Outcome as AuditOutcome},
    credential::Credential,
    directory::Directory,
    guess::GuessKey,
    ids::UserId,
    pending_request::PendingRequest,
    user::User,
};
use secrecy::SecretString;
use store::{Tx, audit_log, credentials, directories, known_devices, pending_requests, users};

use self::counting::give_back;
pub(crate) use self::counting::{place_keys, uncount};
use super::{Outcome, Screen, names_nobody};
use crate::{
    Error, House, Result, Visitor,
    passwords::{Checked, Elsewhere, Held, Renewed, Said, held, held_of},
    policy::{self, Attempt},
    visitor::{self, Secret},
};

/// How long a browser that somebody signed in with keeps a counter of its own (R017).
pub(crate) const FAMILIAR_FOR: std::time::Duration = std::time::Duration::from_hours(30 * 24);

/// A guess: whose it is, and what it counts under.
pub(crate) struct Guess {
    /// The address that it was for, whatever the request says by the time that it is checked.
    address: String,
    pub(crate) person: Option<(User, Option<Held>)>,
    pub(crate) keys: Vec<Key>,
    /// Directories check passwords here, so a refusal takes its time.
    pub(crate) paced: bool,
    /// Whether a directory may be asked: strangers lock nobody's account there.
    pub(crate) may_ask: bool,
    /// A counter of what is sent to a directory, where one counts.
    sent: Option<Key>,
    /// The directory of a name that nobody has.
    of_nobody: Option<Directory>,
    /// What audit rows say about the door; empty for the sign-in pages.
    pub(crate) door: String,
}

/// A key and its limit.
pub(crate) type Key = (GuessKey, Limit);

enum Reserved {
    Expired,
    /// No password is asked for by this request, ever.
    Unasked(Screen),
    NoAddress,
    Throttled(String),
    Counted(Box<Guess>, Permit),
}

impl House {
    /// Checks a password.
    pub async fn sign_in_password(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        password: SecretString,
    ) -> Result<Outcome> {
        let turn = self.turn_to_guess().await?;
        let (guess, permit) = match self.reserve(handle, visitor).await? {
            Reserved::Expired => return Ok(Outcome::Expired),
            Reserved::Unasked(screen) => return Ok(Outcome::Next(screen)),
            Reserved::NoAddress => {
                return Ok(Outcome::Next(Screen::Address { begun: String::new() }));
            }
            Reserved::Throttled(address) => return Ok(again(address)),
            Reserved::Counted(guess, permit) => (*guess, permit),
        };
        let checked = self.check_password(turn, (&guess, permit), password).await?;
        self.settle(handle, visitor, guess, checked).await
    }

    /// Finds the person and counts the guess, in one transaction.
    async fn reserve(&self, handle: &Secret, visitor: &Visitor) -> Result<Reserved> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let Some(request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(Reserved::Expired);
                };
                if request.purpose.confirms().is_some() {
                    return house.screen(tx, &request, &visitor).map(Reserved::Unasked);
                }
                let hint = request.hint.filter(|hint| !names_nobody(hint));
                let Some(address) = hint else { return Ok(Reserved::NoAddress) };
                let mut guess = house.identify(tx, &address, &visitor)?;
                if let Some(permit) = house.count_guess(tx, &mut guess)? {
                    return Ok(Reserved::Counted(Box::new(guess), permit));
                }
                house.audit_throttled(tx, &visitor, &guess, &address)?;
                Ok(Reserved::Throttled(address))
            })
            .await
    }

    /// Whose guess it is, and what it counts under. Does the same reads for every name.
    pub(crate) fn identify(&self, tx: &mut Tx, address: &str, visitor: &Visitor) -> Result<Guess> {
        let found = users::by_upn(tx, address)?;
        let id = found.as_ref().map_or(UserId(uuid::Uuid::nil()), |user| user.id);
        let folded = model::upn::fold(address);
        let domain = folded.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
        let password = held(tx, id, domain)?;
        let since = self.now() - FAMILIAR_FOR;
        let device = visitor.device.as_ref().map_or([0; 32], Secret::digest);
        let familiar = known_devices::seen(tx, id, &device, since)?;
        let account = match (&found, familiar) {
            (Some(user), true) => lockout::familiar(user.id, &device),
            (Some(user), false) => lockout::password(user.id),
            (None, _) => lockout::unknown_name(&folded),
        };
        let mut keys = vec![(account, Limit::PASSWORD)];
        keys.extend(place_keys(visitor));
        let of_nobody = match &password {
            Some(Held::Elsewhere(elsewhere)) if found.is_none() => {
                Some(elsewhere.directory.clone())
            }
            _ => None,
        };
        let person = found.map(|user| (user, password));
        let (address, paced) = (address.to_owned(), directories::any(tx)?);
        let door = String::new();
        Ok(Guess { address, person, keys, paced, door, may_ask: true, sent: None, of_nobody })
    }

    /// Records the result, and moves the sign-in on when the password was right.
    async fn settle(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        guess: Guess,
        checked: Checked,
    ) -> Result<Outcome> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let Some(mut request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(Outcome::Expired);
                };
                let address = guess.address.clone();
                let Some((person, _)) = house.judge_password(tx, &visitor, guess, checked)? else {
                    return Ok(again(address));
                };
                request.hint = Some(address);
                let screen = house.passed_password(tx, &mut request, &person, &visitor)?;
                if let Some(reason) = screen.denial() {
                    house.audit_denied(tx, &visitor, (&request, &person), reason)?;
                }
                Ok(Outcome::Next(screen))
            })
            .await
    }

    /// The person and their password, if it was right; the guess is taken back then. Either way it
    /// is written down.
    pub(crate) fn judge_password(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        guess: Guess,
        checked: Checked,
    ) -> Result<Option<(User, Held)>> {
        let Guess { address, person, keys, door, sent, of_nobody, .. } = guess;
        if let Some((user, _)) = &person {
            users::lock(tx, user.id)?;
        }
        if let (Some((user, Some(Held::Elsewhere(elsewhere)))), Some(said)) =
            (&person, &checked.said)
        {
            self.audit_said(tx, visitor, user, (said, elsewhere))?;
        }
        let said = checked.said.as_ref();
        if said.is_some_and(Said::is_away) {
            give_back(tx, sent.as_slice())?;
        }
        let Some((person, held)) = self.still_right(tx, person, &checked)? else {
            let for_nothing = said.is_some_and(Said::was_held_against_nothing)
                || of_nobody.is_some_and(|it| self.lanes().away(&it).is_some());
            if for_nothing {
                // An office would be shut out with those of it whose password is here.
                give_back(tx, keys.get(1..).unwrap_or_default())?;
            }
            self.audit_password(tx, visitor, Err(&address), &door)?;
            return Ok(None);
        };
        uncount(tx, &keys)?;
        if !said.is_some_and(Said::is_away) {
            uncount(tx, sent.as_slice())?;
        }
        let mut proof = door;
        let held = match (held, checked.said) {
            (Held::Here(credential), _) => {
                Held::Here(keep_rehashed(tx, credential, checked.renewed)?)
            }
            (Held::Elsewhere(elsewhere), Some(said)) => {
                let by = said.proof(&elsewhere);
                proof = if proof.is_empty() { by } else { format!("{proof}, {by}") };
                Held::Elsewhere(Box::new(said.remember(tx, &person, *elsewhere, self.now())?))
            }
            (held, None) => held,
        };
        self.audit_password(tx, visitor, Ok(&person), &proof)?;
        Ok(Some((person, held)))
    }

    /// The person and their password, if it was right and is the one that they still have: checking
    /// takes a while, and a password that was replaced meanwhile opens nothing and is not written back.
    fn still_right(
        &self,
        tx: &mut Tx,
        person: Option<(User, Option<Held>)>,
        checked: &Checked,
    ) -> Result<Option<(User, Held)>> {
        let Some((user, Some(before))) = person else { return Ok(None) };
        let Some(now) = held_of(tx, &user)? else { return Ok(None) };
        let is_right = checked.check.matches;
        let holds = match (&now, &before, &checked.said) {
            (Held::Here(now), Held::Here(before), _) => is_right && now.set_at == before.set_at,
            (Held::Elsewhere(now), Held::Elsewhere(before), Some(said)) => {
                let of = |it: &Elsewhere| (it.directory.id, it.directory.changed_at);
                let (is_there, holds) = (of(now) == of(before), said.holds(before, now));
                if is_there && !is_right {
                    said.drop_kept(tx, &user, (now, holds), self.now())?;
                }
                is_right && is_there && holds
            }
            _ => false,
        };
        Ok(holds.then_some((user, now)))
    }

    fn passed_password(
        &self,
        tx: &mut Tx,
        request: &mut PendingRequest,
        person: &User,
        visitor: &Visitor,
    ) -> Result<Screen> {
        request.user_id = Some(person.id);
        request.events = vec![FactorEvent { method: Method::Password, at: self.now() }];
        request.enrolling = None;
        request.remember = false;
        self.notice_copy(tx, visitor, person)?;
        self.advance(tx, request, visitor)
    }

    /// Stores the request and gives its next screen, beginning an enrolment that is due.
    pub(crate) fn advance(
        &self,
        tx: &mut Tx,
        request: &mut PendingRequest,
        visitor: &Visitor,
    ) -> Result<Screen> {
        let step = self.step(tx, request, visitor)?;
        let is_free = matches!(step, authn::flow::Step::Enroll { needs_code: false, .. });
        if request.enrolling.is_none() && is_free {
            let person = request.user_id.ok_or_else(|| Error::not_found("sign-in"))?;
            request.enrolling = Some(self.begin_authenticator(tx, person)?);
        }
        pending_requests::update(tx, request)?;
        self.screen(tx, request, visitor)
    }

    pub(crate) fn audit_password(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        result: std::result::Result<&User, &str>,
        door: &str,
    ) -> Result<()> {
        let mut row = match result {
            Ok(user) => {
                let actor = Actor::Person(user.id);
                visitor.audit(self, actor, AuditKind::PasswordChecked, user.upn.as_str())
            }
            Err(typed) => {
                visitor.audit(self, Actor::Anonymous, AuditKind::PasswordChecked, &subject(typed))
            }
        };
        door.clone_into(&mut row.detail);
        if result.is_err() {
            row.outcome = AuditOutcome::Refused;
            row.detail = detail(door, Reason::WrongPassword);
        }
        Ok(audit_log::record(tx, &row)?)
    }

    /// Writes down that a right first factor opened nothing, and by which rule.
    pub(super) fn audit_denied(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        (request, person): (&PendingRequest, &User),
        reason: Reason,
    ) -> Result<()> {
        let (actor, kind) = (Actor::Person(person.id), AuditKind::SessionOpened);
        let mut row = visitor.audit(self, actor, kind, person.upn.as_str());
        row.outcome = AuditOutcome::Refused;
        let words = self.denial_words(tx, visitor, (request, person), reason)?;
        row.detail = visitor::detail(&words, request.purpose.client_request_id());
        Ok(audit_log::record(tx, &row)?)
    }

    /// Why a person is denied, with the name of the rule where one does it.
    pub(crate) fn denial_words(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        (request, person): (&PendingRequest, &User),
        reason: Reason,
    ) -> Result<String> {
        if !matches!(reason, Reason::Forbidden | Reason::NoPasskey) {
            return Ok(reason.as_str().to_owned());
        }
        let premises = self.premises(tx)?;
        let attempt = Attempt::of(request, visitor, self.now());
        let ruling = policy::ruling(tx, &premises, person, &attempt)?;
        let rule = ruling.rule.map(|rule| rule.name.as_str()).unwrap_or_default();
        Ok(match reason {
            Reason::NoPasskey => format!("no passkey for the rule \"{rule}\""),
            _ => format!("denied by the rule \"{rule}\""),
        })
    }

    pub(crate) fn audit_throttled(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        guess: &Guess,
        address: &str,
    ) -> Result<()> {
        let actor = guess.person.as_ref().map_or(Actor::Anonymous, |(u, _)| Actor::Person(u.id));
        let mut row = visitor.audit(self, actor, AuditKind::Throttled, &subject(address));
        row.outcome = AuditOutcome::Refused;
        row.detail = detail(&guess.door, Reason::Throttled);
        Ok(audit_log::record(tx, &row)?)
    }
}

/// The reason alone on the sign-in pages; elsewhere after the door's own words.
fn detail(door: &str, reason: Reason) -> String {
    match door {
        "" => reason.as_str().to_owned(),
        door => format!("{door}: {}", reason.as_str().replace('_', " ")),
    }
}

/// A typed name as audit rows carry it: folded and cut, since people type passwords there too.
pub(crate) fn subject(typed: &str) -> String {
    model::upn::fold(typed).chars().take(113).collect()
}

fn again(address: String) -> Outcome {
    Outcome::Again {
        screen: Screen::Password { address },
        sentence: Reason::WrongPassword.sentence().to_owned(),
    }
}

/// The password as it is kept from now on.
fn keep_rehashed(tx: &mut Tx, old: Credential, rehashed: Option<Renewed>) -> Result<Credential> {
    let Some(renewed) = rehashed else { return Ok(old) };
    let new = renewed.of(&old);
    credentials::put(tx, &new)?;
    Ok(new)
}
