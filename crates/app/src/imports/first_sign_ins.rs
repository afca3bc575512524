//! What new people need for their first sign-in: a first password and an enrolment code, as for
//! somebody who was made by hand. They are drawn when they are fetched, good for a day and known to
//! nobody afterwards, so a company hands them out in portions.

use std::collections::BTreeSet;

use authn::enrollment_code;
use model::{
    Role, Ts,
    audit::AuditKind,
    credential::Credential,
    factor::EnrollmentCode,
    ids::{ImportId, UserId},
    import::ImportRow,
    user::UserState,
};
use secrecy::SecretString;
use store::{Tx, audit_log, credentials, factors, import_rows, imports, users};

use super::{found, still_may};
use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    accounts::{INITIAL_PASSWORD_FOR, factors_of},
    passwords::held_of,
};

/// For how many people they are made at once: a password takes its time to be hashed, and what is
/// not handed over within a day is worth nothing.
pub const AT_ONCE: i64 = 100;

/// What one person needs, to be handed over.
#[derive(Debug, Clone)]
pub struct FirstSignIn {
    /// Their name.
    pub name: String,
    /// Their sign-in name.
    pub upn: String,
    /// Their first password, if they have none.
    pub password: Option<SecretString>,
    /// The code that allows their first enrolment, if they have no second factor.
    pub code: Option<SecretString>,
    /// Until when both are good.
    pub until: Ts,
}

/// What was drawn for a row.
struct Drawn {
    row: ImportRow,
    user: UserId,
    /// `None` for somebody who brought one along.
    password: Option<(SecretString, Credential)>,
}

impl House {
    /// Makes what the next people of an import need for their first sign-in. Each of them is in one
    /// such list, once. Needs a fresh second factor.
    pub async fn make_first_sign_ins(
        &self,
        admin: &Admin,
        id: ImportId,
        visitor: &Visitor,
    ) -> Result<Vec<FirstSignIn>> {
        admin.require(Role::UserAdmin)?;
        admin.require_fresh(self.now())?;
        let next = move |tx: &mut Tx| {
            found(imports::by_id(tx, id)?)?;
            let mut rows = Vec::new();
            for row in import_rows::not_handed_out(tx, id, AT_ONCE)? {
                let Some(user) = row.user_id else { continue };
                let person = users::by_id(tx, user)?;
                let has_one = match &person {
                    Some(person) => held_of(tx, person)?.is_some(),
                    None => true,
                };
                rows.push((row, user, has_one));
            }
            Ok::<_, Error>(rows)
        };
        let now = self.now();
        let mut drawn = Vec::new();
        for (row, user, has_one) in self.store().read(next).await? {
            let password = if has_one { None } else { Some(self.first_password(user, now).await?) };
            drawn.push(Drawn { row, user, password });
        }
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        let made = self.store().write(move |tx| {
            still_may(tx, &admin, Role::UserAdmin)?;
            // In the order of their ids, as everybody locks them; the list keeps that of the file.
            let people: BTreeSet<UserId> = drawn.iter().map(|drawn| drawn.user).collect();
            people.into_iter().try_for_each(|id| users::lock(tx, id))?;
            let mut made = Vec::with_capacity(drawn.len());
            for drawn in drawn {
                made.extend(house.hand_out(tx, (&admin, &visitor), drawn, now)?);
            }
            Ok::<_, Error>(made)
        });
        let made = made.await?;
        if made.is_empty() {
            let public = "There is nobody left who needs a first password or an enrolment code.";
            return Err(Error::new(Kind::Conflict, public));
        }
        Ok(made)
    }

    async fn first_password(&self, user: UserId, now: Ts) -> Result<(SecretString, Credential)> {
        let password = self.initial_password();
        let hashed = self.hash_new(user, password.clone()).await?;
        let must_change_before = Some(now + INITIAL_PASSWORD_FOR);
        Ok((password, Credential { must_change_before, set_at: now, ..hashed }))
    }

    /// Gives one locked person what they lack; `None` when somebody else was quicker or nothing is lacking.
    fn hand_out(
        &self,
        tx: &mut Tx,
        (admin, visitor): (&Admin, &Visitor),
        drawn: Drawn,
        now: Ts,
    ) -> Result<Option<FirstSignIn>> {
        let Drawn { row, user: id, password } = drawn;
        if !import_rows::hand_out(tx, row.import_id, row.line, now)? {
            return Ok(None);
        }
        let user = users::by_id(tx, id)?;
        let Some(user) = user.filter(|u| u.state == UserState::Active && u.role.is_none()) else {
            return Ok(None);
        };
        let has_none = held_of(tx, &user)?.is_none();
        let password = password.filter(|_| has_none);
        let needs_code = factors_of(tx, id)?.is_empty();
        if password.is_none() && !needs_code {
            return Ok(None);
        }
        if let Some((_, credential)) = &password {
            credentials::put(tx, credential)?;
        }
        let code = if needs_code { Some(self.put_code(tx, id, now)?) } else { None };
        let (kind, upn) = (AuditKind::FirstSignInsMade, user.upn.to_string());
        audit_log::record(tx, &visitor.audit(self, admin.actor(), kind, &upn))?;
        let name = user.profile.display_name;
        let until = now + INITIAL_PASSWORD_FOR;
        Ok(Some(FirstSignIn { name, upn, password: password.map(|(text, _)| text), code, until }))
    }

    fn put_code(&self, tx: &mut Tx, user_id: UserId, now: Ts) -> Result<SecretString> {
        let (code, digest) = enrollment_code::from_random(self.draw());
        let expires_at = now + enrollment_code::LIFETIME;
        factors::put_enrollment_code(tx, &EnrollmentCode { user_id, digest, expires_at })?;
        Ok(code.into())
    }
}
