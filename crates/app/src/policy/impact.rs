//! What publishing a draft changes, over everybody (F043): every person, every application, from
//! inside, beside and outside of every network that a rule names, with every program that one names.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    net::IpAddr,
};

use authn::policy::{Circumstances, Policy, Verdict, is_broad_for_programs};
use model::{
    Role, Ts,
    ids::GroupId,
    network::Network,
    policy::{Client, Rule, Target},
    relying_party::PartyKind,
    user::{User, UserState},
    wstrust::PasswordDoor,
};
use store::{
    Tx, exemptions, groups, passkeys, policy_versions, relying_parties, users, wstrust_permits,
};

use super::{heeds_exemptions, may_ask};
use crate::{Admin, Error, House, Result};

/// How many names stand beside the number of people.
const NAMED: usize = 3;
/// More sign-ins than this are not tried, over everybody and of one person.
const MOST: usize = 1_000_000;
const MOST_SCENES: usize = 50_000;
/// Programs that may have two of the names at once are tried with each two, if there are so few.
const PAIRED: usize = 8;
/// Addresses that belong to nobody (RFC 5737, RFC 3849); one stands for "elsewhere".
const ELSEWHERE: [[&str; 3]; 2] =
    [["192.0.2.1", "198.51.100.1", "203.0.113.1"], ["2001:db8::1", "3fff::1", "100::1"]];

/// What a draft changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Impact {
    /// How many people something changes for.
    pub people: usize,
    /// How many people there are.
    pub of: usize,
    /// The changes, the farthest-reaching first.
    pub changes: Vec<Change>,
    /// Of whom it takes a passkey that they don't have, by their sign-in names.
    pub without_passkey: Vec<String>,
    /// It keeps some of these from the portal, too, where they could add one.
    pub shuts_portal: bool,
    /// There were too many sign-ins to try them all.
    pub is_cut: bool,
    /// Rules of the draft that let old programs in with a password alone and don't name both the
    /// program and the networks.
    pub broad: Vec<String>,
}

/// A sign-in that would end in another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is tried.
    pub scene: Scene,
    /// How many people it is the same for.
    pub people: usize,
    /// Some of them, by their sign-in names.
    pub names: Vec<String>,
    /// How it ends now: by which rule, and what it takes.
    pub before: Ending,
    /// How it would end.
    pub after: Ending,
}

/// By which rule a sign-in ends, and in what.
pub type Ending = (Option<String>, Verdict);

/// Everything that can differ between two sign-ins of a person, as far as a rule asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scene {
    /// For what.
    pub target: Target,
    /// By what kind of program.
    pub client: Client,
    /// What the program calls itself, where a rule asks.
    pub agent: String,
    /// From which address; `None`: from none of the networks.
    pub address: Option<IpAddr>,
    /// The application asks for a second factor by itself.
    pub asked: bool,
}

/// What tells people apart for the rules: their groups and role as far as one names them, whether they
/// have a role at all, whether they lack a passkey where one is taken, and whether they are exempt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    groups: Vec<GroupId>,
    role: Option<Role>,
    has_role: bool,
    lacks_passkey: bool,
    is_exempt: bool,
}

impl House {
    /// What publishing the draft would change; `None`: there is no draft.
    pub async fn policy_impact(&self, _admin: &Admin) -> Result<Option<Impact>> {
        let house = self.clone();
        self.store()
            .read(move |tx| {
                let Some(draft) = policy_versions::draft(tx)? else { return Ok(None) };
                let before = Policy { rules: policy_versions::rules(tx)?, ..Policy::default() };
                let after = Policy { rules: draft.rules, ..Policy::default() };
                let (both, now) = (Both { before, after }, house.now());
                let scenes = both.scenes(&targets(tx, now)?);
                let alike = both.alike(tx, now)?;
                let rules = both.after.rules.iter().filter(|rule| is_broad_for_programs(rule));
                let broad = rules.map(|rule| rule.name.clone()).collect();
                Ok::<_, Error>(Some(Impact { broad, ..both.compared(&alike, &scenes) }))
            })
            .await
    }
}

