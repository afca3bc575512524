//! Applications that people are assigned to.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    application::{Application, Office365Settings},
    ids::{ApplicationId, TenantId},
};

use crate::{
    Error, Tx, revision,
    schema::applications,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = applications, treat_none_as_default_value = false)]
struct ApplicationRow {
    id: String,
    name: String,
    tenant_id: String,
    settings: String,
}

/// Adds an application.
pub fn create(tx: &mut Tx, application: &Application) -> Result<(), Error> {
    let row = ApplicationRow {
        id: application.id.to_string(),
        name: application.name.clone(),
        tenant_id: application.tenant_id.to_string(),
        settings: text::json(&application.settings),
    };
    diesel::insert_into(applications::table).values(&row).execute(&mut tx.conn)?;
    revision::bump(tx);
    Ok(())
}

/// One application.
pub fn by_id(tx: &mut Tx, id: ApplicationId) -> Result<Option<Application>, Error> {
    let row: Option<ApplicationRow> =
        applications::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    row.map(ApplicationRow::read).transpose()
}

/// The application that provisions a tenant.
pub fn of_tenant(tx: &mut Tx, tenant: TenantId) -> Result<Option<Application>, Error> {
    let row: Option<ApplicationRow> = applications::table
        .filter(applications::tenant_id.eq(tenant.to_string()))
        .first(&mut tx.conn)
        .optional()?;
    row.map(ApplicationRow::read).transpose()
}

/// Every application, by name.
pub fn all(tx: &mut Tx) -> Result<Vec<Application>, Error> {
    let rows: Vec<ApplicationRow> =
        applications::table.order(applications::name).load(&mut tx.conn)?;
    rows.into_iter().map(ApplicationRow::read).collect()
}

/// Changes how an application is provisioned.
pub fn update_settings(
    tx: &mut Tx,
    id: ApplicationId,
    settings: &Office365Settings,
) -> Result<(), Error> {
    let changed = diesel::update(applications::table.find(id.to_string()))
        .set(applications::settings.eq(text::json(settings)))
        .execute(&mut tx.conn)?;
    revision::bump(tx);
    text::found(changed, "application")
}

impl ApplicationRow {
    fn read(self) -> Result<Application, Error> {
        let row = Row { table: "applications", id: &self.id };
        Ok(Application {
            id: row.id(&self.id)?,
            tenant_id: row.id(&self.tenant_id)?,
            settings: row.json(&self.settings)?,
            name: self.name,
        })
    }
}
