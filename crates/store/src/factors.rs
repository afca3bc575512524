//! Second factors: authenticator apps (sealed seeds), recovery codes, enrolment codes. Whatever
//! works once is decided by one conditional statement, so that exactly one of many wins.

mod codes;

pub use codes::{
    enrolled_before, mark_enrolled, put_enrollment_code, recovery_codes_left,
    replace_recovery_codes, take_enrollment_code, use_recovery_code,
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use model::{
    Ts,
    factor::TotpFactor,
    ids::{FactorId, UserId},
};

use crate::{
    Error, Tx, exemptions,
    schema::{access_passes, enrollment_codes, passkeys, recovery_codes, totp_factors},
    seal::{Place, Seal},
    sealed_columns::SealedColumn,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = totp_factors, treat_none_as_default_value = false)]
struct TotpRow {
    id: String,
    user_id: String,
    secret: Vec<u8>,
    last_step: Option<i64>,
    confirmed_at: Option<i64>,
    created_at: i64,
}

const fn place(id: &str) -> Place<'_> {
    Place { column: SealedColumn::TotpSeed, row: id }
}

/// Adds an authenticator app, pending or confirmed.
pub fn put_totp(tx: &mut Tx, factor: &TotpFactor) -> Result<(), Error> {
    let id = factor.id.to_string();
    let row = TotpRow {
        secret: tx.seal.close_secret(place(&id), &factor.secret)?,
        id,
        user_id: factor.user_id.to_string(),
        last_step: factor.last_step.map(text::number),
        confirmed_at: factor.confirmed_at.map(|at| at.0),
        created_at: factor.created_at.0,
    };
    diesel::insert_into(totp_factors::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// One authenticator app, pending ones included.
pub fn totp_by_id(tx: &mut Tx, id: FactorId) -> Result<Option<TotpFactor>, Error> {
    let row: Option<TotpRow> =
        totp_factors::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    row.map(|row| row.read(&tx.seal)).transpose()
}

/// A person's confirmed authenticator apps, oldest first.
pub fn totp_of(tx: &mut Tx, user: UserId) -> Result<Vec<TotpFactor>, Error> {
    let rows: Vec<TotpRow> = totp_factors::table
        .filter(totp_factors::user_id.eq(user.to_string()))
        .filter(totp_factors::confirmed_at.is_not_null())
        .order((totp_factors::created_at, totp_factors::id))
        .load(&mut tx.conn)?;
    rows.into_iter().map(|row| row.read(&tx.seal)).collect()
}

/// Confirms a pending app with the step of its first correct code (R034); false when it is not
/// pending any more.
pub fn confirm_totp(tx: &mut Tx, id: FactorId, step: u64, now: Ts) -> Result<bool, Error> {
    let pending =
        totp_factors::table.find(id.to_string()).filter(totp_factors::confirmed_at.is_null());
    let changed = diesel::update(pending)
        .set((totp_factors::confirmed_at.eq(now.0), totp_factors::last_step.eq(text::number(step))))
        .execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Uses up a time step of a confirmed app: true exactly once per step, and never for an older one
/// (R026).
pub fn accept_totp_step(tx: &mut Tx, id: FactorId, step: u64) -> Result<bool, Error> {
    let step = text::number(step);
    let unused = totp_factors::table
        .find(id.to_string())
        .filter(totp_factors::confirmed_at.is_not_null())
        .filter(totp_factors::last_step.is_null().or(totp_factors::last_step.lt(step)));
    let changed =
        diesel::update(unused).set(totp_factors::last_step.eq(step)).execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Removes a person's confirmed apps, but this one; says whether there was any.
pub fn remove_totp_but(tx: &mut Tx, user: UserId, but: Option<FactorId>) -> Result<bool, Error> {
    let theirs = totp_factors::table
        .filter(totp_factors::user_id.eq(user.to_string()))
        .filter(totp_factors::confirmed_at.is_not_null())
        .filter(totp_factors::id.ne(but.map_or_else(String::new, |id| id.to_string())));
    Ok(diesel::delete(theirs).execute(&mut tx.conn)? > 0)
}

/// Removes every factor, recovery code, enrolment code and access pass of a person, and what lets
/// them do without.
pub fn remove_all(tx: &mut Tx, id: UserId) -> Result<(), Error> {
    let user = id.to_string();
    diesel::delete(totp_factors::table.filter(totp_factors::user_id.eq(&user)))
        .execute(&mut tx.conn)?;
    diesel::delete(passkeys::table.filter(passkeys::user_id.eq(&user))).execute(&mut tx.conn)?;
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(&user)))
        .execute(&mut tx.conn)?;
    diesel::delete(enrollment_codes::table.find(&user)).execute(&mut tx.conn)?;
    diesel::delete(access_passes::table.find(&user)).execute(&mut tx.conn)?;
    exemptions::forget(tx, id)?;
    Ok(())
}

/// Forgets apps whose enrolment was begun before `before` and never confirmed.
pub fn purge_pending(tx: &mut Tx, before: Ts) -> Result<usize, Error> {
    let stale = totp_factors::table
        .filter(totp_factors::confirmed_at.is_null())
        .filter(totp_factors::created_at.lt(before.0));
    Ok(diesel::delete(stale).execute(&mut tx.conn)?)
}

impl TotpRow {
    fn read(self, seal: &Seal) -> Result<TotpFactor, Error> {
        let row = Row { table: "totp_factors", id: &self.id };
        Ok(TotpFactor {
            id: row.id(&self.id)?,
            user_id: row.id(&self.user_id)?,
            secret: seal.open(place(&self.id), &self.secret)?,
            last_step: self.last_step.map(|step| row.number(step)).transpose()?,
            confirmed_at: self.confirmed_at.map(Ts),
            created_at: Ts(self.created_at),
        })
    }
}
