//! What holds for every tenant: planning after applying is empty, foreign objects stay
//! untouched, and order doesn't matter.

use std::collections::HashSet;

use model::{ids::ObjectId, plan::Action, user::UserState};
use proptest::{prelude::*, sample::subsequence};

use crate::{
    given::{EXO, Given, SPB, given, object, object_id, sku},
    tenant::Tenant,
};

/// A product without a seat, and one that we never hand out.
const NO_SEATS: u128 = 0x10;
const FOREIGN: u128 = 0x20;

/// One person of a random tenant.
#[derive(Debug, Clone)]
struct Person {
    state: UserState,
    assignment: Assignment,
    wanted: Vec<u128>,
    country: Option<&'static str>,
    title: Option<&'static str>,
    there: There,
}

#[derive(Debug, Clone, Copy)]
enum Assignment {
    Never,
    Open,
    LeftDaysAgo(u32),
}

/// What is in Entra under the person's name.
#[derive(Debug, Clone)]
struct There {
    kind: Kind,
    linked: bool,
    enabled: bool,
    location: Option<&'static str>,
    held: Vec<u128>,
    mark: Mark,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Nothing,
    Theirs,
    Nameless,
    Foreign,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mark {
    None,
    Protected,
    Guest,
    Synced,
}

fn there() -> impl Strategy<Value = There> {
    let kind = prop_oneof![
        2 => Just(Kind::Nothing), 4 => Just(Kind::Theirs),
        1 => Just(Kind::Nameless), 1 => Just(Kind::Foreign),
    ];
    let mark = prop_oneof![
        6 => Just(Mark::None), 1 => Just(Mark::Protected), 1 => Just(Mark::Guest),
        1 => Just(Mark::Synced),
    ];
    let location = prop_oneof![Just(None), Just(Some("US")), Just(Some("DE"))];
    let held = subsequence(vec![SPB, EXO, FOREIGN], 0..=3);
    (kind, any::<bool>(), any::<bool>(), location, held, mark).prop_map(
        |(kind, linked, enabled, location, held, mark)| There {
            kind,
            linked,
            enabled,
            location,
            held,
            mark,
        },
    )
}

fn person() -> impl Strategy<Value = Person> {
    let state = prop_oneof![
        5 => Just(UserState::Active), 1 => Just(UserState::Blocked), 1 => Just(UserState::Deleted),
    ];
    let assignment = prop_oneof![
        1 => Just(Assignment::Never), 4 => Just(Assignment::Open),
        2 => (0_u32..60).prop_map(Assignment::LeftDaysAgo),
    ];
    let wanted = subsequence(vec![SPB, EXO, NO_SEATS], 0..=3);
    let country = prop_oneof![Just(None), Just(Some("DE")), Just(Some("nowhere"))];
    let title = prop_oneof![Just(None), Just(Some("Buyer")), Just(Some(" "))];
    (state, assignment, wanted, country, title, there()).prop_map(
        |(state, assignment, wanted, country, title, there)| Person {
            state,
            assignment,
            wanted,
            country,
            title,
            there,
        },
    )
}

fn tenant() -> impl Strategy<Value = Given> {
    prop::collection::vec(person(), 0..9).prop_map(|people| {
        let mut given = given();
        given.observed.skus.push(sku(NO_SEATS, "NO_SEATS", 0));
        for (n, person) in people.iter().enumerate() {
            given = add(given, &format!("p{n}"), person);
        }
        let tenant = Tenant::of(&given);
        tenant.observe(&mut given);
        given
    })
}

fn add(given: Given, name: &str, person: &Person) -> Given {
    let mut given = given.person(name).but(|user| {
        user.state = person.state;
        user.profile.country = person.country.map(str::to_owned);
        user.profile.job_title = person.title.map(str::to_owned);
    });
    given = match person.assignment {
        Assignment::Never => given,
        Assignment::Open => given.assigned(&person.wanted),
        Assignment::LeftDaysAgo(days) => given.left(days, &person.wanted),
    };
    let there = &person.there;
    if there.kind == Kind::Nothing {
        return if there.linked { given.linked() } else { given };
    }
    given = given.there(&there.held).with(|object| {
        object.account_enabled = there.enabled;
        object.usage_location = there.location.map(str::to_owned);
        object.protected = there.mark == Mark::Protected;
        object.guest = there.mark == Mark::Guest;
        object.synced_from_elsewhere = there.mark == Mark::Synced;
        match there.kind {
            Kind::Nameless => object.immutable_id = None,
            Kind::Foreign => object.immutable_id = Some("foreign".to_owned() + name),
            _ => {}
        }
    });
    if there.linked && there.kind == Kind::Theirs { given.linked() } else { given }
}

/// Objects that no plan may write to.
fn untouchable(given: &Given) -> HashSet<ObjectId> {
    let ours: HashSet<&str> = given.people.iter().map(|(p, _)| p.immutable_id.as_str()).collect();
    given
        .observed
        .users
        .iter()
        .filter(|user| {
            let known = user.immutable_id.as_deref().is_some_and(|id| ours.contains(id));
            user.protected || user.guest || user.synced_from_elsewhere || !known
        })
        .map(|user| user.id)
        .collect()
}

proptest! {
    /// Y13
    #[test]
    fn planning_again_after_applying_is_empty(mut given in tenant()) {
        let plan = given.steps();
        let tenant = Tenant::of(&given);
        let summary = tenant.apply(&plan);
        prop_assert_eq!(summary.done, plan.steps.len());
        tenant.observe(&mut given);
        prop_assert_eq!(given.plan().lines().filter(|line| !line.starts_with('?')).count(), 0);
    }

    /// Y04, Y10
    #[test]
    fn foreign_and_protected_objects_are_never_touched(given in tenant()) {
        let forbidden = untouchable(&given);
        let (before, tenant) = (given.observed.users.clone(), Tenant::of(&given));
        tenant.apply(&given.steps());
        let state = tenant.lock();
        for user in before.iter().filter(|user| forbidden.contains(&user.id)) {
            prop_assert_eq!(state.users.iter().find(|now| now.id == user.id), Some(user));
            prop_assert!(!given.steps().steps.iter().any(|step| step.object_id == Some(user.id)));
        }
        prop_assert!(before.iter().all(|user| state.users.iter().any(|now| now.id == user.id)));
    }

    /// Y27
    #[test]
    fn a_product_that_we_never_hand_out_stays(given in tenant()) {
        let tenant = Tenant::of(&given);
        tenant.apply(&given.steps());
        let holders = |users: &[model::entra::EntraUser]| {
            let foreign = |l: &model::application::Licence| l.sku_id.0.as_u128() == FOREIGN;
            users.iter().filter(|user| user.licences.iter().any(foreign)).count()
        };
        prop_assert_eq!(holders(&given.observed.users), holders(&tenant.lock().users));
    }

    #[test]
    fn the_order_of_the_facts_does_not_matter(given in tenant(), seed in any::<u64>()) {
        let mut other = given.clone();
        shuffle(&mut other.people, seed);
        shuffle(&mut other.observed.users, seed ^ 1);
        shuffle(&mut other.observed.links, seed ^ 2);
        shuffle(&mut other.observed.skus, seed ^ 3);
        prop_assert_eq!(given.steps().hash(), other.steps().hash());
    }

    /// Y16
    #[test]
    fn safety_comes_first_and_whoever_may_not_sign_in_ends_up_blocked(given in tenant()) {
        let plan = given.steps();
        let is_safety = |action: &Action| {
            matches!(action, Action::BlockSignIn | Action::RevokeSessions)
        };
        let first_other = plan.steps.iter().position(|step| !is_safety(&step.action));
        let last_safety = plan.steps.iter().rposition(|step| is_safety(&step.action));
        if let (Some(other), Some(safety)) = (first_other, last_safety) {
            prop_assert!(safety < other);
        }
        let (forbidden, tenant) = (untouchable(&given), Tenant::of(&given));
        tenant.apply(&plan);
        for person in given.wanted() {
            let name = person.upn.split('@').next().unwrap_or_default();
            let there = object_id(name);
            let state = tenant.lock();
            let open = state.users.iter().any(|user| user.id == there && user.account_enabled);
            let out = matches!(person.access, provisioning::Access::Blocked(_));
            prop_assert!(!(out && open) || forbidden.contains(&object(name).id));
        }
    }
}

fn shuffle<T>(items: &mut [T], mut seed: u64) {
    for last in (1..items.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(seed >> 33).unwrap_or(0) % (last + 1);
        items.swap(last, other);
    }
}
