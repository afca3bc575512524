//! What admins said about people and objects of a tenant. Of one person and of one object, at most
//! one pair is accepted.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl,
};
use model::{
    Ts,
    ids::{ObjectId, TenantId, UserId},
    matches::{MatchAnswer, MatchDecision},
};

use crate::{
    Error, Tx,
    connection::both,
    schema::match_decisions,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = match_decisions)]
struct DecisionRow {
    tenant_id: String,
    user_id: String,
    object_id: String,
    answer: String,
    decided_by: String,
    decided_at: i64,
    upn: String,
}

/// Keeps what an admin said of a pair of which nothing is said yet; false when something is, which
/// stays: the first of two admins wins. A second accepted pair conflicts with `match_decisions_tenant_id_user_id` or
/// `match_decisions_tenant_id_object_id`.
pub fn put(tx: &mut Tx, tenant: TenantId, decision: &MatchDecision) -> Result<bool, Error> {
    let row = DecisionRow {
        tenant_id: tenant.to_string(),
        user_id: decision.user_id.to_string(),
        object_id: decision.object_id.to_string(),
        answer: text::word(decision.answer),
        decided_by: decision.decided_by.to_string(),
        decided_at: decision.decided_at.0,
        upn: decision.upn.clone(),
    };
    let kept = both!(tx, conn => diesel::insert_into(match_decisions::table)
        .values(&row)
        .on_conflict((
            match_decisions::tenant_id,
            match_decisions::user_id,
            match_decisions::object_id,
        ))
        .do_nothing()
        .execute(conn))?;
    Ok(kept == 1)
}

/// Forgets which objects were said to be a person's, in every tenant. What was said not to be theirs
/// stays.
pub fn forget_accepted(tx: &mut Tx, user: UserId) -> Result<(), Error> {
    let accepted = match_decisions::table
        .filter(match_decisions::user_id.eq(user.to_string()))
        .filter(match_decisions::answer.eq(text::word(MatchAnswer::Accepted)));
    diesel::delete(accepted).execute(&mut tx.conn)?;
    Ok(())
}

/// Forgets what was said of a pair: true exactly once.
pub fn remove(
    tx: &mut Tx,
    tenant: TenantId,
    (user, object): (UserId, ObjectId),
) -> Result<bool, Error> {
    let key = (tenant.to_string(), user.to_string(), object.to_string());
    let removed = diesel::delete(match_decisions::table.find(key)).execute(&mut tx.conn)?;
    Ok(removed == 1)
}

/// What was said of a person.
pub fn all_of(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Vec<MatchDecision>, Error> {
    let rows: Vec<DecisionRow> = match_decisions::table
        .filter(match_decisions::tenant_id.eq(tenant.to_string()))
        .filter(match_decisions::user_id.eq(user.to_string()))
        .order(match_decisions::object_id)
        .load(&mut tx.conn)?;
    rows.into_iter().map(DecisionRow::read).collect()
}

/// What was said of these people and of these objects.
pub fn among(
    tx: &mut Tx,
    tenant: TenantId,
    people: &[UserId],
    objects: &[ObjectId],
) -> Result<Vec<MatchDecision>, Error> {
    let people: Vec<String> = people.iter().map(UserId::to_string).collect();
    let objects: Vec<String> = objects.iter().map(ObjectId::to_string).collect();
    let these =
        match_decisions::user_id.eq_any(people).or(match_decisions::object_id.eq_any(objects));
    let rows: Vec<DecisionRow> = match_decisions::table
        .filter(match_decisions::tenant_id.eq(tenant.to_string()))
        .filter(these)
        .order((match_decisions::user_id, match_decisions::object_id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(DecisionRow::read).collect()
}

/// Everything that was said of a tenant.
pub fn all(tx: &mut Tx, tenant: TenantId) -> Result<Vec<MatchDecision>, Error> {
    let rows: Vec<DecisionRow> = match_decisions::table
        .filter(match_decisions::tenant_id.eq(tenant.to_string()))
        .order((match_decisions::user_id, match_decisions::object_id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(DecisionRow::read).collect()
}

impl DecisionRow {
    fn read(self) -> Result<MatchDecision, Error> {
        let row = Row { table: "match_decisions", id: &self.user_id };
        Ok(MatchDecision {
            user_id: row.id(&self.user_id)?,
            object_id: row.id(&self.object_id)?,
            answer: row.word(&self.answer)?,
            upn: self.upn,
            decided_by: row.id(&self.decided_by)?,
            decided_at: Ts(self.decided_at),
        })
    }
}
