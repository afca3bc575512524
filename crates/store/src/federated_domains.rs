//! DNS domains that we vouch for.

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use model::{Ts, federated_domain::FederatedDomain, ids::FederatedDomainId};

use crate::{
    Error, Tx, revision,
    schema::federated_domains,
    text::{self, Row},
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = federated_domains, treat_none_as_default_value = false, treat_none_as_null = true)]
struct DomainRow {
    id: String,
    tenant_id: String,
    name: String,
    slug: String,
    issuer_uri: String,
    enabled: bool,
    federated_at: Option<i64>,
    browser_protocol: String,
    corporate_networks: String,
    mfa_behavior: String,
}

/// Adds a domain.
pub fn create(tx: &mut Tx, domain: &FederatedDomain) -> Result<(), Error> {
    diesel::insert_into(federated_domains::table)
        .values(DomainRow::from(domain))
        .execute(&mut tx.conn)?;
    revision::bump(tx);
    Ok(())
}

/// One domain.
pub fn by_id(tx: &mut Tx, id: FederatedDomainId) -> Result<Option<FederatedDomain>, Error> {
    let row: Option<DomainRow> =
        federated_domains::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    row.map(DomainRow::read).transpose()
}

/// The domain whose addresses have this path segment.
pub fn by_slug(tx: &mut Tx, slug: &str) -> Result<Option<FederatedDomain>, Error> {
    let row: Option<DomainRow> = federated_domains::table
        .filter(federated_domains::slug.eq(slug))
        .first(&mut tx.conn)
        .optional()?;
    row.map(DomainRow::read).transpose()
}

/// The domain with this DNS name, in any case.
pub fn by_name(tx: &mut Tx, name: &str) -> Result<Option<FederatedDomain>, Error> {
    let row: Option<DomainRow> = federated_domains::table
        .filter(federated_domains::name.eq(name.to_lowercase()))
        .first(&mut tx.conn)
        .optional()?;
    row.map(DomainRow::read).transpose()
}

/// Every domain, by name.
pub fn all(tx: &mut Tx) -> Result<Vec<FederatedDomain>, Error> {
    let rows: Vec<DomainRow> =
        federated_domains::table.order(federated_domains::name).load(&mut tx.conn)?;
    rows.into_iter().map(DomainRow::read).collect()
}

/// Remembers since when Entra has been seen to federate the domain with us, or that it doesn't.
pub fn set_federated_at(tx: &mut Tx, id: FederatedDomainId, at: Option<Ts>) -> Result<(), Error> {
    let changed = diesel::update(federated_domains::table.find(id.to_string()))
        .set(federated_domains::federated_at.eq(at.map(|at| at.0)))
        .execute(&mut tx.conn)?;
    revision::bump(tx);
    text::found(changed, "federated domain")
}

/// Writes everything about a domain.
pub fn update(tx: &mut Tx, domain: &FederatedDomain) -> Result<(), Error> {
    let changed = diesel::update(federated_domains::table.find(domain.id.to_string()))
        .set(DomainRow::from(domain))
        .execute(&mut tx.conn)?;
    revision::bump(tx);
    text::found(changed, "federated domain")
}

impl From<&FederatedDomain> for DomainRow {
    fn from(domain: &FederatedDomain) -> Self {
        Self {
            id: domain.id.to_string(),
            tenant_id: domain.tenant_id.to_string(),
            name: domain.name.to_lowercase(),
            slug: domain.slug.clone(),
            issuer_uri: domain.issuer_uri.clone(),
            enabled: domain.enabled,
            federated_at: domain.federated_at.map(|at| at.0),
            browser_protocol: text::word(domain.browser_protocol),
            corporate_networks: text::json(&domain.corporate_networks),
            mfa_behavior: text::word(domain.mfa_behavior),
        }
    }
}

impl DomainRow {
    fn read(self) -> Result<FederatedDomain, Error> {
        let row = Row { table: "federated_domains", id: &self.id };
        Ok(FederatedDomain {
            id: row.id(&self.id)?,
            tenant_id: row.id(&self.tenant_id)?,
            browser_protocol: row.word(&self.browser_protocol)?,
            corporate_networks: row.json(&self.corporate_networks)?,
            mfa_behavior: row.word(&self.mfa_behavior)?,
            name: self.name,
            slug: self.slug,
            issuer_uri: self.issuer_uri,
            enabled: self.enabled,
            federated_at: self.federated_at.map(Ts),
        })
    }
}
