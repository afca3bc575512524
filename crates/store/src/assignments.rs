//! Who may use what. Ended rows stay, so that licences can follow after the grace time.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    Ts,
    application::Assignment,
    ids::{ApplicationId, AssignmentId, UserId},
};

use crate::{
    Error, Tx, revision,
    schema::assignments,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = assignments, treat_none_as_default_value = false)]
struct AssignmentRow {
    id: String,
    user_id: String,
    application_id: String,
    licences: String,
    assigned_at: i64,
    ended_at: Option<i64>,
}

/// Assigns a person; a second live assignment conflicts with `assignments_user_id_application_id`.
pub fn add(tx: &mut Tx, assignment: &Assignment) -> Result<(), Error> {
    let row = AssignmentRow {
        id: assignment.id.to_string(),
        user_id: assignment.user_id.to_string(),
        application_id: assignment.application_id.to_string(),
        licences: text::json(&assignment.licences),
        assigned_at: assignment.assigned_at.0,
        ended_at: assignment.ended_at.map(|at| at.0),
    };
    diesel::insert_into(assignments::table).values(&row).execute(&mut tx.conn)?;
    revision::bump(tx);
    Ok(())
}

/// Ends a live assignment.
pub fn end(tx: &mut Tx, id: AssignmentId, now: Ts) -> Result<(), Error> {
    let live = assignments::table.find(id.to_string()).filter(assignments::ended_at.is_null());
    let changed =
        diesel::update(live).set(assignments::ended_at.eq(now.0)).execute(&mut tx.conn)?;
    revision::bump(tx);
    text::found(changed, "assignment")
}

/// Forgets an assignment that handed nothing out, as if it had never been.
pub fn forget(tx: &mut Tx, id: AssignmentId) -> Result<(), Error> {
    diesel::delete(assignments::table.find(id.to_string())).execute(&mut tx.conn)?;
    revision::bump(tx);
    Ok(())
}

/// A person's live assignment to an application.
pub fn active(
    tx: &mut Tx,
    user: UserId,
    application: ApplicationId,
) -> Result<Option<Assignment>, Error> {
    let row: Option<AssignmentRow> = assignments::table
        .filter(assignments::user_id.eq(user.to_string()))
        .filter(assignments::application_id.eq(application.to_string()))
        .filter(assignments::ended_at.is_null())
        .first(&mut tx.conn)
        .optional()?;
    row.map(AssignmentRow::read).transpose()
}

/// Which of these people may use an application now.
pub fn active_among(
    tx: &mut Tx,
    application: ApplicationId,
    people: &[UserId],
) -> Result<Vec<UserId>, Error> {
    let people: Vec<String> = people.iter().map(UserId::to_string).collect();
    let ids: Vec<String> = assignments::table
        .filter(assignments::application_id.eq(application.to_string()))
        .filter(assignments::user_id.eq_any(people))
        .filter(assignments::ended_at.is_null())
        .select(assignments::user_id)
        .load(&mut tx.conn)?;
    ids.iter().map(|id| Row { table: "assignments", id }.id(id)).collect()
}

/// Which of these people were assigned to an application before and are not any more.
pub fn ended_among(
    tx: &mut Tx,
    application: ApplicationId,
    people: &[UserId],
) -> Result<Vec<UserId>, Error> {
    let active = active_among(tx, application, people)?;
    let people: Vec<String> = people.iter().map(UserId::to_string).collect();
    let ids: Vec<String> = assignments::table
        .filter(assignments::application_id.eq(application.to_string()))
        .filter(assignments::user_id.eq_any(people))
        .filter(assignments::ended_at.is_not_null())
        .select(assignments::user_id)
        .distinct()
        .load(&mut tx.conn)?;
    let ended: Result<Vec<UserId>, Error> =
        ids.iter().map(|id| Row { table: "assignments", id }.id(id)).collect();
    Ok(ended?.into_iter().filter(|user| !active.contains(user)).collect())
}

/// Whether a person was assigned to an application before, whatever they are now.
pub fn has_ended(tx: &mut Tx, user: UserId, application: ApplicationId) -> Result<bool, Error> {
    let ended: i64 = assignments::table
        .filter(assignments::application_id.eq(application.to_string()))
        .filter(assignments::user_id.eq(user.to_string()))
        .filter(assignments::ended_at.is_not_null())
        .count()
        .get_result(&mut tx.conn)?;
    Ok(ended > 0)
}

/// A person's newest assignment to an application: the live one, else the one that ended last. When
/// they began says nothing: the clock may have been wrong, or not have moved.
pub fn newest(
    tx: &mut Tx,
    user: UserId,
    application: ApplicationId,
) -> Result<Option<Assignment>, Error> {
    let row: Option<AssignmentRow> = assignments::table
        .filter(assignments::application_id.eq(application.to_string()))
        .filter(assignments::user_id.eq(user.to_string()))
        .order((
            assignments::ended_at.is_null().desc(),
            assignments::ended_at.desc(),
            assignments::assigned_at.desc(),
            assignments::id.desc(),
        ))
        .first(&mut tx.conn)
        .optional()?;
    row.map(AssignmentRow::read).transpose()
}

/// Everything that a person may use now.
pub fn active_of_user(tx: &mut Tx, user: UserId) -> Result<Vec<Assignment>, Error> {
    let rows: Vec<AssignmentRow> = assignments::table
        .filter(assignments::user_id.eq(user.to_string()))
        .filter(assignments::ended_at.is_null())
        .order((assignments::assigned_at, assignments::id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(AssignmentRow::read).collect()
}

/// Each person's newest assignment to an application, ended ones included, in the same sense.
pub fn latest(tx: &mut Tx, application: ApplicationId) -> Result<Vec<Assignment>, Error> {
    let rows: Vec<AssignmentRow> = assignments::table
        .filter(assignments::application_id.eq(application.to_string()))
        .order((
            assignments::user_id,
            assignments::ended_at.is_null().desc(),
            assignments::ended_at.desc(),
            assignments::assigned_at.desc(),
            assignments::id.desc(),
        ))
        .load(&mut tx.conn)?;
    let all = rows.into_iter().map(AssignmentRow::read).collect::<Result<Vec<_>, _>>()?;
    let mut newest: Vec<Assignment> = Vec::with_capacity(all.len());
    for assignment in all {
        if newest.last().is_none_or(|last| last.user_id != assignment.user_id) {
            newest.push(assignment);
        }
    }
    Ok(newest)
}

/// Every assignment to an application that ever was: what it handed out, it may take away again.
pub fn all(tx: &mut Tx, application: ApplicationId) -> Result<Vec<Assignment>, Error> {
    let rows: Vec<AssignmentRow> = assignments::table
        .filter(assignments::application_id.eq(application.to_string()))
        .order(assignments::id)
        .load(&mut tx.conn)?;
    rows.into_iter().map(AssignmentRow::read).collect()
}

impl AssignmentRow {
    fn read(self) -> Result<Assignment, Error> {
        let row = Row { table: "assignments", id: &self.id };
        Ok(Assignment {
            id: row.id(&self.id)?,
            user_id: row.id(&self.user_id)?,
            application_id: row.id(&self.application_id)?,
            licences: row.json(&self.licences)?,
            assigned_at: Ts(self.assigned_at),
            ended_at: self.ended_at.map(Ts),
        })
    }
}
