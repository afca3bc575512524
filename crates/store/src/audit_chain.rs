//! The chain over the audit log (R153). Rows are written without a number; `extend` gives them one
//! afterwards, in one place at a time, so that nobody who writes a row waits for anybody. The end of
//! the chain is signed by a key that lies sealed beside it: who can write the database alone can
//! compute hashes, but can't sign another end.

mod link;
mod signer;
mod verify;

use diesel::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, dsl::max,
};
use link::LinkRow;
use model::{
    Ts,
    audit_chain::{ChainedRow, Checked, Checkpoint, Head, Purpose},
};
use signer::Signer;
pub use verify::verify;

use crate::{
    Error, Tx,
    connection::{AnyConn, both},
    schema::{audit_chain, audit_log},
    seal::Place,
    sealed_columns::SealedColumn,
};

/// There is one, and this is its name.
const CHAIN: &str = "chain";
const PLACE: Place<'_> = Place { column: SealedColumn::AuditKey, row: CHAIN };
/// How far behind the end a row is looked for that somebody else has numbered.
const BEYOND: i64 = 1_000_000;

#[derive(Queryable, Insertable)]
#[diesel(table_name = audit_chain, treat_none_as_default_value = false)]
struct ChainRow {
    id: String,
    key: Vec<u8>,
    number: i64,
    hash: String,
    signed_at: i64,
    broken_at: Option<i64>,
    signature: String,
    checked_at: Option<i64>,
    checked_number: i64,
    whole_at: Option<i64>,
    finding: Option<String>,
}

/// Adds rows that wait to the end of the chain, at most `limit`, and says how many. The first time it
/// begins the chain, with a key made of `seed`. While another node does the same it does nothing.
pub fn extend(tx: &mut Tx, now: Ts, limit: i64, seed: &[u8; 32]) -> Result<usize, Error> {
    let chain = match hold(tx)? {
        Some(chain) => chain,
        None if find(tx)?.is_some() => return Ok(0),
        None => {
            begin(tx, now, seed)?;
            let Some(chain) = hold(tx)? else { return Ok(0) };
            chain
        }
    };
    let signer = Signer::open(tx, &chain)?;
    let forged = !signer.has_signed(&chain);
    let mut head = if forged { found_forged(tx, now)? } else { chain.head() };
    let rows: Vec<LinkRow> = audit_log::table
        .filter(audit_log::number.is_null())
        .order((audit_log::at, audit_log::id))
        .limit(limit)
        .load(&mut tx.conn)?;
    if rows.is_empty() && !forged {
        return Ok(0);
    }
    head.number = last_number_near(tx, head.number)?;
    for row in &rows {
        head.number += 1;
        head.hash = row.hash_after(&head.hash, head.number);
        number(tx, row, &head)?;
    }
    head.at = now;
    sign(tx, &signer, &head)?;
    Ok(rows.len())
}

/// The chain's row, which nobody else changes until this transaction ends; `None` where another has it.
fn hold(tx: &mut Tx) -> Result<Option<ChainRow>, Error> {
    let query = audit_chain::table.find(CHAIN);
    Ok(match &mut tx.conn {
        AnyConn::Sqlite(conn) => query.first(conn).optional()?,
        AnyConn::Postgres(conn) => query.for_update().skip_locked().first(conn).optional()?,
    })
}

fn find(tx: &mut Tx) -> Result<Option<ChainRow>, Error> {
    Ok(audit_chain::table.find(CHAIN).first(&mut tx.conn).optional()?)
}

