//! The match table: which object of the tenant may be which of our people, how sure that is, and
//! what stands against it (F068).
//!
//! Pure and independent of the order of its input. It only says; nothing is taken over before an
//! admin said yes (Y09) and a plan does it (`planner`).

mod evidence;

use std::collections::{BTreeMap, HashMap, HashSet};

use model::{
    entra::{EntraLink, EntraUser},
    ids::{ObjectId, UserId},
    matches::{Evidence, MatchAnswer, MatchDecision, OffLimits, Score, SeenObject},
    upn,
    user::{User, UserState},
};

use crate::reasons;
use evidence::Addresses;

/// What the table is made from.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Everybody of ours.
    pub people: &'a [User],
    /// Every object of the tenant, those in the bin included.
    pub objects: &'a [SeenObject],
    /// Who is joined to an object already.
    pub links: &'a [EntraLink],
    /// What admins said.
    pub decisions: &'a [MatchDecision],
}

/// A person and an object that may be theirs, or one of the two alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Our person, if any.
    pub person: Option<UserId>,
    /// Entra's object, if any.
    pub object: Option<ObjectId>,
    /// How the two stand to each other.
    pub standing: Standing,
    /// What speaks for it, the strongest first.
    pub evidence: Vec<Evidence>,
    /// Objects that merely have the name of somebody who has none: a hint, and never more.
    pub namesakes: Vec<ObjectId>,
}

/// How a person and an object stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// They fit, and nobody and nothing else fits either of them.
    Suggested,
    /// They fit, and so does somebody or something else: an admin may choose.
    Ambiguous,
    /// An admin said yes; the next plan takes the object over.
    Accepted,
    /// They are joined.
    Linked,
    /// An admin said no.
    Rejected,
    /// The person has no object.
    OnlyHere,
    /// The object is nobody's here.
    OnlyThere,
    /// Never taken over.
    Excluded(Why),
}

/// What stands against taking an object over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The object is never written to.
    OffLimits(OffLimits),
    /// It is joined to somebody else, promised to them, or carries their immutable id.
    SomebodyElses(UserId),
    /// It carries an immutable id that is none of ours (F070).
    OtherImmutableId,
    /// More than one object carries this person's immutable id.
    IdTwice,
    /// The person is blocked here.
    Blocked,
    /// Its name is in the tenant's own `onmicrosoft.com` domain, as those of emergency accounts are.
    TenantsOwn,
}

impl Row {
    /// How sure it is that they belong together.
    #[must_use]
    pub fn score(&self) -> Option<Score> {
        self.evidence.iter().map(Evidence::score).max()
    }

    /// Whether an admin may say yes to it.
    #[must_use]
    pub fn may_accept(&self) -> bool {
        matches!(self.standing, Standing::Suggested | Standing::Ambiguous)
    }
}

/// The table: each person who isn't gone and each live object is in it at least once.
#[must_use]
pub fn table(input: &Input<'_>) -> Vec<Row> {
    let facts = Facts::new(input);
    let pairs = facts.pairs(input);
    let counting: Vec<(UserId, ObjectId)> = pairs
        .iter()
        .flat_map(|(user, theirs)| theirs.iter().map(|pair| (*user, pair)))
        .filter(|(_, pair)| pair.counts())
        .map(|(user, pair)| (user, pair.object.id))
        .collect();
    let people = counts(counting.iter().map(|(user, _)| *user));
    let objects = counts(counting.iter().map(|(_, object)| *object));
    let mut rows = Vec::new();
    for user in input.people {
        if let Some(object) = facts.settled.get(&user.id) {
            rows.push(facts.settled_row(user, *object));
        } else if user.state != UserState::Deleted {
            let theirs = pairs.get(&user.id).map(Vec::as_slice).unwrap_or_default();
            facts.open_rows(user, theirs, (&people, &objects), &mut rows);
        }
    }
    let mentioned: HashSet<ObjectId> = rows
        .iter()
        .filter(|row| row.standing != Standing::Rejected)
        .filter_map(|r| r.object)
        .collect();
    let alone = input.objects.iter().filter(|object| !mentioned.contains(&object.id));
    rows.extend(alone.filter_map(lonely));
    rows.sort_by_cached_key(|row| facts.place(row));
    rows
}

