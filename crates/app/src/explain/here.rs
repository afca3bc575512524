//! What is known here of what a message is about: the person as we send them and as Entra has them,
//! the domain as it was last looked at, the secret of the connection.

use std::time::Duration;

use graph::Graph;
use model::{
    ImmutableId, Ts,
    alarm::Alarm,
    entra::{DeletedUser, EntraUser},
    explanation::Place,
    federated_domain::FederatedDomain,
    ids::ObjectId,
    tenant::Tenant,
    user::{User, UserState},
    watch::{Watch, WatchKind},
};
use store::{
    Tx, alarms, applications, assignments, entra_links, federated_domains, tenants, users, watches,
};

use super::{Clues, Explained};
use crate::{Admin, Error, House, Result, sync::objects_of};

/// How long an answer waits for Microsoft.
const PATIENCE: Duration = Duration::from_secs(8);

/// What is known.
#[derive(Debug, Default)]
pub struct Here {
    /// The person that was named.
    pub person: Option<PersonHere>,
    /// The domains that it may be about.
    pub domains: Vec<DomainHere>,
    /// The issuer that the message quotes.
    pub issuer: Option<IssuerHere>,
    /// The connections that it may be about.
    pub connections: Vec<ConnectionHere>,
}

/// Somebody who was named, here and in Entra.
#[derive(Debug)]
pub struct PersonHere {
    /// The name that was typed, or that stands in the message.
    pub named: String,
    /// The person here; `None` when nobody has that name.
    pub ours: Option<OurPerson>,
    /// What Entra has; `None` when no tenant is connected, else why it can't be read.
    pub theirs: Option<std::result::Result<TheirObjects, String>>,
}

/// Our half.
#[derive(Debug, Clone)]
pub struct OurPerson {
    /// The person.
    pub user: User,
    /// They may use an application of a tenant.
    pub assigned: bool,
    /// The object in Entra that they are linked to.
    pub link: Option<ObjectId>,
}

/// Entra's half.
#[derive(Debug, Default)]
pub struct TheirObjects {
    /// Each object that is linked to the person, or has their immutable id or their name.
    pub objects: Vec<EntraUser>,
    /// None is there, but one with their immutable id was deleted and can be brought back.
    pub in_bin: bool,
}

/// A domain, as it was last looked at.
#[derive(Debug)]
pub struct DomainHere {
    /// The domain.
    pub domain: FederatedDomain,
    /// When Entra was last asked, and whether it could be.
    pub watch: Option<Watch>,
    /// What was found to be wrong with it.
    pub alarms: Vec<Alarm>,
}

/// An issuer that a message quotes.
#[derive(Debug, PartialEq, Eq)]
pub struct IssuerHere {
    /// As it stands in the message.
    pub quoted: String,
    /// The domain whose issuer it is here, to the letter.
    pub of: Option<String>,
}

/// What is known of a connection.
#[derive(Debug, PartialEq, Eq)]
pub struct ConnectionHere {
    /// What admins call it.
    pub alias: String,
    /// The last moment of its secret, if somebody typed it in.
    pub secret_ends: Option<Ts>,
}

/// Our half of everything, and whom to ask for the other.
struct Ours {
    here: Here,
    person: Option<OurPerson>,
    ask: Option<(Tenant, u8)>,
}

impl House {
    /// Adds what is known here: of the person, whose name may be typed beside the message, of the
    /// domains, of the connection.
    pub async fn known_here(
        &self,
        _admin: &Admin,
        explained: &Explained,
        typed: &str,
    ) -> Result<Here> {
        let named = Some(typed.trim().to_owned()).filter(|typed| !typed.is_empty());
        let named = named.or_else(|| explained.clues.upn.clone());
        let (clues, places) = (explained.clues.clone(), places(explained));
        let asked = named.clone();
        let ours = self.store().read(move |tx| ours(tx, asked.as_deref(), &clues, &places)).await?;
        let Ours { mut here, person, ask } = ours;
        let shown = person.as_ref().map(|person| person.user.upn.to_string());
        if let Some(named) = named.or(shown) {
            let theirs = match ask {
                Some((tenant, quota)) => {
                    let graph = self.graph(&tenant, quota)?;
                    Some(ask_entra(&graph, person.as_ref(), &named).await)
                }
                None => None,
            };
            here.person = Some(PersonHere { named, ours: person, theirs });
        }
        Ok(here)
    }
}

/// Where what was explained is mended.
fn places(explained: &Explained) -> Vec<Place> {
    explained.entries.iter().map(|entry| entry.place).collect()
}

fn ours(tx: &mut Tx, named: Option<&str>, clues: &Clues, places: &[Place]) -> Result<Ours> {
    let person = person(tx, named, clues.immutable_id.as_deref())?;
    let about = |wanted: &[Place]| places.iter().any(|place| wanted.contains(place));
    let mut here = Here::default();
    if about(&[Place::Domains, Place::Keys]) {
        let domains = domains(tx, person.as_ref(), named, clues)?;
        here.domains = looked(tx, domains)?;
        here.issuer = clues.address.as_ref().map(|quoted| issuer(tx, quoted)).transpose()?;
    }
    if about(&[Place::Connection]) {
        here.connections = connections(tx)?;
    }
    Ok(Ours { here, person, ask: tenant_of(tx, named)? })
}

