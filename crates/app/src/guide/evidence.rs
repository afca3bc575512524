//! What the steps are judged by: what is stored here, and what was last seen of the tenant. Reading it
//! asks Microsoft nothing.

use std::{collections::HashMap, iter};

use model::{
    Ts,
    application::{Application, Office365Settings},
    entra::EntraLink,
    federated_domain::{FederatedDomain, MfaBehavior},
    ids::UserId,
    look::{ConnectionSeen, FederationSeen, Look, LookKind},
    plan::RunState,
    preflight::Preflight,
    relying_party::PartyKind,
    tenant::Tenant,
    user::{User, UserState},
};
use store::{
    Tx, account_looks, assignments, entra_links, federated_domains, issued_tokens, looks,
    preflights, relying_parties, seen_accounts, subscribed_skus, sync_runs, users,
};

use crate::{
    House, Result,
    matches::{Standing, read_table},
    office365::{demands_in_the_way, differences},
};

/// All of it, for one domain of one tenant.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    pub(super) now: Ts,
    pub(super) connection: Option<Connection>,
    pub(super) domain: Option<Domain>,
}

/// What is known of the tenant.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    pub(super) credential_ends_at: Option<Ts>,
    /// It is reached with a certificate, no secret.
    pub(super) certified: bool,
    pub(super) writes_stopped: bool,
    pub(super) look: Option<Look<ConnectionSeen>>,
    /// Products that can be given.
    pub(super) products: usize,
    pub(super) free_seats: u32,
    pub(super) settings: Office365Settings,
    pub(super) matches: Option<MatchesSeen>,
    /// When the newest sync run ended that did.
    pub(super) last_run_at: Option<Ts>,
}

/// What the match table says.
#[derive(Debug, Clone, Copy)]
pub(super) struct MatchesSeen {
    pub(super) at: Ts,
    /// How many wait for an answer.
    pub(super) open: usize,
    /// How many the next plan takes over.
    pub(super) confirmed: usize,
    /// How many are nobody's here, who could be somebody's.
    pub(super) left_over: usize,
}

/// What is known of the domain.
#[derive(Debug, Clone)]
pub(super) struct Domain {
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) look: Option<Look<FederationSeen>>,
    /// Entra was last seen to send its people to us.
    pub(super) with_us: bool,
    /// The properties that were last seen not to be as they are planned now.
    pub(super) differences: Vec<&'static str>,
    pub(super) mfa_behavior: MfaBehavior,
    /// What the tenant demands besides, by the newest pre-flight.
    pub(super) demands: Vec<&'static str>,
    /// How many people of it are here and not blocked.
    pub(super) people: usize,
    /// Who of it is assigned, by name.
    pub(super) pilots: Vec<Pilot>,
    pub(super) preflight: Option<Preflight>,
    /// The first token for Microsoft since it is federated with us.
    pub(super) first_token: Option<FirstToken>,
}

/// Somebody who is assigned.
#[derive(Debug, Clone)]
pub(super) struct Pilot {
    pub(super) upn: String,
    pub(super) presence: Presence,
    /// A product comes with the assignment.
    pub(super) licensed: bool,
}

/// Whether the tenant has somebody, as the last run saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Awaited,
    There,
    InBin,
}

/// The first sign-in.
#[derive(Debug, Clone)]
pub(super) struct FirstToken {
    pub(super) upn: String,
}

impl Evidence {
    /// Reads all of it.
    pub(super) fn read(
        house: &House,
        tx: &mut Tx,
        of: (Option<&(Tenant, Application)>, Option<&FederatedDomain>),
    ) -> Result<Self> {
        let (connected, domain) = of;
        let now = house.now();
        let Some((tenant, application)) = connected else {
            return Ok(Self { now, connection: None, domain: None });
        };
        let domain = match domain {
            None => None,
            Some(domain) => Some(Domain::read(house, tx, (tenant, application, domain))?),
        };
        Ok(Self { now, connection: Some(Connection::read(tx, tenant, application)?), domain })
    }
}

impl Connection {
    fn read(tx: &mut Tx, tenant: &Tenant, application: &Application) -> Result<Self> {
        let skus = subscribed_skus::of_tenant(tx, tenant.id)?;
        let usable = || skus.iter().filter(|sku| sku.usable && sku.enabled > 0);
        Ok(Self {
            credential_ends_at: tenant.credential_ends_at,
            certified: tenant.credential.is_certificate(),
            writes_stopped: tenant.writes_stopped,
            look: looks::get(tx, (LookKind::Connection, &tenant.id.to_string()))?,
            products: usable().count(),
            free_seats: usable().map(|sku| sku.enabled.saturating_sub(sku.consumed)).sum(),
            settings: application.settings.clone(),
            matches: matches(tx, tenant)?,
            last_run_at: last_run_at(tx, tenant)?,
        })
    }
}

fn last_run_at(tx: &mut Tx, tenant: &Tenant) -> Result<Option<Ts>> {
    let runs = sync_runs::recent(tx, tenant.id, 100)?;
    let finished = runs.into_iter().filter(|run| run.state == RunState::Finished);
    Ok(finished.filter_map(|run| run.finished_at).max())
}

