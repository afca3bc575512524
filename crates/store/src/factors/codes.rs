//! Recovery codes and enrolment codes, kept as digests; and who has ever enrolled (R033).

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use model::{
    Ts,
    factor::{EnrollmentCode, RecoveryCode},
    ids::UserId,
};

use crate::{
    Error, Tx,
    connection::both,
    exemptions,
    schema::{enrolled_users, enrollment_codes, recovery_codes},
};

/// Takes all recovery codes of a person away and stores new ones.
pub fn replace_recovery_codes(
    tx: &mut Tx,
    user: UserId,
    codes: &[RecoveryCode],
) -> Result<(), Error> {
    let user = user.to_string();
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(&user)))
        .execute(&mut tx.conn)?;
    for code in codes {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::id.eq(code.id.to_string()),
                recovery_codes::user_id.eq(&user),
                recovery_codes::digest.eq(&code.digest[..]),
                recovery_codes::used_at.eq(code.used_at.map(|at| at.0)),
            ))
            .execute(&mut tx.conn)?;
    }
    Ok(())
}

/// Uses a recovery code up: true exactly once.
pub fn use_recovery_code(
    tx: &mut Tx,
    user: UserId,
    digest: &[u8; 32],
    now: Ts,
) -> Result<bool, Error> {
    let unused = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user.to_string()))
        .filter(recovery_codes::digest.eq(&digest[..]))
        .filter(recovery_codes::used_at.is_null());
    let changed =
        diesel::update(unused).set(recovery_codes::used_at.eq(now.0)).execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// How many recovery codes a person has left.
pub fn recovery_codes_left(tx: &mut Tx, user: UserId) -> Result<i64, Error> {
    let left = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user.to_string()))
        .filter(recovery_codes::used_at.is_null());
    Ok(left.count().get_result(&mut tx.conn)?)
}

/// Stores an enrolment code; an older one of the same person is void.
pub fn put_enrollment_code(tx: &mut Tx, code: &EnrollmentCode) -> Result<(), Error> {
    let user = code.user_id.to_string();
    let values = (
        enrollment_codes::digest.eq(&code.digest[..]),
        enrollment_codes::expires_at.eq(code.expires_at.0),
    );
    let changed =
        diesel::update(enrollment_codes::table.find(&user)).set(values).execute(&mut tx.conn)?;
    if changed == 0 {
        diesel::insert_into(enrollment_codes::table)
            .values((enrollment_codes::user_id.eq(&user), values.0, values.1))
            .execute(&mut tx.conn)?;
    }
    Ok(())
}

/// Takes an enrolment code that has not expired: true exactly once.
pub fn take_enrollment_code(
    tx: &mut Tx,
    user: UserId,
    digest: &[u8; 32],
    now: Ts,
) -> Result<bool, Error> {
    let good = enrollment_codes::table
        .filter(enrollment_codes::user_id.eq(user.to_string()))
        .filter(enrollment_codes::digest.eq(&digest[..]))
        .filter(enrollment_codes::expires_at.gt(now.0));
    Ok(diesel::delete(good).execute(&mut tx.conn)? == 1)
}

/// Whether a person has ever completed an enrolment, even if it was reset since.
pub fn enrolled_before(tx: &mut Tx, user: UserId) -> Result<bool, Error> {
    let there: Option<String> = enrolled_users::table
        .find(user.to_string())
        .select(enrolled_users::user_id)
        .first(&mut tx.conn)
        .optional()?;
    Ok(there.is_some())
}

/// Remembers for ever that a person has completed an enrolment, and ends what let them do without.
pub fn mark_enrolled(tx: &mut Tx, user: UserId) -> Result<(), Error> {
    let row = enrolled_users::user_id.eq(user.to_string());
    both!(tx, conn => diesel::insert_into(enrolled_users::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    exemptions::forget(tx, user)?;
    Ok(())
}
