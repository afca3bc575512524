//! What importing each ticked account would do, or why it is left out; nothing is written.

mod whose;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use model::{
    federated_domain::FederatedDomain,
    ids::{EntraTenantId, ObjectId, TenantId, UserId},
    import::Import,
    matches::MatchAnswer,
    microsoft_account::Identity,
    tenant_people::{Account, AccountKind, Did, Tick},
    user::User,
};
use store::{
    Tx, account_bindings, account_looks, account_ticks, applications, assignments, entra_links,
    federated_domains, former_names, match_decisions, microsoft_accounts, seen_accounts, tenants,
};

use super::{AccountPlan, Caution, Who};
use crate::{
    Error, Kind, Result,
    imports::check::{CellProblem, RowCheck, RowVerdict},
    tenant_people::{Bond, Found, Suggestion, suggested},
};

/// What is wrong with a row, in a sentence.
type Wrong = String;

/// What is known here of a tenant and of the people whom its accounts may belong to.
struct Facts {
    tenant: TenantId,
    entra: EntraTenantId,
    domains: BTreeMap<String, FederatedDomain>,
    former: HashMap<String, UserId>,
    people: HashMap<UserId, User>,
    assigned: HashSet<UserId>,
    /// Whose an account is by a link, and which of those are promised only.
    linked: HashMap<UserId, ObjectId>,
    rejected: HashSet<(UserId, ObjectId)>,
    alone: HashSet<UserId>,
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
    let facts = facts(tx, tenant, suggestions.people)?;
    let mut taken: BTreeSet<UserId> = BTreeSet::new();
    let mut checks = Vec::with_capacity(ticks.len());
    for (tick, line) in ticks.iter().zip(1_u32..) {
        let account = accounts.get(&tick.object).zip(suggestions.of.get(&tick.object));
        let upn = account.map(|(account, _)| account.object.upn.clone());
        let verdict = match account {
            Some((account, found)) => facts.verdict(tx, (tick, account, found), &mut taken)?,
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

fn facts(tx: &mut Tx, tenant: TenantId, people: HashMap<UserId, User>) -> Result<Facts> {
    let entra = tenants::by_id(tx, tenant)?.ok_or_else(|| Error::not_found("tenant"))?;
    let application = applications::of_tenant(tx, tenant)?;
    let application = application.ok_or_else(|| Error::not_found("application"))?;
    let domains = federated_domains::all(tx)?.into_iter();
    let ids: Vec<UserId> = people.keys().copied().collect();
    let (mut assigned, mut linked) = (HashSet::new(), HashMap::new());
    let mut rejected = HashSet::new();
    for portion in ids.chunks(seen_accounts::PORTION) {
        assigned.extend(assignments::active_among(tx, application.id, portion)?);
        let links = entra_links::among(tx, tenant, portion, &[])?;
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
    Ok(Facts {
        tenant,
        entra: entra.entra_tenant_id,
        domains: domains.map(|domain| (domain.name.clone(), domain)).collect(),
        former: former_names::last_holders(tx)?,
        people,
        assigned,
        linked,
        rejected,
        alone: account_bindings::left_alone(tx, tenant)?.into_iter().collect(),
    })
}

impl Facts {
    fn verdict(
        &self,
        tx: &mut Tx,
        (tick, account, found): (&Tick, &Account, &Found),
        taken: &mut BTreeSet<UserId>,
    ) -> Result<RowVerdict> {
        let who = match self.who(tick, account, found) {
            Ok(who) => who,
            Err(sentence) => return Ok(wrong(&sentence)),
        };
        if let Who::Here(user) = &who
            && !taken.insert(user.id)
        {
            let name = &user.profile.display_name;
            let sentence = format!("Another ticked account is {name}'s as well. Tick one of them.");
            return Ok(wrong(&sentence));
        }
        if let Err(sentence) = self.may(tick, account, &who) {
            return Ok(wrong(&sentence));
        }
        let does = self.does(tx, (tick, account, found), &who)?;
        if let (Who::Here(user), true) = (&who, does.is_empty()) {
            return Ok(RowVerdict::Same(user.id));
        }
        let warnings = self.warnings(account, &who, &does);
        let upn = account.object.upn.clone();
        let (tenant, object) = (self.tenant, account.object.id);
        let plan = AccountPlan { tenant, object, upn, who, does, warnings };
        Ok(RowVerdict::Account(Box::new(plan)))
    }

    fn does(
        &self,
        tx: &mut Tx,
        (tick, account, found): (&Tick, &Account, &Found),
        who: &Who,
    ) -> Result<BTreeSet<Did>> {
        let id = account.object.id;
        let mut does = BTreeSet::new();
        let user = match who {
            Who::Nobody if found.suggestion == Suggestion::Ignored => return Ok(does),
            Who::Nobody => return Ok(BTreeSet::from([Did::Ignored])),
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
        let identity = Identity { tenant: self.entra, object: id };
        let signs_in = tick.sso && user.is_none() && self.signs_in_there(account);
        if signs_in && microsoft_accounts::by_identity(tx, identity)?.is_none() {
            does.insert(Did::LinkedMicrosoft);
        }
        Ok(does)
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
