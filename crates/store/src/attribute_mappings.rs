//! What of a person reaches Entra, for applications whose rules somebody changed; the key of their
//! pseudonyms is sealed and never changes, or everybody would get another one.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{Ts, ids::ApplicationId, mapping::AttributeMapping};
use secrecy::SecretSlice;

use crate::{
    Error, Tx,
    connection::{both, lock_row},
    schema::attribute_mappings,
    seal::Place,
    sealed_columns::SealedColumn,
    text::{self, Row},
};

/// The rules of an application, and what its pseudonyms are made with.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The rules that somebody changed.
    pub mapping: AttributeMapping,
    /// What pseudonyms are made with.
    pub key: SecretSlice<u8>,
}

const fn place(id: &str) -> Place<'_> {
    Place { column: SealedColumn::PseudonymKey, row: id }
}

/// What is kept for an application, if somebody ever changed or tried a rule.
pub fn of_application(tx: &mut Tx, id: ApplicationId) -> Result<Option<Kept>, Error> {
    let id = id.to_string();
    let row: Option<(String, Vec<u8>)> = attribute_mappings::table
        .find(&id)
        .select((attribute_mappings::rules, attribute_mappings::pseudonym_key))
        .first(&mut tx.conn)
        .optional()?;
    let Some((rules, sealed)) = row else { return Ok(None) };
    let mapping = Row { table: "attribute_mappings", id: &id }.json(&rules)?;
    Ok(Some(Kept { mapping, key: tx.seal.open(place(&id), &sealed)? }))
}

/// Makes the row of an application, with the default rules and this key; nothing happens when it is
/// there.
pub fn begin(tx: &mut Tx, id: ApplicationId, key: &SecretSlice<u8>, now: Ts) -> Result<(), Error> {
    let id = id.to_string();
    let sealed = tx.seal.close_secret(place(&id), key)?;
    let rules = text::json(&AttributeMapping::default());
    both!(tx, conn => diesel::insert_into(attribute_mappings::table)
        .values((
            attribute_mappings::id.eq(&id),
            attribute_mappings::rules.eq(&rules),
            attribute_mappings::pseudonym_key.eq(&sealed),
            attribute_mappings::changed_at.eq(now.0),
        ))
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// Lets nobody else change the rules of an application until this transaction ends: they are read and
/// written as a whole. `SQLite` has one writer anyway.
pub fn lock(tx: &mut Tx, id: ApplicationId) -> Result<(), Error> {
    lock_row!(tx, attribute_mappings, id);
    Ok(())
}

/// Keeps other rules.
pub fn put(
    tx: &mut Tx,
    id: ApplicationId,
    mapping: &AttributeMapping,
    now: Ts,
) -> Result<(), Error> {
    let changed = diesel::update(attribute_mappings::table.find(id.to_string()))
        .set((
            attribute_mappings::rules.eq(text::json(mapping)),
            attribute_mappings::changed_at.eq(now.0),
        ))
        .execute(&mut tx.conn)?;
    text::found(changed, "attribute mapping")
}
