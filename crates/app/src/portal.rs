//! What people do for themselves: see and end their sessions, change the password, make new
//! recovery codes, and prove again that it is them.

mod apps;
mod authenticator;

use std::collections::HashMap;

use authn::password::{self, Rules, Weakness};
use model::{
    FactorEvent, Method, Ts,
    audit::AuditKind,
    credential::Credential,
    ids::{SessionId, UserId},
    policy::Target,
    remembered_device::RememberedDevice,
    session::Session,
    user::User,
};
use secrecy::SecretString;
use store::{
    Tx, access_passes, client_sessions, credentials, exemptions, external_mfa, factors,
    guess_counters, imports, mailed_codes, microsoft_rounds, oidc_grants, passkey_ceremonies,
    pending_requests, pushed_requests, remembered_devices, reset_links, sessions, used_messages,
};

use crate::{
    Admin, Employee, Error, House, Kind, Result, Visitor,
    accounts::{self, Factor},
    directories,
    passwords::{directory_of, held_of},
    remembered,
    sign_in::{Outcome, Screen, Tried, uncount},
    visitor::Secret,
};

pub(crate) use apps::used_with;
pub use apps::{Office, Tile};

/// What the security page shows.
#[derive(Debug, Clone)]
pub struct Security {
    /// The authenticator apps, passkeys and security keys.
    pub factors: Vec<Factor>,
    /// How many recovery codes are left.
    pub recovery_codes_left: i64,
    /// The live sessions.
    pub sessions: Vec<Session>,
    /// The names of the applications that each was used with.
    pub used_with: HashMap<SessionId, Vec<String>>,
    /// The browsers in which no second factor is asked for.
    pub remembered: Vec<RememberedDevice>,
    /// When the password was last set, where it is kept here.
    pub password_set_at: Option<Ts>,
    /// Where the password is changed, in a sentence, when a directory keeps it.
    pub password_elsewhere: Option<String>,
    /// The shortest password that policy takes.
    pub password_minimum: usize,
}

impl House {
    /// A person's own factors and sessions.
    pub async fn security(&self, me: &Employee) -> Result<Security> {
        let (user, now) = (me.user().clone(), self.now());
        let id = user.id;
        self.store()
            .read(move |tx| {
                let sessions = sessions::live_of(tx, id)?;
                Ok(Security {
                    used_with: used_with(tx, id, &sessions)?,
                    factors: accounts::factors_of(tx, id)?,
                    recovery_codes_left: factors::recovery_codes_left(tx, id)?,
                    sessions,
                    remembered: remembered::of_user(tx, &user, now)?,
                    password_set_at: held_of(tx, &user)?.map(|held| held.since()),
                    password_elsewhere: directory_of(tx, &user)?.map(|it| it.where_to_change()),
                    password_minimum: crate::setup::policy(tx)?.min_password_length(),
                })
            })
            .await
    }

    /// Ends one of a person's own sessions.
    pub async fn end_session(&self, me: &Employee, id: SessionId, visitor: &Visitor) -> Result<()> {
        let (house, owner, visitor) = (self.clone(), me.user().id, visitor.clone());
        self.store()
            .write(move |tx| {
                let session = sessions::by_id(tx, id)?.filter(|session| session.user_id == owner);
                let session = session.ok_or_else(|| Error::not_found("session"))?;
                sessions::end(tx, session.id, house.now())?;
                house.audit_person(tx, &visitor, owner, AuditKind::SessionEnded, "by its owner")
            })
            .await
    }

    /// Makes new recovery codes; the old ones are void. Needs a fresh second factor.
    pub async fn replace_recovery_codes(
        &self,
        me: &Employee,
        visitor: &Visitor,
    ) -> Result<Vec<String>> {
        me.require_fresh(self.now())?;
        let (house, id, visitor) = (self.clone(), me.user().id, visitor.clone());
        self.store().write(move |tx| house.new_recovery_codes(tx, &visitor, id)).await
    }

