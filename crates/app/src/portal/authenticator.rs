//! A person's own authenticator app: set up, moved to another phone, taken away (R032, R034).

use model::{
    audit::AuditKind,
    ids::{FactorId, UserId},
};
use store::{Tx, factors, passkeys, pending_requests, remembered_devices, sessions};

use crate::{
    Employee, Error, House, Kind, Result, Visitor,
    enroll::{CLOCK_WAS_SET, NewAuthenticator, WRONG_FIRST_CODE},
    passkeys::still_there,
    policy::keeping_owners_in,
};

impl House {
    /// Begins a new authenticator app; it does not count before [`House::add_app`] took its first code.
    /// Needs a fresh second factor, which an app is never stronger than (R032).
    pub async fn begin_app(&self, me: &Employee) -> Result<FactorId> {
        me.require_fresh(self.now())?;
        let (house, me) = (self.clone(), me.clone());
        self.store()
            .write(move |tx| {
                let owner = me.user().id;
                still_there(tx, owner, me.session().id)?;
                refuse_while_clock_is_set(&house, tx)?;
                house.begin_authenticator(tx, owner)
            })
            .await
    }

    /// What the app needs to know of what this person has begun; `None`: it was begun by somebody else,
    /// confirmed, or too long ago.
    pub async fn begun_app(&self, me: &Employee, id: FactorId) -> Result<Option<NewAuthenticator>> {
        let (owner, now) = (me.user().id, self.now());
        self.store()
            .read(move |tx| {
                let found = factors::totp_by_id(tx, id)?;
                let mine = found.filter(|app| crate::enroll::is_begun(app, owner, now));
                mine.map(|app| Self::authenticator(tx, app.id)).transpose()
            })
            .await
    }

    /// Takes the first code of a begun app, which then counts in the place of the one before: other
    /// sessions and sign-ins under way end where there was one (R053). The code is refused with a sentence.
    pub async fn add_app(
        &self,
        me: &Employee,
        visitor: &Visitor,
        id: FactorId,
        typed: &str,
    ) -> Result<()> {
        let (house, visitor, me) = (self.clone(), visitor.clone(), me.clone());
        let typed = typed.to_owned();
        let taken = self.store().write(move |tx| {
            let (owner, session) = (me.user().id, me.session().id);
            still_there(tx, owner, session)?;
            refuse_while_clock_is_set(&house, tx)?;
            let moved = !factors::totp_of(tx, owner)?.is_empty();
            let taken = house.confirm_authenticator(tx, &visitor, owner, id, &typed)?;
            if taken && moved {
                sessions::end_all_of(tx, owner, Some(session), house.now())?;
                pending_requests::forget_proofs_of(tx, owner)?;
            }
            Ok::<_, Error>(taken)
        });
        // A wrong code is counted: what was written stays.
        if taken.await? { Ok(()) } else { Err(Error::invalid("code", WRONG_FIRST_CODE)) }
    }

    /// Takes a person's own app away; needs a fresh second factor. The last factor stays. Other sessions
    /// and sign-ins under way end (R053).
    pub async fn remove_app(&self, me: &Employee, visitor: &Visitor) -> Result<()> {
        me.require_fresh(self.now())?;
        let (house, visitor, me) = (self.clone(), visitor.clone(), me.clone());
        self.store()
            .write(move |tx| {
                let (owner, session) = (me.user().id, me.session().id);
                still_there(tx, owner, session)?;
                needs_another(tx, owner)?;
                keeping_owners_in(tx, &visitor.client, |tx| {
                    factors::remove_totp_but(tx, owner, None)?;
                    Ok(())
                })?;
                sessions::end_all_of(tx, owner, Some(session), house.now())?;
                pending_requests::forget_proofs_of(tx, owner)?;
                remembered_devices::forget_all_of(tx, owner)?;
                let kind = AuditKind::FactorRemoved;
                house.audit_person(tx, &visitor, owner, kind, "authenticator app")
            })
            .await
    }
}

/// Stops where there is no app, or nothing else would be left.
fn needs_another(tx: &mut Tx, owner: UserId) -> Result<()> {
    if factors::totp_of(tx, owner)?.is_empty() {
        return Err(Error::not_found("authenticator app"));
    }
    if passkeys::of_user(tx, owner)?.is_empty() {
        let public = "This is your last second factor. Add a passkey first.";
        return Err(Error::new(Kind::Conflict, public));
    }
    Ok(())
}

/// No code can be judged by a clock that nobody has looked after (R029).
fn refuse_while_clock_is_set(house: &House, tx: &mut Tx) -> Result<()> {
    match house.clock_was_set(tx)? {
        None => Ok(()),
        Some(_) => Err(Error::new(Kind::Conflict, CLOCK_WAS_SET)),
    }
}
