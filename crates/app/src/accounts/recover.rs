//! An owner who can't get in any more is let in by somebody who may use the server's shell.

use authn::enrollment_code;
use model::{
    Actor, Role,
    audit::AuditKind,
    credential::Credential,
    directory::Delegation,
    factor::EnrollmentCode,
    ids::UserId,
    user::{User, UserState},
};
use secrecy::SecretString;
use store::{Tx, audit_log, credentials, directories, factors, settings, users};

use super::{INITIAL_PASSWORD_FOR, end_everything, unlock::forgive_all};
use crate::{Error, House, Kind, Result, Visitor, letters::News, microsoft_accounts::unlink_all};

/// The setting that holds whom the next start has to tell of.
const UNTOLD: &str = "owner_recovered";

/// What lets the owner in again, shown once.
#[derive(Debug, Clone)]
pub struct Recovered {
    /// The owner.
    pub user: User,
    /// The initial password: a day, one use, must be changed.
    pub initial_password: SecretString,
    /// The code that allows one enrolment.
    pub enrollment_code: SecretString,
}

impl House {
    /// Lets an owner in again who has lost everything: unblocks them, forgives every guess, has their
    /// password checked here whatever a directory says, and takes password and second factors away for
    /// new ones. Every owner gets a letter, and the next start says so once more.
    pub async fn recover_owner(&self, upn: &str, visitor: &Visitor) -> Result<Recovered> {
        let named = upn.to_owned();
        let found = self.store().read(move |tx| users::by_upn(tx, &named)).await?;
        let user = found.ok_or_else(|| Error::not_found("person"))?;
        let password = self.initial_password();
        let hashed = self.hash_new(user.id, password.clone()).await?;
        let must_change_before = Some(self.now() + INITIAL_PASSWORD_FOR);
        let credential = Credential { must_change_before, ..hashed };
        let (code, digest) = enrollment_code::from_random(self.draw());
        let expires_at = self.now() + enrollment_code::LIFETIME;
        let enrollment = EnrollmentCode { user_id: user.id, digest, expires_at };
        let (house, visitor, id) = (self.clone(), visitor.clone(), user.id);
        let write = self.store().write(move |tx| {
            let owner = owner(tx, id)?;
            house.reopen(tx, &owner, &visitor)?;
            credentials::put(tx, &credential)?;
            factors::put_enrollment_code(tx, &enrollment)?;
            house.tell_owners(tx, &owner, &visitor)
        });
        write.await?;
        Ok(Recovered { user, initial_password: password, enrollment_code: code.into() })
    }

    /// Takes away whatever keeps the owner out, and whatever somebody else may have of theirs.
    fn reopen(&self, tx: &mut Tx, owner: &User, visitor: &Visitor) -> Result<()> {
        let id = owner.id;
        if owner.state == UserState::Blocked {
            users::set_state(tx, id, UserState::Active, self.now())?;
            self.follow_state(tx, (Actor::Operator, visitor), owner, UserState::Active)?;
        }
        directories::delegate(tx, id, Delegation::Here)?;
        factors::remove_all(tx, id)?;
        unlink_all(tx, id)?;
        forgive_all(tx, id)?;
        end_everything(tx, id, self.now())
    }

    fn tell_owners(&self, tx: &mut Tx, owner: &User, visitor: &Visitor) -> Result<()> {
        let upn = owner.upn.as_str();
        for person in users::all(tx)?.iter().filter(|person| person.role == Some(Role::Owner)) {
            self.inform(tx, person, &News::OwnerRecovered(upn), visitor)?;
        }
        settings::put(tx, UNTOLD, upn)?;
        let row = visitor.audit(self, Actor::Operator, AuditKind::OwnerRecovered, upn);
        Ok(audit_log::record(tx, &row)?)
    }

    /// Says of an owner who was let in again since the last start who it was; once, and writes it down.
    pub async fn recovered_owner(&self, visitor: &Visitor) -> Result<Option<String>> {
        let (house, visitor) = (self.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let upn = settings::get(tx, UNTOLD)?.filter(|upn| !upn.is_empty());
                let Some(upn) = upn else { return Ok(None) };
                settings::put(tx, UNTOLD, "")?;
                let kind = AuditKind::OwnerRecovered;
                let mut row = visitor.audit(&house, Actor::Schedule, kind, &upn);
                "said at the start".clone_into(&mut row.detail);
                audit_log::record(tx, &row)?;
                Ok::<_, Error>(Some(upn))
            })
            .await
    }
}

/// The owner, whom nobody changes meanwhile.
fn owner(tx: &mut Tx, id: UserId) -> Result<User> {
    users::lock_with_owners(tx, &[id])?;
    let user = users::by_id(tx, id)?.filter(|user| user.state != UserState::Deleted);
    let user = user.ok_or_else(|| Error::not_found("person"))?;
    if user.role == Some(Role::Owner) {
        return Ok(user);
    }
    let public = format!(
        "{} is no owner, and this makes none: `gatehouse user create-owner` does.",
        user.profile.display_name
    );
    Err(Error::new(Kind::Conflict, public))
}
