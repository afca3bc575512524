//! Who trusts our tokens. Realms are compared byte for byte.

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use model::{
    ids::{FederatedDomainId, RelyingPartyId},
    relying_party::RelyingParty,
};

use crate::{
    Error, Tx, revision,
    schema::relying_parties,
    text::{self, Row},
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = relying_parties, treat_none_as_default_value = false)]
struct PartyRow {
    id: String,
    name: String,
    realm: String,
    replies: String,
    domain_id: String,
    enabled: bool,
    kind: String,
    settings: String,
}

/// Adds a relying party.
pub fn create(tx: &mut Tx, party: &RelyingParty) -> Result<(), Error> {
    let row = PartyRow::from(party);
    diesel::insert_into(relying_parties::table).values(&row).execute(&mut tx.conn)?;
    revision::bump(tx);
    Ok(())
}

/// Every relying party.
pub fn all(tx: &mut Tx) -> Result<Vec<RelyingParty>, Error> {
    let rows: Vec<PartyRow> =
        relying_parties::table.order(relying_parties::id).load(&mut tx.conn)?;
    rows.into_iter().map(PartyRow::read).collect()
}

/// One relying party.
pub fn by_id(tx: &mut Tx, id: RelyingPartyId) -> Result<Option<RelyingParty>, Error> {
    let row: Option<PartyRow> =
        relying_parties::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    row.map(PartyRow::read).transpose()
}

/// The relying party of a domain with this realm.
pub fn by_realm(
    tx: &mut Tx,
    domain: FederatedDomainId,
    realm: &str,
) -> Result<Option<RelyingParty>, Error> {
    let row: Option<PartyRow> = relying_parties::table
        .filter(relying_parties::domain_id.eq(domain.to_string()))
        .filter(relying_parties::realm.eq(realm))
        .first(&mut tx.conn)
        .optional()?;
    row.map(PartyRow::read).transpose()
}

/// Every relying party of a domain, by name.
pub fn of_domain(tx: &mut Tx, domain: FederatedDomainId) -> Result<Vec<RelyingParty>, Error> {
    let rows: Vec<PartyRow> = relying_parties::table
        .filter(relying_parties::domain_id.eq(domain.to_string()))
        .order((relying_parties::name, relying_parties::id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(PartyRow::read).collect()
}

/// Writes everything about a relying party.
pub fn update(tx: &mut Tx, party: &RelyingParty) -> Result<(), Error> {
    let changed = diesel::update(relying_parties::table.find(party.id.to_string()))
        .set(PartyRow::from(party))
        .execute(&mut tx.conn)?;
    revision::bump(tx);
    text::found(changed, "relying party")
}

/// Forgets a relying party. The journal of its tokens stays.
pub fn remove(tx: &mut Tx, id: RelyingPartyId) -> Result<(), Error> {
    let gone = diesel::delete(relying_parties::table.find(id.to_string())).execute(&mut tx.conn)?;
    revision::bump(tx);
    text::found(gone, "relying party")
}

/// Switches a relying party on or off.
pub fn set_enabled(tx: &mut Tx, id: RelyingPartyId, enabled: bool) -> Result<(), Error> {
    let changed = diesel::update(relying_parties::table.find(id.to_string()))
        .set(relying_parties::enabled.eq(enabled))
        .execute(&mut tx.conn)?;
    revision::bump(tx);
    text::found(changed, "relying party")
}

impl From<&RelyingParty> for PartyRow {
    fn from(party: &RelyingParty) -> Self {
        Self {
            id: party.id.to_string(),
            name: party.name.clone(),
            realm: party.realm.clone(),
            replies: text::json(&party.replies),
            domain_id: party.domain_id.to_string(),
            enabled: party.enabled,
            kind: text::word(party.kind),
            settings: text::json(&party.settings),
        }
    }
}

impl PartyRow {
    fn read(self) -> Result<RelyingParty, Error> {
        let row = Row { table: "relying_parties", id: &self.id };
        Ok(RelyingParty {
            id: row.id(&self.id)?,
            domain_id: row.id(&self.domain_id)?,
            replies: row.json(&self.replies)?,
            name: self.name,
            realm: self.realm,
            enabled: self.enabled,
            kind: row.word(&self.kind)?,
            settings: row.json(&self.settings)?,
        })
    }
}
