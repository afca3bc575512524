//! App registrations at Microsoft through which people sign in; the client secret is sealed.

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use model::{Ts, ids::RegistrationId, registration::Registration, relying_party::CloudHosts};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Error, Tx,
    connection::lock_row,
    schema::registrations,
    seal::{Place, Seal},
    sealed_columns::SealedColumn,
    text::{self, Row},
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = registrations, treat_none_as_default_value = false, treat_none_as_null = true)]
struct RegistrationRow {
    id: String,
    alias: String,
    alias_fold: String,
    client_id: String,
    client_secret: Vec<u8>,
    secret_expires_at: Option<i64>,
    cloud: String,
    login_host: String,
    graph_host: String,
    tenants: String,
    trusted: String,
    enabled: bool,
    created_at: i64,
}

/// What the sign-in page needs to know of one; no secret is opened for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Which.
    pub id: RegistrationId,
    /// What admins call it.
    pub alias: String,
}

const fn place(id: &str) -> Place<'_> {
    Place { column: SealedColumn::RegistrationSecret, row: id }
}

/// Adds one.
pub fn create(tx: &mut Tx, registration: &Registration) -> Result<(), Error> {
    let row = RegistrationRow::seal(registration, &tx.seal)?;
    diesel::insert_into(registrations::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// Lets nobody else change one until this transaction ends: call it before it is read.
pub fn lock(tx: &mut Tx, id: RegistrationId) -> Result<(), Error> {
    lock_row!(tx, registrations, id);
    Ok(())
}

/// One of them.
pub fn by_id(tx: &mut Tx, id: RegistrationId) -> Result<Option<Registration>, Error> {
    let row: Option<RegistrationRow> =
        registrations::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    row.map(|row| row.read(&tx.seal)).transpose()
}

/// Every one, by alias.
pub fn all(tx: &mut Tx) -> Result<Vec<Registration>, Error> {
    let rows: Vec<RegistrationRow> = registrations::table
        .order((registrations::alias_fold, registrations::id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(|row| row.read(&tx.seal)).collect()
}

/// Those that the sign-in page offers, by alias.
pub fn offered(tx: &mut Tx) -> Result<Vec<Offered>, Error> {
    let rows: Vec<(String, String)> = registrations::table
        .filter(registrations::enabled.eq(true))
        .order((registrations::alias_fold, registrations::id))
        .select((registrations::id, registrations::alias))
        .load(&mut tx.conn)?;
    rows.into_iter()
        .map(|(id, alias)| {
            Ok(Offered { id: Row { table: "registrations", id: &id }.id(&id)?, alias })
        })
        .collect()
}

/// When the secrets of those that the sign-in page offers end, where that is known, by alias; no
/// secret is opened for it.
pub fn ends(tx: &mut Tx) -> Result<Vec<(String, Ts)>, Error> {
    let rows: Vec<(String, Option<i64>)> = registrations::table
        .filter(registrations::enabled.eq(true))
        .order(registrations::alias_fold)
        .select((registrations::alias, registrations::secret_expires_at))
        .load(&mut tx.conn)?;
    Ok(rows.into_iter().filter_map(|(alias, at)| Some((alias, Ts(at?)))).collect())
}

/// Writes everything about one.
pub fn update(tx: &mut Tx, registration: &Registration) -> Result<(), Error> {
    let row = RegistrationRow::seal(registration, &tx.seal)?;
    let changed = diesel::update(registrations::table.find(row.id.clone()))
        .set(&row)
        .execute(&mut tx.conn)?;
    text::found(changed, "registration")
}

/// Has the sign-in page offer one, or offer it no more.
pub fn set_enabled(tx: &mut Tx, id: RegistrationId, enabled: bool) -> Result<(), Error> {
    let changed = diesel::update(registrations::table.find(id.to_string()))
        .set(registrations::enabled.eq(enabled))
        .execute(&mut tx.conn)?;
    text::found(changed, "registration")
}

/// Takes one away; false when it was gone before.
pub fn remove(tx: &mut Tx, id: RegistrationId) -> Result<bool, Error> {
    let one = registrations::table.find(id.to_string());
    Ok(diesel::delete(one).execute(&mut tx.conn)? == 1)
}

impl RegistrationRow {
    fn seal(registration: &Registration, seal: &Seal) -> Result<Self, Error> {
        let id = registration.id.to_string();
        let secret = registration.client_secret.expose_secret().as_bytes();
        Ok(Self {
            client_secret: seal.close(place(&id), secret)?,
            id,
            alias: registration.alias.clone(),
            alias_fold: registration.alias.to_lowercase(),
            client_id: registration.client_id.to_string(),
            secret_expires_at: registration.secret_expires_at.map(|at| at.0),
            cloud: registration.cloud.as_str().to_owned(),
            login_host: registration.hosts.login.clone(),
            graph_host: registration.hosts.graph.clone(),
            tenants: text::json(&registration.tenants),
            trusted: text::json(&registration.trusted),
            enabled: registration.enabled,
            created_at: registration.created_at.0,
        })
    }

    fn read(self, seal: &Seal) -> Result<Registration, Error> {
        let row = Row { table: "registrations", id: &self.id };
        let secret = seal.open(place(&self.id), &self.client_secret)?;
        let secret = std::str::from_utf8(secret.expose_secret()).map_err(|_| row.corrupt())?;
        Ok(Registration {
            id: row.id(&self.id)?,
            client_id: row.id(&self.client_id)?,
            client_secret: SecretString::from(secret),
            secret_expires_at: self.secret_expires_at.map(Ts),
            cloud: row.word(&self.cloud)?,
            tenants: row.json(&self.tenants)?,
            trusted: row.json(&self.trusted)?,
            enabled: self.enabled,
            created_at: Ts(self.created_at),
            alias: self.alias,
            hosts: CloudHosts { login: self.login_host, graph: self.graph_host },
        })
    }
}
