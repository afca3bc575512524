//! The sign-in policy: what was published, the newest of which counts, and at most one draft.

use diesel::{ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl, sql_query};
use model::{
    Ts,
    ids::PolicyVersionId,
    policy::{PolicyVersion, Rule},
};

use crate::{
    Error, Tx,
    connection::AnyConn,
    revision,
    schema::policy_versions,
    text::{self, Row},
};

const DRAFT: &str = "draft";
const PUBLISHED: &str = "published";

#[derive(Queryable, Insertable)]
#[diesel(table_name = policy_versions)]
struct VersionRow {
    id: String,
    state: String,
    rules: String,
    made_by: Option<String>,
    made_at: i64,
    published_at: Option<i64>,
}

/// Lets nobody else change the policy until this transaction ends. `SQLite` has one writer anyway.
pub fn lock(tx: &mut Tx) -> Result<(), Error> {
    if let AnyConn::Postgres(conn) = &mut tx.conn {
        sql_query("LOCK TABLE policy_versions IN SHARE ROW EXCLUSIVE MODE").execute(conn)?;
    }
    Ok(())
}

/// Keeps a draft, in the place of the one that was there. A published version is never written again.
pub fn put_draft(tx: &mut Tx, draft: &PolicyVersion) -> Result<(), Error> {
    discard_draft(tx)?;
    let row = VersionRow { state: DRAFT.to_owned(), published_at: None, ..draft.into() };
    diesel::insert_into(policy_versions::table).values(row).execute(&mut tx.conn)?;
    Ok(())
}

/// Throws the draft away; whether there was one.
pub fn discard_draft(tx: &mut Tx) -> Result<bool, Error> {
    let drafts = policy_versions::table.filter(policy_versions::state.eq(DRAFT));
    Ok(diesel::delete(drafts).execute(&mut tx.conn)? > 0)
}

/// Lets a version count from `now` on; if it was the draft, it is none any longer. However the clocks of several nodes
/// differ, what is published last is the newest.
pub fn publish(tx: &mut Tx, version: &PolicyVersion, now: Ts) -> Result<(), Error> {
    diesel::delete(policy_versions::table.filter(policy_versions::state.eq(DRAFT)))
        .filter(policy_versions::id.eq(version.id.to_string()))
        .execute(&mut tx.conn)?;
    let last = published(tx)?.and_then(|version| version.published_at);
    let now = last.map_or(now, |last| now.max(Ts(last.0 + 1)));
    let row =
        VersionRow { state: PUBLISHED.to_owned(), published_at: Some(now.0), ..version.into() };
    diesel::insert_into(policy_versions::table).values(row).execute(&mut tx.conn)?;
    revision::bump(tx);
    Ok(())
}

/// The draft, if there is one.
pub fn draft(tx: &mut Tx) -> Result<Option<PolicyVersion>, Error> {
    let rows: Vec<VersionRow> =
        policy_versions::table.filter(policy_versions::state.eq(DRAFT)).load(&mut tx.conn)?;
    rows.into_iter().next().map(VersionRow::read).transpose()
}

/// The version that counts, if any was ever published.
pub fn published(tx: &mut Tx) -> Result<Option<PolicyVersion>, Error> {
    Ok(history(tx, 1)?.pop())
}

/// The rules that count.
pub fn rules(tx: &mut Tx) -> Result<Vec<Rule>, Error> {
    Ok(published(tx)?.map(|version| version.rules).unwrap_or_default())
}

/// What was published, the newest first.
pub fn history(tx: &mut Tx, limit: i64) -> Result<Vec<PolicyVersion>, Error> {
    let rows: Vec<VersionRow> = policy_versions::table
        .filter(policy_versions::published_at.is_not_null())
        .order((policy_versions::published_at.desc(), policy_versions::id.desc()))
        .limit(limit)
        .load(&mut tx.conn)?;
    rows.into_iter().map(VersionRow::read).collect()
}

/// One version.
pub fn by_id(tx: &mut Tx, id: PolicyVersionId) -> Result<Option<PolicyVersion>, Error> {
    let rows: Vec<VersionRow> =
        policy_versions::table.filter(policy_versions::id.eq(id.to_string())).load(&mut tx.conn)?;
    rows.into_iter().next().map(VersionRow::read).transpose()
}

impl From<&PolicyVersion> for VersionRow {
    fn from(version: &PolicyVersion) -> Self {
        Self {
            id: version.id.to_string(),
            state: if version.published_at.is_some() { PUBLISHED } else { DRAFT }.to_owned(),
            rules: text::json(&version.rules),
            made_by: version.made_by.map(|by| by.to_string()),
            made_at: version.made_at.0,
            published_at: version.published_at.map(|at| at.0),
        }
    }
}

impl VersionRow {
    fn read(self) -> Result<PolicyVersion, Error> {
        let row = Row { table: "policy_versions", id: &self.id };
        Ok(PolicyVersion {
            id: row.id(&self.id)?,
            rules: row.json(&self.rules)?,
            made_by: self.made_by.as_deref().map(|by| row.id(by)).transpose()?,
            made_at: Ts(self.made_at),
            published_at: self.published_at.map(Ts),
        })
    }
}
