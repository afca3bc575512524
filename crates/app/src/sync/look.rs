//! Looking: what we want from the store, what is there from Graph. A listing counts only whole.

mod adopted;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use graph::Graph;
use model::{
    Ts,
    application::{Application, Assignment},
    attribute::Attribute,
    entra::{DeletedUser, EntraLink, EntraUser},
    ids::{ObjectId, SkuId, TenantId, UserId},
    matches::Promise,
    plan::Scope,
    tenant::Tenant,
    user::User,
};
use provisioning::{Mapping, Observed, leaving::Past};
use store::{
    Tx, account_bindings, applications, assignments, entra_links, former_names, outbox,
    revocations, sync_runs, sync_runs::Unheard, tenants, users,
};

use crate::{Error, House, Kind, Result, clock, leavers, mapping};

/// Everything that a plan is made from.
pub(crate) struct Seen {
    pub(super) tenant: Tenant,
    pub(super) application: Application,
    pub(crate) mapping: Mapping,
    pub(super) people: Vec<(User, Option<Assignment>)>,
    pub(super) former_names: HashMap<UserId, HashSet<String>>,
    pub(crate) observed: Observed,
    pub(super) domains: Vec<String>,
    pub(super) past: Past,
    pub(super) counts: Counts,
    /// When it is, by the slower of our clock and Microsoft's.
    pub(super) now: Ts,
}

/// For how long a value that was written again and again is left to people (Y26).
const A_WEEK: Duration = Duration::from_hours(7 * 24);

/// Whether a look is followed by writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looking {
    /// It is: not where writes are stopped.
    Ahead,
    /// It is not.
    On,
}

/// What the guard weighs against.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) managed: usize,
    pub(super) already_destructive: usize,
    pub(super) wanted_before: Option<usize>,
}

/// Our own half.
struct Ours {
    tenant: Tenant,
    application: Application,
    mapping: Mapping,
    people: Vec<(User, Option<Assignment>)>,
    former_names: HashMap<UserId, HashSet<String>>,
    links: Vec<EntraLink>,
    managed_skus: HashSet<SkuId>,
    revoke_again: HashSet<UserId>,
    revoke_asked: HashSet<UserId>,
    revoke_alone: bool,
    accepted: HashMap<UserId, Promise>,
    rejected: HashSet<(UserId, ObjectId)>,
    made: HashSet<UserId>,
    kept_skus: HashMap<ObjectId, HashSet<SkuId>>,
    fought: HashMap<(UserId, Attribute), Option<String>>,
    past: Past,
    unheard: Vec<Unheard>,
    counts: Counts,
}

impl House {
    pub(crate) async fn look(
        &self,
        tenant: TenantId,
        scope: Scope,
        looking: Looking,
    ) -> Result<Seen> {
        let since = self.now() - A_WEEK;
        let ours = self.store().read(move |tx| ours(tx, (tenant, scope), since)).await?;
        if ours.tenant.writes_stopped && looking == Looking::Ahead {
            let public = "Writes to this tenant are stopped. Allow them again first.";
            return Err(Error::new(Kind::Conflict, public));
        }
        let graph = self.pinned(&ours.tenant, &ours.application).await?;
        let seen = match scope {
            Scope::Everyone => graph.list_users().await?,
            Scope::Person(_) => few_users(&graph, &ours).await?,
        };
        let bin = match scope {
            Scope::Person(_) if seen.iter().any(|user| is_wholly(user, &ours)) => Vec::new(),
            _ => graph.deleted_users().await?,
        };
        let domains = graph.domains().await?;
        let verified = domains.into_iter().filter(|d| d.verified).map(|d| d.name).collect();
        let skus = graph.subscribed_skus().await?;
        let ours = self.settle_unheard(&seen, ours).await?;
        let now = clock::sure(self.now(), graph.last_date());
        let counts = self.counted(&ours, now).await?;
        let blocked_elsewhere = blocked_elsewhere(&seen, &bin, &ours);
        let observed = Observed {
            users: seen,
            bin,
            skus,
            links: ours.links,
            managed_skus: ours.managed_skus,
            revoke_again: ours.revoke_again,
            revoke_asked: ours.revoke_asked,
            revoke_alone: ours.revoke_alone,
            blocked_elsewhere,
            accepted: ours.accepted,
            rejected: ours.rejected,
            made: ours.made,
            kept_skus: ours.kept_skus,
            fought: ours.fought,
        };
        Ok(Seen {
            tenant: ours.tenant,
            application: ours.application,
            mapping: ours.mapping,
            people: ours.people,
            former_names: ours.former_names,
            observed,
            domains: verified,
            past: ours.past,
            counts,
            now,
        })
    }

