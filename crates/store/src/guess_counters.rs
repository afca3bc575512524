//! Counted guesses, shared by every node. A counter is locked, counted and stored in one
//! transaction before the guess is checked (R019). Lock several keys always in the same order.

use diesel::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    TextExpressionMethods,
};
use model::{
    Ts,
    guess::{GuessCounter, GuessKey},
};

use crate::{
    Error, Tx,
    connection::{both, first_locked},
    schema::guess_counters,
    text::Row,
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = guess_counters, treat_none_as_default_value = false)]
struct CounterRow {
    key: String,
    failures: i64,
    window_began_at: i64,
    last_at: i64,
}

/// The counter, which nobody else can lock or change until this transaction ends.
pub fn lock(tx: &mut Tx, key: &GuessKey) -> Result<GuessCounter, Error> {
    let row = CounterRow { key: key.0.clone(), failures: 0, window_began_at: 0, last_at: 0 };
    both!(tx, conn => diesel::insert_into(guess_counters::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    let row = first_locked!(tx, CounterRow, guess_counters::table.find(&key.0))?;
    row.map_or_else(|| Ok(GuessCounter::default()), CounterRow::read)
}

/// Stores a counter.
pub fn put(tx: &mut Tx, key: &GuessKey, counter: &GuessCounter) -> Result<(), Error> {
    let values = (
        guess_counters::failures.eq(i64::from(counter.failures)),
        guess_counters::window_began_at.eq(counter.window_began_at.0),
        guess_counters::last_at.eq(counter.last_at.0),
    );
    both!(tx, conn => diesel::insert_into(guess_counters::table)
        .values((guess_counters::key.eq(&key.0), values))
        .on_conflict(guess_counters::key)
        .do_update()
        .set(values)
        .execute(conn))?;
    Ok(())
}

/// The counter as it stands; zero when nothing was counted.
pub fn get(tx: &mut Tx, key: &GuessKey) -> Result<GuessCounter, Error> {
    let row: Option<CounterRow> =
        guess_counters::table.find(&key.0).first(&mut tx.conn).optional()?;
    row.map_or_else(|| Ok(GuessCounter::default()), CounterRow::read)
}

/// Forgets all counters whose keys begin so.
pub fn forget(tx: &mut Tx, beginning: &str) -> Result<usize, Error> {
    let keys = guess_counters::key.like(format!("{beginning}%"));
    Ok(diesel::delete(guess_counters::table.filter(keys)).execute(&mut tx.conn)?)
}

/// Forgets counters that were last used before `before`.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<usize, Error> {
    let old = guess_counters::table.filter(guess_counters::last_at.lt(before.0));
    Ok(diesel::delete(old).execute(&mut tx.conn)?)
}

impl CounterRow {
    fn read(self) -> Result<GuessCounter, Error> {
        let row = Row { table: "guess_counters", id: &self.key };
        Ok(GuessCounter {
            failures: row.number(self.failures)?,
            window_began_at: Ts(self.window_began_at),
            last_at: Ts(self.last_at),
        })
    }
}
