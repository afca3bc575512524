//! Who may sign in by WS-Trust, at most one permit for a domain.

use diesel::{Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{Ts, ids::FederatedDomainId, wstrust::WsTrustPermit};

use crate::{
    Error, Tx, revision,
    schema::wstrust_permits,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = wstrust_permits)]
struct PermitRow {
    domain_id: String,
    networks: String,
    user_ids: String,
    group_ids: String,
    expires_at: i64,
    reason: String,
    granted_by: String,
    granted_at: i64,
    ecp: bool,
}

/// Grants a permit, in the place of an older one for the same domain.
pub fn put(tx: &mut Tx, permit: &WsTrustPermit) -> Result<(), Error> {
    remove(tx, permit.domain_id)?;
    diesel::insert_into(wstrust_permits::table)
        .values(PermitRow::from(permit))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// Takes the permit of a domain back; whether there was one.
pub fn remove(tx: &mut Tx, domain: FederatedDomainId) -> Result<bool, Error> {
    let gone =
        diesel::delete(wstrust_permits::table.find(domain.to_string())).execute(&mut tx.conn)?;
    revision::bump(tx);
    Ok(gone > 0)
}

/// The permit of a domain, whether it still holds or not.
pub fn of_domain(tx: &mut Tx, domain: FederatedDomainId) -> Result<Option<WsTrustPermit>, Error> {
    let row: Option<PermitRow> =
        wstrust_permits::table.find(domain.to_string()).first(&mut tx.conn).optional()?;
    row.map(PermitRow::read).transpose()
}

impl From<&WsTrustPermit> for PermitRow {
    fn from(permit: &WsTrustPermit) -> Self {
        Self {
            domain_id: permit.domain_id.to_string(),
            networks: text::json(&permit.networks),
            user_ids: text::json(&permit.people),
            group_ids: text::json(&permit.groups),
            expires_at: permit.expires_at.0,
            reason: permit.reason.clone(),
            granted_by: permit.granted_by.to_string(),
            granted_at: permit.granted_at.0,
            ecp: permit.ecp,
        }
    }
}

impl PermitRow {
    fn read(self) -> Result<WsTrustPermit, Error> {
        let row = Row { table: "wstrust_permits", id: &self.domain_id };
        Ok(WsTrustPermit {
            domain_id: row.id(&self.domain_id)?,
            networks: row.json(&self.networks)?,
            people: row.json(&self.user_ids)?,
            groups: row.json(&self.group_ids)?,
            ecp: self.ecp,
            expires_at: Ts(self.expires_at),
            granted_by: row.id(&self.granted_by)?,
            granted_at: Ts(self.granted_at),
            reason: self.reason,
        })
    }
}
