//! Passkeys and security keys: registered, named and taken away by their person, and used to prove
//! again that it is them. The sign-in asks and judges them by the same two rooms.

mod ask;
mod judge;

use authn::denial::Reason;
use model::{
    FactorEvent, Ts,
    audit::AuditKind,
    ids::{FactorId, SessionId, UserId},
    line,
    passkey::{CeremonyKind, CeremonyPlace},
};
use store::{Tx, factors, passkeys, pending_requests, remembered_devices, sessions, users};

use crate::{
    Employee, Error, House, Kind, Result, Visitor, policy::keeping_owners_in, portal::StepUp,
    visitor::Secret,
};

/// How long a name may be.
const LONGEST_NAME: usize = 64;

/// What somebody can prove again that it is them with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepUpWith {
    /// A code of their authenticator app.
    pub app: bool,
    /// The question for their passkeys.
    pub passkey: Option<String>,
}

/// What was asked, where, and of whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) place: CeremonyPlace,
    pub(crate) kind: CeremonyKind,
    /// `None`: anybody may answer.
    pub(crate) person: Option<UserId>,
    /// Whose passkey is taken, where the question was for everybody.
    pub(crate) only: Option<UserId>,
}

impl House {
    /// Asks for a new passkey; the answer goes to [`House::register_passkey`]. `None` where the house
    /// has no name that passkeys can be made for.
    pub async fn passkey_to_register(&self, me: &Employee) -> Result<Option<String>> {
        let (house, asked) = (self.clone(), in_session(me.session().id, CeremonyKind::Register));
        let (me, asked) = (me.clone(), Asked { person: Some(me.user().id), ..asked });
        self.store()
            .write(move |tx| {
                require_strength(tx, &me, house.now())?;
                house.ask_to_register(tx, asked)
            })
            .await
    }

    /// Registers a new passkey under a name; needs a fresh second factor, and a passkey of whoever has
    /// one (R032). The reason says why it was not taken.
    pub async fn register_passkey(
        &self,
        me: &Employee,
        visitor: &Visitor,
        name: &str,
        answer: &str,
    ) -> Result<Option<Reason>> {
        let name = checked_name(name)?;
        let (house, asked) = (self.clone(), in_session(me.session().id, CeremonyKind::Register));
        let asked = Asked { person: Some(me.user().id), ..asked };
        let (visitor, answer) = (visitor.clone(), answer.to_owned());
        let me = me.clone();
        self.store()
            .write(move |tx| {
                still_there(tx, me.user().id, me.session().id)?;
                require_strength(tx, &me, house.now())?;
                Ok(house.try_to_register(tx, &visitor, asked, (name, &answer))?.err())
            })
            .await
    }

    /// Gives one of a person's own passkeys another name.
    pub async fn rename_passkey(
        &self,
        me: &Employee,
        visitor: &Visitor,
        id: FactorId,
        name: &str,
    ) -> Result<()> {
        let name = checked_name(name)?;
        let (house, owner, visitor) = (self.clone(), me.user().id, visitor.clone());
        self.store()
            .write(move |tx| {
                passkeys::rename(tx, owner, id, &name)?;
                house.audit_person(tx, &visitor, owner, AuditKind::FactorRenamed, &quoted(&name))
            })
            .await
    }

    /// Takes one of a person's own passkeys away; needs a fresh one of them. The last factor stays. Other sessions and sign-ins under way end (R053).
    pub async fn remove_passkey(
        &self,
        me: &Employee,
        visitor: &Visitor,
        id: FactorId,
    ) -> Result<()> {
        me.require_fresh(self.now())?;
        let (house, visitor, me) = (self.clone(), visitor.clone(), me.clone());
        let (owner, session) = (me.user().id, me.session().id);
        self.store()
            .write(move |tx| {
                still_there(tx, owner, session)?;
                let mine = passkeys::of_user(tx, owner)?;
                let found = mine.iter().find(|passkey| passkey.id == id);
                let name = found.ok_or_else(|| Error::not_found("passkey"))?.name.clone();
                me.require_fresh_key(house.now())?;
                if mine.len() == 1 && factors::totp_of(tx, owner)?.is_empty() {
                    let public = "This is your last second factor. Add another one first.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                keeping_owners_in(tx, &visitor.client, |tx| Ok(passkeys::remove(tx, owner, id)?))?;
                sessions::end_all_of(tx, owner, Some(session), house.now())?;
                pending_requests::forget_proofs_of(tx, owner)?;
                remembered_devices::forget_all_of(tx, owner)?;
                house.audit_person(tx, &visitor, owner, AuditKind::FactorRemoved, &quoted(&name))
            })
            .await
    }

    /// What the person can prove again that it is them with; asks their passkeys, if they have any. No
    /// code where a rule takes keys alone.
    pub async fn what_steps_up(&self, who: StepUp<'_>, visitor: &Visitor) -> Result<StepUpWith> {
        let (session, person) = who.session();
        let (house, visitor) = (self.clone(), visitor.clone());
        let (target, user) = (who.target(), who.user().clone());
        let asked = Asked { person: Some(person), ..in_session(session, CeremonyKind::StepUp) };
        self.store()
            .write(move |tx| {
                let app = !factors::totp_of(tx, person)?.is_empty()
                    && !house.takes_keys_alone(tx, target, &user, &visitor)?;
                Ok(StepUpWith { app, passkey: house.ask_holder(tx, asked)? })
            })
            .await
    }

    /// Proves again that it is them by a passkey: adds a factor event to the session and gives it a
    /// new secret (R048). `None` when the passkey was not taken.
    pub async fn step_up_by_passkey(
        &self,
        who: StepUp<'_>,
        answer: &str,
        visitor: &Visitor,
    ) -> Result<Option<Secret>> {
        let (session, person) = who.session();
        let asked = Asked { person: Some(person), ..in_session(session, CeremonyKind::StepUp) };
        let (house, visitor, answer) = (self.clone(), visitor.clone(), answer.to_owned());
        let token = Secret::draw(self.random());
        self.store()
            .write(move |tx| {
                let Ok((_, method)) = house.try_passkey(tx, &visitor, asked, &answer)? else {
                    return Ok(None);
                };
                sessions::add_event(tx, session, FactorEvent { method, at: house.now() })?;
                sessions::rotate(tx, session, &token.digest())?;
                Ok(Some(token))
            })
            .await
    }
}

/// Who has a passkey adds another one with a passkey; others with any second factor (R032).
pub(crate) fn require_strength(tx: &mut Tx, me: &Employee, now: Ts) -> Result<()> {
    if passkeys::of_user(tx, me.user().id)?.is_empty() {
        return me.require_fresh(now);
    }
    me.require_fresh_key(now)
}

/// Stops when the session was ended since it was looked at, as a reset of the factors does, and lets no
/// reset come between.
pub(crate) fn still_there(tx: &mut Tx, person: UserId, session: SessionId) -> Result<()> {
    users::lock(tx, person)?;
    let held = sessions::by_id(tx, session)?.filter(|held| held.ended_at.is_none());
    let public = "Your session has ended. Sign in again.";
    held.map(drop).ok_or_else(|| Error::new(Kind::Conflict, public))
}

const fn in_session(session: SessionId, kind: CeremonyKind) -> Asked {
    Asked { place: CeremonyPlace::Session(session), kind, person: None, only: None }
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn checked_name(typed: &str) -> Result<String> {
    let name = typed.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || !line::is_plain(name) {
        let public = format!("Type a name of 1 to {LONGEST_NAME} characters in one line.");
        return Err(Error::invalid("name", public));
    }
    Ok(name.to_owned())
}
