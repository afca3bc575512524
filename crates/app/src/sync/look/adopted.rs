//! What a plan must know of objects that were there before us: whose an admin said they are, and
//! which of their products aren't ours.

use std::collections::{HashMap, HashSet};

use model::{
    application::Assignment,
    ids::{ObjectId, SkuId, TenantId, UserId},
    matches::{Adoption, MatchAnswer},
    user::{User, UserState},
};
use store::{Tx, adoptions, match_decisions};

use crate::Result;

/// The accepted matches of these people. Whoever is gone gets nothing any more.
pub(super) fn accepted(
    tx: &mut Tx,
    tenant: TenantId,
    people: &[(User, Option<Assignment>)],
) -> Result<HashMap<UserId, ObjectId>> {
    let there = people.iter().filter(|(user, _)| user.state != UserState::Deleted);
    let there: HashSet<UserId> = there.map(|(user, _)| user.id).collect();
    let decisions = match_decisions::all(tx, tenant)?.into_iter();
    Ok(decisions
        .filter(|decision| decision.answer == MatchAnswer::Accepted)
        .filter(|decision| there.contains(&decision.user_id))
        .map(|decision| (decision.user_id, decision.object_id))
        .collect())
}

/// The products that stay on objects that were taken over: those that they had, less what their
/// person was given since.
pub(super) fn kept_skus(
    tx: &mut Tx,
    tenant: TenantId,
    assigned: &[Assignment],
) -> Result<HashMap<ObjectId, HashSet<SkuId>>> {
    let mut of: HashMap<UserId, Vec<&Assignment>> = HashMap::new();
    for assignment in assigned {
        of.entry(assignment.user_id).or_default().push(assignment);
    }
    let kept = |adoption: Adoption| {
        let theirs = of.get(&adoption.user_id).into_iter().flatten();
        let since = theirs.filter(|a| a.ended_at.is_none_or(|ended| ended >= adoption.at));
        let given: HashSet<SkuId> =
            since.flat_map(|a| &a.licences).map(|licence| licence.sku_id).collect();
        let found = adoption.found_skus.into_iter().filter(|id| !given.contains(id));
        (adoption.object_id, found.collect())
    };
    Ok(adoptions::all(tx, tenant)?.into_iter().map(kept).collect())
}
