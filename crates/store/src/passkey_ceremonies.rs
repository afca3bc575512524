//! Questions to authenticators that wait for their answer: one of a kind per place, each taken once
//! (R036).

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use model::{
    Ts,
    passkey::{Ceremony, CeremonyKind, CeremonyPlace},
};

use crate::{
    Error, Tx,
    connection::both,
    schema::passkey_ceremonies,
    text::{self, Row},
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = passkey_ceremonies, treat_none_as_default_value = false, treat_none_as_null = true)]
struct CeremonyRow {
    place: String,
    kind: String,
    user_id: Option<String>,
    state: String,
    expires_at: i64,
}

fn text_of(place: CeremonyPlace) -> String {
    match place {
        CeremonyPlace::Request(id) => id.to_string(),
        CeremonyPlace::Session(id) => id.to_string(),
    }
}

/// Stores a question; an older one of its kind at the same place is void.
pub fn put(tx: &mut Tx, ceremony: &Ceremony) -> Result<(), Error> {
    let row = CeremonyRow {
        place: text_of(ceremony.place),
        kind: text::word(ceremony.kind),
        user_id: ceremony.user_id.map(|id| id.to_string()),
        state: ceremony.state.clone(),
        expires_at: ceremony.expires_at.0,
    };
    both!(tx, conn => diesel::insert_into(passkey_ceremonies::table)
        .values(&row)
        .on_conflict((passkey_ceremonies::place, passkey_ceremonies::kind))
        .do_update()
        .set(&row)
        .execute(conn))?;
    Ok(())
}

/// Takes a question away, whatever its answer will be worth: it is given out exactly once, and not
/// when its time is over.
pub fn take(
    tx: &mut Tx,
    place: CeremonyPlace,
    kind: CeremonyKind,
    now: Ts,
) -> Result<Option<Ceremony>, Error> {
    let key = (text_of(place), text::word(kind));
    let row: Option<CeremonyRow> =
        passkey_ceremonies::table.find(key.clone()).first(&mut tx.conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    let same = passkey_ceremonies::table.find(key).filter(passkey_ceremonies::state.eq(&row.state));
    let taken = diesel::delete(same).execute(&mut tx.conn)? == 1;
    let ceremony = row.read(place, kind)?;
    Ok((taken && ceremony.expires_at > now).then_some(ceremony))
}

/// Forgets questions whose time was over before `before`.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<usize, Error> {
    let old = passkey_ceremonies::table.filter(passkey_ceremonies::expires_at.lt(before.0));
    Ok(diesel::delete(old).execute(&mut tx.conn)?)
}

impl CeremonyRow {
    fn read(self, place: CeremonyPlace, kind: CeremonyKind) -> Result<Ceremony, Error> {
        let row = Row { table: "passkey_ceremonies", id: &self.place };
        Ok(Ceremony {
            place,
            kind,
            user_id: self.user_id.as_deref().map(|id| row.id(id)).transpose()?,
            expires_at: Ts(self.expires_at),
            state: self.state,
        })
    }
}
