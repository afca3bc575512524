//! Looking: at the tenant, at what is known here, and at our own addresses from outside.

use std::{future::Future, time::Duration};

use federation::wstrust::Version;
use futures::{
    FutureExt as _, StreamExt as _, TryStreamExt as _,
    future::{BoxFuture, join, join3, join5},
    stream,
};
use graph::{Graph, Outside};
use model::{
    entra::{EntraDomain, FederationConfiguration},
    federated_domain::FederatedDomain,
    ids::ObjectId,
    tenant_state::{DirectoryPerson, PerUserMfa, Seen},
};
use provisioning::preflight::{Address, Answers, Observed, TenantSeen};

use super::ours;
use crate::{Error, House, Result};

/// Microsoft may change how its tokens look.
const UNREAD_TOKEN: &str = "The token doesn't say which permissions there are.";
/// How long Microsoft may take for one thing.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long for everybody in the tenant, page by page.
const PATIENCE_FOR_ALL: Duration = Duration::from_mins(2);
/// Per-user MFA takes a call for each person: so many are read, so many at once.
const MOST_PEOPLE: usize = 50;
const AT_ONCE: usize = 8;

pub(super) async fn observe(house: &House, domain: &FederatedDomain) -> Result<Observed> {
    let (_, plan) = house.federation_plan(domain.id).await?;
    let tenant = house.tenant(domain.tenant_id).await?;
    let graph = house.graph(&tenant, 80)?;
    let looked = join3(
        look_at_tenant(house, &graph, &domain.name),
        ours::read(house, domain, &tenant),
        ask(house, domain, plan.configuration()),
    );
    let (tenant, ours, answers) = looked.await;
    Ok(Observed { domain: domain.name.clone(), tenant, ours: ours?, answers: answers? })
}

/// Everything at Microsoft; where the connection itself is broken, nothing is asked twice.
async fn look_at_tenant(house: &House, graph: &Graph, domain: &str) -> TenantSeen {
    let checked = match in_time(PATIENCE, graph.check()).await {
        Ok(checked) => checked,
        Err(why) => return TenantSeen::unseen(&why),
    };
    let clock = graph.last_date().map(|theirs| theirs.secs() - house.now().secs());
    let missing = checked.missing.into_iter();
    let missing = missing.map(|it| (it.permission.to_owned(), it.purpose.to_owned())).collect();
    let objects = join3(
        look_at_domains(graph),
        look_at_people(graph, domain),
        in_time(PATIENCE, graph.role_holders()),
    );
    let policies = join5(
        in_time(PATIENCE, graph.token_validation()),
        in_time(PATIENCE, graph.security_defaults()),
        in_time(PATIENCE, graph.self_reset()),
        in_time(PATIENCE, graph.registration_campaign()),
        in_time(PATIENCE, graph.access_policies()),
    );
    let (((domains, federations), (people, per_user_mfa), roles), policies) =
        join(objects, policies).await;
    let (token_validation, security_defaults, self_reset, campaign, access_policies) = policies;
    TenantSeen {
        missing_permissions: Ok(missing),
        superfluous_permissions: checked.superfluous.ok_or_else(|| UNREAD_TOKEN.to_owned()),
        clock_ahead: clock.ok_or_else(|| "Microsoft's answers carried no date.".to_owned()),
        domains,
        federations,
        people,
        roles,
        token_validation,
        security_defaults,
        per_user_mfa,
        self_reset,
        registration_campaign: campaign,
        access_policies,
    }
}

/// The domains, and the federation of each that has one of its own.
async fn look_at_domains(
    graph: &Graph,
) -> (Seen<Vec<EntraDomain>>, Seen<Vec<(String, FederationConfiguration)>>) {
    let domains = in_time(PATIENCE, graph.domains()).await;
    let federations = match &domains {
        Ok(domains) => in_time(PATIENCE, federations(graph, domains)).await,
        Err(why) => Err(why.clone()),
    };
    (domains, federations)
}

async fn federations(
    graph: &Graph,
    domains: &[EntraDomain],
) -> graph::Result<Vec<(String, FederationConfiguration)>> {
    let mut found = Vec::new();
    for domain in domains.iter().filter(|domain| domain.federated && domain.root) {
        let federation = graph.federation(&domain.name).await?;
        found.extend(federation.map(|(_, federation)| (domain.name.clone(), federation)));
    }
    Ok(found)
}

/// Everybody, and per-user MFA of the first of the domain.
async fn look_at_people(
    graph: &Graph,
    domain: &str,
) -> (Seen<Vec<DirectoryPerson>>, Seen<PerUserMfa>) {
    let people = in_time(PATIENCE_FOR_ALL, graph.directory_people()).await;
    let mfa = match &people {
        Ok(people) => in_time(PATIENCE, per_user_mfa(graph, people, domain)).await,
        Err(why) => Err(why.clone()),
    };
    (people, mfa)
}

async fn per_user_mfa(
    graph: &Graph,
    people: &[DirectoryPerson],
    domain: &str,
) -> graph::Result<PerUserMfa> {
    let inside = people.iter().filter(|it| it.enabled && !it.guest && it.domain() == domain);
    let inside: Vec<_> = inside.map(|person| (person.id, person.upn.clone())).collect();
    let count = inside.len();
    let ask = |(id, upn): (ObjectId, String)| {
        let graph = graph.clone();
        async move { Ok::<_, graph::Error>(graph.has_per_user_mfa(&id).await?.then_some(upn)) }
    };
    let first = stream::iter(inside.into_iter().take(MOST_PEOPLE));
    let read: Vec<Option<String>> = first.map(ask).buffered(AT_ONCE).try_collect().await?;
    let (read, demanded) = (read.len(), read.into_iter().flatten().collect());
    Ok(PerUserMfa { read, people: count, demanded })
}

/// What was seen, or why not, in a sentence. Boxed, for many of them wait side by side.
fn in_time<'w, T: 'w>(
    patience: Duration,
    work: impl Future<Output = graph::Result<T>> + Send + 'w,
) -> BoxFuture<'w, Seen<T>> {
    let looked = async move {
        match tokio::time::timeout(patience, work).await {
            Ok(Ok(seen)) => Ok(seen),
            Ok(Err(graph::Error::MissingPermission { permission })) => Err(format!(
                "The app registration may not read this: grant it the permission {permission}."
            )),
            Ok(Err(error)) => Err(format!("{}.", Error::from(error).public.trim_end_matches('.'))),
            Err(_) => Err("Microsoft did not answer in time.".to_owned()),
        }
    };
    looked.boxed()
}

/// Asks our own addresses as a stranger does.
async fn ask(
    house: &House,
    domain: &FederatedDomain,
    plan: &FederationConfiguration,
) -> Result<Answers> {
    let public_url = &house.settings().public_url;
    let outside = Outside::new(public_url)?;
    let endpoints = house.endpoints(&domain.slug);
    let cleanup = format!("{}?wa=wsignoutcleanup1.0", endpoints.passive_sign_in_uri());
    let metadata = outside.ask(&endpoints.metadata_uri(), &domain.issuer_uri).await?;
    let sign_in = outside.ask(&cleanup, "").await?;
    let description = match &plan.metadata_exchange_uri {
        None => None,
        Some(address) => {
            let mark = endpoints.trust_uri(Version::V13);
            Some(outside.ask(address, &mark).await?)
        }
    };
    let text = public_url.as_str().trim_end_matches('/').to_owned();
    let address =
        if public_url.scheme() == "https" { Address::Https(text) } else { Address::Http(text) };
    Ok(Answers { address, metadata, sign_in, description })
}
