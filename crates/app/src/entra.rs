//! The port of the applier, spoken as Microsoft Graph, and the clients it speaks through. Nothing
//! is decided here.

mod adoption;
mod attributes;
mod deletion;
mod licences;
mod protected;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use graph::{Graph, Timer, users::Access};
use model::{
    Actor, Ts,
    application::Licence,
    attribute::Attribute,
    entra::{AttributeChanges, EntraLink, NewEntraUser, Origin},
    ids::{ClientId, EntraTenantId, ObjectId, SkuId, TenantId, UserId},
    relying_party::{Cloud, CloudHosts},
    tenant::{AppCredential, Tenant},
    user::UserState,
};
use provisioning::{Directory, Mapping, Trouble, Work};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use store::{Tx, applications, assignments, entra_links, former_names, sync_runs, tenants, users};

use crate::{Error, House, Kind, Result as AppResult, clock, sync::Lease};
pub(crate) use protected::Protected;
use protected::WasRead;

/// One tenant, as the applier sees it.
pub(crate) struct Adapter {
    pub(crate) house: House,
    pub(crate) graph: Graph,
    pub(crate) tenant_id: TenantId,
    pub(crate) protected: Protected,
    /// The rules of its plan.
    pub(crate) mapping: Mapping,
    pub(crate) lease: Lease,
    /// Who began the run.
    pub(crate) by: Actor,
}

/// One client a tenant, so that its token and its share of the quota are counted once.
#[derive(Default)]
pub(crate) struct Graphs {
    known: Mutex<HashMap<TenantId, (Connection, Graph)>>,
}

/// What a client was made from; another one needs another client.
#[derive(PartialEq, Eq)]
struct Connection {
    tenant: EntraTenantId,
    client: ClientId,
    /// SHA-256 of the secret, or of the certificate's key.
    credential: [u8; 32],
    hosts: CloudHosts,
    quota_percent: u8,
}

impl Graphs {
    pub(crate) fn of(&self, tenant: &Tenant, quota_percent: u8, parts: Parts) -> AppResult<Graph> {
        let connection = Connection {
            tenant: tenant.entra_tenant_id,
            client: tenant.client_id,
            credential: digest(&tenant.credential),
            hosts: tenant.hosts.clone(),
            quota_percent,
        };
        let locked = self.known.lock();
        let mut known = locked.map_err(|_| Error::new(Kind::Unavailable, "Try again."))?;
        if let Some((same, graph)) = known.get(&tenant.id)
            && *same == connection
        {
            return Ok(graph.clone());
        }
        let graph = parts.client(tenant, quota_percent)?;
        known.insert(tenant.id, (connection, graph.clone()));
        Ok(graph)
    }
}

/// What a client needs of the house.
pub(crate) struct Parts {
    pub(crate) random: graph::Random,
    pub(crate) clock: graph::Clock,
    pub(crate) timer: Arc<dyn Timer>,
}

impl Parts {
    /// A client of its own.
    pub(crate) fn client(self, tenant: &Tenant, quota_percent: u8) -> AppResult<Graph> {
        Ok(Graph::new(settings(tenant, quota_percent), self.random, self.clock, self.timer)?)
    }
}

fn digest(credential: &AppCredential) -> [u8; 32] {
    let bytes = match credential {
        AppCredential::Secret(secret) => secret.expose_secret().as_bytes(),
        AppCredential::Certificate(held) => held.private_key.expose_secret(),
    };
    Sha256::digest(bytes).into()
}

fn settings(tenant: &Tenant, quota_percent: u8) -> graph::Settings {
    graph::Settings {
        hosts: tenant.hosts.clone(),
        entra_tenant_id: tenant.entra_tenant_id,
        client_id: tenant.client_id,
        credential: tenant.credential.clone(),
        quota_percent,
        timeout: Duration::from_secs(30),
        allow_http: tenant.cloud == Cloud::Simulator,
    }
}

fn trouble(error: &graph::Error) -> Trouble {
    Trouble { verdict: error.verdict(), detail: error.to_string() }
}

impl Adapter {
    async fn keep_link(&self, link: EntraLink) -> Result<(), Trouble> {
        let tenant = self.tenant_id;
        let kept = self
            .house
            .store()
            .write(move |tx| Ok::<_, Error>(entra_links::put(tx, tenant, &link)?));
        kept.await.map_err(|error| stop(&error))
    }

    /// What is theirs already and was merely left out by the listing isn't found, and nothing that it
    /// has was there before us (Y27): the next run sees it.
    async fn unless_theirs(&self, user: UserId, object: ObjectId) -> Result<(), Trouble> {
        let tenant = self.tenant_id;
        let link = self
            .house
            .store()
            .read(move |tx| Ok::<_, Error>(entra_links::of_user(tx, tenant, user)?));
        let link = link.await.map_err(|error| stop(&error))?;
        if link.is_none_or(|link| link.object_id != object) {
            return Ok(());
        }
        let detail = "the linked object is there, though the listing left it out".to_owned();
        Err(Trouble { verdict: provisioning::Verdict::Relink, detail })
    }

