//! People: created, found, blocked, helped. Every change writes its audit row in the same
//! transaction (R152), and its work for Entra too.

mod access_pass;
mod find;
mod journal;
mod password;
mod profile;
mod recover;
mod removal;
mod rename;
mod state;
mod unlock;

use authn::{enrollment_code, lockout};
use model::{
    Actor, ImmutableId, Role, Ts, Upn,
    audit::AuditKind,
    credential::Credential,
    directory::Delegation,
    factor::EnrollmentCode,
    guess::GuessCounter,
    ids::UserId,
    plan::Scope,
    user::{Profile, User, UserState},
};
use secrecy::SecretString;
use store::{
    Tx, applications, assignments, audit_log, credentials, directories, entra_links, factors,
    guess_counters, pending_requests, remembered_devices, reset_links, sessions, users,
};

pub use access_pass::NewAccessPass;
pub use authn::access_pass::HOURS as ACCESS_PASS_HOURS;
pub(crate) use find::factors_of;
pub use find::{Factor, FactorKind, Headcount, PAGE, PersonDetails, PersonRow, Show};
pub use journal::{JournalRow, TOKENS};
pub(crate) use profile::{check_text, differences, faults, tidied};
pub use recover::Recovered;
pub(crate) use removal::is_known_to_entra;
pub use unlock::UsedUp;

use crate::{
    Admin, Error, House, Kind, Result, Visitor, letters::News, microsoft_accounts::unlink_all,
    passwords::directory_of, sync::Lane,
};

/// An initial password is good for a day (R010).
pub(crate) const INITIAL_PASSWORD_FOR: std::time::Duration = std::time::Duration::from_hours(24);

/// What an admin types to create a person.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// The sign-in name, as typed.
    pub upn: String,
    /// What others see.
    pub profile: Profile,
}

/// A person who was just created, with the secrets that are shown once.
#[derive(Debug, Clone)]
pub struct Created {
    /// The person.
    pub user: User,
    /// The initial password: a day, one use, must be changed; `None` where a directory checks it.
    pub initial_password: Option<SecretString>,
    /// The code that allows the first enrolment.
    pub enrollment_code: SecretString,
}

impl House {
    /// Creates a person. The secrets in the answer are shown once and known to nobody else.
    pub async fn create_person(
        &self,
        admin: &Admin,
        new: NewPerson,
        visitor: &Visitor,
    ) -> Result<Created> {
        admin.require(Role::UserAdmin)?;
        self.create(new, None, admin.actor(), visitor).await
    }

    pub(crate) async fn create(
        &self,
        new: NewPerson,
        role: Option<Role>,
        actor: Actor,
        visitor: &Visitor,
    ) -> Result<Created> {
        let user = self.new_user(new, role)?;
        let password = self.initial_password();
        let salt = self.draw::<16>();
        let secret = password.clone();
        let hashed = self.hash(move |hasher| hasher.hash(&secret, salt)).await??;
        let (code, digest) = enrollment_code::from_random(self.draw());
        let now = self.now();
        let credential = Credential {
            user_id: user.id,
            phc: hashed.phc,
            pepper_id: hashed.pepper_id,
            must_change_before: Some(now + INITIAL_PASSWORD_FOR),
            set_at: now,
        };
        let enrollment = EnrollmentCode {
            user_id: user.id,
            digest,
            expires_at: now + enrollment_code::LIFETIME,
        };
        let row = visitor.audit(self, actor, AuditKind::UserCreated, user.upn.as_str());
        let stored = user.clone();
        let made_here = self
            .store()
            .write(move |tx| {
                names_nobody_by_mail(tx, &stored)?;
                add_person(tx, &stored)?;
                if stored.role == Some(Role::Owner) {
                    // Whoever is made at the command line gets in when a directory lets nobody in.
                    directories::delegate(tx, stored.id, Delegation::Here)?;
                }
                let here = directory_of(tx, &stored)?.is_none();
                if here {
                    credentials::put(tx, &credential)?;
                }
                factors::put_enrollment_code(tx, &enrollment)?;
                audit_log::record(tx, &row)?;
                Ok::<_, Error>(here)
            })
            .await?;
        let initial_password = made_here.then_some(password);
        Ok(Created { user, initial_password, enrollment_code: code.into() })
    }

