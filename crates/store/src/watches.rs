//! When each thing was last looked at by itself, and what stood in the way.

use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl};
use model::{
    Ts,
    watch::{Sight, Watch, WatchKind},
};

use crate::{
    Error, Tx,
    connection::both,
    schema::watches,
    text::{self, Row},
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = watches, treat_none_as_default_value = false, treat_none_as_null = true)]
struct WatchRow {
    kind: String,
    subject: String,
    tried_at: i64,
    trouble: Option<String>,
    allowed: bool,
    read_until: Option<i64>,
}

/// Writes down a look, in the place of the one before.
pub fn put(tx: &mut Tx, watch: &Watch) -> Result<(), Error> {
    let trouble = match &watch.sight {
        Sight::Seen => None,
        Sight::Blind(why) | Sight::NotAllowed(why) => Some(why.clone()),
    };
    let row = WatchRow {
        kind: text::word(watch.kind),
        subject: watch.subject.clone(),
        tried_at: watch.tried_at.0,
        trouble,
        allowed: !matches!(watch.sight, Sight::NotAllowed(_)),
        read_until: watch.read_until.map(|at| at.0),
    };
    both!(tx, conn => diesel::insert_into(watches::table)
        .values(&row)
        .on_conflict((watches::kind, watches::subject))
        .do_update()
        .set(&row)
        .execute(conn))?;
    Ok(())
}

/// Forgets the looks of a kind that were not repeated since.
pub fn forget_before(tx: &mut Tx, kind: WatchKind, since: Ts) -> Result<(), Error> {
    let old = watches::table
        .filter(watches::kind.eq(text::word(kind)))
        .filter(watches::tried_at.lt(since.0));
    diesel::delete(old).execute(&mut tx.conn)?;
    Ok(())
}

/// Every look, by kind and subject.
pub fn all(tx: &mut Tx) -> Result<Vec<Watch>, Error> {
    let rows: Vec<WatchRow> =
        watches::table.order((watches::kind, watches::subject)).load(&mut tx.conn)?;
    rows.into_iter().map(WatchRow::read).collect()
}

impl WatchRow {
    fn read(self) -> Result<Watch, Error> {
        let row = Row { table: "watches", id: &self.subject };
        Ok(Watch {
            kind: row.word(&self.kind)?,
            tried_at: Ts(self.tried_at),
            sight: match self.trouble {
                None => Sight::Seen,
                Some(why) if self.allowed => Sight::Blind(why),
                Some(why) => Sight::NotAllowed(why),
            },
            read_until: self.read_until.map(Ts),
            subject: self.subject,
        })
    }
}
