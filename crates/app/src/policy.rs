//! The sign-in policy: who may sign in to what, from where, with what, and what it takes (F042). Rules
//! are changed in a draft; nothing counts until it is published, and what was published is kept.

mod devices;
mod draft;
mod entry;
mod impact;
mod replay;
mod what_if;

use authn::policy::{Circumstances, Policy, Ruling};
pub use authn::policy::{MfaPolicy, Misfit, Verdict};
use model::{
    Role, Ts,
    audit::AuditKind,
    ids::{GroupId, PolicyVersionId},
    pending_request::{PendingRequest, Purpose},
    policy::{Client, PolicyVersion, Rule, Target},
    relying_party::RelyingParty,
    session::ClientInfo,
    user::{Group, User, UserState},
};
use store::{
    Tx, audit_log, federated_domains, groups, passkeys, policy_versions, relying_parties, users,
};

use crate::{Admin, Error, House, Kind, Result, Visitor, campaign, premises::Premises};

pub use devices::{DeviceRules, Devices};
pub use draft::RuleWish;
pub use entry::Entry;
pub use impact::{Change, Ending, Impact, Scene};
pub use replay::{Replay, Replayed, Seen};
pub use store::issued_tokens::TokensOfProgram;
pub use what_if::{Answer, Asked, Scenario};

/// How many published versions the history shows.
const REMEMBERED: i64 = 50;

/// A sign-in that somebody tries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    /// For what.
    pub(crate) target: Target,
    /// By what kind of program.
    pub(crate) client: Client,
    /// From where, and what the program calls itself.
    pub(crate) from: &'a ClientInfo,
    /// The application asks for a second factor by itself.
    pub(crate) asked: bool,
    /// When.
    pub(crate) at: Ts,
}

impl<'a> Attempt<'a> {
    /// What a waiting request is for.
    pub(crate) fn of(request: &PendingRequest, visitor: &'a Visitor, at: Ts) -> Self {
        let target = match &request.purpose {
            Purpose::WsFed { relying_party, .. } => Target::Party(*relying_party),
            Purpose::Saml2(asked) => Target::Party(asked.relying_party),
            Purpose::Oidc(asked) => Target::Party(asked.relying_party),
            // Microsoft's own rules; before a domain of the tenant is added, there are none of it.
            Purpose::ExternalMfa(asked) => {
                asked.relying_party.map_or(Target::Portal, Target::Party)
            }
            Purpose::Console => Target::Console,
            Purpose::Portal | Purpose::Reset { .. } | Purpose::SignOut(_) => Target::Portal,
        };
        let from = &visitor.client;
        Self { target, client: Client::Browser, from, asked: request.demand.mfa, at }
    }
}

/// Whether the application asks for a second factor, where somebody says that it does: the console always
/// does (R146), the portal and a program that sends a password never do.
pub(crate) fn may_ask(target: Target, client: Client, asked: bool) -> bool {
    match target {
        Target::Console => true,
        Target::Portal => false,
        Target::Party(_) => asked && client == Client::Browser,
    }
}

/// What the policy says of a person's attempt.
pub(crate) fn ruling<'p>(
    tx: &mut Tx,
    premises: &'p Premises,
    person: &User,
    attempt: &Attempt<'_>,
) -> Result<Ruling<'p>> {
    let target = premises.counts_as(attempt.target, person);
    ruling_of(tx, &premises.policy, person, &Attempt { target, ..*attempt })
}

fn ruling_of<'p>(
    tx: &mut Tx,
    policy: &'p Policy,
    person: &User,
    attempt: &Attempt<'_>,
) -> Result<Ruling<'p>> {
    let groups = if policy.asks_for_groups() { group_ids(tx, person)? } else { Vec::new() };
    let ruling = policy.ruling(&Circumstances {
        target: attempt.target,
        groups: &groups,
        role: person.role,
        address: &attempt.from.address,
        client: attempt.client,
        agent: &attempt.from.user_agent,
        asked: attempt.asked,
    });
    let may_be_exempt = policy.has_exemptions && heeds_exemptions(attempt.target, attempt.client);
    if may_be_exempt && campaign::exemption(tx, person, attempt.at)?.is_some() {
        return Ok(ruling.spared());
    }
    Ok(ruling)
}

/// Whether an exemption counts there: the console always takes a second factor (R146), and a program
/// that sends a password has none anyway.
pub(crate) fn heeds_exemptions(target: Target, client: Client) -> bool {
    target != Target::Console && client == Client::Browser
}

fn group_ids(tx: &mut Tx, person: &User) -> Result<Vec<GroupId>> {
    Ok(groups::of_user(tx, person.id)?.iter().map(|group| group.id).collect())
}

/// The policy and the names of everything that its rules speak of.
#[derive(Debug, Clone)]
pub struct PolicyView {
    /// What counts, if anything was ever published.
    pub published: Option<PolicyVersion>,
    /// What somebody prepares.
    pub draft: Option<PolicyVersion>,
    /// The applications that get tokens, each with the domain that vouches there.
    pub parties: Vec<(RelyingParty, String)>,
    /// The groups.
    pub groups: Vec<Group>,
}

impl PolicyView {
    /// The rules that are shown: those of the draft, if there is one.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        let shown = self.draft.as_ref().or(self.published.as_ref());
        shown.map_or(&[], |version| &version.rules)
    }

    fn read(tx: &mut Tx) -> Result<Self> {
        let domains = federated_domains::all(tx)?;
        let with_domain = |party: RelyingParty| {
            let domain = domains.iter().find(|domain| domain.id == party.domain_id);
            let name = domain.map(|domain| domain.name.clone()).unwrap_or_default();
            (party, name)
        };
        Ok(Self {
            published: policy_versions::published(tx)?,
            draft: policy_versions::draft(tx)?,
            parties: relying_parties::all(tx)?.into_iter().map(with_domain).collect(),
            groups: groups::all(tx)?.into_iter().map(|(group, _)| group).collect(),
        })
    }
}

