//! Whether a tenant's people prove their second factor here while Microsoft asks for the first one,
//! and which hints of theirs came already.

use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{
    Ts,
    external_mfa::{Asking, ExternalMfa},
    ids::TenantId,
    relying_party::CloudHosts,
};

use crate::{
    Error, Tx,
    connection::both,
    revision,
    schema::{external_mfa, tenants, used_hints},
    text::Row,
};

type AskingRow = (String, String, String, String, String, String);
type Found = (String, bool, Option<String>, i64);

/// What is set for a tenant; `None`: nobody ever switched it on.
pub fn of_tenant(tx: &mut Tx, tenant: TenantId) -> Result<Option<ExternalMfa>, Error> {
    let found: Option<Found> =
        external_mfa::table.find(tenant.to_string()).first(&mut tx.conn).optional()?;
    let Some((tenant_id, enabled, app_id, changed_at)) = found else { return Ok(None) };
    let row = Row { table: "external_mfa", id: &tenant_id };
    Ok(Some(ExternalMfa {
        tenant_id: row.id(&tenant_id)?,
        enabled,
        app_id: app_id.as_deref().map(|id| row.id(id)).transpose()?,
        changed_at: Ts(changed_at),
    }))
}

/// The tenants for which it is on. No credential of theirs is opened for it: one that is damaged must
/// not stop everybody's sign-in.
pub fn asking(tx: &mut Tx) -> Result<Vec<Asking>, Error> {
    let rows: Vec<AskingRow> = external_mfa::table
        .inner_join(tenants::table.on(tenants::id.eq(external_mfa::tenant_id)))
        .filter(external_mfa::enabled.eq(true))
        .order(external_mfa::tenant_id)
        .select((
            tenants::id,
            tenants::entra_tenant_id,
            tenants::alias,
            tenants::cloud,
            tenants::login_host,
            tenants::graph_host,
        ))
        .load(&mut tx.conn)?;
    rows.into_iter().map(read).collect()
}

/// Keeps it in the place of what was set before. No answer that is under way must miss it.
pub fn put(tx: &mut Tx, set: &ExternalMfa) -> Result<(), Error> {
    let values = (
        external_mfa::enabled.eq(set.enabled),
        external_mfa::app_id.eq(set.app_id.map(|id| id.to_string())),
        external_mfa::changed_at.eq(set.changed_at.0),
    );
    both!(tx, conn => diesel::insert_into(external_mfa::table)
        .values((external_mfa::tenant_id.eq(set.tenant_id.to_string()), values.clone()))
        .on_conflict(external_mfa::tenant_id)
        .do_update()
        .set(values)
        .execute(conn))?;
    revision::bump(tx);
    Ok(())
}

/// Uses a hint up: true the first time, and of two at once for one of them; false ever after until it
/// is forgotten.
pub fn use_hint(tx: &mut Tx, digest: &[u8; 32], expires_at: Ts) -> Result<bool, Error> {
    let added = both!(tx, conn => diesel::insert_into(used_hints::table)
        .values((used_hints::digest.eq(&digest[..]), used_hints::expires_at.eq(expires_at.0)))
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(added == 1)
}

/// Forgets hints that are too old to be believed anyway.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<usize, Error> {
    let old = used_hints::table.filter(used_hints::expires_at.lt(before.0));
    Ok(diesel::delete(old).execute(&mut tx.conn)?)
}

fn read((id, directory, alias, cloud, login, graph): AskingRow) -> Result<Asking, Error> {
    let row = Row { table: "tenants", id: &id };
    Ok(Asking {
        tenant: row.id(&id)?,
        directory: row.id(&directory)?,
        cloud: row.word(&cloud)?,
        alias,
        hosts: CloudHosts { login, graph },
    })
}
