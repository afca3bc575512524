//! What is remembered of a password that a directory found right: since when it is the same one, sealed
//! by what it is known again, and whether it may open while the directory is away.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{
    Ts,
    directory::{KeptPassword, Verifier},
    ids::{DirectoryId, UserId},
};
use secrecy::ExposeSecret as _;

use crate::{
    Error, Tx, connection::both, schema::kept_passwords, seal::Place, sealed_columns::SealedColumn,
    text::Row,
};

const fn place(id: &str) -> Place<'_> {
    Place { column: SealedColumn::KeptPassword, row: id }
}

/// What is remembered of a person's password, whichever directory found it right.
pub fn of_user(tx: &mut Tx, user: UserId) -> Result<Option<KeptPassword>, Error> {
    type Found = (String, String, i64, i64, Vec<u8>, bool);
    let found: Option<Found> =
        kept_passwords::table.find(user.to_string()).first(&mut tx.conn).optional()?;
    let Some((id, directory, since, confirmed_at, sealed, may_open)) = found else {
        return Ok(None);
    };
    let row = Row { table: "kept_passwords", id: &id };
    let opened = tx.seal.open(place(&id), &sealed)?;
    let text = std::str::from_utf8(opened.expose_secret()).map_err(|_| row.corrupt())?;
    let verifier = text
        .split_once(' ')
        .map(|(pepper, phc)| Verifier { phc: phc.to_owned(), pepper_id: pepper.to_owned() });
    Ok(Some(KeptPassword {
        user_id: user,
        directory_id: row.id(&directory)?,
        since: Ts(since),
        confirmed_at: Ts(confirmed_at),
        verifier,
        may_open,
    }))
}

/// Remembers it in the place of what was remembered before.
pub fn put(tx: &mut Tx, kept: &KeptPassword) -> Result<(), Error> {
    let id = kept.user_id.to_string();
    let text = kept.verifier.as_ref().map(|it| format!("{} {}", it.pepper_id, it.phc));
    let sealed = tx.seal.close(place(&id), text.unwrap_or_default().as_bytes())?;
    let values = (
        kept_passwords::directory_id.eq(kept.directory_id.to_string()),
        kept_passwords::since.eq(kept.since.0),
        kept_passwords::confirmed_at.eq(kept.confirmed_at.0),
        kept_passwords::verifier.eq(sealed),
        kept_passwords::may_open.eq(kept.may_open),
    );
    both!(tx, conn => diesel::insert_into(kept_passwords::table)
        .values((kept_passwords::id.eq(&id), values.clone()))
        .on_conflict(kept_passwords::id)
        .do_update()
        .set(values)
        .execute(conn))?;
    Ok(())
}

/// Forgets what is remembered of a person's password.
pub fn forget(tx: &mut Tx, user: UserId) -> Result<(), Error> {
    diesel::delete(kept_passwords::table.find(user.to_string())).execute(&mut tx.conn)?;
    Ok(())
}

/// Lets nothing open any more that a directory found right before this time; gives how many.
pub fn purge(tx: &mut Tx, directory: DirectoryId, before: Ts) -> Result<usize, Error> {
    let old = kept_passwords::table
        .filter(kept_passwords::directory_id.eq(directory.to_string()))
        .filter(kept_passwords::confirmed_at.le(before.0))
        .filter(kept_passwords::may_open.eq(true));
    Ok(diesel::update(old).set(kept_passwords::may_open.eq(false)).execute(&mut tx.conn)?)
}

/// Lets nothing open any more that a directory found right, and no proof go on that rests on it; gives
/// whose that was.
pub fn drop_all(tx: &mut Tx, directory: DirectoryId, now: Ts) -> Result<Vec<UserId>, Error> {
    let mine =
        || kept_passwords::table.filter(kept_passwords::directory_id.eq(directory.to_string()));
    let ids: Vec<String> = mine().select(kept_passwords::id).load(&mut tx.conn)?;
    diesel::update(mine())
        .set((kept_passwords::may_open.eq(false), kept_passwords::since.eq(now.0)))
        .execute(&mut tx.conn)?;
    ids.iter().map(|id| Row { table: "kept_passwords", id }.id(id)).collect()
}
