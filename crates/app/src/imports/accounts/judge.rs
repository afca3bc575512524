//! What importing each ticked account would do, or why it is left out; nothing is written.

mod taken;
mod whose;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use model::{
    federated_domain::FederatedDomain,
    ids::{ObjectId, TenantId, UserId},
    import::Import,
    matches::MatchAnswer,
    tenant_people::{Account, AccountKind, Did, Tick},
    user::User,
};
use store::{
    Tx, account_bindings, account_looks, account_ticks, applications, assignments, entra_links,
    federated_domains, former_names, match_decisions, microsoft_accounts, seen_accounts, sync_runs,
    tenants,
};
use taken::Taken;

use super::{AccountPlan, Caution, Who};
use crate::{
    Error, Kind, Result,
    imports::check::{CellProblem, RowCheck, RowVerdict},
    tenant_people::{Bond, Found, Suggestion, addresses_of, suggested},
};

/// What is wrong with a row, in a sentence.
type Wrong = String;

/// What is known here of a tenant and of the people whom its accounts may belong to.
struct Facts {
    tenant: TenantId,
    /// Accounts with which somebody signs in.
    microsoft: HashSet<ObjectId>,
    domains: BTreeMap<String, FederatedDomain>,
    former: HashMap<String, UserId>,
    people: HashMap<UserId, User>,
    assigned: HashSet<UserId>,
    /// Whose an account is by a link, and which of those are promised only.
    linked: HashMap<UserId, ObjectId>,
    rejected: HashSet<(UserId, ObjectId)>,
    alone: HashSet<UserId>,
    /// People with a linked account who were unassigned, or whose account we blocked.
    left: HashSet<UserId>,
    /// Whose sign-in name or mail address it is.
    addresses: HashMap<String, UserId>,
}

/// What each ticked account of a draft would do, one for each tick and in the same order every time.
pub(in crate::imports) fn judged(
    tx: &mut Tx,
    import: &Import,
    tenant: TenantId,
) -> Result<Vec<RowCheck>> {
    let ticks = account_ticks::all(tx, import.id)?;
    let Some(look) = account_looks::of_tenant(tx, tenant)? else { return Ok(Vec::new()) };
    let ids: Vec<ObjectId> = ticks.iter().map(|tick| tick.object).collect();
    let mut accounts: BTreeMap<ObjectId, Account> = BTreeMap::new();
    for portion in ids.chunks(seen_accounts::PORTION) {
        let some = seen_accounts::with_ids(tx, look.id, portion)?;
        accounts.extend(some.into_iter().map(|account| (account.object.id, account)));
    }
    let asked: Vec<Account> = accounts.values().cloned().collect();
    let suggestions = suggested(tx, tenant, look.id, &asked)?;
    let facts = facts(tx, tenant, (&ids, suggestions.people))?;
    let mut taken = Taken::default();
    let mut checks = Vec::with_capacity(ticks.len());
    for (tick, line) in ticks.iter().zip(1_u32..) {
        let account = accounts.get(&tick.object).zip(suggestions.of.get(&tick.object));
        let upn = account.map(|(account, _)| account.object.upn.clone());
        let verdict = match account {
            Some((account, found)) => facts.verdict((tick, account, found), &mut taken),
            None => wrong("The tenant has no such account any more. Take the ticks away."),
        };
        checks.push(RowCheck { line, upn: upn.unwrap_or_default(), verdict });
    }
    Ok(checks)
}

/// Stops when the look that a draft was made from is more than a day old: whose an account is is said of
/// the tenant as it is.
pub(in crate::imports) fn is_fresh(tx: &mut Tx, tenant: TenantId, now: model::Ts) -> Result<()> {
    let look = account_looks::of_tenant(tx, tenant)?;
    if look.is_some_and(|look| now.since(look.at) <= crate::matches::A_DAY) {
        return Ok(());
    }
    let public = "The last look at the tenant is more than a day old. Look at it again, see what \
                  would happen now, and import then.";
    Err(Error::new(Kind::Conflict, public))
}

fn facts(
    tx: &mut Tx,
    tenant: TenantId,
    (objects, people): (&[ObjectId], HashMap<UserId, User>),
) -> Result<Facts> {
    let entra = tenants::by_id(tx, tenant)?.ok_or_else(|| Error::not_found("tenant"))?;
    let application = applications::of_tenant(tx, tenant)?;
    let application = application.ok_or_else(|| Error::not_found("application"))?;
    let domains = federated_domains::all(tx)?.into_iter();
    let ids: Vec<UserId> = people.keys().copied().collect();
    let (mut assigned, mut linked) = (HashSet::new(), HashMap::new());
    let (mut rejected, mut left) = (HashSet::new(), HashSet::new());
    let blocked = sync_runs::blocked_by_us(tx, tenant, None)?;
    for portion in ids.chunks(seen_accounts::PORTION) {
        assigned.extend(assignments::active_among(tx, application.id, portion)?);
        let links = entra_links::among(tx, tenant, portion, &[])?;
        let joined: Vec<UserId> = links.iter().map(|link| link.user_id).collect();
        left.extend(assignments::ended_among(tx, application.id, &joined)?);
        left.extend(joined.into_iter().filter(|user| blocked.contains_key(user)));
        linked.extend(links.into_iter().map(|link| (link.user_id, link.object_id)));
        for said in match_decisions::among(tx, tenant, portion, &[])? {
            match said.answer {
                MatchAnswer::Accepted => {
                    linked.entry(said.user_id).or_insert(said.object_id);
                }
                MatchAnswer::Rejected => {
                    rejected.insert((said.user_id, said.object_id));
                }
            }
        }
    }
    let mut microsoft = HashSet::new();
    for portion in objects.chunks(seen_accounts::PORTION) {
        let linked = microsoft_accounts::linked_among(tx, entra.entra_tenant_id, portion)?;
        microsoft.extend(linked);
    }
    Ok(Facts {
        tenant,
        microsoft,
        domains: domains.map(|domain| (domain.name.clone(), domain)).collect(),
        former: former_names::last_holders(tx)?,
        addresses: addresses_of(people.values()),
        people,
        assigned,
        linked,
        rejected,
        left,
        alone: account_bindings::left_alone(tx, tenant)?.into_iter().collect(),
    })
}

