//! Whom of ours an account may belong to: by the match table of *Sync users*, made of no more people and
//! accounts than may have to do with those that are asked about.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{
    ids::{LookId, ObjectId, TenantId, UserId},
    matches::{Evidence, MatchAnswer, MatchDecision, OffLimits},
    tenant_people::{Account, AccountKind},
    upn::fold,
    user::{User, UserState},
};
use provisioning::matches::{Input, Row, Standing, Why, table};
use store::{
    Tx, account_bindings, entra_links, federated_domains, former_names, match_decisions,
    seen_accounts, users,
};

use crate::Result;

/// What is suggested for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suggestion {
    /// It is somebody's.
    Bound(UserId, Bond),
    /// An admin said to ignore it.
    Ignored,
    /// It fits this person and nobody else, and nothing else fits them.
    Bind(UserId),
    /// More than one person or account fits: an admin chooses.
    Ambiguous,
    /// Nobody is here yet: a person is made.
    Create,
    /// It is left as it is.
    Leave(Reason),
}

/// How an account is somebody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bond {
    /// It is linked.
    Linked,
    /// An admin said so; the next plan takes it over.
    Promised,
    /// Its person signs in here, and provisioning leaves it alone.
    LeftAlone,
}

/// Why nothing is suggested for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// What *Sync users* says.
    Why(Why),
    /// Its name is in none of our domains.
    Domain,
    /// Its name is the former one of this person.
    FormerName(UserId),
    /// This person, who has another account, has one of its addresses.
    Address(UserId),
    /// It fits this person, and an admin said that it isn't theirs.
    Rejected(UserId),
}

/// A person whom an account may belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub user: UserId,
    /// What speaks for it, the strongest first.
    pub evidence: Vec<Evidence>,
    /// What *Sync users* says of the two.
    pub standing: Standing,
}

/// What was found for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What is suggested.
    pub suggestion: Suggestion,
    /// Whom an admin may choose besides.
    pub candidates: Vec<Candidate>,
}

/// What was found for some accounts.
#[derive(Debug, Clone, Default)]
pub struct Suggestions {
    /// For each of them.
    pub of: HashMap<ObjectId, Found>,
    /// The people who are named.
    pub people: HashMap<UserId, User>,
}

/// Who and what may have to do with the accounts.
struct Circle {
    people: BTreeMap<UserId, User>,
    rows: Vec<Row>,
    links: HashMap<ObjectId, UserId>,
    promises: HashMap<ObjectId, UserId>,
    bindings: HashMap<ObjectId, Option<UserId>>,
    addresses: HashMap<String, UserId>,
}

/// What is known here of names.
struct Names {
    domains: BTreeSet<String>,
    former: HashMap<String, UserId>,
}

/// Whom these accounts of a look may belong to.
pub(crate) fn suggested(
    tx: &mut Tx,
    tenant: TenantId,
    look: LookId,
    accounts: &[Account],
) -> Result<Suggestions> {
    let mut all = Suggestions::default();
    let domains = federated_domains::all(tx)?.into_iter().map(|domain| domain.name);
    let names = Names { domains: domains.collect(), former: former_names::last_holders(tx)? };
    for portion in accounts.chunks(seen_accounts::PORTION) {
        let mut circle = circle(tx, (tenant, look), portion)?;
        let mut rows: HashMap<ObjectId, Vec<&Row>> = HashMap::new();
        for row in &circle.rows {
            if let Some(object) = row.object {
                rows.entry(object).or_default().push(row);
            }
        }
        for account in portion {
            let id = account.object.id;
            let rows = rows.remove(&id).unwrap_or_default();
            all.of.insert(id, circle.found(account, &rows, &names));
        }
        let former = portion.iter().filter_map(|account| names.holder(account));
        let former: Vec<UserId> = former.filter(|id| !circle.people.contains_key(id)).collect();
        for user in users::with_ids(tx, &former)? {
            circle.people.insert(user.id, user);
        }
        all.people.extend(circle.people);
    }
    Ok(all)
}

impl Names {
    /// Who had the name of an account before.
    fn holder(&self, account: &Account) -> Option<UserId> {
        self.former.get(&fold(&account.object.upn)).copied()
    }
}

/// Everybody at one of the addresses, what else is at theirs, and what was said of all of them.
fn circle(tx: &mut Tx, (tenant, look): (TenantId, LookId), accounts: &[Account]) -> Result<Circle> {
    let ids: Vec<ObjectId> = accounts.iter().map(|account| account.object.id).collect();
    let addresses: Vec<String> = accounts.iter().flat_map(Account::addresses).collect();
    let carried = accounts.iter().filter_map(|account| account.object.immutable_id.clone());
    let mut people = users::reached(tx, &addresses, &carried.collect::<Vec<_>>())?;
    let bindings = account_bindings::among(tx, tenant, &ids)?;
    let owners = owners(tx, tenant, &ids)?;
    let known: BTreeSet<UserId> = people.iter().map(|user| user.id).collect();
    let more: BTreeSet<UserId> =
        owners.into_iter().chain(bindings.iter().filter_map(|(_, user)| *user)).collect();
    let more: Vec<UserId> = more.difference(&known).copied().collect();
    people.extend(users::with_ids(tx, &more)?);
    let theirs = seen_accounts::reached(tx, look, &their_addresses(&people), &their_ids(&people))?;
    let mut objects: BTreeMap<ObjectId, _> =
        accounts.iter().map(|account| (account.object.id, account.object.clone())).collect();
    objects.extend(theirs.into_iter().map(|account| (account.object.id, account.object)));
    let objects: Vec<_> = objects.into_values().collect();
    let of_people: Vec<UserId> = people.iter().map(|user| user.id).collect();
    let of_objects: Vec<ObjectId> = objects.iter().map(|object| object.id).collect();
    let links = entra_links::among(tx, tenant, &of_people, &of_objects)?;
    let decisions = match_decisions::among(tx, tenant, &of_people, &of_objects)?;
    let input = Input { people: &people, objects: &objects, links: &links, decisions: &decisions };
    Ok(Circle {
        rows: table(&input),
        links: links.iter().map(|link| (link.object_id, link.user_id)).collect(),
        promises: decisions.iter().filter(|said| is_yes(said)).map(pair).collect(),
        bindings: bindings.into_iter().collect(),
        addresses: addresses_of(people.iter()),
        people: people.into_iter().map(|user| (user.id, user)).collect(),
    })
}

