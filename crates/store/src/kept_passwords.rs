//! What is remembered of a password that a directory found right: since when it is the same one, and,
//! sealed, by what it is known again while the directory is away.

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
    type Found = (String, String, i64, i64, Vec<u8>);
    let found: Option<Found> =
        kept_passwords::table.find(user.to_string()).first(&mut tx.conn).optional()?;
    let Some((id, directory, since, confirmed_at, sealed)) = found else { return Ok(None) };
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

/// Takes away by what a directory's passwords are known again where it found them right before this
/// time; gives how many.
pub fn purge(tx: &mut Tx, directory: DirectoryId, before: Ts) -> Result<usize, Error> {
    let old: Vec<String> = kept_passwords::table
        .filter(kept_passwords::directory_id.eq(directory.to_string()))
        .filter(kept_passwords::confirmed_at.le(before.0))
        .select(kept_passwords::id)
        .load(&mut tx.conn)?;
    let mut purged = 0;
    for id in old {
        let row = Row { table: "kept_passwords", id: &id };
        let Some(kept) = of_user(tx, row.id(&id)?)? else { continue };
        if kept.verifier.is_some() {
            put(tx, &KeptPassword { verifier: None, ..kept })?;
            purged += 1;
        }
    }
    Ok(purged)
}