    /// What was taken of late counts, whatever somebody did to our clock.
    async fn counted(&self, ours: &Ours, now: Ts) -> Result<Counts> {
        let (tenant, since) = (ours.tenant.id, now - super::A_DAY);
        let count = move |tx: &mut Tx| sync_runs::destructive_since(tx, tenant, since);
        let already_destructive = self.store().read(count).await?;
        Ok(Counts { already_destructive, ..ours.counts })
    }

    /// A client of the tenant, which is pinned: credentials of another one stop everything (Y32).
    pub(crate) async fn pinned(&self, tenant: &Tenant, application: &Application) -> Result<Graph> {
        let graph = self.graph(tenant, application.settings.quota_percent)?;
        if graph.organization_id().await? != tenant.entra_tenant_id {
            let public = "The credentials lead to another tenant than the one that was connected.";
            return Err(Error::new(Kind::Upstream, public));
        }
        Ok(graph)
    }

    /// Blocks whose answer nobody heard: the account says how they ended, and who did it afterwards is
    /// another question (Y12).
    async fn settle_unheard(&self, seen: &[EntraUser], ours: Ours) -> Result<Ours> {
        let open: HashMap<ObjectId, bool> =
            seen.iter().map(|user| (user.id, user.account_enabled)).collect();
        let objects: HashMap<UserId, ObjectId> =
            ours.links.iter().map(|link| (link.user_id, link.object_id)).collect();
        let ended = |unheard: &Unheard| {
            let is_open = open.get(objects.get(&unheard.user_id)?)?;
            Some((unheard.step, *is_open != unheard.blocks))
        };
        let ended: Vec<_> = ours.unheard.iter().filter_map(ended).collect();
        if ended.is_empty() {
            return Ok(ours);
        }
        let tenant = ours.tenant.id;
        let past = self.store().write(move |tx| {
            for (step, done) in ended {
                sync_runs::settle(tx, step, done)?;
            }
            leavers::past(tx, tenant)
        });
        Ok(Ours { past: past.await?, ..ours })
    }
}

fn ours(tx: &mut Tx, (id, scope): (TenantId, Scope), since: Ts) -> Result<Ours> {
    let tenant = tenants::by_id(tx, id)?.ok_or_else(|| Error::not_found("tenant"))?;
    let application =
        applications::of_tenant(tx, id)?.ok_or_else(|| Error::not_found("application"))?;
    let links = entra_links::all(tx, id)?;
    let mut people = match scope {
        Scope::Everyone => everybody(tx, &application)?,
        Scope::Person(person) => one(tx, person, &application)?,
    };
    let alone: HashSet<UserId> = account_bindings::left_alone(tx, id)?.into_iter().collect();
    let linked: HashSet<UserId> = links.iter().map(|link| link.user_id).collect();
    people.retain(|(user, assignment)| {
        !alone.contains(&user.id) || linked.contains(&user.id) || has_products(assignment.as_ref())
    });
    let counts = Counts {
        managed: managed(&links),
        already_destructive: 0,
        wanted_before: sync_runs::last_wanted(tx, id)?,
    };
    let assigned = assignments::all(tx, application.id)?;
    let (accepted, rejected) = adopted::answers(tx, id, &people)?;
    let handed_out = assigned.iter().flat_map(|assignment| &assignment.licences);
    let revoke_asked = revocations::waiting(tx, (id, one_of(scope)), since)?;
    Ok(Ours {
        managed_skus: handed_out.map(|licence| licence.sku_id).collect(),
        accepted,
        rejected,
        made: sync_runs::makings_unheard(tx, id, one_of(scope))?,
        kept_skus: adopted::kept_skus(tx, (id, one_of(scope)), &assigned)?,
        revoke_again: sync_runs::unrevoked(tx, id)?,
        // Whoever is to be kept out at once is, whatever else was asked for everybody.
        revoke_alone: !revoke_asked.is_empty() && !outbox::is_urgent(tx, id, &scope)?,
        revoke_asked,
        past: leavers::past(tx, id)?,
        unheard: sync_runs::unheard(tx, id)?,
        fought: sync_runs::fought(tx, (id, one_of(scope)), since)?,
        former_names: former_names::unfollowed(tx)?,
        mapping: mapping::read_for(tx, application.id, one_of(scope))?,
        tenant,
        application,
        people,
        links,
        counts,
    })
}

