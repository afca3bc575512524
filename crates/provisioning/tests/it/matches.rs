//! The match table: by examples, and for every tenant.

use std::collections::{BTreeSet, HashSet};

use model::{
    Ts,
    entra::EntraLink,
    ids::{ObjectId, UserId},
    matches::{Evidence, MatchAnswer, MatchDecision, OffLimits, Score, SeenObject},
    user::{User, UserState},
};
use proptest::{prelude::*, sample::select};
use provisioning::matches::{Input, Row, Standing, Why, table};

use crate::given::{given, link, object_id, user_id};

#[derive(Debug, Clone, Default)]
struct World {
    people: Vec<User>,
    objects: Vec<SeenObject>,
    links: Vec<EntraLink>,
    decisions: Vec<MatchDecision>,
}

fn person(name: &str) -> User {
    given().person(name).people.remove(0).0
}

fn seen(name: &str) -> SeenObject {
    SeenObject {
        id: object_id(name),
        upn: format!("{name}@contoso.com"),
        display_name: format!("{name} there"),
        mail: None,
        proxy_addresses: vec![],
        immutable_id: None,
        off_limits: None,
    }
}

fn said(user: &str, object: &str, answer: MatchAnswer) -> MatchDecision {
    MatchDecision {
        user_id: user_id(user),
        object_id: object_id(object),
        upn: format!("{object}@contoso.com"),
        answer,
        decided_by: user_id("olivia"),
        decided_at: Ts(0),
    }
}

impl World {
    fn of(people: &[&str], objects: Vec<SeenObject>) -> Self {
        let people = people.iter().map(|name| person(name)).collect();
        Self { people, objects, ..Self::default() }
    }

    fn rows(&self) -> Vec<Row> {
        table(&Input {
            people: &self.people,
            objects: &self.objects,
            links: &self.links,
            decisions: &self.decisions,
        })
    }

    /// Who, what, how; by the names that they were made from.
    fn standings(&self) -> Vec<Standing> {
        self.rows().into_iter().map(|row| row.standing).collect()
    }
}

fn alias(name: &str, address: &str) -> SeenObject {
    SeenObject { proxy_addresses: vec![address.to_owned()], ..seen(name) }
}

/// Y09, F068
#[test]
fn each_kind_of_evidence_is_found_and_says_how_much_it_says() {
    let mut bob = person("bob");
    bob.profile.mail = Some("Bob.Baker@contoso.com".to_owned());
    let by = |object: SeenObject| {
        let row = World { people: vec![bob.clone()], objects: vec![object], ..World::default() };
        let row = row.rows().remove(0);
        (row.standing, row.score(), row.evidence)
    };
    let mail = Evidence::Mail("bob.baker@contoso.com".to_owned());
    let other = Evidence::Alias("bob@contoso.com".to_owned());
    let carries = SeenObject { immutable_id: Some("id-bob".to_owned()), ..seen("x") };
    let mailed = SeenObject { mail: Some("bob.baker@Contoso.com".to_owned()), ..seen("x") };
    for (object, score, evidence) in [
        (carries, Score::Certain, Evidence::ImmutableId),
        (SeenObject { id: object_id("x"), ..seen("BOB") }, Score::Certain, Evidence::Upn),
        (mailed, Score::Likely, mail.clone()),
        (alias("x", "SMTP:Bob.Baker@contoso.com"), Score::Likely, mail),
        (alias("x", "smtp:bob@contoso.com"), Score::Likely, other.clone()),
        (alias("x", "Smtp:bob@contoso.com"), Score::Likely, other),
    ] {
        assert_eq!(by(object), (Standing::Suggested, Some(score), vec![evidence]));
    }
    assert_eq!(by(alias("x", "x500:bob@contoso.com")).0, Standing::OnlyHere);
    // A letter that only looks like ours makes another mailbox.
    assert_eq!(by(alias("x", "smtp:\u{ff42}ob@contoso.com")).0, Standing::OnlyHere);
    let own = alias("x", "SMTP:bob@contoso.com");
    let own = SeenObject { upn: "bob@contoso.onmicrosoft.com".to_owned(), ..own };
    assert_eq!(by(own).0, Standing::Excluded(Why::TenantsOwn));
}

#[test]
fn a_name_alone_is_a_hint_and_never_a_suggestion() {
    let same = SeenObject { display_name: "bob".to_owned(), ..seen("robert") };
    let rows = World::of(&["bob"], vec![same]).rows();
    let standings: Vec<_> = rows.iter().map(|row| row.standing).collect();
    assert_eq!(standings, [Standing::OnlyHere, Standing::OnlyThere]);
    assert_eq!(rows[0].namesakes, [object_id("robert")]);
}

