//! What publishing a draft changes, over everybody (F043): every person, every application, from
//! inside and outside of every network that a rule names, with every program that one names.

use std::{
    collections::{BTreeMap, HashSet},
    net::IpAddr,
};

use authn::policy::{Circumstances, Policy, Verdict};
use model::{
    Role, Ts,
    ids::GroupId,
    policy::{Client, Rule, Target},
    relying_party::PartyKind,
    user::{User, UserState},
    wstrust::PasswordDoor,
};
use store::{Tx, groups, policy_versions, relying_parties, users, wstrust_permits};

use crate::{Admin, Error, House, Result};

/// How many names stand beside the number of people.
const NAMED: usize = 3;
/// Addresses that belong to nobody (RFC 5737, RFC 3849), one of which stands for "elsewhere".
const ELSEWHERE: [&str; 4] = ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1"];

/// What a draft changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Impact {
    /// How many people something changes for.
    pub people: usize,
    /// How many people there are.
    pub of: usize,
    /// The changes, the farthest-reaching first.
    pub changes: Vec<Change>,
}

/// A sign-in that would end in another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// How many people it is the same for.
    pub people: usize,
    /// Some of them, by their sign-in names.
    pub names: Vec<String>,
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
    /// How it ends now: by which rule, and what it takes.
    pub before: (Option<String>, Verdict),
    /// How it would end.
    pub after: (Option<String>, Verdict),
}

/// People whom no rule can tell apart.
type Alike = (Vec<GroupId>, Option<Role>);

impl House {
    /// What publishing the draft would change; `None`: there is no draft.
    pub async fn policy_impact(&self, _admin: &Admin) -> Result<Option<Impact>> {
        let house = self.clone();
        self.store()
            .read(move |tx| {
                let Some(draft) = policy_versions::draft(tx)? else { return Ok(None) };
                let before = Policy { rules: policy_versions::rules(tx)?, ..Policy::default() };
                let after = Policy { rules: draft.rules, ..Policy::default() };
                let targets = targets(tx, house.now())?;
                let scenes = Scenes::of(&before, &after, targets);
                let alike = alike(tx)?;
                Ok::<_, Error>(Some(compared(&alike, &scenes, &before, &after)))
            })
            .await
    }
}

/// Everybody who may sign in, put together with whom no rule can tell them from.
fn alike(tx: &mut Tx) -> Result<BTreeMap<Alike, Vec<String>>> {
    let memberships = groups::memberships(tx)?;
    let mut alike: BTreeMap<Alike, Vec<String>> = BTreeMap::new();
    let active = |user: &User| user.state == UserState::Active;
    for user in users::all(tx)?.into_iter().filter(active) {
        let mut groups = memberships.get(&user.id).cloned().unwrap_or_default();
        groups.sort_unstable();
        alike.entry((groups, user.role)).or_default().push(user.upn.to_string());
    }
    Ok(alike)
}

/// Everything that can differ between two sign-ins of a person, as far as a rule asks for it.
struct Scenes {
    targets: Vec<(Target, Vec<Client>)>,
    addresses: Vec<Option<IpAddr>>,
    elsewhere: String,
    agents: Vec<String>,
    asked: Vec<bool>,
}

impl Scenes {
    fn of(before: &Policy, after: &Policy, targets: Vec<(Target, Vec<Client>)>) -> Self {
        let rules = || before.rules.iter().chain(&after.rules);
        let places = || rules().filter_map(|rule| rule.when.place.as_ref());
        let networks: Vec<_> = places().flat_map(|place| &place.networks).collect();
        let ends: HashSet<IpAddr> = networks.iter().flat_map(|network| network.ends()).collect();
        let mut addresses: Vec<_> = ends.into_iter().map(Some).collect();
        addresses.sort_unstable();
        addresses.insert(0, None);
        let free = |address: &&&str| !networks.iter().any(|it| it.contains_text(address));
        let asks = |rule: &Rule| !rule.when.agent.is_empty();
        let agents = rules().filter(|rule| asks(rule)).map(|rule| rule.when.agent.clone());
        let agents: HashSet<String> = agents.collect();
        let mut agents: Vec<String> = agents.into_iter().collect();
        agents.sort_unstable();
        agents.insert(0, String::new());
        let asked = rules().any(|rule| rule.when.asked.is_some());
        Self {
            targets,
            addresses,
            elsewhere: (*ELSEWHERE.iter().find(free).unwrap_or(&"elsewhere")).to_owned(),
            agents,
            asked: if asked { vec![false, true] } else { vec![false] },
        }
    }

    /// Each sign-in once.
    fn each(&self, mut look: impl FnMut(&Scene<'_>)) {
        for (target, clients) in &self.targets {
            for client in clients {
                for address in &self.addresses {
                    for agent in &self.agents {
                        for asked in &self.asked {
                            let (target, client, asked) = (*target, *client, *asked);
                            look(&Scene { target, client, address: *address, agent, asked });
                        }
                    }
                }
            }
        }
    }
}

struct Scene<'s> {
    target: Target,
    client: Client,
    address: Option<IpAddr>,
    agent: &'s str,
    asked: bool,
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

fn compared(
    alike: &BTreeMap<Alike, Vec<String>>,
    scenes: &Scenes,
    before: &Policy,
    after: &Policy,
) -> Impact {
    let mut impact = Impact::default();
    for ((groups, role), people) in alike {
        impact.of += people.len();
        let already = impact.changes.len();
        scenes.each(|scene| {
            if scene.target == Target::Console && role.is_none() {
                return;
            }
            let address = scene.address.map(|address| address.to_string());
            let at = Circumstances {
                target: scene.target,
                groups,
                role: *role,
                address: address.as_deref().unwrap_or(&scenes.elsewhere),
                client: scene.client,
                agent: scene.agent,
                asked: scene.asked,
            };
            let [old, new] = [before, after].map(|policy| policy.ruling(&at));
            if old.verdict != new.verdict {
                let said = |rule: Option<&Rule>| rule.map(|rule| rule.name.clone());
                let ends = [(said(old.rule), old.verdict), (said(new.rule), new.verdict)];
                impact.add(scene, people, ends);
            }
        });
        impact.people += if impact.changes.len() > already { people.len() } else { 0 };
    }
    impact.merge();
    impact
}

impl Impact {
    fn add(
        &mut self,
        scene: &Scene<'_>,
        people: &[String],
        [before, after]: [(Option<String>, Verdict); 2],
    ) {
        self.changes.push(Change {
            people: people.len(),
            names: people.iter().take(NAMED).cloned().collect(),
            target: scene.target,
            client: scene.client,
            agent: scene.agent.to_owned(),
            address: scene.address,
            asked: scene.asked,
            before,
            after,
        });
    }

    /// Puts together what differs in its people alone, and sorts.
    fn merge(&mut self) {
        let mut merged: Vec<Change> = Vec::new();
        for change in std::mem::take(&mut self.changes) {
            match merged.iter_mut().find(|known| known.is_like(&change)) {
                Some(known) => {
                    known.people += change.people;
                    known.names.extend(change.names);
                    known.names.truncate(NAMED);
                }
                None => merged.push(change),
            }
        }
        merged.sort_by_key(|change| std::cmp::Reverse(change.people));
        self.changes = merged;
    }
}

impl Change {
    fn is_like(&self, other: &Self) -> bool {
        let key = |it: &Self| (it.target, it.client, it.address, it.asked);
        key(self) == key(other)
            && self.agent == other.agent
            && self.before == other.before
            && self.after == other.after
    }
}