    pub(crate) fn new_user(&self, new: NewPerson, role: Option<Role>) -> Result<User> {
        let upn = sign_in_name(&new.upn)?;
        let profile = profile::checked(new.profile)?;
        let now = self.now();
        Ok(User {
            id: UserId(self.new_id()),
            upn,
            immutable_id: self.new_immutable_id(),
            state: UserState::Active,
            profile,
            role,
            created_at: now,
            updated_at: now,
        })
    }

    /// Draws until the text has neither `+` nor `/` (ruling 10).
    fn new_immutable_id(&self) -> ImmutableId {
        loop {
            if let Some(id) = ImmutableId::from_random(self.draw()) {
                return id;
            }
        }
    }

    /// A random first password that can be read aloud: five groups of four.
    pub(crate) fn initial_password(&self) -> SecretString {
        let (text, _) = enrollment_code::from_random(self.draw());
        text.chars().take(24).collect::<String>().trim_end_matches('-').to_owned().into()
    }

    /// Removes all second factors of a person and hands out a code for a new enrolment (R033).
    pub async fn reset_factors(
        &self,
        admin: &Admin,
        id: UserId,
        visitor: &Visitor,
    ) -> Result<SecretString> {
        admin.require(Role::HelpDesk)?;
        admin.require_fresh(self.now())?;
        let (code, digest) = enrollment_code::from_random(self.draw());
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                users::lock(tx, id)?;
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                may_reset(&admin, &user)?;
                let now = house.now();
                factors::remove_all(tx, id)?;
                unlink_all(tx, id)?;
                forgive_guesses(tx, id)?;
                end_everything(tx, id, now)?;
                let expires_at = now + enrollment_code::LIFETIME;
                factors::put_enrollment_code(
                    tx,
                    &EnrollmentCode { user_id: id, digest, expires_at },
                )?;
                let row = visitor.audit(
                    &house,
                    admin.actor(),
                    AuditKind::FactorRemoved,
                    user.upn.as_str(),
                );
                house.inform(tx, &user, &News::FactorsReset, &visitor)?;
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await?;
        Ok(code.into())
    }

    /// Hands out a code that allows one enrolment, to somebody who has no factor (R033).
    pub async fn make_enrollment_code(
        &self,
        admin: &Admin,
        id: UserId,
        visitor: &Visitor,
    ) -> Result<SecretString> {
        admin.require(Role::HelpDesk)?;
        admin.require_fresh(self.now())?;
        let (code, digest) = enrollment_code::from_random(self.draw());
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                may_reset(&admin, &user)?;
                if !factors_of(tx, id)?.is_empty() {
                    let public = "This person has a second factor. Reset it instead.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                let expires_at = house.now() + enrollment_code::LIFETIME;
                let code = EnrollmentCode { user_id: id, digest, expires_at };
                factors::put_enrollment_code(tx, &code)?;
                let kind = AuditKind::EnrollmentCodeMade;
                let row = visitor.audit(&house, admin.actor(), kind, user.upn.as_str());
                Ok(audit_log::record(tx, &row)?)
            })
            .await?;
        Ok(code.into())
    }

    /// Ends every session of a person; they may sign in again.
    pub async fn end_sessions(&self, admin: &Admin, id: UserId, visitor: &Visitor) -> Result<()> {
        admin.require(Role::HelpDesk)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                may_touch(&admin, &user)?;
                end_everything(tx, id, house.now())?;
                let kind = AuditKind::SessionEnded;
                let mut row = visitor.audit(&house, admin.actor(), kind, user.upn.as_str());
                "all of them".clone_into(&mut row.detail);
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// Puts one person's work for Entra into the outbox of every tenant that they were ever assigned in
    /// or have an account in.
    pub(crate) fn put_work_for(&self, tx: &mut Tx, id: UserId, lane: Lane) -> Result<()> {
        for application in applications::all(tx)? {
            let tenant = application.tenant_id;
            if assignments::newest(tx, id, application.id)?.is_some()
                || entra_links::of_user(tx, tenant, id)?.is_some()
            {
                self.put_work(tx, tenant, Scope::Person(id), lane)?;
            }
        }
        Ok(())
    }

    /// Whether anybody owns this house yet.
    pub async fn has_owner(&self) -> Result<bool> {
        self.store().read(|tx| Ok::<_, Error>(users::owners(tx)? > 0)).await
    }
}