/// Rows that have numbers although there is no chain are those of one whose end was taken away.
fn begin(tx: &mut Tx, now: Ts, seed: &[u8; 32]) -> Result<(), Error> {
    let last = last_row(tx)?;
    let broken_at = last.as_ref().map(|(number, _)| number + 1);
    let (number, hash) = last.unwrap_or((0, link::NOTHING.to_owned()));
    let head = Head { number, hash, at: now, broken_at };
    let signer = Signer::from_seed(seed)?;
    let row = ChainRow {
        id: CHAIN.to_owned(),
        key: tx.seal.close(PLACE, seed)?,
        signature: signer.sign(&head, Purpose::Head),
        number: head.number,
        hash: head.hash,
        signed_at: head.at.0,
        broken_at: head.broken_at,
        checked_at: None,
        checked_number: 0,
        whole_at: None,
        finding: None,
    };
    both!(tx, conn => diesel::insert_into(audit_chain::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// Where a chain goes on whose end somebody has forged: behind what is there, and marked for ever.
fn found_forged(tx: &mut Tx, now: Ts) -> Result<Head, Error> {
    let (number, hash) = last_row(tx)?.unwrap_or((0, link::NOTHING.to_owned()));
    tracing::error!(number, "the end of the audit log's chain was not signed by this house");
    Ok(Head { number, hash, at: now, broken_at: Some(number + 1) })
}

/// The last row that has a number within reason.
fn last_row(tx: &mut Tx) -> Result<Option<(i64, String)>, Error> {
    let last: Option<(Option<i64>, Option<String>)> = audit_log::table
        .filter(audit_log::number.gt(0))
        .filter(audit_log::number.lt(i64::MAX / 2))
        .order(audit_log::number.desc())
        .select((audit_log::number, audit_log::hash))
        .first(&mut tx.conn)
        .optional()?;
    Ok(last.and_then(|(number, hash)| Some((number?, hash.unwrap_or_default()))))
}

/// Numbers that somebody else gave to rows behind the end are passed over: a check finds them, and
/// the log goes on.
fn last_number_near(tx: &mut Tx, end: i64) -> Result<i64, Error> {
    let last: Option<i64> = audit_log::table
        .filter(audit_log::number.gt(end))
        .filter(audit_log::number.le(end.saturating_add(BEYOND)))
        .select(max(audit_log::number))
        .first(&mut tx.conn)?;
    Ok(last.unwrap_or(end))
}

fn number(tx: &mut Tx, row: &LinkRow, head: &Head) -> Result<(), Error> {
    let waiting = audit_log::table.find(&row.id).filter(audit_log::number.is_null());
    diesel::update(waiting)
        .set((audit_log::number.eq(head.number), audit_log::hash.eq(&head.hash)))
        .execute(&mut tx.conn)?;
    Ok(())
}

fn sign(tx: &mut Tx, signer: &Signer, head: &Head) -> Result<(), Error> {
    diesel::update(audit_chain::table.find(CHAIN))
        .set((
            audit_chain::number.eq(head.number),
            audit_chain::hash.eq(&head.hash),
            audit_chain::signed_at.eq(head.at.0),
            audit_chain::broken_at.eq(head.broken_at),
            audit_chain::signature.eq(signer.sign(head, Purpose::Head)),
        ))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// Whether rows wait for their number.
pub fn has_waiting(tx: &mut Tx) -> Result<bool, Error> {
    let waiting: Option<String> = audit_log::table
        .filter(audit_log::number.is_null())
        .order((audit_log::at, audit_log::id))
        .select(audit_log::id)
        .first(&mut tx.conn)
        .optional()?;
    Ok(waiting.is_some())
}

/// The end of the chain, signed to be kept elsewhere. `None` while there is no row, or the end is not
/// ours.
pub fn checkpoint(tx: &mut Tx, now: Ts) -> Result<Option<Checkpoint>, Error> {
    let Some(chain) = find(tx)? else { return Ok(None) };
    let signer = Signer::open(tx, &chain)?;
    if chain.number == 0 || !signer.has_signed(&chain) {
        return Ok(None);
    }
    let head = Head { at: now, ..chain.head() };
    let signature = signer.sign(&head, Purpose::Checkpoint);
    Ok(Some(Checkpoint { audit_checkpoint: head, key: signer.public_key(), signature }))
}

/// Rows of the chain after a number, in order.
pub fn rows_after(tx: &mut Tx, number: i64, limit: i64) -> Result<Vec<ChainedRow>, Error> {
    Ok(link::after(tx, number, limit)?.into_iter().filter_map(LinkRow::chained).collect())
}

/// The number of the last row; 0 before the first.
pub fn last_number(tx: &mut Tx) -> Result<i64, Error> {
    Ok(find(tx)?.map_or(0, |chain| chain.number))
}

/// How far the house has checked the chain by itself.
pub fn checked(tx: &mut Tx) -> Result<Option<Checked>, Error> {
    Ok(find(tx)?.and_then(|chain| {
        Some(Checked {
            at: Ts(chain.checked_at?),
            number: chain.checked_number,
            whole_at: chain.whole_at.map(Ts),
            finding: chain.finding,
        })
    }))
}

/// Writes down how far it has.
pub fn note_check(tx: &mut Tx, checked: &Checked) -> Result<(), Error> {
    diesel::update(audit_chain::table.find(CHAIN))
        .set((
            audit_chain::checked_at.eq(checked.at.0),
            audit_chain::checked_number.eq(checked.number),
            audit_chain::whole_at.eq(checked.whole_at.map(|at| at.0)),
            audit_chain::finding.eq(&checked.finding),
        ))
        .execute(&mut tx.conn)?;
    Ok(())
}

impl ChainRow {
    fn head(&self) -> Head {
        Head {
            number: self.number,
            hash: self.hash.clone(),
            at: Ts(self.signed_at),
            broken_at: self.broken_at,
        }
    }
}
