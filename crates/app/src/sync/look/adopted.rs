//! What a plan must know of objects that were there before us: whose an admin said they are, and
//! which of their products aren't ours.

use std::collections::{HashMap, HashSet};

use model::{
    application::Assignment,
    ids::{ObjectId, SkuId, TenantId, UserId},
    matches::{Adoption, MatchAnswer, MatchDecision, Promise},
    user::{User, UserState},
};
use store::{Tx, adoptions, match_decisions};

use crate::Result;

/// Which objects are these people's, and which are not.
type Answers = (HashMap<UserId, Promise>, HashSet<(UserId, ObjectId)>);

/// What admins said of these people. Whoever is gone gets nothing any more.
pub(super) fn answers(
    tx: &mut Tx,
    tenant: TenantId,
    people: &[(User, Option<Assignment>)],
) -> Result<Answers> {
    let said = match people {
        [(user, _)] => match_decisions::all_of(tx, tenant, user.id)?,
        _ => match_decisions::all(tx, tenant)?,
    };
    let there = people.iter().filter(|(user, _)| user.state != UserState::Deleted);
    let there: HashSet<UserId> = there.map(|(user, _)| user.id).collect();
    let (mut accepted, mut rejected) = Answers::default();
    for MatchDecision { user_id, object_id, upn, answer, .. } in said {
        match answer {
            MatchAnswer::Rejected => {
                rejected.insert((user_id, object_id));
            }
            MatchAnswer::Accepted if there.contains(&user_id) => {
                accepted.insert(user_id, Promise { object_id, upn });
            }
            MatchAnswer::Accepted => {}
        }
    }
    Ok((accepted, rejected))
}

/// The products that stay on objects that were taken over: those that they had, less what their
/// person was given since.
pub(super) fn kept_skus(
    tx: &mut Tx,
    (tenant, only): (TenantId, Option<UserId>),
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
    let taken_over = match only {
        Some(user) => adoptions::of_user(tx, tenant, user)?,
        None => adoptions::all(tx, tenant)?,
    };
    Ok(taken_over.into_iter().map(kept).collect())
}
