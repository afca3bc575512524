//! The second credential of a registration, while one follows another; the secret, or the key of the
//! certificate in its place, is sealed. One for each registration.

use std::collections::HashMap;

use diesel::{Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    Ts,
    ids::RegistrationId,
    registration::OtherCredential,
    tenant::{AppCredential, ClientCertificate},
};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use crate::{
    Error, Tx,
    schema::registration_credentials,
    seal::{Place, Seal},
    sealed_columns::SealedColumn,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = registration_credentials, treat_none_as_default_value = false)]
struct CredentialRow {
    id: String,
    secret: Vec<u8>,
    certificate: Option<Vec<u8>>,
    ends_at: Option<i64>,
    added_at: i64,
    turn: String,
}

const fn place(id: &str) -> Place<'_> {
    Place { column: SealedColumn::RegistrationOther, row: id }
}

/// Keeps one beside the credential that is used; there must be none yet.
pub fn create(tx: &mut Tx, id: RegistrationId, other: &OtherCredential) -> Result<(), Error> {
    let id = id.to_string();
    let (secret, certificate) = parts(&other.credential);
    let row = CredentialRow {
        secret: tx.seal.close(place(&id), secret)?,
        certificate,
        ends_at: other.ends_at.map(|at| at.0),
        added_at: other.added_at.0,
        turn: text::word(other.turn),
        id,
    };
    diesel::insert_into(registration_credentials::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// Forgets it; false when there was none.
pub fn remove(tx: &mut Tx, id: RegistrationId) -> Result<bool, Error> {
    let one = registration_credentials::table.find(id.to_string());
    Ok(diesel::delete(one).execute(&mut tx.conn)? == 1)
}

/// That of one registration.
pub(crate) fn of(tx: &mut Tx, id: &str) -> Result<Option<OtherCredential>, Error> {
    let row: Option<CredentialRow> =
        registration_credentials::table.find(id).first(&mut tx.conn).optional()?;
    row.map(|row| row.read(&tx.seal)).transpose()
}

/// Those of all, by the ids of their registrations.
pub(crate) fn all(tx: &mut Tx) -> Result<HashMap<String, OtherCredential>, Error> {
    let rows: Vec<CredentialRow> = registration_credentials::table.load(&mut tx.conn)?;
    rows.into_iter().map(|row| Ok((row.id.clone(), row.read(&tx.seal)?))).collect()
}

/// What is sealed of a credential, and what is not.
pub(crate) fn parts(credential: &AppCredential) -> (&[u8], Option<Vec<u8>>) {
    match credential {
        AppCredential::Secret(secret) => (secret.expose_secret().as_bytes(), None),
        AppCredential::Certificate(held) => {
            (held.private_key.expose_secret(), Some(held.certificate.clone()))
        }
    }
}

/// A credential of its parts; a certificate without an end is none.
pub(crate) fn joined(
    row: Row<'_>,
    secret: SecretSlice<u8>,
    certificate: Option<Vec<u8>>,
    ends_at: Option<i64>,
) -> Result<AppCredential, Error> {
    Ok(match (certificate, ends_at) {
        (None, _) => {
            let text = std::str::from_utf8(secret.expose_secret()).map_err(|_| row.corrupt())?;
            AppCredential::Secret(SecretString::from(text))
        }
        (Some(certificate), Some(ends_at)) => AppCredential::Certificate(ClientCertificate {
            certificate,
            private_key: secret,
            not_after: Ts(ends_at),
        }),
        (Some(_), None) => return Err(row.corrupt()),
    })
}

impl CredentialRow {
    fn read(self, seal: &Seal) -> Result<OtherCredential, Error> {
        let row = Row { table: "registration_credentials", id: &self.id };
        let secret = seal.open(place(&self.id), &self.secret)?;
        let turn = row.word(&self.turn)?;
        Ok(OtherCredential {
            credential: joined(row, secret, self.certificate, self.ends_at)?,
            ends_at: self.ends_at.map(Ts),
            added_at: Ts(self.added_at),
            turn,
        })
    }
}