fn matches(tx: &mut Tx, tenant: &Tenant) -> Result<Option<MatchesSeen>> {
    let table = read_table(tx, tenant.id)?;
    let left_over = match account_looks::of_tenant(tx, tenant.id)? {
        None => 0,
        Some(look) => seen_accounts::left_over(tx, tenant.id, look.id)?,
    };
    let left_over = usize::try_from(left_over).unwrap_or_default();
    let of = |standing: Standing| table.rows.iter().filter(|row| row.standing == standing).count();
    Ok(table.looked_at.map(|at| MatchesSeen {
        at,
        open: of(Standing::Suggested) + of(Standing::Ambiguous),
        confirmed: of(Standing::Accepted),
        left_over,
    }))
}

impl Domain {
    fn read(
        house: &House,
        tx: &mut Tx,
        (tenant, application, domain): (&Tenant, &Application, &FederatedDomain),
    ) -> Result<Self> {
        let subject = domain.id.to_string();
        let look: Option<Look<FederationSeen>> = looks::get(tx, (LookKind::Federation, &subject))?;
        let plan = house.configuration(tx, domain)?;
        let theirs = look.as_ref().and_then(Look::content).and_then(|it| it.federation.as_ref());
        let differences = theirs.map(|theirs| differences(&plan, theirs)).unwrap_or_default();
        let people = people_of(tx, domain)?;
        let demands = demands_in_the_way(tx, domain, house.now())?;
        Ok(Self {
            name: domain.name.clone(),
            enabled: domain.enabled,
            with_us: domain.federated_at.is_some(),
            differences: differences.into_iter().map(|it| it.property).collect(),
            mfa_behavior: domain.mfa_behavior,
            demands: demands.iter().map(|(demand, _)| demand.label()).collect(),
            people: people.len(),
            pilots: pilots(tx, (tenant, application), &people)?,
            preflight: preflights::of_domain(tx, domain.id)?,
            first_token: first_token(tx, domain, domain.federated_at)?,
            look,
        })
    }
}

/// Everybody of the domain who is not blocked here.
fn people_of(tx: &mut Tx, domain: &FederatedDomain) -> Result<HashMap<UserId, User>> {
    let all = federated_domains::all(tx)?;
    // As sign-in has it: the closest domain vouches.
    let is_of = |user: &User| {
        let own = user.upn.domain();
        let mut above = iter::successors(Some(own.as_str()), |it| Some(it.split_once('.')?.1));
        let vouches = above.find_map(|name| all.iter().find(|one| one.name == name));
        vouches.is_some_and(|one| one.id == domain.id)
    };
    let mut people: HashMap<UserId, User> =
        users::all(tx)?.into_iter().map(|user| (user.id, user)).collect();
    people.retain(|_, user| user.state == UserState::Active && is_of(user));
    Ok(people)
}

/// Those of them who are assigned, by name.
fn pilots(
    tx: &mut Tx,
    (tenant, application): (&Tenant, &Application),
    people: &HashMap<UserId, User>,
) -> Result<Vec<Pilot>> {
    let links = entra_links::all(tx, tenant.id)?;
    let links: HashMap<UserId, &EntraLink> =
        links.iter().map(|link| (link.user_id, link)).collect();
    let newest = assignments::latest(tx, application.id)?;
    let assigned = newest.iter().filter(|assignment| assignment.ended_at.is_none());
    let mut pilots: Vec<Pilot> = assigned
        .filter_map(|assignment| {
            let user = people.get(&assignment.user_id)?;
            Some(Pilot {
                upn: user.upn.to_string(),
                presence: presence(links.get(&user.id).copied()),
                licensed: !assignment.licences.is_empty(),
            })
        })
        .collect();
    pilots.sort_by(|one, other| one.upn.cmp(&other.upn));
    Ok(pilots)
}

const fn presence(link: Option<&EntraLink>) -> Presence {
    match link {
        None => Presence::Awaited,
        Some(link) if link.deleted_at.is_some() => Presence::InBin,
        Some(_) => Presence::There,
    }
}

/// The first token since a moment that said to Microsoft who somebody of the domain is.
pub(super) fn first_token(
    tx: &mut Tx,
    domain: &FederatedDomain,
    since: Option<Ts>,
) -> Result<Option<FirstToken>> {
    let Some(since) = since else { return Ok(None) };
    let parties = relying_parties::all(tx)?;
    let microsoft = parties.iter().filter(|party| party.kind == PartyKind::Microsoft);
    let parties: Vec<_> = microsoft.map(|party| party.id).collect();
    let first = issued_tokens::first_since(tx, domain.id, &parties, since)?;
    let Some(token) = first else { return Ok(None) };
    let user = users::by_id(tx, token.user_id)?;
    let upn = user.map_or_else(|| "somebody who is gone".to_owned(), |user| user.upn.to_string());
    Ok(Some(FirstToken { upn }))
}