/// Some applications know people by their mail address: a new sign-in name is nobody else's.
fn names_nobody_by_mail(tx: &mut Tx, user: &User) -> Result<()> {
    if users::by_mail(tx, user.upn.as_str(), user.id)?.is_some() {
        let public = "This is the mail address of somebody else. Choose another name.";
        return Err(Error::invalid("upn", public));
    }
    Ok(())
}

/// What was typed as a sign-in name.
fn sign_in_name(typed: &str) -> Result<Upn> {
    Upn::parse(typed).map_err(|why| Error::invalid("upn", format!("{why}.")))
}

/// Adds a person whose sign-in name nobody has, in any spelling, and whose mail address is nobody's
/// sign-in name.
pub(crate) fn add_person(tx: &mut Tx, user: &User) -> Result<()> {
    if users::by_upn(tx, user.upn.as_str())?.is_some() {
        return Err(Error::invalid("upn", "Somebody has this address already."));
    }
    if let Some(mail) = user.profile.mail.as_deref()
        && let Some(other) = users::by_upn(tx, mail)?
    {
        let public = format!("This is the sign-in name of {}.", other.profile.display_name);
        return Err(Error::invalid("mail", public));
    }
    Ok(users::create(tx, user)?)
}

/// Ends a person's sessions, forgets their browsers, and takes back what they proved in sign-ins that are under way (R053).
fn end_everything(tx: &mut Tx, id: UserId, now: Ts) -> Result<()> {
    sessions::end_all_of(tx, id, None, now)?;
    reset_links::forget(tx, id)?;
    remembered_devices::forget_all_of(tx, id)?;
    Ok(pending_requests::forget_proofs_of(tx, id)?)
}

/// Lets passwords of a person be tried again: an admin who knows them says so, or they have a new one
/// (R013).
pub(crate) fn forgive_guesses(tx: &mut Tx, id: UserId) -> Result<()> {
    guess_counters::forget(tx, &lockout::familiar_places(id))?;
    Ok(guess_counters::put(tx, &lockout::password(id), &GuessCounter::default())?)
}

/// The help desk does not touch the factors of people who have a role (R145).
pub(crate) fn may_reset(admin: &Admin, user: &User) -> Result<()> {
    may_touch(admin, user)?;
    if admin.role().covers(Role::UserAdmin) || user.role.is_none() {
        return Ok(());
    }
    let name = &user.profile.display_name;
    let public = format!("{name} has a role: that takes more than the help desk.");
    Err(Error::new(Kind::Forbidden, public))
}

/// Nobody changes somebody above them (R145).
pub(crate) fn may_touch(admin: &Admin, user: &User) -> Result<()> {
    match user.role {
        Some(role) if !admin.role().covers(role) => {
            let public = format!("{} has a role above yours.", user.profile.display_name);
            Err(Error::new(Kind::Forbidden, public))
        }
        _ => Ok(()),
    }
}

/// When an initial password was good until, for messages.
#[must_use]
pub fn initial_password_until(created_at: Ts) -> Ts {
    created_at + INITIAL_PASSWORD_FOR
}