    /// Changes a person's own password: needs the current one and a fresh second factor, and ends
    /// all other sessions (R009).
    pub async fn change_password(
        &self,
        me: &Employee,
        visitor: &Visitor,
        current: SecretString,
        new: SecretString,
    ) -> Result<()> {
        me.require_fresh(self.now())?;
        let user = me.user().clone();
        let elsewhere = self.store().read(move |tx| directory_of(tx, &user)).await?;
        if let Some(directory) = elsewhere {
            return Err(Error::new(Kind::Conflict, directory.where_to_change()));
        }
        self.accept_new(me.user(), &new).await?;
        self.confirm_current(me.user(), visitor, current).await?;
        let (house, visitor) = (self.clone(), visitor.clone());
        let (id, session) = (me.user().id, me.session().id);
        let credential = self.hash_new(id, new).await?;
        self.store()
            .write(move |tx| {
                house.keep_password(tx, &visitor, &credential)?;
                sessions::end_all_of(tx, id, Some(session), house.now())?;
                Ok(())
            })
            .await
    }

    /// Checks the current password, counted and audited like every other guess (R021).
    async fn confirm_current(
        &self,
        me: &User,
        visitor: &Visitor,
        current: SecretString,
    ) -> Result<()> {
        let turn = self.turn_to_guess().await?;
        let (house, upn, from) = (self.clone(), me.upn.to_string(), visitor.clone());
        let counted = self.store().write(move |tx| {
            let guess = house.identify(tx, &upn, &from)?;
            if let Some(permit) = house.count(tx, &guess.keys)? {
                return Ok(Some((guess, permit)));
            }
            house.audit_throttled(tx, &from, &guess, &upn)?;
            Ok::<_, Error>(None)
        });
        let wrong = || Error::invalid("current", "That is not your current password.");
        let (guess, permit) = counted.await?.ok_or_else(wrong)?;
        let checked = self.check_password(turn, (&guess, permit), current).await?;
        let check = checked.check;
        let (house, me, from) = (self.clone(), me.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                if !check.matches {
                    return house.audit_password(tx, &from, Err(me.upn.as_str()), "");
                }
                uncount(tx, &guess.keys)?;
                house.audit_password(tx, &from, Ok(&me), "")
            })
            .await?;
        if check.matches { Ok(()) } else { Err(wrong()) }
    }

    /// Sets the lasting password of somebody who signs in with an initial one.
    pub async fn sign_in_new_password(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        new: SecretString,
    ) -> Result<Outcome> {
        let Some((person, screen)) = self.who_must_change(handle, visitor).await? else {
            return Ok(Outcome::Expired);
        };
        let Screen::NewPassword { .. } = screen else { return Ok(Outcome::Next(screen)) };
        if let Err(error) = self.accept_new(&person, &new).await {
            return match error.kind {
                Kind::Invalid { .. } => Ok(Outcome::Again { screen, sentence: error.public }),
                _ => Err(error),
            };
        }
        let credential = self.hash_new(person.id, new).await?;
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let Some(mut request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(Outcome::Expired);
                };
                // Hashing took a while: it must still be this person's turn to choose.
                let screen = house.screen(tx, &request, &visitor)?;
                let same = request.user_id == Some(credential.user_id);
                if !same || !matches!(screen, Screen::NewPassword { .. }) {
                    return Ok(Outcome::Next(screen));
                }
                house.keep_password(tx, &visitor, &credential)?;
                sessions::end_all_of(tx, credential.user_id, None, house.now())?;
                request.events.push(FactorEvent { method: Method::Password, at: house.now() });
                house.advance(tx, &mut request, &visitor).map(Outcome::Next)
            })
            .await
    }

    async fn who_must_change(
        &self,
        handle: &Secret,
        visitor: &Visitor,
    ) -> Result<Option<(User, Screen)>> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        self.store()
            .read(move |tx| {
                let Some(request) = house.pending(tx, &handle, &visitor)? else { return Ok(None) };
                let screen = house.screen(tx, &request, &visitor)?;
                let Some(id) = request.user_id else { return Ok(None) };
                Ok::<_, Error>(store::users::by_id(tx, id)?.map(|user| (user, screen)))
            })
            .await
    }

    /// Stops with a sentence when a new password is too weak (R004 to R008).
    pub(crate) async fn accept_new(&self, person: &User, new: &SecretString) -> Result<()> {
        let known = |tx: &mut Tx| {
            Ok::<_, Error>((crate::setup::organisation(tx)?, crate::setup::policy(tx)?))
        };
        let (organisation, policy) = self.store().read(known).await?;
        let context = password::context_words(person, &organisation);
        let rules = Rules { min_length: policy.min_password_length(), context: &context };
        password::check_new(new, &rules)
            .map_err(|weakness: Weakness| Error::invalid("new", weakness.to_string()))
    }

    pub(crate) async fn hash_new(&self, user_id: UserId, new: SecretString) -> Result<Credential> {
        let salt = self.draw::<16>();
        let hashed = self.hash(move |hasher| hasher.hash(&new, salt)).await??;
        Ok(Credential {
            user_id,
            phc: hashed.phc,
            pepper_id: hashed.pepper_id,
            must_change_before: None,
            set_at: self.now(),
        })
    }

    fn keep_password(&self, tx: &mut Tx, visitor: &Visitor, credential: &Credential) -> Result<()> {
        credentials::put(tx, credential)?;
        // What was guessed at the one before says nothing of this one.
        accounts::forgive_guesses(tx, credential.user_id)?;
        remembered_devices::forget_all_of(tx, credential.user_id)?;
        self.audit_person(tx, visitor, credential.user_id, AuditKind::PasswordChanged, "")
    }

    /// Proves again that it is them: a code adds a factor event to the session and gives it a new
    /// secret (R048). `None` when the code is wrong. Where a rule takes keys alone, none is looked at.
    pub async fn step_up(
        &self,
        who: StepUp<'_>,
        typed: &str,
        visitor: &Visitor,
    ) -> Result<Option<Secret>> {
        let (session, person) = who.session();
        let (target, user) = (who.target(), who.user().clone());
        let (house, visitor, typed) = (self.clone(), visitor.clone(), typed.to_owned());
        let token = Secret::draw(self.random());
        self.store()
            .write(move |tx| {
                if house.takes_keys_alone(tx, target, &user, &visitor)? {
                    let public = "Only a passkey or security key will do here.";
                    return Err(Error::new(Kind::Forbidden, public));
                }
                let tried =
                    house.try_second_factor(tx, &visitor, person, &typed, &[Method::Totp])?;
                let Tried::Passed(method) = tried else { return Ok(None) };
                let event = FactorEvent { method, at: house.now() };
                sessions::add_event(tx, session, event)?;
                sessions::rotate(tx, session, &token.digest())?;
                Ok(Some(token))
            })
            .await
    }

    /// Forgets requests, enrolments and files of imports that ended a day ago, and sessions and counted
    /// guesses that nobody touched for a month.
    pub async fn forget_expired(&self) -> Result<()> {
        let now = self.now();
        let before = now - std::time::Duration::from_hours(24);
        let long_ago = now - std::time::Duration::from_hours(30 * 24);
        let house = self.clone();
        self.store()
            .write(move |tx| {
                pending_requests::purge_expired(tx, before)?;
                factors::purge_pending(tx, before)?;
                passkey_ceremonies::purge(tx, before)?;
                microsoft_rounds::purge(tx, before)?;
                guess_counters::purge(tx, long_ago)?;
                sessions::purge(tx, long_ago)?;
                used_messages::purge(tx, before)?;
                external_mfa::purge(tx, before)?;
                oidc_grants::purge(tx, before)?;
                pushed_requests::purge(tx, before)?;
                client_sessions::purge(tx, long_ago)?;
                reset_links::purge(tx, before)?;
                remembered_devices::purge(tx, before)?;
                access_passes::purge(tx, now)?;
                mailed_codes::purge(tx, now)?;
                imports::purge(tx, now, (before, before + crate::imports::UNDO_WITHIN))?;
                exemptions::purge(tx, now)?;
                directories::purge(tx, now)?;
                house.close_campaign(tx)?;
                Ok::<_, Error>(())
            })
            .await?;
        self.forget_broken_looks().await
    }
}

/// Whose session is proved again.
#[derive(Debug, Clone, Copy)]
pub enum StepUp<'a> {
    /// The portal's.
    Employee(&'a Employee),
    /// The console's.
    Admin(&'a Admin),
}

impl StepUp<'_> {
    /// Who it is.
    #[must_use]
    pub fn user(&self) -> &User {
        match self {
            Self::Employee(me) => me.user(),
            Self::Admin(admin) => admin.user(),
        }
    }

    /// At which door.
    pub(crate) const fn target(self) -> Target {
        match self {
            Self::Employee(_) => Target::Portal,
            Self::Admin(_) => Target::Console,
        }
    }

    pub(crate) fn session(self) -> (SessionId, UserId) {
        match self {
            Self::Employee(me) => (me.session().id, me.user().id),
            Self::Admin(admin) => (admin.session().id, admin.user().id),
        }
    }
}
