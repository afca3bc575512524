//! Token-signing keys; private keys are sealed. At most one is active and one is next.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    Ts,
    ids::SigningKeyId,
    signing_key::{PrivateKey, SigningKey, SigningKeyState},
};
use secrecy::ExposeSecret;

use crate::{
    Error, Tx, revision,
    schema::signing_keys,
    seal::{Place, Seal},
    sealed_columns::SealedColumn,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
struct KeyRow {
    id: String,
    state: String,
    private_key: Vec<u8>,
    certificate: Vec<u8>,
    not_before: i64,
    not_after: i64,
    published_at: Option<i64>,
    seen_by_entra_at: Option<i64>,
    retired_at: Option<i64>,
}

const fn place(id: &str) -> Place<'_> {
    Place { column: SealedColumn::SigningKey, row: id }
}

/// What is sealed instead of a key that is in a token, before the hex digits of its id. The DER of a
/// key never begins like this.
const IN_TOKEN: &[u8] = b"pkcs11:";

fn close(seal: &Seal, place: Place<'_>, key: &PrivateKey) -> Result<Vec<u8>, Error> {
    match key {
        PrivateKey::Here(pkcs8) => seal.close_secret(place, pkcs8),
        PrivateKey::InToken(id) => {
            seal.close(place, &[IN_TOKEN, hex::encode(id).as_bytes()].concat())
        }
        PrivateKey::Locked | PrivateKey::Damaged => Err(place.corrupt()),
    }
}

/// A key that does not open must not hide the others, nor keep anybody out who could replace it.
fn open(seal: &Seal, place: Place<'_>, sealed: &[u8]) -> Result<PrivateKey, Error> {
    let secret = match seal.open(place, sealed) {
        Err(Error::Corrupt { .. }) => return Ok(PrivateKey::Damaged),
        Err(error @ Error::UnknownMasterKey { .. }) => {
            tracing::error!(%error, "this node can't open a signing key");
            return Ok(PrivateKey::Locked);
        }
        opened => opened?,
    };
    let Some(digits) = secret.expose_secret().strip_prefix(IN_TOKEN) else {
        return Ok(PrivateKey::Here(secret));
    };
    Ok(hex::decode(digits).map_or(PrivateKey::Damaged, PrivateKey::InToken))
}

/// Adds a key.
pub fn create(tx: &mut Tx, key: &SigningKey) -> Result<(), Error> {
    let id = key.id.to_string();
    let row = KeyRow {
        private_key: close(&tx.seal, place(&id), &key.private_key)?,
        id,
        state: text::word(key.state),
        certificate: key.certificate.clone(),
        not_before: key.not_before.0,
        not_after: key.not_after.0,
        published_at: key.published_at.map(|at| at.0),
        seen_by_entra_at: key.seen_by_entra_at.map(|at| at.0),
        retired_at: None,
    };
    diesel::insert_into(signing_keys::table).values(&row).execute(&mut tx.conn)?;
    revision::bump(tx);
    Ok(())
}

/// Every key, newest first.
pub fn all(tx: &mut Tx) -> Result<Vec<SigningKey>, Error> {
    let rows: Vec<KeyRow> = signing_keys::table
        .order((signing_keys::not_before.desc(), signing_keys::id.desc()))
        .load(&mut tx.conn)?;
    rows.into_iter().map(|row| row.read(&tx.seal)).collect()
}

/// The key that signs now.
pub fn active(tx: &mut Tx) -> Result<Option<SigningKey>, Error> {
    in_state(tx, SigningKeyState::Active)
}

/// The key that signs after the next promotion.
pub fn next(tx: &mut Tx) -> Result<Option<SigningKey>, Error> {
    in_state(tx, SigningKeyState::Next)
}

fn in_state(tx: &mut Tx, state: SigningKeyState) -> Result<Option<SigningKey>, Error> {
    let row: Option<KeyRow> = signing_keys::table
        .filter(signing_keys::state.eq(text::word(state)))
        .first(&mut tx.conn)
        .optional()?;
    row.map(|row| row.read(&tx.seal)).transpose()
}

/// This next key becomes active and the active one retires, in one go (R128). When it is not the
/// next key any more, that is an error: of two promotions at once one wins.
pub fn promote(tx: &mut Tx, next: SigningKeyId, now: Ts) -> Result<(), Error> {
    retire(tx, &[SigningKeyState::Active], now)?;
    let promoted = diesel::update(
        signing_keys::table
            .find(next.to_string())
            .filter(signing_keys::state.eq(text::word(SigningKeyState::Next))),
    )
    .set(signing_keys::state.eq(text::word(SigningKeyState::Active)))
    .execute(&mut tx.conn)?;
    text::found(promoted, "next signing key")
}

/// The active and the next key retire, to be followed by two new ones (R129).
pub fn retire_both(tx: &mut Tx, now: Ts) -> Result<(), Error> {
    retire(tx, &[SigningKeyState::Active, SigningKeyState::Next], now)
}

fn retire(tx: &mut Tx, states: &[SigningKeyState], now: Ts) -> Result<(), Error> {
    let words: Vec<String> = states.iter().copied().map(text::word).collect();
    diesel::update(signing_keys::table.filter(signing_keys::state.eq_any(words)))
        .set((
            signing_keys::state.eq(text::word(SigningKeyState::Retired)),
            signing_keys::retired_at.eq(now.0),
        ))
        .execute(&mut tx.conn)?;
    revision::bump(tx);
    Ok(())
}

/// When each retired key retired.
pub fn retirements(tx: &mut Tx) -> Result<Vec<(SigningKeyId, Ts)>, Error> {
    let rows: Vec<(String, Option<i64>)> = signing_keys::table
        .filter(signing_keys::retired_at.is_not_null())
        .select((signing_keys::id, signing_keys::retired_at))
        .load(&mut tx.conn)?;
    rows.into_iter()
        .map(|(id, at)| {
            let row = Row { table: "signing_keys", id: &id };
            Ok((row.id(&id)?, Ts(at.unwrap_or_default())))
        })
        .collect()
}

/// Remembers since when Entra has been seen to trust a key, or that it doesn't. No token rests on it.
pub fn set_seen(tx: &mut Tx, id: SigningKeyId, at: Option<Ts>) -> Result<(), Error> {
    let changed = diesel::update(signing_keys::table.find(id.to_string()))
        .set(signing_keys::seen_by_entra_at.eq(at.map(|at| at.0)))
        .execute(&mut tx.conn)?;
    text::found(changed, "signing key")
}

impl KeyRow {
    fn read(self, seal: &Seal) -> Result<SigningKey, Error> {
        let row = Row { table: "signing_keys", id: &self.id };
        Ok(SigningKey {
            id: row.id(&self.id)?,
            state: row.word(&self.state)?,
            private_key: open(seal, place(&self.id), &self.private_key)?,
            certificate: self.certificate,
            not_before: Ts(self.not_before),
            not_after: Ts(self.not_after),
            published_at: self.published_at.map(Ts),
            seen_by_entra_at: self.seen_by_entra_at.map(Ts),
        })
    }
}