/// What stands against taking an object over for whoever has this immutable id, as it is now.
#[must_use]
pub fn objection(immutable_id: &str, object: &EntraUser) -> Option<&'static str> {
    reasons::unadoptable(immutable_id, object)
}

/// Why an object is never written to, if so (Y07).
#[must_use]
pub fn untouchable(object: &EntraUser) -> Option<&'static str> {
    reasons::untouchable(object)
}

/// What stands against taking over the object that an admin confirmed, as it is called now (Y09).
#[must_use]
pub fn name_objection(confirmed: &str, upn: &str, object: &EntraUser) -> Option<String> {
    let changed = reasons::called_otherwise(Some(confirmed), object);
    changed.or_else(|| reasons::names_differ(upn, object))
}

/// Something that speaks for an object being a person's.
struct Pair<'a> {
    object: &'a SeenObject,
    evidence: Vec<Evidence>,
    why: Option<Why>,
    rejected: bool,
}

impl Pair<'_> {
    /// Whether it may be true at all: it then makes every other pair of the two doubtful.
    fn counts(&self) -> bool {
        let somebody_elses = matches!(self.why, Some(Why::SomebodyElses(_)));
        let deleted = self.object.off_limits == Some(OffLimits::Deleted);
        !self.rejected && !somebody_elses && !deleted
    }
}

type Pairs<'a> = BTreeMap<UserId, Vec<Pair<'a>>>;

/// How often each is there.
fn counts<T: Eq + std::hash::Hash>(all: impl Iterator<Item = T>) -> HashMap<T, usize> {
    let mut counts = HashMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

struct Facts<'a> {
    objects: HashMap<ObjectId, &'a SeenObject>,
    people: HashMap<UserId, &'a User>,
    addresses: Addresses<'a>,
    /// Who has an object already, or was promised one.
    settled: HashMap<UserId, ObjectId>,
    linked: HashSet<UserId>,
    owners: HashMap<ObjectId, UserId>,
    ids: HashMap<&'a str, UserId>,
    rejected: HashSet<(UserId, ObjectId)>,
}

impl<'a> Facts<'a> {
    fn new(input: &Input<'a>) -> Self {
        let mut settled: HashMap<UserId, ObjectId> =
            input.links.iter().map(|link| (link.user_id, link.object_id)).collect();
        let linked: HashSet<UserId> = settled.keys().copied().collect();
        let mut owners: HashMap<ObjectId, UserId> =
            settled.iter().map(|(user, object)| (*object, *user)).collect();
        let mut rejected = HashSet::new();
        for decision in input.decisions {
            let (user, object) = (decision.user_id, decision.object_id);
            match decision.answer {
                MatchAnswer::Rejected => {
                    rejected.insert((user, object));
                }
                MatchAnswer::Accepted if !linked.contains(&user) => {
                    settled.insert(user, object);
                    owners.entry(object).or_insert(user);
                }
                MatchAnswer::Accepted => {}
            }
        }
        Self {
            objects: input.objects.iter().map(|object| (object.id, object)).collect(),
            people: input.people.iter().map(|user| (user.id, user)).collect(),
            addresses: Addresses::new(input.objects),
            settled,
            linked,
            owners,
            ids: input.people.iter().map(|user| (user.immutable_id.as_str(), user.id)).collect(),
            rejected,
        }
    }

    /// Everything that speaks for somebody who has no object yet. Where one carries their immutable
    /// id, no other counts.
    fn pairs(&self, input: &Input<'a>) -> Pairs<'a> {
        let open = input.people.iter().filter(|user| {
            user.state != UserState::Deleted && !self.settled.contains_key(&user.id)
        });
        open.map(|user| (user.id, self.pairs_of(user))).collect()
    }

    fn pairs_of(&self, user: &User) -> Vec<Pair<'a>> {
        let mut found = self.addresses.candidates(user);
        let hard = |evidence: &[Evidence]| evidence.contains(&Evidence::ImmutableId);
        let live = |object: &SeenObject| object.off_limits != Some(OffLimits::Deleted);
        let carriers = found.iter().filter(|(o, e)| hard(e) && live(o)).count();
        if carriers > 0 {
            found.retain(|(object, evidence)| hard(evidence) && live(object));
        }
        let pair = |(object, evidence): (&'a SeenObject, Vec<Evidence>)| Pair {
            object,
            evidence,
            why: self.against(user, object, carriers),
            rejected: self.rejected.contains(&(user.id, object.id)),
        };
        found.into_iter().map(pair).collect()
    }

