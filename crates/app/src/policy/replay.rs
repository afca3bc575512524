//! What the rules would have said of real sign-ins (F030): the tokens of the last days, as the journal
//! has them, each asked of the rules with the groups and roles that people have now. The journal does
//! not say whether an application asked for a second factor by itself; where that decides, nobody can
//! tell. Who opened the portal or the console is not in it.

use std::{collections::HashMap, time::Duration};

use authn::policy::{Circumstances, Policy};
use model::{
    Ts,
    ids::{GroupId, UserId},
    issued_token::Protocol,
    policy::{Client, Rule, Target},
    user::User,
};
use store::{
    Tx, groups,
    issued_tokens::{self, SignIns},
    policy_versions, users,
};

use crate::{Admin, Error, House, Result};

/// How far back is looked.
const WITHIN: Duration = Duration::from_hours(30 * 24);
/// More sorts of sign-ins than this are not looked at.
const MOST: i64 = 20_000;
/// How many stand beside the number.
const SHOWN: usize = 5;

/// What the rules would have said, of the draft if there is one.
#[derive(Debug, Clone)]
pub struct Replay {
    /// Whether they are the draft's.
    pub is_draft: bool,
    /// How many tokens were looked at.
    pub tokens: u64,
    /// How many of them the draft lets end otherwise than what is published, or may.
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
        let since = self.now() - WITHIN;
        self.store()
            .read(move |tx| {
                let sign_ins = issued_tokens::sign_ins(tx, since, MOST)?;
                let published = policy_versions::rules(tx)?;
                let draft = policy_versions::draft(tx)?.map(|draft| draft.rules);
                let people = People::read(tx)?;
                Ok::<_, Error>(replay(&sign_ins, (published, draft), &people))
            })
            .await
    }
}

/// What rules may ask of people.
struct People {
    users: HashMap<UserId, User>,
    groups: HashMap<UserId, Vec<GroupId>>,
}

impl People {
    fn read(tx: &mut Tx) -> Result<Self> {
        let users = users::all(tx)?.into_iter().map(|user| (user.id, user)).collect();
        Ok(Self { users, groups: groups::memberships(tx)? })
    }
}

fn replay(
    sign_ins: &[SignIns],
    (published, draft): (Vec<Rule>, Option<Vec<Rule>>),
    people: &People,
) -> Replay {
    let is_draft = draft.is_some();
    let before = Policy { rules: published, ..Policy::default() };
    let shown = draft.map(|rules| Policy { rules, ..Policy::default() });
    let shown = shown.as_ref().unwrap_or(&before);
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let mut replay = Replay {
        is_draft,
        tokens: 0,
        changed: 0,
        is_cut: sign_ins.len() >= most,
        lines: lines(shown),
    };
    for seen in sign_ins {
        let Some(user) = people.users.get(&seen.user_id) else { continue };
        let groups = people.groups.get(&seen.user_id).map_or(&[][..], Vec::as_slice);
        let asked: &[bool] =
            if client(seen) == Client::Browser { &[false, true] } else { &[false] };
        let tried: Vec<_> = asked.iter().map(|asked| at(seen, (user, groups), *asked)).collect();
        let times = u64::from(seen.times);
        replay.tokens += times;
        if tried.iter().any(|at| before.ruling(at).verdict != shown.ruling(at).verdict) {
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

/// Which of the lines a sign-in belongs to.
fn place(policy: &Policy, at: &Circumstances<'_>) -> usize {
    let decides = policy.ruling(at).rule.map(|rule| rule.id);
    let found = policy.rules.iter().position(|rule| Some(rule.id) == decides);
    found.unwrap_or(policy.rules.len())
}

fn at<'a>(
    seen: &'a SignIns,
    (user, groups): (&User, &'a [GroupId]),
    asked: bool,
) -> Circumstances<'a> {
    Circumstances {
        target: Target::Party(seen.relying_party_id),
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
