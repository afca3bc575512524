//! Mail that waits for the mail server to take it; what it says is sealed.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use model::{Ts, ids::LetterId, letter::Letter};
use secrecy::ExposeSecret as _;

use crate::{Error, Tx, schema::letters, seal::Place, sealed_columns::SealedColumn, text::Row};

/// A letter that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The letter.
    pub letter: Letter,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was written.
    pub made_at: Ts,
}

const fn place(id: &str) -> Place<'_> {
    Place { column: SealedColumn::Letter, row: id }
}

/// Keeps a letter until it is sent.
pub fn put(tx: &mut Tx, letter: &Letter, now: Ts) -> Result<(), Error> {
    let id = letter.id.to_string();
    let sealed = tx.seal.close(place(&id), letter.text.as_bytes())?;
    let values = (
        letters::id.eq(&id),
        letters::recipient.eq(&letter.to),
        letters::subject.eq(&letter.subject),
        letters::text.eq(sealed),
        letters::attempts.eq(0_i64),
        letters::made_at.eq(now.0),
        letters::due_at.eq(now.0),
    );
    diesel::insert_into(letters::table).values(values).execute(&mut tx.conn)?;
    Ok(())
}

/// Letters that are due, the longest waiting first.
pub fn due(tx: &mut Tx, now: Ts, limit: i64) -> Result<Vec<Waiting>, Error> {
    type Found = (String, String, String, Vec<u8>, i64, i64);
    let rows: Vec<Found> = letters::table
        .filter(letters::due_at.le(now.0))
        .order((letters::due_at, letters::id))
        .limit(limit)
        .select((
            letters::id,
            letters::recipient,
            letters::subject,
            letters::text,
            letters::attempts,
            letters::made_at,
        ))
        .load(&mut tx.conn)?;
    let read = |(id, to, subject, sealed, attempts, made_at): Found| {
        let row = Row { table: "letters", id: &id };
        let opened = tx.seal.open(place(&id), &sealed)?;
        let text = std::str::from_utf8(opened.expose_secret()).map_err(|_| row.corrupt())?;
        let letter = Letter { id: row.id(&id)?, to, subject, text: text.to_owned() };
        Ok(Waiting { letter, attempts: row.number(attempts)?, made_at: Ts(made_at) })
    };
    rows.into_iter().map(read).collect()
}

/// How many wait.
pub fn waiting(tx: &mut Tx) -> Result<i64, Error> {
    Ok(letters::table.count().get_result(&mut tx.conn)?)
}

/// Takes a letter to try it: it is due again only at `until`. False when another node was quicker.
pub fn take(tx: &mut Tx, waiting: &Waiting, until: Ts) -> Result<bool, Error> {
    let untaken = letters::table
        .find(waiting.letter.id.to_string())
        .filter(letters::attempts.eq(i64::from(waiting.attempts)));
    let changed = diesel::update(untaken)
        .set((letters::due_at.eq(until.0), letters::attempts.eq(letters::attempts + 1)))
        .execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Forgets a letter that was sent or can't be.
pub fn forget(tx: &mut Tx, id: LetterId) -> Result<(), Error> {
    diesel::delete(letters::table.find(id.to_string())).execute(&mut tx.conn)?;
    Ok(())
}