    fn against(&self, user: &User, object: &SeenObject, carriers: usize) -> Option<Why> {
        if let Some(off_limits) = object.off_limits {
            return Some(Why::OffLimits(off_limits));
        }
        if let Some(owner) = self.owners.get(&object.id).filter(|owner| **owner != user.id) {
            return Some(Why::SomebodyElses(*owner));
        }
        if let Some(id) =
            object.immutable_id.as_deref().filter(|id| *id != user.immutable_id.as_str())
        {
            let owner = self.ids.get(id).copied();
            return Some(owner.map_or(Why::OtherImmutableId, Why::SomebodyElses));
        }
        if reasons::is_tenants_own(&object.upn) {
            return Some(Why::TenantsOwn);
        }
        if carriers > 1 {
            return Some(Why::IdTwice);
        }
        (user.state == UserState::Blocked).then_some(Why::Blocked)
    }

    /// Somebody who has an object, or was promised one.
    fn settled_row(&self, user: &User, id: ObjectId) -> Row {
        let object = self.objects.get(&id).copied();
        let evidence = object.map(|object| evidence::of(user, object)).unwrap_or_default();
        let against = object.and_then(|object| self.against(user, object, 0));
        let standing = match against {
            _ if self.linked.contains(&user.id) => Standing::Linked,
            Some(why) => Standing::Excluded(why),
            None => Standing::Accepted,
        };
        row(Some(user), Some(id), standing, evidence)
    }

    fn open_rows(
        &self,
        user: &User,
        pairs: &[Pair<'_>],
        (people, objects): (&HashMap<UserId, usize>, &HashMap<ObjectId, usize>),
        rows: &mut Vec<Row>,
    ) {
        let alone = people.get(&user.id) == Some(&1);
        let mut any = false;
        for pair in pairs {
            let standing = match pair.why {
                _ if pair.rejected => Standing::Rejected,
                Some(why) => Standing::Excluded(why),
                None if alone && objects.get(&pair.object.id) == Some(&1) => Standing::Suggested,
                None => Standing::Ambiguous,
            };
            any |= standing != Standing::Rejected;
            rows.push(row(Some(user), Some(pair.object.id), standing, pair.evidence.clone()));
        }
        if !any {
            let mut namesakes: Vec<ObjectId> = self
                .addresses
                .namesakes(user)
                .filter(|object| !self.owners.contains_key(&object.id))
                .map(|object| object.id)
                .collect();
            namesakes.sort();
            rows.push(Row { namesakes, ..row(Some(user), None, Standing::OnlyHere, Vec::new()) });
        }
    }

    /// By name; ours comes before theirs.
    fn place(&self, row: &Row) -> (String, bool, Option<UserId>, Option<ObjectId>) {
        let ours = row.person.and_then(|id| self.people.get(&id)).map(|user| user.upn.folded());
        let theirs = row.object.and_then(|id| self.objects.get(&id)).map(|o| upn::fold(&o.upn));
        let name = ours.or(theirs).unwrap_or_default();
        (name, row.person.is_none(), row.person, row.object)
    }
}

fn row(
    user: Option<&User>,
    object: Option<ObjectId>,
    standing: Standing,
    evidence: Vec<Evidence>,
) -> Row {
    Row { person: user.map(|user| user.id), object, standing, evidence, namesakes: Vec::new() }
}

/// An object that nobody of ours fits. What is in the bin is left out: nobody asks for it.
fn lonely(object: &SeenObject) -> Option<Row> {
    let standing = match object.off_limits {
        Some(OffLimits::Deleted) => return None,
        Some(off_limits) => Standing::Excluded(Why::OffLimits(off_limits)),
        None => Standing::OnlyThere,
    };
    Some(row(None, Some(object.id), standing, Vec::new()))
}
