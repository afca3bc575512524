//! Values that we wrote again and again: somebody at Microsoft keeps changing them back (Y26).

use std::collections::{BTreeMap, HashMap};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::count_star};
use model::{
    Ts,
    attribute::Attribute,
    ids::{TenantId, UserId},
    plan::{Action, Step},
};

use crate::{
    Error, Tx,
    schema::{sync_runs, sync_steps},
    text::Row,
};

/// So many times in a row a value is written before it is left to people.
pub const ROUNDS: i64 = 3;
/// People are read in portions of so many.
const PORTION: usize = 500;

/// The attributes of people of a tenant that were set to the same value `ROUNDS` times in a row since
/// `since`, each with that value; of one person alone when one is named.
pub fn fought(
    tx: &mut Tx,
    (tenant, one): (TenantId, Option<UserId>),
    since: Ts,
) -> Result<HashMap<(UserId, Attribute), Option<String>>, Error> {
    let often = match one {
        Some(person) => vec![person.to_string()],
        None => updated_often(tx, tenant, since)?,
    };
    let mut fought = HashMap::new();
    for people in often.chunks(PORTION) {
        let rows: Vec<(String, String)> = sync_steps::table
            .inner_join(sync_runs::table)
            .filter(sync_runs::tenant_id.eq(tenant.to_string()))
            .filter(sync_steps::action.eq("update"))
            .filter(sync_steps::outcome.eq("done"))
            .filter(sync_steps::at.ge(since.0))
            .filter(sync_steps::user_id.eq_any(people))
            .order((sync_steps::at, sync_steps::id))
            .select((sync_steps::id, sync_steps::step))
            .load(&mut tx.conn)?;
        let steps = rows.iter().map(|(id, step)| Row { table: "sync_steps", id }.json(step));
        let steps: Vec<Step> = steps.collect::<Result<_, Error>>()?;
        fought.extend(repeated(&steps));
    }
    Ok(fought)
}

/// Whose attributes were set so often that there may be a fight.
fn updated_often(tx: &mut Tx, tenant: TenantId, since: Ts) -> Result<Vec<String>, Error> {
    let often = sync_steps::table
        .inner_join(sync_runs::table)
        .filter(sync_runs::tenant_id.eq(tenant.to_string()))
        .filter(sync_steps::action.eq("update"))
        .filter(sync_steps::outcome.eq("done"))
        .filter(sync_steps::at.ge(since.0))
        .group_by(sync_steps::user_id)
        .having(count_star().ge(ROUNDS))
        .select(sync_steps::user_id)
        .load(&mut tx.conn)?;
    Ok(often)
}

/// What was set to the same value in a row, from steps in the order of their time.
fn repeated(steps: &[Step]) -> impl Iterator<Item = ((UserId, Attribute), Option<String>)> {
    let mut rows: BTreeMap<(UserId, Attribute), (Option<String>, i64)> = BTreeMap::new();
    for step in steps {
        let Action::Update { attributes } = &step.action else { continue };
        for (attribute, value) in &attributes.0 {
            let row = rows.entry((step.user_id, *attribute)).or_default();
            if row.0 == *value {
                row.1 += 1;
            } else {
                *row = (value.clone(), 1);
            }
        }
    }
    let often = |(_, times): &(Option<String>, i64)| *times >= ROUNDS;
    rows.into_iter().filter(move |(_, row)| often(row)).map(|(of, (value, _))| (of, value))
}