/// Y09
#[test]
fn two_on_either_side_are_ambiguous_until_an_admin_says_no_to_one() {
    let two = vec![seen("bob"), alias("robert", "smtp:bob@contoso.com")];
    let mut world = World::of(&["bob"], two);
    assert_eq!(world.standings(), [Standing::Ambiguous, Standing::Ambiguous]);
    world.decisions.push(said("bob", "robert", MatchAnswer::Rejected));
    let mut left: Vec<_> = world.standings();
    left.sort();
    assert_eq!(left, [Standing::Suggested, Standing::Rejected, Standing::OnlyThere]);

    let shared = vec![alias("sales", "smtp:bob@contoso.com")];
    let mut both = World::of(&["bob", "sales"], shared);
    assert_eq!(both.standings(), [Standing::Ambiguous, Standing::Ambiguous]);
    both.decisions.push(said("sales", "sales", MatchAnswer::Accepted));
    let bob = Standing::Excluded(Why::SomebodyElses(user_id("sales")));
    assert_eq!(both.standings(), [bob, Standing::Accepted]);
}

/// Y07, Y09, F100
#[test]
fn what_is_never_taken_over_is_shown_with_the_reason() {
    for off_limits in
        [OffLimits::Administrator, OffLimits::Guest, OffLimits::Synchronised, OffLimits::Deleted]
    {
        let object = SeenObject { off_limits: Some(off_limits), ..seen("bob") };
        let excluded = Standing::Excluded(Why::OffLimits(off_limits));
        assert_eq!(World::of(&["bob"], vec![object.clone()]).standings(), [excluded]);
        let alone = World::of(&[], vec![object]).standings();
        let expected = if off_limits == OffLimits::Deleted { vec![] } else { vec![excluded] };
        assert_eq!(alone, expected);
    }
    let foreign = SeenObject { immutable_id: Some("other".to_owned()), ..seen("bob") };
    let excluded = [Standing::Excluded(Why::OtherImmutableId)];
    assert_eq!(World::of(&["bob"], vec![foreign]).standings(), excluded);
    let amys = SeenObject { immutable_id: Some("id-amy".to_owned()), ..seen("bob") };
    let bob = Standing::Excluded(Why::SomebodyElses(user_id("amy")));
    let standings = World::of(&["amy", "bob"], vec![amys]).standings();
    assert_eq!(standings, [Standing::Suggested, bob]);
    let mut blocked = World::of(&["bob"], vec![seen("bob")]);
    blocked.people[0].state = UserState::Blocked;
    assert_eq!(blocked.standings(), [Standing::Excluded(Why::Blocked)]);
}

#[test]
fn an_immutable_id_goes_before_every_address_and_twice_is_nobodys() {
    let carrier = |name| SeenObject { immutable_id: Some("id-bob".to_owned()), ..seen(name) };
    let one = World::of(&["bob"], vec![seen("bob"), carrier("x")]).standings();
    assert_eq!(one, [Standing::Suggested, Standing::OnlyThere]);
    let twice = World::of(&["bob"], vec![carrier("x"), carrier("y")]).standings();
    assert_eq!(twice, [Standing::Excluded(Why::IdTwice); 2]);
}

#[test]
fn who_is_linked_has_one_row_and_their_other_addresses_bind_nobody() {
    let mut world = World::of(&["amy", "bob"], vec![seen("amy"), seen("bob")]);
    world.links.push(link(user_id("amy"), object_id("bob")));
    let bob = Standing::Excluded(Why::SomebodyElses(user_id("amy")));
    assert_eq!(world.standings(), [Standing::Linked, Standing::OnlyThere, bob]);
}

fn name() -> impl Strategy<Value = &'static str> {
    select(vec!["amy", "bob", "cid", "dan", "eve"])
}