    /// Whether an object that is there now is one that we made before anybody wrote so.
    async fn may_have_created(&self, user: UserId) -> Result<bool, Trouble> {
        let tenant = self.tenant_id;
        let asked = self
            .house
            .store()
            .read(move |tx| Ok::<_, Error>(sync_runs::may_have_created(tx, tenant, user)?));
        asked.await.map_err(|error| stop(&error))
    }
}

/// Whom a step gives something to.
#[derive(Clone, Copy)]
enum Whose {
    Person(UserId),
    Object(ObjectId),
}

impl Adapter {
    /// Stops a step that gives something to somebody who was blocked or unassigned since its plan
    /// was made: a long run must not undo what a shorter one did meanwhile (Y16).
    async fn only_if_wanted(&self, whose: Whose) -> Result<(), Trouble> {
        if self.is_wanted(whose).await? {
            return Ok(());
        }
        let detail = "blocked or unassigned since this plan was made".to_owned();
        Err(Trouble { verdict: provisioning::Verdict::SkipObject(detail.clone()), detail })
    }

    /// Stops a step that takes something from somebody who has become an administrator of the tenant
    /// since its plan was made (Y07).
    async fn unless_protected(&self, object: ObjectId) -> Result<(), Trouble> {
        let now = self.house.passed();
        let has = self.protected.has(object, &self.graph, now).await;
        let (has, WasRead(took_a_while)) = has.map_err(|error| trouble(&error))?;
        if !has {
            return if took_a_while { self.still_leads().await } else { Ok(()) };
        }
        let detail = "an administrator of the tenant since this plan was made".to_owned();
        Err(Trouble { verdict: provisioning::Verdict::SkipObject(detail.clone()), detail })
    }

    /// When it is, for what is due on a day.
    fn now(&self) -> Ts {
        clock::sure(self.house.now(), self.graph.last_date())
    }

    /// Stops the run when its lease went to another node while something was read (Y14), or writes
    /// were stopped.
    async fn still_leads(&self) -> Result<(), Trouble> {
        let over = self.house.still_leads(self.tenant_id, self.lease.clone()).await;
        let Some(detail) = over.map_err(|error| stop(&error))? else { return Ok(()) };
        let detail = detail.to_owned();
        Err(Trouble { verdict: provisioning::Verdict::StopRun(detail.clone()), detail })
    }

    /// Who was blocked or unassigned just while their account was opened is shut out again.
    async fn shut_unless_wanted(&self, whose: Whose, object: ObjectId) -> Result<(), Trouble> {
        if self.is_wanted(whose).await? {
            return Ok(());
        }
        self.unless_protected(object).await?;
        let blocked = self.graph.set_account_enabled(&object, Access::Blocked);
        blocked.await.map_err(|error| trouble(&error))
    }

    async fn is_wanted(&self, whose: Whose) -> Result<bool, Trouble> {
        let tenant = self.tenant_id;
        let wanted = self.house.store().read(move |tx| is_wanted(tx, tenant, whose));
        wanted.await.map_err(|error| stop(&error))
    }
}

/// Whether a person is assigned and may sign in, as of now.
fn is_wanted(tx: &mut Tx, tenant: TenantId, whose: Whose) -> AppResult<bool> {
    let id = match whose {
        Whose::Person(id) => Some(id),
        Whose::Object(object) => {
            entra_links::by_object(tx, tenant, object)?.map(|link| link.user_id)
        }
    };
    let Some(user) = id.map(|id| users::by_id(tx, id)).transpose()?.flatten() else {
        return Ok(false);
    };
    let Some(application) = applications::of_tenant(tx, tenant)? else { return Ok(false) };
    let assigned = assignments::active(tx, user.id, application.id)?.is_some();
    Ok(assigned && user.state == UserState::Active)
}

fn is_stopped(tx: &mut Tx, tenant: TenantId) -> AppResult<bool> {
    Ok(tenants::by_id(tx, tenant)?.is_none_or(|tenant| tenant.writes_stopped))
}

/// Our own store is away: nothing further can work.
fn stop(error: &Error) -> Trouble {
    Trouble {
        verdict: provisioning::Verdict::StopRun(error.to_string()),
        detail: error.to_string(),
    }
}

/// Graph wants a password for a new user, although nobody will ever type it: the domain is
/// federated. It is random and forgotten here.
fn one_time_password(house: &House) -> SecretString {
    format!("Aa1!{}", hex::encode(house.draw::<16>())).into()
}