/// Whoever is given a product, by a group for example, is left alone no longer: it needs an account.
fn has_products(assignment: Option<&Assignment>) -> bool {
    assignment.is_some_and(|now| now.ended_at.is_none() && !now.licences.is_empty())
}

/// The person whom a plan is for, unless it is for everybody.
fn one_of(scope: Scope) -> Option<UserId> {
    match scope {
        Scope::Everyone => None,
        Scope::Person(person) => Some(person),
    }
}

/// Of how many people the guard takes a share: who is in the bin or gone has nothing to lose.
fn managed(links: &[EntraLink]) -> usize {
    links.iter().filter(|link| link.deleted_at.is_none()).count()
}

fn everybody(tx: &mut Tx, application: &Application) -> Result<Vec<(User, Option<Assignment>)>> {
    let mut newest: HashMap<UserId, Assignment> =
        assignments::latest(tx, application.id)?.into_iter().map(|a| (a.user_id, a)).collect();
    Ok(users::everyone(tx)?
        .into_iter()
        .map(|user| {
            let assignment = newest.remove(&user.id);
            (user, assignment)
        })
        .collect())
}

fn one(
    tx: &mut Tx,
    person: UserId,
    application: &Application,
) -> Result<Vec<(User, Option<Assignment>)>> {
    let user = users::by_id(tx, person)?.ok_or_else(|| Error::not_found("person"))?;
    let assignment = assignments::newest(tx, person, application.id)?;
    Ok(vec![(user, assignment)])
}

/// The objects that a run for few people must know: the linked or accepted one, or whatever has their
/// immutable id or their sign-in name.
async fn few_users(graph: &Graph, ours: &Ours) -> Result<Vec<EntraUser>> {
    let mut found: Vec<EntraUser> = Vec::new();
    for (user, _) in &ours.people {
        let link = ours.links.iter().find(|link| link.user_id == user.id);
        let promised = ours.accepted.get(&user.id).map(|promise| promise.object_id);
        let link = link.map(|link| link.object_id).or(promised);
        found.extend(objects_of(graph, user, link).await?);
    }
    Ok(each_once(found))
}

/// The objects that may be a person's: the linked one, and whatever has their immutable id or their
/// sign-in name.
pub(crate) async fn objects_of(
    graph: &Graph,
    user: &User,
    link: Option<ObjectId>,
) -> graph::Result<Vec<EntraUser>> {
    let mut found = Vec::new();
    if let Some(link) = link {
        found.extend(graph.user_by_id(&link).await?);
    }
    found.extend(graph.user_by_immutable_id(user.immutable_id.as_str()).await?);
    found.extend(graph.user_by_upn(user.upn.as_str()).await?);
    Ok(each_once(found))
}

fn each_once(mut found: Vec<EntraUser>) -> Vec<EntraUser> {
    found.sort_by_key(|user| user.id);
    found.dedup_by_key(|user| user.id);
    found
}

/// Whether an object is that of the one person who is looked at: then the bin doesn't matter.
fn is_wholly(object: &EntraUser, ours: &Ours) -> bool {
    ours.people.iter().any(|(user, _)| {
        let linked = |link: &EntraLink| link.user_id == user.id && link.object_id == object.id;
        ours.links.iter().any(linked)
            || object.immutable_id.as_deref() == Some(user.immutable_id.as_str())
    })
}

/// People who are blocked in Entra although we didn't do it: left alone.
fn blocked_elsewhere(seen: &[EntraUser], bin: &[DeletedUser], ours: &Ours) -> HashSet<UserId> {
    let all = seen.iter().chain(bin.iter().map(|deleted| &deleted.user));
    let blocked: HashSet<_> =
        all.filter(|user| !user.account_enabled).map(|user| user.id).collect();
    ours.links
        .iter()
        .filter(|link| blocked.contains(&link.object_id))
        .map(|link| link.user_id)
        .filter(|user| !ours.past.blocked_in_entra.contains_key(user))
        .collect()
}

#[cfg(test)]
mod tests {
    use model::{Ts, entra::Origin};
    use uuid::Uuid;

    use super::*;

    /// Y01
    #[test]
    fn whoever_was_deleted_makes_the_guards_share_no_bigger() {
        let link = |number, deleted_at| EntraLink {
            user_id: UserId(Uuid::from_u128(number)),
            object_id: ObjectId(Uuid::from_u128(number)),
            origin: Origin::Made,
            deleted_at,
        };
        assert_eq!(managed(&[link(1, None), link(2, Some(Ts(5))), link(3, None)]), 2);
    }
}
