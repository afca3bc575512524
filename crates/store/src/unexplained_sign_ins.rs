//! Sign-ins at Entra that no row of the journal explains.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use model::{Ts, ids::TenantId};

use crate::{Error, Tx, connection::both, schema::unexplained_sign_ins};

/// Notes an entry of a tenant's sign-in log; whether it was not known yet.
pub fn note(tx: &mut Tx, tenant: TenantId, entry: &str, at: Ts) -> Result<bool, Error> {
    let noted = both!(tx, conn => diesel::insert_into(unexplained_sign_ins::table)
        .values((
            unexplained_sign_ins::tenant_id.eq(tenant.to_string()),
            unexplained_sign_ins::entry.eq(entry),
            unexplained_sign_ins::at.eq(at.0),
        ))
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(noted == 1)
}

/// Forgets what is too old to be read again.
pub fn forget_before(tx: &mut Tx, at: Ts) -> Result<(), Error> {
    let old = unexplained_sign_ins::table.filter(unexplained_sign_ins::at.lt(at.0));
    diesel::delete(old).execute(&mut tx.conn)?;
    Ok(())
}