impl House {
    /// The policy as it is, and as somebody prepares it.
    pub async fn policy(&self, _admin: &Admin) -> Result<PolicyView> {
        self.store().read(PolicyView::read).await
    }

    /// What was published, the newest first, each with the name of who made it.
    pub async fn policy_history(&self, _admin: &Admin) -> Result<Vec<(PolicyVersion, String)>> {
        self.store()
            .read(|tx| {
                let named = |version: PolicyVersion, tx: &mut Tx| {
                    let by = version.made_by.map(|by| users::by_id(tx, by)).transpose()?.flatten();
                    let name = by.map_or("the command line".to_owned(), |by| by.upn.to_string());
                    Ok::<_, Error>((version, name))
                };
                let versions = policy_versions::history(tx, REMEMBERED)?;
                versions.into_iter().map(|version| named(version, tx)).collect()
            })
            .await
    }

    /// Lets the draft count, as it was when the admin looked at what it changes. Needs a fresh second
    /// factor (R147).
    pub async fn publish_policy(&self, admin: &Admin, seen: Ts, visitor: &Visitor) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                policy_versions::lock(tx)?;
                // Whoever changes owners or a group that a rule names waits, or was before us.
                users::lock_with_owners(tx, &[])?;
                let draft = policy_versions::draft(tx)?.ok_or_else(no_draft)?;
                if draft.made_at != seen {
                    let public = "Somebody changed the draft since you looked at it. Look again.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                if let Some(rule) = shuts_out_owners(tx, &draft.rules, &visitor.client)? {
                    let public = format!(
                        "The rule \"{rule}\" would shut every owner out of the console from where \
                         you are: it denies them, or takes a passkey that they do not have. Change \
                         it first."
                    );
                    return Err(Error::new(Kind::Conflict, public));
                }
                policy_versions::publish(tx, &draft, house.now())?;
                let detail = counted(&draft.rules);
                let mut row = visitor.audit(&house, actor, AuditKind::PolicyPublished, "policy");
                row.detail = detail;
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// Lets no rule count any more: everybody needs a second factor, and nothing else. For the
    /// command line, when rules have shut everybody out.
    pub async fn clear_policy(&self, visitor: &Visitor) -> Result<()> {
        let (house, visitor) = (self.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                policy_versions::lock(tx)?;
                let now = house.now();
                let empty = PolicyVersion {
                    id: PolicyVersionId(house.new_id()),
                    rules: Vec::new(),
                    made_by: None,
                    made_at: now,
                    published_at: None,
                };
                policy_versions::publish(tx, &empty, now)?;
                let actor = model::Actor::Operator;
                let mut row = visitor.audit(&house, actor, AuditKind::PolicyPublished, "policy");
                row.detail = counted(&[]);
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await
    }
}

fn no_draft() -> Error {
    Error::new(Kind::Conflict, "There is no draft any more: it was published or discarded.")
}

fn counted(rules: &[Rule]) -> String {
    match rules {
        [] => "no rules".to_owned(),
        [rule] => format!("1 rule: {}", rule.name),
        rules => {
            let names: Vec<_> = rules.iter().map(|rule| rule.name.as_str()).collect();
            format!("{} rules: {}", rules.len(), names.join("; "))
        }
    }
}

/// Whether a person has a passkey or security key.
fn has_passkey(tx: &mut Tx, person: &User) -> Result<bool> {
    Ok(!passkeys::of_user(tx, person.id)?.is_empty())
}

/// Makes a change of people or their keys, unless it leaves no owner whom the published rules let into
/// the console from here, where one was before.
pub(crate) fn keeping_owners_in<T>(
    tx: &mut Tx,
    from: &ClientInfo,
    change: impl FnOnce(&mut Tx) -> Result<T>,
) -> Result<T> {
    let rules = policy_versions::rules(tx)?;
    let was_shut = shuts_out_owners(tx, &rules, from)?.is_some();
    let changed = change(tx)?;
    if was_shut {
        return Ok(changed);
    }
    match shuts_out_owners(tx, &rules, from)? {
        None => Ok(changed),
        Some(rule) => {
            let public = format!(
                "No owner could open the console from here then: the rule \"{rule}\" lets none in, or takes \
                 a passkey that no other owner has."
            );
            Err(Error::new(Kind::Conflict, public))
        }
    }
}

/// The rule that keeps every owner from the console, seen from here; `None`: somebody gets in.
fn shuts_out_owners(tx: &mut Tx, rules: &[Rule], from: &ClientInfo) -> Result<Option<String>> {
    let policy = Policy { rules: rules.to_vec(), ..Policy::default() };
    let (target, client) = (Target::Console, Client::Browser);
    // The console heeds no exemption, so the time makes no difference.
    let attempt = Attempt { target, client, from, asked: true, at: Ts::default() };
    let mut shutting = None;
    let owns = |user: &User| user.role == Some(Role::Owner) && user.state == UserState::Active;
    for owner in users::all(tx)?.iter().filter(|user| owns(user)) {
        let ruling = ruling_of(tx, &policy, owner, &attempt)?;
        let (verdict, takes_a_passkey) = (ruling.verdict, ruling.verdict.takes_a_passkey());
        if verdict != Verdict::Denied && (!takes_a_passkey || has_passkey(tx, owner)?) {
            return Ok(None);
        }
        shutting = ruling.rule.map(|rule| rule.name.clone());
    }
    Ok(shutting)
}
