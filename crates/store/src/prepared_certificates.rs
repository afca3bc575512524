//! Certificates that were made for a connection and are not used yet; the key is sealed. One for
//! each tenant.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{
    Ts,
    ids::TenantId,
    tenant::{ClientCertificate, PreparedCertificate},
};
use secrecy::ExposeSecret as _;

use crate::{
    Error, Tx, connection::both, schema::prepared_certificates, seal::Place,
    sealed_columns::SealedColumn,
};

const fn place(tenant: &str) -> Place<'_> {
    Place { column: SealedColumn::PreparedKey, row: tenant }
}

/// The certificate that waits for a tenant, if there is one.
pub fn get(tx: &mut Tx, tenant: TenantId) -> Result<Option<PreparedCertificate>, Error> {
    type Found = (String, Vec<u8>, Vec<u8>, i64, i64);
    let id = tenant.to_string();
    let found: Option<Found> =
        prepared_certificates::table.find(&id).first(&mut tx.conn).optional()?;
    let Some((_, certificate, sealed, not_after, made_at)) = found else { return Ok(None) };
    let private_key = tx.seal.open(place(&id), &sealed)?;
    let made = ClientCertificate { certificate, private_key, not_after: Ts(not_after) };
    Ok(Some(PreparedCertificate { made, made_at: Ts(made_at) }))
}

/// Keeps a certificate in the place of one that waited before.
pub fn put(tx: &mut Tx, tenant: TenantId, prepared: &PreparedCertificate) -> Result<(), Error> {
    let id = tenant.to_string();
    let key = prepared.made.private_key.expose_secret();
    let values = (
        prepared_certificates::certificate.eq(prepared.made.certificate.clone()),
        prepared_certificates::private_key.eq(tx.seal.close(place(&id), key)?),
        prepared_certificates::not_after.eq(prepared.made.not_after.0),
        prepared_certificates::made_at.eq(prepared.made_at.0),
    );
    both!(tx, conn => diesel::insert_into(prepared_certificates::table)
        .values((prepared_certificates::id.eq(&id), values.clone()))
        .on_conflict(prepared_certificates::id)
        .do_update()
        .set(values)
        .execute(conn))?;
    Ok(())
}

/// Forgets the certificate that waits; false when none did.
pub fn remove(tx: &mut Tx, tenant: TenantId) -> Result<bool, Error> {
    let gone = diesel::delete(prepared_certificates::table.find(tenant.to_string()))
        .execute(&mut tx.conn)?;
    Ok(gone == 1)
}
