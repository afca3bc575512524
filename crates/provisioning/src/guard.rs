//! Decides whether an admin must look at a plan before it takes anything away (Y01, Y03, ruling 17).

use std::collections::HashSet;

use model::{
    ids::UserId,
    plan::{Action, Plan, Scope},
};

/// What the guard weighs a plan against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardInput {
    /// How many people of ours have an object in the tenant.
    pub managed: usize,
    /// How many people lost something by our hand in the last 24 hours.
    pub already_destructive_24h: usize,
    /// What the run looks at.
    pub scope: Scope,
    /// How many people are wanted now (`desired::open_count`).
    pub wanted: usize,
    /// How many were wanted in the last good run over everybody, if there was one.
    pub wanted_before: Option<usize>,
}

/// May the plan be carried out?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Go,
    /// Not before an admin said yes to this very plan.
    NeedsApproval {
        /// Why, in a sentence.
        reason: String,
    },
}

/// Judges a plan. One person named by an admin is approved by that act (ruling 17), but not their
/// deletion, whose day comes by itself.
#[must_use]
pub fn judge(plan: &Plan, input: &GuardInput) -> Verdict {
    let hit = destructive_people(plan);
    let deletes = plan.steps.iter().any(|step| step.action == Action::SoftDelete);
    if hit == 0 || (matches!(input.scope, Scope::Person(_)) && !deletes) {
        return Verdict::Go;
    }
    match shrunk(input).or_else(|| too_many(hit, input)) {
        Some(reason) => Verdict::NeedsApproval { reason },
        None => Verdict::Go,
    }
}

/// How many people a plan takes something away from.
#[must_use]
pub fn destructive_people(plan: &Plan) -> usize {
    let hit = plan.steps.iter().filter(|step| step.action.is_destructive());
    hit.map(|step| step.user_id).collect::<HashSet<UserId>>().len()
}

/// How many people may lose something in 24 hours without anybody looking (Y01).
#[must_use]
pub fn limit(managed: usize) -> usize {
    (managed / 10).clamp(FLOOR, 500)
}

/// Below this, shares say nothing: one of four people is 25 %.
const FLOOR: usize = 5;

fn shrunk(input: &GuardInput) -> Option<String> {
    if input.wanted == 0 && input.managed > 0 {
        return Some("nobody is assigned any more; that looks like lost data".to_owned());
    }
    let before = input.wanted_before?;
    let lost = before.saturating_sub(input.wanted);
    (lost > FLOOR && lost * 5 > before).then(|| {
        format!(
            "{} people are assigned where there were {before}: more than 20 % less",
            input.wanted
        )
    })
}

fn too_many(hit: usize, input: &GuardInput) -> Option<String> {
    let total = hit + input.already_destructive_24h;
    let most = limit(input.managed);
    (total > most).then(|| {
        format!(
            "{hit} people would lose access, licences, their account or their sign-in name, {} did in \
             the last 24 hours; {most} of {} is the most without an approval",
            input.already_destructive_24h, input.managed
        )
    })
}

#[cfg(test)]
mod tests {
    use model::plan::{Action, Step};

    use super::*;

    fn blocks(people: u128) -> Plan {
        let step = |n: u128| Step {
            user_id: UserId(uuid::Uuid::from_u128(n)),
            upn: format!("p{n}@contoso.com"),
            object_id: None,
            action: Action::BlockSignIn,
            reason: String::new(),
            before: String::new(),
            after: String::new(),
        };
        // Everybody twice: people are counted, not steps.
        Plan { steps: (0..people).chain(0..people).map(step).collect(), conflicts: vec![] }
    }

    fn everyone(managed: usize, already: usize) -> GuardInput {
        GuardInput {
            managed,
            already_destructive_24h: already,
            scope: Scope::Everyone,
            wanted: managed,
            wanted_before: None,
        }
    }

    fn goes(plan: &Plan, input: &GuardInput) -> bool {
        judge(plan, input) == Verdict::Go
    }

    /// Y01
    #[test]
    fn eleven_of_a_hundred_need_an_approval_and_ten_do_not() {
        assert!(goes(&blocks(10), &everyone(100, 0)));
        assert!(!goes(&blocks(11), &everyone(100, 0)));
    }

    /// Y01
    #[test]
    fn what_was_done_in_the_last_24_hours_counts_too() {
        assert!(!goes(&blocks(6), &everyone(100, 5)));
        assert!(goes(&blocks(5), &everyone(100, 5)));
    }

    #[test]
    fn the_limit_is_never_under_5_nor_over_500() {
        assert_eq!([limit(0), limit(49), limit(60), limit(1_000_000)], [5, 5, 6, 500]);
    }

    #[test]
    fn one_named_person_is_approved_by_the_admins_act() {
        let scope = Scope::Person(UserId(uuid::Uuid::from_u128(0)));
        assert!(goes(&blocks(1), &GuardInput { scope, ..everyone(0, 99) }));
    }

    /// Y03
    #[test]
    fn an_empty_or_shrunken_wish_stops_what_takes_away() {
        assert!(!goes(&blocks(1), &GuardInput { wanted: 0, ..everyone(100, 0) }));
        let from =
            |before| GuardInput { wanted: 79, wanted_before: Some(before), ..everyone(100, 0) };
        assert!(!goes(&blocks(1), &from(100)));
        assert!(goes(&blocks(1), &from(98)));
        assert!(goes(&Plan::default(), &GuardInput { wanted: 0, ..everyone(100, 0) }));
    }
}