impl Directory for Adapter {
    fn block_sign_in(&self, object: ObjectId) -> Work<'_, Result<(), Trouble>> {
        Box::pin(async move {
            self.unless_protected(object).await?;
            let blocked = self.graph.set_account_enabled(&object, Access::Blocked);
            blocked.await.map_err(|error| trouble(&error))
        })
    }

    fn revoke_sessions(&self, object: ObjectId) -> Work<'_, Result<(), Trouble>> {
        Box::pin(async move {
            self.unless_protected(object).await?;
            self.graph.revoke_sessions(&object).await.map_err(|error| trouble(&error))
        })
    }

    fn link(
        &self,
        user_id: UserId,
        object_id: ObjectId,
        origin: Origin,
    ) -> Work<'_, Result<(), Trouble>> {
        Box::pin(self.keep_link(EntraLink { user_id, object_id, origin, deleted_at: None }))
    }

    fn link_found(&self, user_id: UserId, object_id: ObjectId) -> Work<'_, Result<(), Trouble>> {
        Box::pin(async move {
            if !self.may_have_created(user_id).await? {
                return self.join(user_id, object_id).await;
            }
            let origin = Origin::Made;
            self.keep_link(EntraLink { user_id, object_id, origin, deleted_at: None }).await
        })
    }

    fn adopt(
        &self,
        user: UserId,
        object: ObjectId,
        immutable_id: String,
    ) -> Work<'_, Result<(), Trouble>> {
        Box::pin(self.take_over(user, object, immutable_id))
    }

    fn create(
        &self,
        user: UserId,
        new: NewEntraUser,
    ) -> Work<'_, Result<(ObjectId, Origin), Trouble>> {
        Box::pin(async move {
            self.only_if_wanted(Whose::Person(user)).await?;
            self.only_by_rules_in_force(&Attribute::ALL).await?;
            let ensured = self.graph.ensure_user(&new, one_time_password(&self.house));
            let (made, origin) = ensured.await.map_err(|error| trouble(&error))?;
            if origin == Origin::Found {
                self.unless_theirs(user, made.id).await?;
                self.keep_found(user, &made).await?;
            }
            self.shut_unless_wanted(Whose::Person(user), made.id).await?;
            Ok((made.id, origin))
        })
    }

    fn rename(&self, user: UserId, object: ObjectId, upn: String) -> Work<'_, Result<(), Trouble>> {
        Box::pin(async move {
            self.unless_protected(object).await?;
            self.graph.rename(&object, &upn).await.map_err(|error| trouble(&error))?;
            let settled =
                self.house.store().write(move |tx| Ok::<_, Error>(former_names::settle(tx, user)?));
            settled.await.map_err(|error| stop(&error))
        })
    }

    fn update(&self, object: ObjectId, changes: AttributeChanges) -> Work<'_, Result<(), Trouble>> {
        Box::pin(async move {
            self.unless_filled(object, &changes).await?;
            let sent: Vec<Attribute> = changes.0.keys().copied().collect();
            self.only_by_rules_in_force(&sent).await?;
            let updated = self.graph.update_attributes(&object, &changes);
            updated.await.map_err(|error| trouble(&error))
        })
    }

    fn set_usage_location(
        &self,
        object: ObjectId,
        country: String,
    ) -> Work<'_, Result<(), Trouble>> {
        Box::pin(async move {
            let set = self.graph.set_usage_location(&object, &country);
            set.await.map_err(|error| trouble(&error))
        })
    }

    fn unblock_sign_in(&self, object: ObjectId) -> Work<'_, Result<(), Trouble>> {
        Box::pin(async move {
            self.only_if_wanted(Whose::Object(object)).await?;
            let opened = self.graph.set_account_enabled(&object, Access::Open);
            opened.await.map_err(|error| trouble(&error))?;
            self.shut_unless_wanted(Whose::Object(object), object).await
        })
    }

    fn set_licences(
        &self,
        user: UserId,
        object: ObjectId,
        add: Vec<Licence>,
        remove: Vec<SkuId>,
    ) -> Work<'_, Result<(), Trouble>> {
        Box::pin(async move {
            if !remove.is_empty() {
                self.unless_protected(object).await?;
                self.only_if_taken(user, remove.clone()).await?;
            }
            if !add.is_empty() {
                self.only_if_wanted(Whose::Object(object)).await?;
            }
            let set = self.graph.assign_licences(&object, &add, &remove);
            set.await.map_err(|error| trouble(&error))
        })
    }

    fn restore(&self, user: UserId, object: ObjectId) -> Work<'_, Result<(), Trouble>> {
        Box::pin(self.bring_back(user, object))
    }

    fn soft_delete(&self, user: UserId, object: ObjectId) -> Work<'_, Result<(), Trouble>> {
        Box::pin(self.put_into_bin(user, object))
    }
}
