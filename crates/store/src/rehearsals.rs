//! The newest rehearsal of each domain. It is asked for on one node and played on whichever is quicker; a
//! node that has said nothing for a while is taken for gone.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use model::{Actor, Ts, ids::FederatedDomainId, rehearsal::Rehearsal};

use crate::{
    Error, Tx,
    connection::both,
    schema::rehearsals,
    text::{self, Row},
};

/// A rehearsal, with who wanted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRehearsal {
    /// Of which domain.
    pub domain_id: FederatedDomainId,
    /// Who asked for it.
    pub asked_by: Actor,
    /// When.
    pub asked_at: Ts,
    /// When the node that plays it last said so; `None` while it waits for one.
    pub played_at: Option<Ts>,
    /// When it was over.
    pub ended_at: Option<Ts>,
    /// What was seen so far.
    pub seen: Rehearsal,
}

#[derive(Queryable)]
struct RehearsalRow {
    domain_id: String,
    asked_by: String,
    asked_at: i64,
    played_at: Option<i64>,
    ended_at: Option<i64>,
    seen: String,
}

impl RehearsalRow {
    fn read(self) -> Result<KeptRehearsal, Error> {
        let row = Row { table: "rehearsals", id: &self.domain_id };
        Ok(KeptRehearsal {
            domain_id: self.domain_id.parse().map_err(|_| row.corrupt())?,
            asked_by: row.json(&self.asked_by)?,
            asked_at: Ts(self.asked_at),
            played_at: self.played_at.map(Ts),
            ended_at: self.ended_at.map(Ts),
            seen: row.json(&self.seen)?,
        })
    }
}

/// Keeps a rehearsal in the place of the one before.
pub fn put(tx: &mut Tx, kept: &KeptRehearsal) -> Result<(), Error> {
    let (by, seen) = (text::json(&kept.asked_by), text::json(&kept.seen));
    let values = (
        rehearsals::asked_by.eq(by.as_str()),
        rehearsals::asked_at.eq(kept.asked_at.0),
        rehearsals::played_at.eq(kept.played_at.map(|at| at.0)),
        rehearsals::ended_at.eq(kept.ended_at.map(|at| at.0)),
        rehearsals::seen.eq(seen.as_str()),
    );
    both!(tx, conn => diesel::insert_into(rehearsals::table)
        .values((rehearsals::domain_id.eq(kept.domain_id.to_string()), values))
        .on_conflict(rehearsals::domain_id)
        .do_update()
        .set(values)
        .execute(conn))?;
    Ok(())
}

/// The newest rehearsal of a domain, over or not.
pub fn of_domain(tx: &mut Tx, domain: FederatedDomainId) -> Result<Option<KeptRehearsal>, Error> {
    let row: Option<RehearsalRow> =
        rehearsals::table.find(domain.to_string()).first(&mut tx.conn).optional()?;
    row.map(RehearsalRow::read).transpose()
}

/// Takes one that waits, or whose node has said nothing since `silent_since`; of two nodes one gets it.
pub fn take(tx: &mut Tx, now: Ts, silent_since: Ts) -> Result<Option<KeptRehearsal>, Error> {
    let row: Option<RehearsalRow> = rehearsals::table
        .filter(rehearsals::ended_at.is_null())
        .filter(rehearsals::played_at.is_null().or(rehearsals::played_at.lt(silent_since.0)))
        .order(rehearsals::asked_at)
        .first(&mut tx.conn)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let taken = diesel::update(rehearsals::table.find(&row.domain_id))
        .filter(rehearsals::ended_at.is_null())
        .filter(rehearsals::played_at.is_null().or(rehearsals::played_at.lt(silent_since.0)))
        .set(rehearsals::played_at.eq(now.0))
        .execute(&mut tx.conn)?;
    if taken == 0 { Ok(None) } else { row.read().map(Some) }
}

/// Notes what was seen so far of the one that was asked for then, and its end, if this is it. Says whether
/// it is still the one.
pub fn note(
    tx: &mut Tx,
    (domain, asked_at): (FederatedDomainId, Ts),
    seen: &Rehearsal,
    (now, ended_at): (Ts, Option<Ts>),
) -> Result<bool, Error> {
    let changed = diesel::update(rehearsals::table.find(domain.to_string()))
        .filter(rehearsals::asked_at.eq(asked_at.0))
        .filter(rehearsals::ended_at.is_null())
        .set((
            rehearsals::played_at.eq(now.0),
            rehearsals::ended_at.eq(ended_at.map(|at| at.0)),
            rehearsals::seen.eq(text::json(seen)),
        ))
        .execute(&mut tx.conn)?;
    Ok(changed == 1)
}
