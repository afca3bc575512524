//! Connections to Entra tenants; the client secret, or the key of the certificate in its place, is
//! sealed.

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use model::{
    Ts,
    ids::{EntraTenantId, TenantId},
    relying_party::CloudHosts,
    tenant::Tenant,
};

use crate::{
    Error, Tx,
    connection::lock_row,
    registration_credentials, revision,
    schema::tenants,
    seal::{Place, Seal},
    sealed_columns::SealedColumn,
    text::{self, Row},
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = tenants, treat_none_as_default_value = false, treat_none_as_null = true)]
struct TenantRow {
    id: String,
    alias: String,
    entra_tenant_id: String,
    client_id: String,
    client_secret: Vec<u8>,
    secret_expires_at: Option<i64>,
    cloud: String,
    login_host: String,
    graph_host: String,
    writes_stopped: bool,
    admins_kept_out: bool,
    certificate: Option<Vec<u8>>,
}

const fn place(id: &str) -> Place<'_> {
    Place { column: SealedColumn::ClientSecret, row: id }
}

/// Adds a connection.
pub fn create(tx: &mut Tx, tenant: &Tenant) -> Result<(), Error> {
    let row = TenantRow::seal(tenant, &tx.seal)?;
    diesel::insert_into(tenants::table).values(&row).execute(&mut tx.conn)?;
    revision::bump(tx);
    Ok(())
}

/// Lets nobody else change a connection until this transaction ends: call it before it is read.
pub fn lock(tx: &mut Tx, id: TenantId) -> Result<(), Error> {
    lock_row!(tx, tenants, id);
    Ok(())
}

/// One connection.
pub fn by_id(tx: &mut Tx, id: TenantId) -> Result<Option<Tenant>, Error> {
    let row: Option<TenantRow> =
        tenants::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    row.map(|row| row.read(&tx.seal)).transpose()
}

/// The connections to a directory; no secret is opened for it.
pub fn to_directory(tx: &mut Tx, directory: EntraTenantId) -> Result<Vec<TenantId>, Error> {
    let rows: Vec<String> = tenants::table
        .filter(tenants::entra_tenant_id.eq(directory.to_string()))
        .select(tenants::id)
        .load(&mut tx.conn)?;
    rows.iter().map(|id| Row { table: "tenants", id }.id(id)).collect()
}

/// Every connection, by alias.
pub fn all(tx: &mut Tx) -> Result<Vec<Tenant>, Error> {
    let rows: Vec<TenantRow> =
        tenants::table.order((tenants::alias, tenants::id)).load(&mut tx.conn)?;
    rows.into_iter().map(|row| row.read(&tx.seal)).collect()
}

/// Writes everything about a connection.
pub fn update(tx: &mut Tx, tenant: &Tenant) -> Result<(), Error> {
    let row = TenantRow::seal(tenant, &tx.seal)?;
    let changed =
        diesel::update(tenants::table.find(row.id.clone())).set(&row).execute(&mut tx.conn)?;
    revision::bump(tx);
    text::found(changed, "tenant")
}

/// Stops all writes to a tenant, or lets them flow again (Y33).
pub fn stop_writes(tx: &mut Tx, id: TenantId, stopped: bool) -> Result<(), Error> {
    let changed = diesel::update(tenants::table.find(id.to_string()))
        .set(tenants::writes_stopped.eq(stopped))
        .execute(&mut tx.conn)?;
    revision::bump(tx);
    text::found(changed, "tenant")
}

/// Keeps a tenant's administrators from signing in by federation, or lets them again (R087).
pub fn keep_admins_out(tx: &mut Tx, id: TenantId, kept_out: bool) -> Result<(), Error> {
    let changed = diesel::update(tenants::table.find(id.to_string()))
        .set(tenants::admins_kept_out.eq(kept_out))
        .execute(&mut tx.conn)?;
    revision::bump(tx);
    text::found(changed, "tenant")
}

/// The tenants whose administrators are kept out; no secret is opened for it.
pub fn keeping_admins_out(tx: &mut Tx) -> Result<Vec<TenantId>, Error> {
    let rows: Vec<String> = tenants::table
        .filter(tenants::admins_kept_out.eq(true))
        .select(tenants::id)
        .load(&mut tx.conn)?;
    rows.iter().map(|id| Row { table: "tenants", id }.id(id)).collect()
}

impl TenantRow {
    fn seal(tenant: &Tenant, seal: &Seal) -> Result<Self, Error> {
        let id = tenant.id.to_string();
        let (secret, certificate) = registration_credentials::parts(&tenant.credential);
        Ok(Self {
            client_secret: seal.close(place(&id), secret)?,
            certificate,
            id,
            alias: tenant.alias.clone(),
            entra_tenant_id: tenant.entra_tenant_id.to_string(),
            client_id: tenant.client_id.to_string(),
            secret_expires_at: tenant.credential_ends_at.map(|at| at.0),
            cloud: tenant.cloud.as_str().to_owned(),
            login_host: tenant.hosts.login.clone(),
            graph_host: tenant.hosts.graph.clone(),
            writes_stopped: tenant.writes_stopped,
            admins_kept_out: tenant.admins_kept_out,
        })
    }

    fn read(self, seal: &Seal) -> Result<Tenant, Error> {
        let row = Row { table: "tenants", id: &self.id };
        let secret = seal.open(place(&self.id), &self.client_secret)?;
        let credential = registration_credentials::joined(
            row,
            secret,
            self.certificate,
            self.secret_expires_at,
        )?;
        Ok(Tenant {
            id: row.id(&self.id)?,
            entra_tenant_id: row.id(&self.entra_tenant_id)?,
            client_id: row.id(&self.client_id)?,
            credential,
            credential_ends_at: self.secret_expires_at.map(Ts),
            cloud: row.word(&self.cloud)?,
            alias: self.alias,
            hosts: CloudHosts { login: self.login_host, graph: self.graph_host },
            writes_stopped: self.writes_stopped,
            admins_kept_out: self.admins_kept_out,
        })
    }
}
