//! One secret or certificate follows another: the second is added beside the first, tried, takes over,
//! and the former one goes when an admin says so. Sign-ins go on all the while, as each of the two
//! opens (`graph/src/sign_in.rs`).

use model::{
    Ts,
    ids::RegistrationId,
    registration::{OtherCredential, Registration, Turn},
    tenant::AppCredential,
    trial::{Found, TrialPart},
};
use secrecy::SecretString;
use store::{registration_credentials, registrations};

use super::{trial, typed};
use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    office365::{HeldCertificate, last_day},
};

/// A second secret, as it was typed.
#[derive(Debug)]
pub struct SecondSecret {
    /// Its value.
    pub value: SecretString,
    /// Its last day; empty where it isn't known.
    pub ends: String,
}

impl House {
    /// Adds a second secret, which waits until it is used.
    pub async fn add_registration_secret(
        &self,
        admin: &Admin,
        id: RegistrationId,
        secret: &SecondSecret,
        visitor: &Visitor,
    ) -> Result<()> {
        self.may_register(admin)?;
        let value = typed::checked_secret(&secret.value).map_err(|error| at("next_secret", error));
        let credential = AppCredential::Secret(value?);
        let ends = last_day(&secret.ends, self.now()).map_err(|error| at("next_ends", error))?;
        let registration = self.registration(admin, id).await?;
        if registration.credential.is_same(&credential) {
            let public = "That is the secret that is used already.";
            return Err(Error::invalid("next_secret", public));
        }
        self.add_next(admin, visitor, (registration, "second secret added"), (credential, ends))
            .await
    }

    /// Makes a certificate, which waits until Microsoft knows it and it is used.
    pub async fn make_registration_certificate(
        &self,
        admin: &Admin,
        id: RegistrationId,
        visitor: &Visitor,
    ) -> Result<()> {
        self.may_register(admin)?;
        let registration = self.registration(admin, id).await?;
        if registration.other.is_some() {
            return Err(occupied());
        }
        let made = self.new_client_certificate().await?;
        let ends = Some(made.not_after);
        let credential = AppCredential::Certificate(made);
        self.add_next(admin, visitor, (registration, "certificate made"), (credential, ends)).await
    }

    /// The certificates of a registration: the one that is used, and the other one.
    #[must_use]
    pub fn registration_certificates(registration: &Registration) -> [Option<HeldCertificate>; 2] {
        let held = |credential: &AppCredential| match credential {
            AppCredential::Secret(_) => None,
            AppCredential::Certificate(held) => Some(HeldCertificate::of(held)),
        };
        let other = registration.other.as_ref().and_then(|other| held(&other.credential));
        [held(&registration.credential), other]
    }

    /// Tries the second credential, the one that was added then, and uses it from now on when Microsoft
    /// doesn't refuse it. The former one stays beside it.
    pub async fn use_registration_credential(
        &self,
        admin: &Admin,
        id: RegistrationId,
        added_at: Ts,
        visitor: &Visitor,
    ) -> Result<()> {
        self.may_register(admin)?;
        let registration = self.registration(admin, id).await?;
        let second = registration.other.clone().filter(|it| it.added_at == added_at);
        let second = second.ok_or_else(gone)?;
        let alone = Registration {
            credential: second.credential.clone(),
            other: None,
            ..registration.clone()
        };
        let found = self.try_out(&alone).await?;
        let step = found.of(TrialPart::Credential);
        let taken = step.filter(|step| matches!(step.found, Found::Fine | Found::Untold));
        if taken.is_none() {
            return Err(refused(found.wrong().or(step)));
        }
        let now = self.now();
        self.keep_registration(admin, visitor, (registration, "second credential used"), {
            move |tx, kept| {
                registrations::lock(tx, kept.id)?;
                let now_there = registrations::by_id(tx, kept.id)?;
                let mut changed = now_there.ok_or_else(|| Error::not_found("registration"))?;
                // Meanwhile another admin may have put another one there, or another app.
                let same = changed.other.take().filter(|it| {
                    it.added_at == added_at && it.credential.is_same(&second.credential)
                });
                let next = same.filter(|_| changed.client_id == kept.client_id).ok_or_else(gone)?;
                let former = OtherCredential {
                    credential: std::mem::replace(&mut changed.credential, next.credential),
                    ends_at: std::mem::replace(&mut changed.credential_ends_at, next.ends_at),
                    added_at: now,
                    turn: Turn::Former,
                };
                registration_credentials::remove(tx, kept.id)?;
                registration_credentials::create(tx, kept.id, &former)?;
                trial::forget(tx, kept.id)?;
                Ok(registrations::update(tx, &changed)?)
            }
        })
        .await
    }

    /// Forgets the second credential, the one that was added then: one that waits, or the former one.
    pub async fn drop_registration_credential(
        &self,
        admin: &Admin,
        id: RegistrationId,
        added_at: Ts,
        visitor: &Visitor,
    ) -> Result<()> {
        self.may_register(admin)?;
        let registration = self.registration(admin, id).await?;
        let word = match registration.other.as_ref().map(|it| it.turn) {
            Some(Turn::Former) => "former credential removed",
            _ => "second credential discarded",
        };
        self.keep_registration(admin, visitor, (registration, word), move |tx, kept| {
            registrations::lock(tx, kept.id)?;
            let other = registrations::by_id(tx, kept.id)?.and_then(|now| now.other);
            other.filter(|it| it.added_at == added_at).ok_or_else(gone)?;
            registration_credentials::remove(tx, kept.id)?;
            trial::forget(tx, kept.id)
        })
        .await
    }

    async fn add_next(
        &self,
        admin: &Admin,
        visitor: &Visitor,
        what: (Registration, &str),
        (credential, ends_at): (AppCredential, Option<Ts>),
    ) -> Result<()> {
        let next = OtherCredential { credential, ends_at, added_at: self.now(), turn: Turn::Next };
        self.keep_registration(admin, visitor, what, move |tx, kept| {
            registrations::lock(tx, kept.id)?;
            let now = registrations::by_id(tx, kept.id)?;
            let now = now.ok_or_else(|| Error::not_found("registration"))?;
            if now.other.is_some() {
                return Err(occupied());
            }
            if now.client_id != kept.client_id {
                return Err(gone());
            }
            registration_credentials::create(tx, kept.id, &next)?;
            trial::forget(tx, kept.id)
        })
        .await
    }
}

/// The same problem at the field of another form.
fn at(field: &'static str, error: Error) -> Error {
    match error.kind {
        Kind::Invalid { .. } => Error::invalid(field, error.public),
        _ => error,
    }
}

fn occupied() -> Error {
    let public = "There is a second one already. Use it or discard it first; if it is the former \
                  one, remove it first.";
    Error::new(Kind::Conflict, public)
}

fn gone() -> Error {
    let public =
        "It is not there any more: it is used, removed or replaced. Look at the page again.";
    Error::new(Kind::Conflict, public)
}

fn refused(step: Option<&model::trial::TrialStep>) -> Error {
    let said = match step {
        Some(step) => match step.code {
            Some(code) => format!("AADSTS{code}: {}", step.detail),
            None => step.detail.clone(),
        },
        None => "Microsoft could not be asked.".to_owned(),
    };
    Error::new(Kind::Upstream, said)
}