/// What somebody may sign in for, and by what kinds of programs: without a browser where a permit says
/// so.
fn targets(tx: &mut Tx, now: Ts) -> Result<Vec<(Target, Vec<Client>)>> {
    let mut targets = Vec::new();
    for party in relying_parties::all(tx)?.into_iter().filter(|party| party.enabled) {
        let mut clients = vec![Client::Browser];
        let permit = match party.kind {
            PartyKind::Microsoft => wstrust_permits::of_domain(tx, party.domain_id)?,
            _ => None,
        };
        if let Some(permit) = permit {
            let doors =
                [(PasswordDoor::WsTrust, Client::WsTrust), (PasswordDoor::Ecp, Client::Ecp)];
            let open = doors.into_iter().filter(|(door, _)| permit.opens(*door, now));
            clients.extend(open.map(|(_, client)| client));
        }
        targets.push((Target::Party(party.id), clients));
    }
    targets.extend([Target::Portal, Target::Console].map(|it| (it, vec![Client::Browser])));
    Ok(targets)
}

/// What counts, and the draft.
struct Both {
    before: Policy,
    after: Policy,
}

impl Both {
    fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.before.rules.iter().chain(&self.after.rules)
    }

    /// Everybody who may sign in, put together with whom no rule can tell them from.
    fn alike(&self, tx: &mut Tx, now: Ts) -> Result<BTreeMap<Alike, Vec<String>>> {
        let named: BTreeSet<GroupId> = self.rules().flat_map(|it| it.when.groups.clone()).collect();
        let roles: BTreeSet<Role> = self.rules().flat_map(|it| it.when.roles.clone()).collect();
        let memberships = groups::memberships(tx)?;
        let takes_passkeys = self.after.takes_passkeys();
        let holders = if takes_passkeys { passkeys::holders(tx)? } else { HashSet::new() };
        let exempt = exemptions::holders(tx, now)?;
        let mut alike: BTreeMap<Alike, Vec<String>> = BTreeMap::new();
        let active = |user: &User| user.state == UserState::Active;
        for user in users::all(tx)?.into_iter().filter(active) {
            let groups = memberships.get(&user.id).into_iter().flatten().copied();
            let mut groups: Vec<_> = groups.filter(|group| named.contains(group)).collect();
            groups.sort_unstable();
            let role = user.role.filter(|role| roles.contains(role));
            let has_role = user.role.is_some();
            let lacks_passkey = takes_passkeys && !holders.contains(&user.id);
            let is_exempt = exempt.contains(&user.id);
            let key = Alike { groups, role, has_role, lacks_passkey, is_exempt };
            alike.entry(key).or_default().push(user.upn.to_string());
        }
        Ok(alike)
    }

    fn scenes(&self, targets: &[(Target, Vec<Client>)]) -> Vec<(Scene, String)> {
        let (addresses, agents) = (self.addresses(), self.agents());
        let asks = self.rules().any(|rule| rule.when.asked.is_some());
        let ways =
            targets.iter().flat_map(|(target, all)| all.iter().map(move |it| (*target, *it)));
        let asked = ways.flat_map(|(target, client)| {
            let asked = [false, asks].map(|asked| may_ask(target, client, asked));
            BTreeSet::from(asked).into_iter().map(move |asked| (target, client, asked))
        });
        let named = asked.flat_map(|way| agents.iter().map(move |agent| (way, agent)));
        let scenes = named.flat_map(|((target, client, asked), agent)| {
            addresses.iter().map(move |(address, text)| {
                let (address, agent) = (*address, agent.clone());
                (Scene { target, client, agent, address, asked }, text.clone())
            })
        });
        // Fifty rules may name more networks and programs than anybody can wait for.
        scenes.take(MOST_SCENES).collect()
    }

    /// The ends of every network and their neighbours, and of each family an address in none.
    fn addresses(&self) -> Vec<(Option<IpAddr>, String)> {
        let places = self.rules().filter_map(|rule| rule.when.place.as_ref());
        let networks: Vec<_> = places.flat_map(|place| place.networks.clone()).collect();
        let is_free = |text: &str| !networks.iter().any(|network| network.contains_text(text));
        let elsewhere = ELSEWHERE.map(|all| all.into_iter().find(|text| is_free(text)));
        let first = elsewhere.into_iter().flatten().next();
        let edges: BTreeSet<IpAddr> = networks.iter().flat_map(Network::edges).collect();
        let six = elsewhere[1].filter(|_| edges.iter().any(IpAddr::is_ipv6));
        let six = six.filter(|six| first != Some(six)).and_then(|six| six.parse().ok());
        let mut addresses: Vec<_> =
            first.map(|first| (None, first.to_owned())).into_iter().collect();
        addresses.extend(edges.into_iter().chain(six).map(|edge| (Some(edge), edge.to_string())));
        addresses
    }

    /// No name that a rule asks for, each, and each two at once.
    fn agents(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.rules().map(|rule| rule.when.agent.as_str()).collect();
        let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
        let pairs = names.iter().enumerate().flat_map(|(at, one)| {
            names[at + 1..].iter().map(move |other| format!("{one} {other}"))
        });
        let pairs: Vec<String> = pairs.take_while(|_| names.len() <= PAIRED).collect();
        let alone = names.iter().map(|name| (*name).to_owned());
        std::iter::once(String::new()).chain(alone).chain(pairs).collect()
    }

    fn compared(&self, alike: &BTreeMap<Alike, Vec<String>>, scenes: &[(Scene, String)]) -> Impact {
        let most = MOST / scenes.len().max(1);
        let mut impact = Impact {
            is_cut: alike.len() > most || scenes.len() >= MOST_SCENES,
            ..Impact::default()
        };
        let mut found: HashMap<(&Scene, Ending, Ending), (usize, Vec<String>)> = HashMap::new();
        for (kin, people) in alike.iter().take(most) {
            impact.of += people.len();
            let (mut changes, mut locks_out) = (false, false);
            for (scene, address) in scenes {
                if scene.target == Target::Console && !kin.has_role {
                    continue;
                }
                let Some(ends) = self.ends(scene, kin, address) else { continue };
                locks_out |= kin.lacks_passkey && locks_out_without_passkey(&ends);
                let (count, names) = found.entry((scene, ends.0, ends.1)).or_default();
                *count += people.len();
                changes = true;
                let left = NAMED.saturating_sub(names.len());
                names.extend(people.iter().take(left).cloned());
            }
            impact.people += if changes { people.len() } else { 0 };
            impact.shuts_portal |= locks_out && self.shuts_portal(kin, scenes);
            impact.without_passkey.extend(people.iter().filter(|_| locks_out).cloned());
        }
        impact.without_passkey.sort_unstable();
        let change = |((scene, before, after), (people, names))| {
            let scene = Scene::clone(scene);
            Change { scene, people, names, before, after }
        };
        impact.changes = found.into_iter().map(change).collect();
        impact.changes.sort_by_key(|change| (std::cmp::Reverse(change.people), key(&change.scene)));
        impact
    }

    /// Whether the draft keeps people without a passkey from the portal, wherever they try.
    fn shuts_portal(&self, kin: &Alike, scenes: &[(Scene, String)]) -> bool {
        let portal = scenes.iter().filter(|(scene, _)| scene.target == Target::Portal);
        let verdict = |(scene, address): &(Scene, String)| {
            self.after.ruling(&circumstances(scene, kin, address)).verdict
        };
        portal.map(verdict).any(|it| it == Verdict::Denied || it.takes_a_passkey())
    }

    /// How a sign-in ends by each, if they differ.
    fn ends(&self, scene: &Scene, kin: &Alike, address: &str) -> Option<(Ending, Ending)> {
        let at = circumstances(scene, kin, address);
        let is_exempt = kin.is_exempt && heeds_exemptions(scene.target, scene.client);
        let [old, new] = [&self.before, &self.after].map(|policy| policy.ruling(&at));
        let [old, new] = [old, new].map(|it| if is_exempt { it.spared() } else { it });
        let said = |rule: Option<&Rule>| rule.map(|rule| rule.name.clone());
        (old.verdict != new.verdict)
            .then(|| ((said(old.rule), old.verdict), (said(new.rule), new.verdict)))
    }
}

fn circumstances<'a>(scene: &'a Scene, kin: &'a Alike, address: &'a str) -> Circumstances<'a> {
    Circumstances {
        target: scene.target,
        groups: &kin.groups,
        role: kin.role,
        address,
        client: scene.client,
        agent: &scene.agent,
        asked: scene.asked,
    }
}

/// Whether a sign-in that was open takes a passkey afterwards.
fn locks_out_without_passkey((before, after): &(Ending, Ending)) -> bool {
    after.1.takes_a_passkey() && before.1 != Verdict::Denied && !before.1.takes_a_passkey()
}

/// Keeps the order of what many people share.
fn key(scene: &Scene) -> String {
    format!("{scene:?}")
}
