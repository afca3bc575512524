//! Directories that check passwords for us, and whose: a person's own row first, then their domain's.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    Ts,
    directory::{Delegation, Directory},
    ids::{DirectoryId, UserId},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    Error, Tx,
    connection::both,
    schema::{delegations, directories, directory_domains, kept_passwords},
    seal::Place,
    sealed_columns::SealedColumn,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = directories)]
struct DirectoryRow {
    id: String,
    name: String,
    host: String,
    port: i64,
    encryption: String,
    authority: String,
    account: String,
    password: Vec<u8>,
    base: String,
    filter: String,
    keep_days: i64,
    help: String,
    changed_at: i64,
}

const fn place(id: &str) -> Place<'_> {
    Place { column: SealedColumn::DirectoryPassword, row: id }
}

/// Every directory, by name.
pub fn all(tx: &mut Tx) -> Result<Vec<Directory>, Error> {
    let rows: Vec<DirectoryRow> = directories::table.order(directories::name).load(&mut tx.conn)?;
    rows.into_iter().map(|row| row.read(tx)).collect()
}

/// Whether there is one.
pub fn any(tx: &mut Tx) -> Result<bool, Error> {
    Ok(directories::table.count().get_result::<i64>(&mut tx.conn)? > 0)
}

/// The directory with this id.
pub fn by_id(tx: &mut Tx, id: DirectoryId) -> Result<Option<Directory>, Error> {
    by_text(tx, &id.to_string())
}

fn by_text(tx: &mut Tx, id: &str) -> Result<Option<Directory>, Error> {
    let row: Option<DirectoryRow> = directories::table.find(id).first(&mut tx.conn).optional()?;
    row.map(|row| row.read(tx)).transpose()
}

