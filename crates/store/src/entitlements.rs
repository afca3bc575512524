//! Why people are assigned: what they, or groups that they are in, were given.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, NullableExpressionMethods, QueryDsl,
    Queryable, RunQueryDsl,
};
use model::{
    Ts,
    entitlement::{Entitlement, Holder},
    ids::{ApplicationId, GroupId, UserId},
};

use crate::{
    Error, Tx,
    schema::{entitlements, group_members},
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = entitlements, treat_none_as_default_value = false)]
struct EntitlementRow {
    id: String,
    application_id: String,
    user_id: Option<String>,
    group_id: Option<String>,
    licences: String,
    since: i64,
}

/// Gives something; what the same person or group was given of it before is replaced.
pub fn put(tx: &mut Tx, entitlement: &Entitlement) -> Result<(), Error> {
    take(tx, entitlement.application_id, entitlement.to)?;
    diesel::insert_into(entitlements::table)
        .values(EntitlementRow::from(entitlement))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// Takes back what a person or a group was given; false when it was nothing.
pub fn take(tx: &mut Tx, application: ApplicationId, from: Holder) -> Result<bool, Error> {
    let application = entitlements::application_id.eq(application.to_string());
    let gone = match from {
        Holder::Person(id) => {
            let hers = entitlements::table
                .filter(application)
                .filter(entitlements::user_id.eq(id.to_string()));
            diesel::delete(hers).execute(&mut tx.conn)?
        }
        Holder::Group(id) => {
            let its = entitlements::table
                .filter(application)
                .filter(entitlements::group_id.eq(id.to_string()));
            diesel::delete(its).execute(&mut tx.conn)?
        }
    };
    Ok(gone > 0)
}

/// Everything that reaches a person: their own entitlements first, then those of their groups.
pub fn reaching(tx: &mut Tx, user: UserId) -> Result<Vec<Entitlement>, Error> {
    let user = user.to_string();
    let theirs = group_members::table
        .filter(group_members::user_id.eq(user.clone()))
        .select(group_members::group_id.nullable());
    let rows: Vec<EntitlementRow> = entitlements::table
        .filter(entitlements::user_id.eq(user).or(entitlements::group_id.eq_any(theirs)))
        .order((entitlements::group_id.is_not_null(), entitlements::since, entitlements::id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(EntitlementRow::read).collect()
}

/// What a group was given.
pub fn of_group(tx: &mut Tx, group: GroupId) -> Result<Vec<Entitlement>, Error> {
    let rows: Vec<EntitlementRow> = entitlements::table
        .filter(entitlements::group_id.eq(group.to_string()))
        .order((entitlements::since, entitlements::id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(EntitlementRow::read).collect()
}

/// What all groups were given.
pub fn of_groups(tx: &mut Tx) -> Result<Vec<Entitlement>, Error> {
    let rows: Vec<EntitlementRow> = entitlements::table
        .filter(entitlements::group_id.is_not_null())
        .order((entitlements::since, entitlements::id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(EntitlementRow::read).collect()
}

impl From<&Entitlement> for EntitlementRow {
    fn from(entitlement: &Entitlement) -> Self {
        let (user_id, group_id) = match entitlement.to {
            Holder::Person(id) => (Some(id.to_string()), None),
            Holder::Group(id) => (None, Some(id.to_string())),
        };
        Self {
            id: entitlement.id.to_string(),
            application_id: entitlement.application_id.to_string(),
            user_id,
            group_id,
            licences: text::json(&entitlement.licences),
            since: entitlement.since.0,
        }
    }
}

impl EntitlementRow {
    fn read(self) -> Result<Entitlement, Error> {
        let row = Row { table: "entitlements", id: &self.id };
        let to = match (&self.user_id, &self.group_id) {
            (Some(user), _) => Holder::Person(row.id(user)?),
            (None, Some(group)) => Holder::Group(row.id(group)?),
            (None, None) => return Err(row.corrupt()),
        };
        Ok(Entitlement {
            id: row.id(&self.id)?,
            application_id: row.id(&self.application_id)?,
            to,
            licences: row.json(&self.licences)?,
            since: Ts(self.since),
        })
    }
}
