//! What holds for every tenant: planning after applying is empty, foreign objects stay
//! untouched, and order doesn't matter.

use std::collections::HashSet;

use model::{
    attribute::Attribute,
    entra::{EntraUser, Origin},
    ids::ObjectId,
    mapping::Mode,
    plan::Action,
    user::UserState,
};
use proptest::{prelude::*, sample::subsequence};

use crate::{
    given::{EXO, Given, NOW, SPB, given, object, object_id, sku},
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
    hold: Hold,
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

/// A legal hold.
#[derive(Debug, Clone, Copy)]
enum Hold {
    Never,
    LiftedDaysAgo(u32),
    Holds,
}

/// What is in Entra under the person's name.
#[derive(Debug, Clone)]
struct There {
    kind: Kind,
    link: Option<Origin>,
    in_bin: bool,
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
    let link = prop_oneof![Just(None), Just(Some(Origin::Made)), Just(Some(Origin::Found))];
    let flags = (link, any::<bool>(), any::<bool>());
    (kind, flags, location, held, mark).prop_map(
        |(kind, (link, in_bin, enabled), location, held, mark)| There {
            kind,
            link,
            in_bin,
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
    let hold = prop_oneof![
        3 => Just(Hold::Never), 1 => Just(Hold::Holds), 1 => (0_u32..3).prop_map(Hold::LiftedDaysAgo),
    ];
    (state, assignment, wanted, hold, country, title, there()).prop_map(
        |(state, assignment, wanted, hold, country, title, there)| Person {
            state,
            assignment,
            wanted,
            hold,
            country,
            title,
            there,
        },
    )
}

/// What is done with job titles, departments and offices.
fn modes() -> impl Strategy<Value = [Mode; 3]> {
    prop::array::uniform3(prop::sample::select(Mode::ALL.to_vec()))
}

fn tenant() -> impl Strategy<Value = Given> {
    let days = || prop::option::of(1_u32..60);
    let policy = (0_u32..60, days(), days(), days());
    let people = prop::collection::vec(person(), 0..9);
    (people, policy, modes()).prop_map(|(people, policy, [title, department, office])| {
        let mut given = given().settings(|settings| {
            (settings.licence_grace_days, settings.delete_days) = (policy.0, policy.1);
            (settings.blocked_licence_days, settings.blocked_delete_days) = (policy.2, policy.3);
        });
        given = given.mapped(&[
            (Attribute::JobTitle, title, "job_title"),
            (Attribute::Department, department, "coalesce(job_title, country)"),
            (Attribute::OfficeLocation, office, "if(empty(country), \"Vienna\", \"\")"),
        ]);
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
    if person.state == UserState::Blocked {
        let days = if person.there.held.is_empty() { 0 } else { 40 };
        given = given.blocked(days);
    }
    given = match person.hold {
        Hold::Never => given,
        Hold::LiftedDaysAgo(days) => given.held(Some(days)),
        Hold::Holds => given.held(None),
    };
    let there = &person.there;
    if there.kind == Kind::Nothing && there.in_bin {
        given = given.in_bin(3);
    }
    if there.kind == Kind::Nothing {
        return if there.link.is_some() { given.linked() } else { given };
    }
    given = given.there(&there.held).with(|object| {
        object.account_enabled = there.enabled;
        object.usage_location = there.location.map(str::to_owned);
        object.protected = there.mark == Mark::Protected;
        object.guest = there.mark == Mark::Guest;
        let office = Some("Room 8".to_owned()).filter(|_| there.enabled);
        object.attributes.set(Attribute::OfficeLocation, office);
        object.synced_from_elsewhere = there.mark == Mark::Synced;
        match there.kind {
            Kind::Nameless => object.immutable_id = None,
            Kind::Foreign => object.immutable_id = Some("foreign".to_owned() + name),
            _ => {}
        }
    });
    match there.link.filter(|_| there.kind == Kind::Theirs) {
        Some(Origin::Made) => given.linked(),
        Some(Origin::Found) => given.linked().found(),
        None => given,
    }
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
        // As the journal has it.
        let blocks = plan.steps.iter().filter(|step| step.action == Action::BlockSignIn);
        given.past.blocked_in_entra.extend(blocks.map(|step| (step.user_id, NOW)));
        prop_assert_eq!(given.plan().lines().filter(|line| !line.starts_with('?')).count(), 0);
    }

    /// Y26
    #[test]
    fn what_is_never_written_and_what_somebody_typed_there_stays(given in tenant()) {
        let rules = given.mapping.clone();
        for step in given.steps().steps {
            let Action::Update { attributes } = step.action else { continue };
            let there = given.observed.users.iter().find(|user| Some(user.id) == step.object_id);
            let user = &given.people.iter().find(|(user, _)| user.id == step.user_id).unwrap().0;
            let wishes = rules.wishes(user);
            for (attribute, value) in attributes.0 {
                let is = there.and_then(|there| there.attributes.get(attribute));
                match wishes.of.get(&attribute).map(|wish| wish.mode) {
                    Some(Mode::Always) => prop_assert!(value.is_some()),
                    Some(Mode::Mirror) => prop_assert!(value.as_deref() != is),
                    Some(Mode::WhenEmpty) => prop_assert!(is.is_none() && value.is_some()),
                    other => prop_assert!(false, "{attribute:?} is written: {other:?}"),
                }
            }
        }
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
        let gone = |user: &&EntraUser| state.users.iter().all(|now| now.id != user.id);
        for user in before.iter().filter(gone) {
            prop_assert!(state.bin.iter().any(|deleted| deleted.user.id == user.id));
            let link = given.observed.links.iter().find(|link| link.object_id == user.id);
            prop_assert!(link.is_some_and(|link| link.origin == Origin::Made));
            prop_assert!(!user.account_enabled, "blocked before, in a plan of its own");
            let hold = given.past.holds.get(&link.unwrap().user_id);
            prop_assert!(hold.is_none_or(|hold| !hold.holds()));
        }
    }

    /// Whoever may sign in is never deleted, and whoever left is never restored.
    #[test]
    fn deleting_and_restoring_are_for_those_whom_they_are_meant_for(given in tenant()) {
        let wanted = given.wanted();
        for step in given.steps().steps {
            let person = wanted.iter().find(|person| person.user_id == step.user_id).unwrap();
            let open = person.access == provisioning::Access::Open;
            match step.action {
                Action::SoftDelete => prop_assert!(!open),
                Action::Restore => prop_assert!(open),
                _ => {}
            }
        }
    }

    /// Y27
    #[test]
    fn a_product_that_we_never_hand_out_stays(given in tenant()) {
        let tenant = Tenant::of(&given);
        tenant.apply(&given.steps());
        let holders = |users: &[EntraUser]| {
            let foreign = |l: &model::application::Licence| l.sku_id.0.as_u128() == FOREIGN;
            users.iter().filter(|user| user.licences.iter().any(foreign)).count()
        };
        let mut before = given.observed.users.clone();
        let state = tenant.lock();
        // Whose account is deleted has no licence at all any more.
        before.retain(|user| state.bin.iter().all(|deleted| deleted.user.id != user.id));
        prop_assert_eq!(holders(&before), holders(&state.users));
    }

    #[test]
    fn the_order_of_the_facts_does_not_matter(given in tenant(), seed in any::<u64>()) {
        let mut other = given.clone();
        shuffle(&mut other.people, seed);
        shuffle(&mut other.observed.users, seed ^ 1);
        shuffle(&mut other.observed.bin, seed ^ 4);
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