/// By the name, or by the immutable id that the message quotes.
fn person(tx: &mut Tx, named: Option<&str>, quoted: Option<&str>) -> Result<Option<OurPerson>> {
    let quoted = quoted.and_then(|id| ImmutableId::parse(id).ok());
    let user = match (named, quoted) {
        (Some(name), _) => users::by_upn(tx, name)?,
        (None, Some(id)) => users::by_immutable_id(tx, &id)?,
        (None, None) => None,
    };
    let Some(user) = user.filter(|user| user.state != UserState::Deleted) else { return Ok(None) };
    let assigned = !assignments::active_of_user(tx, user.id)?.is_empty();
    let link = entra_links::by_user(tx, user.id)?.map(|link| link.object_id);
    Ok(Some(OurPerson { user, assigned, link }))
}

/// The domain of the issuer that is quoted or of the name; without either, all of them.
fn domains(
    tx: &mut Tx,
    person: Option<&OurPerson>,
    named: Option<&str>,
    clues: &Clues,
) -> Result<Vec<FederatedDomain>> {
    let all = federated_domains::all(tx)?.into_iter().filter(|domain| domain.enabled);
    let all: Vec<FederatedDomain> = all.collect();
    let upn = person.map(|person| person.user.upn.as_str()).or(named).unwrap_or_default();
    let of_name = upn.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
    let by_issuer = all.iter().find(|domain| Some(&domain.issuer_uri) == clues.address.as_ref());
    let by_name = all.iter().find(|domain| Some(&domain.name) == of_name.as_ref());
    Ok(match by_issuer.or(by_name) {
        Some(one) => vec![one.clone()],
        None => all,
    })
}

fn looked(tx: &mut Tx, domains: Vec<FederatedDomain>) -> Result<Vec<DomainHere>> {
    let (open, watches) = (alarms::open(tx)?, watches::all(tx)?);
    let one = |domain: FederatedDomain| DomainHere {
        watch: watches
            .iter()
            .find(|it| it.kind == WatchKind::Federation && it.subject == domain.name)
            .cloned(),
        alarms: open.iter().filter(|alarm| alarm.subject == domain.name).cloned().collect(),
        domain,
    };
    Ok(domains.into_iter().map(one).collect())
}

fn issuer(tx: &mut Tx, quoted: &str) -> Result<IssuerHere> {
    let all = federated_domains::all(tx)?;
    let of = all.into_iter().find(|domain| domain.issuer_uri == quoted);
    Ok(IssuerHere { quoted: quoted.to_owned(), of: of.map(|domain| domain.name) })
}

fn connections(tx: &mut Tx) -> Result<Vec<ConnectionHere>> {
    let all = tenants::all(tx)?.into_iter();
    Ok(all
        .map(|tenant| ConnectionHere {
            alias: tenant.alias,
            secret_ends: tenant.credential_ends_at,
        })
        .collect())
}

/// The tenant that has the domain of a name, else the first; with its share of the quota.
fn tenant_of(tx: &mut Tx, named: Option<&str>) -> Result<Option<(Tenant, u8)>> {
    let domain = named.and_then(|name| name.rsplit_once('@')).map(|(_, domain)| domain);
    let domain = domain.map(|name| federated_domains::by_name(tx, name)).transpose()?.flatten();
    let applications = applications::all(tx)?;
    let of_domain = domain.map(|domain| domain.tenant_id);
    let found = applications.iter().find(|it| Some(it.tenant_id) == of_domain);
    let Some(application) = found.or(applications.first()) else { return Ok(None) };
    let tenant = tenants::by_id(tx, application.tenant_id)?;
    Ok(tenant.map(|tenant| (tenant, application.settings.quota_percent)))
}

/// What Entra has of somebody, or why it can't be read.
async fn ask_entra(
    graph: &Graph,
    person: Option<&OurPerson>,
    named: &str,
) -> std::result::Result<TheirObjects, String> {
    let asked = async {
        let Some(person) = person else {
            let object = graph.user_by_upn(named).await?;
            return Ok(TheirObjects { objects: object.into_iter().collect(), in_bin: false });
        };
        let objects = objects_of(graph, &person.user, person.link).await?;
        let in_bin = objects.is_empty() && is_in_bin(graph, &person.user).await?;
        Ok::<_, graph::Error>(TheirObjects { objects, in_bin })
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(Error::from(error).public),
        Err(_) => Err(format!("Microsoft did not answer within {} seconds.", PATIENCE.as_secs())),
    }
}

async fn is_in_bin(graph: &Graph, user: &User) -> graph::Result<bool> {
    let theirs =
        |it: &DeletedUser| it.user.immutable_id.as_deref() == Some(user.immutable_id.as_str());
    Ok(graph.deleted_users().await?.iter().any(theirs))
}
