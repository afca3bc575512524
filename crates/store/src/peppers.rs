//! Peppers that go into password hashes; sealed. The newest one is used for new hashes.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use model::Ts;
use secrecy::SecretSlice;

use crate::{Error, Tx, schema::peppers, seal::Place, sealed_columns::SealedColumn};

const fn place(id: &str) -> Place<'_> {
    Place { column: SealedColumn::Pepper, row: id }
}

/// The newest pepper.
pub fn current(tx: &mut Tx) -> Result<Option<(String, SecretSlice<u8>)>, Error> {
    Ok(all(tx)?.into_iter().next())
}

/// Every pepper, newest first.
pub fn all(tx: &mut Tx) -> Result<Vec<(String, SecretSlice<u8>)>, Error> {
    let rows: Vec<(String, Vec<u8>)> = peppers::table
        .order((peppers::created_at.desc(), peppers::id.desc()))
        .select((peppers::id, peppers::key))
        .load(&mut tx.conn)?;
    let open = |(id, sealed): (String, Vec<u8>)| {
        let key = tx.seal.open(place(&id), &sealed)?;
        Ok((id, key))
    };
    rows.into_iter().map(open).collect()
}

/// Adds a pepper, which becomes the current one.
pub fn create(tx: &mut Tx, id: &str, key: &SecretSlice<u8>, now: Ts) -> Result<(), Error> {
    let sealed = tx.seal.close_secret(place(id), key)?;
    diesel::insert_into(peppers::table)
        .values((peppers::id.eq(id), peppers::key.eq(sealed), peppers::created_at.eq(now.0)))
        .execute(&mut tx.conn)?;
    Ok(())
}