impl Facts {
    fn verdict(
        &self,
        (tick, account, found): (&Tick, &Account, &Found),
        taken: &mut Taken,
    ) -> RowVerdict {
        let who = match self.who(tick, account, found) {
            Ok(who) => who,
            Err(sentence) => return wrong(&sentence),
        };
        let may = taken.take(&who, account).and_then(|()| self.may(tick, account, &who));
        if let Err(sentence) = may {
            return wrong(&sentence);
        }
        let does = self.does((tick, account, found), &who);
        if let Some(sentence) = self.reopens(&who, &does) {
            return wrong(&sentence);
        }
        if let (Who::Here(user), true) = (&who, does.is_empty()) {
            return RowVerdict::Same(user.id);
        }
        let warnings = self.warnings(account, &who, &does);
        let upn = account.object.upn.clone();
        let (tenant, object) = (self.tenant, account.object.id);
        let plan = AccountPlan { tenant, object, upn, who, does, warnings };
        RowVerdict::Account(Box::new(plan))
    }

    fn does(&self, (tick, account, found): (&Tick, &Account, &Found), who: &Who) -> BTreeSet<Did> {
        let id = account.object.id;
        let mut does = BTreeSet::new();
        let user = match who {
            Who::Nobody if found.suggestion == Suggestion::Ignored => return does,
            Who::Nobody => return BTreeSet::from([Did::Ignored]),
            Who::New(..) => None,
            Who::Here(user) => Some(user.id),
        };
        let held = match found.suggestion {
            Suggestion::Bound(_, Bond::Linked | Bond::Promised) => true,
            _ => user.is_some_and(|user| self.linked.contains_key(&user)),
        };
        if tick.sync && !held {
            does.insert(Did::Matched);
        }
        let assigned = user.is_some_and(|user| self.assigned.contains(&user));
        if tick.sso && !assigned {
            does.insert(Did::Assigned);
            let alone = user.is_some_and(|user| self.alone.contains(&user));
            if !tick.sync && !held && !alone {
                does.insert(Did::LeftAlone);
            }
        }
        let signs_in = tick.sso && user.is_none() && self.signs_in_there(account);
        if signs_in && !self.microsoft.contains(&id) {
            does.insert(Did::LinkedMicrosoft);
        }
        does
    }

    /// Somebody who left has an account that we blocked, or are about to: to assign them opens it, and
    /// is a decision of its own.
    fn reopens(&self, who: &Who, does: &BTreeSet<Did>) -> Option<Wrong> {
        let Who::Here(user) = who else { return None };
        (does.contains(&Did::Assigned) && self.left.contains(&user.id)).then(|| {
            format!(
                "{} was unassigned or blocked here, and SSO enabled would open their account at \
                 Microsoft. Assign them on their page if that is right.",
                user.profile.display_name
            )
        })
    }

    /// Whether Microsoft itself signs the account in: for a federated domain it only repeats what we
    /// said, and for somebody of another kind its word is about another tenant.
    fn signs_in_there(&self, account: &Account) -> bool {
        let domain = self.domains.get(&account.domain());
        let managed = domain.is_some_and(|domain| domain.federated_at.is_none());
        managed && matches!(account.kind(), AccountKind::Person | AccountKind::Synchronised)
    }

    fn warnings(&self, account: &Account, who: &Who, does: &BTreeSet<Did>) -> Vec<Caution> {
        let mut warnings = Vec::new();
        if does.contains(&Did::LeftAlone) {
            warnings.push(Caution::NotTakenOver);
        }
        if !account.enabled && !does.contains(&Did::Ignored) {
            warnings.push(Caution::BlockedThere);
        }
        let assigned = match who {
            Who::Here(user) => self.assigned.contains(&user.id),
            Who::New(..) | Who::Nobody => false,
        };
        let domain = self.domains.get(&account.domain());
        let federated = domain.is_some_and(|domain| domain.federated_at.is_some());
        let may_sign_in = assigned || does.contains(&Did::Assigned);
        if federated && !may_sign_in && does.contains(&Did::Matched) {
            warnings.push(Caution::ShutOut);
        }
        warnings
    }
}

fn wrong(sentence: &str) -> RowVerdict {
    let (column, value) = (String::new(), String::new());
    RowVerdict::Wrong(vec![CellProblem { column, value, sentence: sentence.to_owned() }])
}
