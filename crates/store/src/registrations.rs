//! App registrations at Microsoft through which people sign in; the client secret, or the key of the
//! certificate in its place, is sealed.

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use model::{
    Ts,
    ids::RegistrationId,
    registration::{OtherCredential, Registration, Turn},
    relying_party::CloudHosts,
};

use crate::{
    Error, Tx,
    connection::lock_row,
    registration_credentials as others,
    schema::{registration_credentials, registrations},
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
    certificate: Option<Vec<u8>>,
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
    let Some(row) = row else { return Ok(None) };
    let other = others::of(tx, &row.id)?;
    row.read(&tx.seal, other).map(Some)
}

/// Every one, by alias.
pub fn all(tx: &mut Tx) -> Result<Vec<Registration>, Error> {
    let rows: Vec<RegistrationRow> = registrations::table
        .order((registrations::alias_fold, registrations::id))
        .load(&mut tx.conn)?;
    let mut others = others::all(tx)?;
    rows.into_iter()
        .map(|row| {
            let other = others.remove(&row.id);
            row.read(&tx.seal, other)
        })
        .collect()
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

/// When the secrets of those that the sign-in page offers end, where that is known, by alias, and those
/// that wait to follow them; no secret is opened for it. One that was followed may end.
pub fn ends(tx: &mut Tx) -> Result<Vec<(String, Ts)>, Error> {
    let rows: Vec<(String, String, Option<i64>)> = registrations::table
        .filter(registrations::enabled.eq(true))
        .order(registrations::alias_fold)
        .select((registrations::id, registrations::alias, registrations::secret_expires_at))
        .load(&mut tx.conn)?;
    let next: Vec<(String, Option<i64>)> = registration_credentials::table
        .filter(registration_credentials::turn.eq(text::word(Turn::Next)))
        .select((registration_credentials::id, registration_credentials::ends_at))
        .load(&mut tx.conn)?;
    let mut found = Vec::new();
    for (id, alias, at) in rows {
        let next = next.iter().find(|(of, _)| *of == id).and_then(|(_, at)| *at);
        found.extend(at.map(|at| (alias.clone(), Ts(at))));
        found.extend(next.map(|at| (format!("{alias} (the next one)"), Ts(at))));
    }
    Ok(found)
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
    others::remove(tx, id)?;
    let one = registrations::table.find(id.to_string());
    Ok(diesel::delete(one).execute(&mut tx.conn)? == 1)
}

impl RegistrationRow {
    fn seal(registration: &Registration, seal: &Seal) -> Result<Self, Error> {
        let id = registration.id.to_string();
        let (secret, certificate) = others::parts(&registration.credential);
        Ok(Self {
            client_secret: seal.close(place(&id), secret)?,
            id,
            alias: registration.alias.clone(),
            alias_fold: registration.alias.to_lowercase(),
            client_id: registration.client_id.to_string(),
            secret_expires_at: registration.credential_ends_at.map(|at| at.0),
            cloud: registration.cloud.as_str().to_owned(),
            login_host: registration.hosts.login.clone(),
            graph_host: registration.hosts.graph.clone(),
            tenants: text::json(&registration.tenants),
            trusted: text::json(&registration.trusted),
            enabled: registration.enabled,
            created_at: registration.created_at.0,
            certificate,
        })
    }

    fn read(self, seal: &Seal, other: Option<OtherCredential>) -> Result<Registration, Error> {
        let row = Row { table: "registrations", id: &self.id };
        let secret = seal.open(place(&self.id), &self.client_secret)?;
        let ends_at = self.secret_expires_at;
        let credential = others::joined(row, secret, self.certificate, ends_at)?;
        Ok(Registration {
            id: row.id(&self.id)?,
            client_id: row.id(&self.client_id)?,
            credential,
            credential_ends_at: ends_at.map(Ts),
            other,
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
