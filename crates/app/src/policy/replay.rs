//! What the rules would have said of real sign-ins (F030): the tokens of the last days, as the journal
//! has them, each asked of the rules with the groups, roles and exemptions that people have now. Whether
//! an application asked for a second factor by itself is not looked at; where that decides, the answer is
//! open. Who opened the portal or the console is not in it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use authn::policy::{Circumstances, MfaPolicy, Policy, Ruling, Verdict};
use model::{
    Ts,
    ids::{GroupId, UserId},
    issued_token::Protocol,
    policy::{Client, Rule, Target},
    user::User,
};
use store::{
    Tx, exemptions, groups,
    issued_tokens::{self, SignIns},
    policy_versions, users,
};

use super::heeds_exemptions;
use crate::{Admin, Error, House, Result, campaign, premises::Premises};

/// How far back is looked.
const WITHIN: Duration = Duration::from_hours(30 * 24);
/// More sorts of sign-ins than this are not looked at.
const MOST: usize = 20_000;
/// How many stand beside the number.
const SHOWN: usize = 5;

/// What the rules would have said, of the draft if there is one.
#[derive(Debug, Clone)]
pub struct Replay {
    /// Whether they are the draft's.
    pub is_draft: bool,
    /// How many tokens were looked at.
    pub tokens: u64,
    /// How many more there were, of people who are gone: nobody knows what they would be now.
    pub gone: u64,
    /// How many of those looked at the draft lets end otherwise than what is published, or may: denied,
    /// or with another second factor.
    pub changed: u64,
    /// There were more sorts than were looked at.
    pub is_cut: bool,
    /// Each rule in its order, and at last what none of them fits.
    pub lines: Vec<Replayed>,
}

/// What one rule would have decided.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// The rule; `None`: no rule fits.
    pub rule: Option<Rule>,
    /// How many, by the kind of program.
    pub times: Vec<(Client, u64)>,
    /// How many more, if the application asked for a second factor, or if it did not.
    pub perhaps: u64,
    /// Some of them, the latest first.
    pub sample: Vec<Seen>,
}

/// Sign-ins that no rule can tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Whose, by their sign-in name.
    pub person: String,
    /// For what.
    pub target: Target,
    /// By what kind of program.
    pub client: Client,
    /// From which address.
    pub address: String,
    /// What the program called itself.
    pub agent: String,
    /// How many.
    pub times: u32,
    /// The last of them.
    pub last: Ts,
}

impl House {
    /// What the rules would have said of the sign-ins of the last 30 days.
    pub async fn replay_policy(&self, _admin: &Admin) -> Result<Replay> {
        let (house, now) = (self.clone(), self.now());
        self.store()
            .read(move |tx| {
                let sign_ins = issued_tokens::sign_ins(tx, now - WITHIN, MOST)?;
                let published = policy_versions::rules(tx)?;
                let draft = policy_versions::draft(tx)?.map(|draft| draft.rules);
                let premises = house.premises(tx)?;
                let people = People::read(tx, premises, now)?;
                Ok::<_, Error>(replay(sign_ins, (published, draft), &people))
            })
            .await
    }
}

/// What rules may ask of people.
struct People {
    premises: Arc<Premises>,
    users: HashMap<UserId, User>,
    groups: HashMap<UserId, Vec<GroupId>>,
    exempt: HashSet<UserId>,
}

impl People {
    fn read(tx: &mut Tx, premises: Arc<Premises>, now: Ts) -> Result<Self> {
        let users: HashMap<_, _> = users::all(tx)?.into_iter().map(|it| (it.id, it)).collect();
        let mut exempt = HashSet::new();
        for id in exemptions::holders(tx, now)? {
            let Some(user) = users.get(&id) else { continue };
            if campaign::exemption(tx, user, now)?.is_some() {
                exempt.insert(id);
            }
        }
        Ok(Self { premises, users, groups: groups::memberships(tx)?, exempt })
    }

    /// What a policy says of a person's sign-in.
    fn ruling<'p>(&self, policy: &'p Policy, id: UserId, at: &Circumstances<'_>) -> Ruling<'p> {
        let usual = policy.ruling(at);
        let is_exempt = heeds_exemptions(at.target, at.client) && self.exempt.contains(&id);
        if is_exempt { usual.spared() } else { usual }
    }
}