fn is_yes(said: &MatchDecision) -> bool {
    said.answer == MatchAnswer::Accepted
}

fn pair(said: &MatchDecision) -> (ObjectId, UserId) {
    (said.object_id, said.user_id)
}

/// Whose these accounts are by a link or a promise.
fn owners(tx: &mut Tx, tenant: TenantId, ids: &[ObjectId]) -> Result<Vec<UserId>> {
    let links = entra_links::among(tx, tenant, &[], ids)?;
    let said = match_decisions::among(tx, tenant, &[], ids)?;
    let linked = links.into_iter().map(|link| link.user_id);
    Ok(linked.chain(said.into_iter().map(|said| said.user_id)).collect())
}

fn their_addresses(people: &[User]) -> Vec<String> {
    let mails = people.iter().filter_map(|user| user.profile.mail.as_deref());
    let mails = mails.map(|mail| mail.trim().to_ascii_lowercase());
    people.iter().map(|user| user.upn.folded()).chain(mails).collect()
}

fn their_ids(people: &[User]) -> Vec<String> {
    people.iter().map(|user| user.immutable_id.to_string()).collect()
}

/// Whose each sign-in name and mail address is, of people who are not gone.
pub(crate) fn addresses_of<'a>(people: impl Iterator<Item = &'a User>) -> HashMap<String, UserId> {
    let there = people.filter(|user| user.state != UserState::Deleted);
    let all = there.flat_map(|user| {
        let mail = user.profile.mail.as_deref().map(fold);
        [Some(user.upn.folded()), mail].into_iter().flatten().map(|address| (address, user.id))
    });
    all.collect()
}

impl Circle {
    /// Who has an address that somebody made of the account would have.
    fn holder(&self, account: &Account) -> Option<UserId> {
        let object = &account.object;
        let mut wanted = std::iter::once(&object.upn).chain(&object.mail);
        wanted.find_map(|address| self.addresses.get(&fold(address)).copied())
    }

    fn found(&self, account: &Account, rows: &[&Row], names: &Names) -> Found {
        let candidates: Vec<Candidate> = rows.iter().filter_map(|row| candidate(row)).collect();
        Found { suggestion: self.suggestion(account, (rows, &candidates), names), candidates }
    }

    fn suggestion(
        &self,
        account: &Account,
        (rows, candidates): (&[&Row], &[Candidate]),
        names: &Names,
    ) -> Suggestion {
        let id = account.object.id;
        if let Some(user) = self.links.get(&id) {
            return Suggestion::Bound(*user, Bond::Linked);
        }
        match self.bindings.get(&id) {
            Some(Some(user)) => return Suggestion::Bound(*user, Bond::LeftAlone),
            Some(None) => return Suggestion::Ignored,
            None => {}
        }
        if let Some(user) = self.promises.get(&id) {
            return Suggestion::Bound(*user, Bond::Promised);
        }
        if let Some(why) = protected(account) {
            return Suggestion::Leave(Reason::Why(why));
        }
        let with = |standing| candidates.iter().find(move |it| it.standing == standing);
        if let Some(only) = with(Standing::Suggested) {
            return Suggestion::Bind(only.user);
        }
        if with(Standing::Ambiguous).is_some() {
            return Suggestion::Ambiguous;
        }
        let excluded = rows.iter().find_map(|row| match row.standing {
            Standing::Excluded(why) => Some(why),
            _ => None,
        });
        match (excluded, names.holder(account)) {
            (Some(why), _) => Suggestion::Leave(Reason::Why(why)),
            _ if !names.domains.contains(&account.domain()) => Suggestion::Leave(Reason::Domain),
            (None, Some(holder)) => Suggestion::Leave(Reason::FormerName(holder)),
            (None, None) => match with(Standing::Rejected) {
                Some(rejected) => Suggestion::Leave(Reason::Rejected(rejected.user)),
                None => match self.holder(account) {
                    Some(holder) => Suggestion::Leave(Reason::Address(holder)),
                    None => Suggestion::Create,
                },
            },
        }
    }
}

fn candidate(row: &Row) -> Option<Candidate> {
    let (standing, evidence) = (row.standing, row.evidence.clone());
    Some(Candidate { user: row.person?, evidence, standing })
}

/// Why an account is never suggested for anything (Y07).
fn protected(account: &Account) -> Option<Why> {
    match account.kind() {
        AccountKind::Person => None,
        AccountKind::Guest => Some(Why::OffLimits(OffLimits::Guest)),
        AccountKind::Administrator => Some(Why::OffLimits(OffLimits::Administrator)),
        AccountKind::Synchronised => Some(Why::OffLimits(OffLimits::Synchronised)),
        AccountKind::Own => Some(Why::TenantsOwn),
    }
}