fn object() -> impl Strategy<Value = SeenObject> {
    let limit = prop::option::weighted(
        0.2,
        select(vec![
            OffLimits::Administrator,
            OffLimits::Guest,
            OffLimits::Synchronised,
            OffLimits::Deleted,
        ]),
    );
    let id = prop::option::weighted(0.3, select(vec!["id-amy", "id-bob", "id-dan", "foreign"]));
    (name(), prop::option::of(name()), prop::option::of(name()), id, limit).prop_map(
        |(upn, mail, other, id, off_limits)| SeenObject {
            mail: mail.map(|name| format!("{name}@contoso.com")),
            proxy_addresses: other
                .map(|name| format!("smtp:{name}@contoso.com"))
                .into_iter()
                .collect(),
            immutable_id: id.map(str::to_owned),
            off_limits,
            ..seen(upn)
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    let people = prop::collection::btree_map(name(), 0_u8..8, 0..6);
    let objects = prop::collection::vec(object(), 0..6);
    let pairs = || prop::collection::vec((name(), 0_usize..6), 0..3);
    (people, objects, pairs(), pairs(), pairs()).prop_map(|(people, objects, links, yes, no)| {
        let people = people.into_iter().map(|(name, state)| {
            let state = match state {
                0 => UserState::Blocked,
                1 => UserState::Deleted,
                _ => UserState::Active,
            };
            User { state, ..person(name) }
        });
        let numbered = (1_u128..)
            .zip(objects)
            .map(|(n, object)| SeenObject { id: ObjectId(uuid::Uuid::from_u128(n)), ..object });
        let world =
            World { people: people.collect(), objects: numbered.collect(), ..World::default() };
        answered(world, &links, &yes, &no)
    })
}

type Pairs = [(&'static str, usize)];

/// With links and answers such as the database allows: each person and each object at most once.
fn answered(mut world: World, links: &Pairs, yes: &Pairs, no: &Pairs) -> World {
    let known: HashSet<UserId> = world.people.iter().map(|user| user.id).collect();
    let id = |n: usize| ObjectId(uuid::Uuid::from_u128(n as u128 + 1));
    let once = |pairs: &Pairs| {
        let (mut people, mut objects) = (HashSet::new(), HashSet::new());
        let pairs = pairs.iter().map(|(name, n)| (user_id(name), id(*n)));
        let pairs = pairs.filter(|(user, _)| known.contains(user));
        pairs
            .filter(|(user, object)| people.insert(*user) && objects.insert(*object))
            .collect::<Vec<_>>()
    };
    world.links = once(links).into_iter().map(|(user, object)| link(user, object)).collect();
    let decision = |(user_id, object_id), answer| MatchDecision {
        user_id,
        object_id,
        upn: "anybody@contoso.com".to_owned(),
        answer,
        decided_by: user_id,
        decided_at: Ts(0),
    };
    let yes: Vec<_> = once(yes);
    let no = once(no).into_iter().filter(|pair| !yes.contains(pair));
    world.decisions = no.map(|pair| decision(pair, MatchAnswer::Rejected)).collect();
    world.decisions.extend(yes.iter().map(|pair| decision(*pair, MatchAnswer::Accepted)));
    world
}

proptest! {
    /// Y09
    #[test]
    fn a_suggestion_is_the_only_one_for_both_and_never_off_limits(world in world()) {
        let rows = world.rows();
        let suggested: Vec<&Row> =
            rows.iter().filter(|row| row.standing == Standing::Suggested).collect();
        for row in &suggested {
            let object = world.objects.iter().find(|o| Some(o.id) == row.object).unwrap();
            let user = world.people.iter().find(|u| Some(u.id) == row.person).unwrap();
            let own = object.immutable_id.as_deref().is_none_or(|id| id == user.immutable_id.as_str());
            prop_assert!(object.off_limits.is_none() && own && user.state == UserState::Active);
            prop_assert!(row.score() >= Some(Score::Likely));
            prop_assert!(!world.links.iter().any(|l| l.user_id == user.id || l.object_id == object.id));
            let rivals = rows.iter().filter(|other| other.may_accept());
            let rivals = rivals.filter(|o| o.person == row.person || o.object == row.object);
            prop_assert_eq!(rivals.count(), 1);
        }
    }

    #[test]
    fn everybody_and_everything_is_in_the_table(world in world()) {
        let rows = world.rows();
        let people: HashSet<UserId> = rows.iter().filter_map(|row| row.person).collect();
        let objects: HashSet<ObjectId> = rows.iter().filter_map(|row| row.object).collect();
        let there = world.people.iter().filter(|user| user.state != UserState::Deleted);
        prop_assert!(there.clone().all(|user| people.contains(&user.id)));
        let live = world.objects.iter().filter(|o| o.off_limits != Some(OffLimits::Deleted));
        prop_assert!(live.clone().all(|object| objects.contains(&object.id)));
        let pairs: BTreeSet<_> = rows.iter().map(|row| (row.person, row.object)).collect();
        let twice = rows.len() - pairs.len();
        let alone = rows.iter().filter(|row| row.standing == Standing::OnlyThere).count();
        prop_assert!(twice <= alone, "no pair is there twice");
    }

    #[test]
    fn the_order_of_what_goes_in_does_not_matter(world in world(), seed in any::<u64>()) {
        let mut other = world.clone();
        let by = |n: usize| (n as u64).wrapping_mul(seed | 1).rotate_left(17);
        let keys: Vec<u64> = (0..16).map(by).collect();
        let mut n = 0;
        other.people.sort_by_cached_key(|_| { n += 1; keys[n % 16] });
        other.objects.sort_by_cached_key(|_| { n += 1; keys[n % 16] });
        other.links.reverse();
        other.decisions.reverse();
        prop_assert_eq!(other.rows(), world.rows());
    }
}