fn replay(
    (sign_ins, is_cut): (Vec<SignIns>, bool),
    (published, draft): (Vec<Rule>, Option<Vec<Rule>>),
    people: &People,
) -> Replay {
    let is_draft = draft.is_some();
    let before = Policy { rules: published, ..Policy::default() };
    let shown = draft.map(|rules| Policy { rules, ..Policy::default() });
    let shown = shown.as_ref().unwrap_or(&before);
    let mut replay =
        Replay { is_draft, tokens: 0, gone: 0, changed: 0, is_cut, lines: lines(shown) };
    for seen in &sign_ins {
        let times = u64::from(seen.times);
        let Some(user) = people.users.get(&seen.user_id) else {
            replay.gone += times;
            continue;
        };
        let groups = people.groups.get(&seen.user_id).map_or(&[][..], Vec::as_slice);
        let asked: &[bool] =
            if client(seen) == Client::Browser { &[false, true] } else { &[false] };
        let target = Target::Party(seen.relying_party_id);
        let target = people.premises.counts_as(target, user);
        let at = |asked: &bool| at(seen, target, (user, groups), *asked);
        let tried: Vec<_> = asked.iter().map(at).collect();
        replay.tokens += times;
        let ends = |policy, at| end(people.ruling(policy, user.id, at).verdict, at);
        if tried.iter().any(|at| ends(&before, at) != ends(shown, at)) {
            replay.changed += times;
        }
        let mut places: Vec<usize> = tried.iter().map(|at| place(shown, at)).collect();
        places.dedup();
        match places.as_slice() {
            [place] => replay.lines[*place].add(seen, user),
            several => several.iter().for_each(|place| replay.lines[*place].perhaps += times),
        }
    }
    replay
}

fn lines(policy: &Policy) -> Vec<Replayed> {
    let rules = policy.rules.iter().cloned().map(Some).chain([None]);
    let times = Client::ALL.map(|client| (client, 0)).to_vec();
    let line = |rule| Replayed { rule, times: times.clone(), perhaps: 0, sample: Vec::new() };
    rules.map(line).collect()
}

/// How a sign-in ends: denied, or with which second factor. How long a proof is good, and whether a
/// browser may be remembered, changes nothing of that.
fn end(verdict: Verdict, at: &Circumstances<'_>) -> Option<MfaPolicy> {
    match verdict {
        Verdict::Denied => None,
        Verdict::Allowed { mfa: MfaPolicy::OnDemand, .. } if at.asked => Some(MfaPolicy::Always),
        Verdict::Allowed { mfa, .. } => Some(mfa),
    }
}

/// Which of the lines a sign-in belongs to.
fn place(policy: &Policy, at: &Circumstances<'_>) -> usize {
    let decides = policy.ruling(at).rule.map(|rule| rule.id);
    let found = policy.rules.iter().position(|rule| Some(rule.id) == decides);
    found.unwrap_or(policy.rules.len())
}

fn at<'a>(
    seen: &'a SignIns,
    target: Target,
    (user, groups): (&User, &'a [GroupId]),
    asked: bool,
) -> Circumstances<'a> {
    Circumstances {
        target,
        groups,
        role: user.role,
        address: &seen.address,
        client: client(seen),
        agent: &seen.agent,
        asked,
    }
}

/// Only the doors for programs give a token without a session.
const fn client(seen: &SignIns) -> Client {
    match (seen.in_session, seen.protocol) {
        (true, _) => Client::Browser,
        (false, Protocol::Saml2) => Client::Ecp,
        (false, _) => Client::WsTrust,
    }
}

impl Replayed {
    fn add(&mut self, seen: &SignIns, user: &User) {
        let client = client(seen);
        for (known, times) in &mut self.times {
            if *known == client {
                *times += u64::from(seen.times);
            }
        }
        if self.sample.len() < SHOWN {
            self.sample.push(Seen {
                person: user.upn.to_string(),
                target: Target::Party(seen.relying_party_id),
                client,
                address: seen.address.clone(),
                agent: seen.agent.clone(),
                times: seen.times,
                last: seen.last,
            });
        }
    }
}