/// Keeps a directory in the place of what it was before.
pub fn put(tx: &mut Tx, directory: &Directory) -> Result<(), Error> {
    let row = DirectoryRow::of(tx, directory)?;
    let there: i64 = directories::table.find(&row.id).count().get_result(&mut tx.conn)?;
    if there == 0 {
        diesel::insert_into(directories::table).values(row).execute(&mut tx.conn)?;
        return Ok(());
    }
    diesel::update(directories::table.find(row.id.clone()))
        .set((
            directories::name.eq(row.name),
            directories::host.eq(row.host),
            directories::port.eq(row.port),
            directories::encryption.eq(row.encryption),
            directories::authority.eq(row.authority),
            directories::account.eq(row.account),
            directories::password.eq(row.password),
            directories::base.eq(row.base),
            directories::filter.eq(row.filter),
            directories::keep_days.eq(row.keep_days),
            directories::help.eq(row.help),
            directories::changed_at.eq(row.changed_at),
        ))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// Forgets a directory with everything that names it.
pub fn remove(tx: &mut Tx, id: DirectoryId) -> Result<(), Error> {
    let id = id.to_string();
    diesel::delete(kept_passwords::table.filter(kept_passwords::directory_id.eq(&id)))
        .execute(&mut tx.conn)?;
    diesel::delete(delegations::table.filter(delegations::directory_id.eq(&id)))
        .execute(&mut tx.conn)?;
    diesel::delete(directory_domains::table.filter(directory_domains::directory_id.eq(&id)))
        .execute(&mut tx.conn)?;
    diesel::delete(directories::table.find(&id)).execute(&mut tx.conn)?;
    Ok(())
}

/// The directory that checks the password of this person, or of a name in this domain. The same reads
/// for everybody (R023).
pub fn of(tx: &mut Tx, user: UserId, domain: &str) -> Result<Option<Directory>, Error> {
    let own: Option<Option<String>> = delegations::table
        .find(user.to_string())
        .select(delegations::directory_id)
        .first(&mut tx.conn)
        .optional()?;
    let by_domain: Option<String> = directory_domains::table
        .find(domain)
        .select(directory_domains::directory_id)
        .first(&mut tx.conn)
        .optional()?;
    let id = own.unwrap_or(by_domain).unwrap_or_default();
    by_text(tx, &id)
}

/// What was said of one person.
pub fn delegation(tx: &mut Tx, user: UserId) -> Result<Delegation, Error> {
    let id = user.to_string();
    let own: Option<Option<String>> = delegations::table
        .find(&id)
        .select(delegations::directory_id)
        .first(&mut tx.conn)
        .optional()?;
    let row = Row { table: "delegations", id: &id };
    Ok(match own {
        None => Delegation::ByDomain,
        Some(None) => Delegation::Here,
        Some(Some(directory)) => Delegation::To(row.id(&directory)?),
    })
}

/// Says where one person's password is checked.
pub fn delegate(tx: &mut Tx, user: UserId, to: Delegation) -> Result<(), Error> {
    let id = user.to_string();
    let directory = match to {
        Delegation::ByDomain => {
            diesel::delete(delegations::table.find(&id)).execute(&mut tx.conn)?;
            return Ok(());
        }
        Delegation::Here => None,
        Delegation::To(directory) => Some(directory.to_string()),
    };
    both!(tx, conn => diesel::insert_into(delegations::table)
        .values((delegations::user_id.eq(&id), delegations::directory_id.eq(&directory)))
        .on_conflict(delegations::user_id)
        .do_update()
        .set(delegations::directory_id.eq(&directory))
        .execute(conn))?;
    Ok(())
}

/// The domains whose people a directory knows, in order.
pub fn domains(tx: &mut Tx, id: DirectoryId) -> Result<Vec<String>, Error> {
    let mine = directory_domains::table.filter(directory_domains::directory_id.eq(id.to_string()));
    Ok(mine
        .order(directory_domains::domain)
        .select(directory_domains::domain)
        .load(&mut tx.conn)?)
}

/// Gives a directory these domains and no other; the first that another directory has, if there is
/// one, and nothing is changed then.
pub fn put_domains(
    tx: &mut Tx,
    id: DirectoryId,
    domains: &[String],
) -> Result<Option<String>, Error> {
    let id = id.to_string();
    let taken: Option<String> = directory_domains::table
        .filter(directory_domains::directory_id.ne(&id))
        .filter(directory_domains::domain.eq_any(domains))
        .select(directory_domains::domain)
        .first(&mut tx.conn)
        .optional()?;
    if taken.is_some() {
        return Ok(taken);
    }
    diesel::delete(directory_domains::table.filter(directory_domains::directory_id.eq(&id)))
        .execute(&mut tx.conn)?;
    for domain in domains {
        diesel::insert_into(directory_domains::table)
            .values((directory_domains::domain.eq(domain), directory_domains::directory_id.eq(&id)))
            .execute(&mut tx.conn)?;
    }
    Ok(None)
}

/// How many people are delegated to a directory by name.
pub fn delegated(tx: &mut Tx, id: DirectoryId) -> Result<i64, Error> {
    let mine = delegations::table.filter(delegations::directory_id.eq(id.to_string()));
    Ok(mine.count().get_result(&mut tx.conn)?)
}

/// Who is delegated to a directory by name.
pub fn by_name(tx: &mut Tx, id: DirectoryId) -> Result<Vec<UserId>, Error> {
    let mine = delegations::table.filter(delegations::directory_id.eq(id.to_string()));
    let ids: Vec<String> = mine.select(delegations::user_id).load(&mut tx.conn)?;
    ids.iter().map(|id| Row { table: "delegations", id }.id(id)).collect()
}

impl DirectoryRow {
    fn of(tx: &Tx, directory: &Directory) -> Result<Self, Error> {
        let id = directory.id.to_string();
        let password = directory.password.expose_secret().as_bytes();
        Ok(Self {
            password: tx.seal.close(place(&id), password)?,
            id,
            name: directory.name.clone(),
            host: directory.host.clone(),
            port: i64::from(directory.port),
            encryption: text::word(directory.encryption),
            authority: directory.authority.clone(),
            account: directory.account.clone(),
            base: directory.base.clone(),
            filter: directory.filter.clone(),
            keep_days: i64::from(directory.keep_days),
            help: directory.help.clone(),
            changed_at: directory.changed_at.0,
        })
    }

    fn read(self, tx: &Tx) -> Result<Directory, Error> {
        let row = Row { table: "directories", id: &self.id };
        let opened = tx.seal.open(place(&self.id), &self.password)?;
        let password = std::str::from_utf8(opened.expose_secret()).map_err(|_| row.corrupt())?;
        Ok(Directory {
            id: row.id(&self.id)?,
            port: row.number(self.port)?,
            encryption: row.word(&self.encryption)?,
            password: SecretString::from(password),
            keep_days: row.number(self.keep_days)?,
            changed_at: Ts(self.changed_at),
            name: self.name,
            host: self.host,
            authority: self.authority,
            account: self.account,
            base: self.base,
            filter: self.filter,
            help: self.help,
        })
    }
}
