//! App registrations that customers bring along for signing in with Microsoft: any number, each with
//! its own redirect URI, tenants and trust.

mod consent;
mod credentials;
mod here;
mod trial;
mod typed;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use graph::{SignIn, SignInSettings};
pub use here::here;
use model::{
    Role,
    audit::AuditKind,
    ids::RegistrationId,
    registration::{Registration, Tenants},
    relying_party::{Cloud, CloudHosts},
    tenant::AppCredential,
};
pub use store::registrations::Offered;
use store::{Tx, audit_log, registrations, tenants};
use url::Url;

use crate::{Admin, Error, House, Kind, Result, Visitor};
pub use consent::Consented;
pub use credentials::SecondSecret;
pub use typed::RegistrationWish;

/// How long Microsoft may take while a person waits.
const PATIENCE: Duration = Duration::from_secs(15);
/// There are never more.
const MOST: usize = 50;

/// One client a registration, so that Microsoft's keys are read once.
#[derive(Default)]
pub(crate) struct SignIns {
    known: Mutex<HashMap<RegistrationId, (Terms, SignIn)>>,
}

/// What a client was made from; another one needs another client.
struct Terms {
    authority: String,
    client: model::ids::ClientId,
    credentials: Vec<AppCredential>,
    hosts: CloudHosts,
}

impl Terms {
    fn of(registration: &Registration) -> Self {
        Self {
            authority: registration.tenants.authority(),
            client: registration.client_id,
            credentials: registration.credentials(),
            hosts: registration.hosts.clone(),
        }
    }

    fn are(&self, other: &Self) -> bool {
        let mut pairs = self.credentials.iter().zip(&other.credentials);
        self.authority == other.authority
            && self.client == other.client
            && self.hosts == other.hosts
            && self.credentials.len() == other.credentials.len()
            && pairs.all(|(one, another)| one.is_same(another))
    }
}

impl House {
    /// Every registration, by alias.
    pub async fn registrations(&self, _admin: &Admin) -> Result<Vec<Registration>> {
        self.store().read(|tx| Ok::<_, Error>(registrations::all(tx)?)).await
    }

    /// One of them.
    pub async fn registration(&self, _admin: &Admin, id: RegistrationId) -> Result<Registration> {
        self.known_registration(id).await?.ok_or_else(|| Error::not_found("registration"))
    }

    /// Adds one; it is off until somebody switches it on. Needs a fresh second factor (R147): whoever
    /// says which accounts of Microsoft count says who gets in.
    pub async fn add_registration(
        &self,
        admin: &Admin,
        wish: &RegistrationWish,
        visitor: &Visitor,
    ) -> Result<RegistrationId> {
        self.may_register(admin)?;
        let secret = wish.secret.as_ref().ok_or_else(|| {
            Error::invalid("client_secret", "Paste the value of the client secret.")
        })?;
        let (cloud, hosts) = self.cloud(wish).await?;
        let registration = Registration {
            id: RegistrationId(self.new_id()),
            alias: wish.alias()?,
            client_id: wish.client_id()?,
            credential: AppCredential::Secret(typed::checked_secret(secret)?),
            credential_ends_at: wish.last_day(self.now())?,
            other: None,
            tenants: self.tenants_of(wish, (cloud, &hosts)).await?,
            trusted: wish.trusted()?,
            cloud,
            hosts,
            enabled: false,
            created_at: self.now(),
        };
        typed::check_trust(&registration)?;
        let id = registration.id;
        self.keep_registration(admin, visitor, (registration, "added"), |tx, kept| {
            if registrations::all(tx)?.len() >= MOST {
                return Err(Error::new(Kind::Conflict, "There are too many. Remove one first."));
            }
            Ok(registrations::create(tx, kept)?)
        })
        .await?;
        Ok(id)
    }

    /// Changes one. Without a new secret the kept one stays; the cloud stays in any case.
    pub async fn change_registration(
        &self,
        admin: &Admin,
        id: RegistrationId,
        wish: &RegistrationWish,
        visitor: &Visitor,
    ) -> Result<()> {
        self.may_register(admin)?;
        let old = self.registration(admin, id).await?;
        if wish.cloud != old.cloud.as_str() {
            let public = "Another cloud is another registration; this one keeps its own.";
            return Err(Error::invalid("cloud", public));
        }
        let secret = wish.secret.as_ref().map(typed::checked_secret).transpose()?;
        let (secret, day) = (secret.map(AppCredential::Secret), wish.last_day(self.now())?);
        let is_new = secret.is_some();
        if day.is_some() && !is_new && old.credential.is_certificate() {
            let public = "The certificate itself says when it ends.";
            return Err(Error::invalid("secret_ends", public));
        }
        let registration = Registration {
            alias: wish.alias()?,
            client_id: wish.client_id()?,
            credential: secret.unwrap_or_else(|| old.credential.clone()),
            credential_ends_at: day,
            tenants: self.tenants_wanted(wish, &old).await?,
            trusted: wish.trusted()?,
            ..old
        };
        typed::check_trust(&registration)?;
        self.keep_registration(admin, visitor, (registration, "changed"), move |tx, kept| {
            // Looking a domain up takes a while: what nobody typed is what it is by now.
            registrations::lock(tx, kept.id)?;
            let now = registrations::by_id(tx, kept.id)?;
            let now = now.ok_or_else(|| Error::not_found("registration"))?;
            let mut kept = Registration { enabled: now.enabled, ..kept.clone() };
            if kept.client_id != now.client_id {
                // What another app has is none of this one's.
                store::registration_credentials::remove(tx, kept.id)?;
            }
            if !is_new {
                let known = now.credential_ends_at;
                let is_certificate = now.credential.is_certificate();
                kept.credential_ends_at = day.filter(|_| !is_certificate).or(known);
                kept.credential = now.credential;
            }
            trial::forget(tx, kept.id)?;
            Ok(registrations::update(tx, &kept)?)
        })
        .await
    }

    /// Has the sign-in page offer one, or offer it no more.
    pub async fn switch_registration(
        &self,
        admin: &Admin,
        id: RegistrationId,
        enabled: bool,
        visitor: &Visitor,
    ) -> Result<()> {
        self.may_register(admin)?;
        let old = self.registration(admin, id).await?;
        let word = if enabled { "switched on" } else { "switched off" };
        self.keep_registration(admin, visitor, (old, word), move |tx, kept| {
            Ok(registrations::set_enabled(tx, kept.id, enabled)?)
        })
        .await
    }

    /// Removes one; the links of people stay, and open nothing unless another one admits them.
    pub async fn remove_registration(
        &self,
        admin: &Admin,
        id: RegistrationId,
        visitor: &Visitor,
    ) -> Result<()> {
        self.may_register(admin)?;
        let old = self.registration(admin, id).await?;
        self.keep_registration(admin, visitor, (old, "removed"), move |tx, _| {
            trial::forget(tx, id)?;
            if registrations::remove(tx, id)? {
                Ok(())
            } else {
                Err(Error::not_found("registration"))
            }
        })
        .await
    }

    /// Where Microsoft sends browsers back to: an address of its own for each registration, so that
    /// an answer of one is never taken for another's.
    pub fn redirect_uri(&self, id: RegistrationId) -> Result<Url> {
        let path = format!("sign-in/microsoft/{id}");
        self.settings().public_url.join(&path).map_err(Error::bug)
    }

    pub(crate) async fn known_registration(
        &self,
        id: RegistrationId,
    ) -> Result<Option<Registration>> {
        self.store().read(move |tx| Ok::<_, Error>(registrations::by_id(tx, id)?)).await
    }

    /// The client of a registration; the same one as long as the registration stays the same.
    pub(crate) fn sign_in_client(&self, registration: &Registration) -> Result<SignIn> {
        let terms = Terms::of(registration);
        let mut known = self.sign_ins().known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((same, client)) = known.get(&registration.id)
            && same.are(&terms)
        {
            return Ok(client.clone());
        }
        let client = SignIn::new(settings(registration))?;
        known.insert(registration.id, (terms, client.clone()));
        Ok(client)
    }

    fn may_register(&self, admin: &Admin) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())
    }

    async fn keep_registration(
        &self,
        admin: &Admin,
        visitor: &Visitor,
        (registration, word): (Registration, &str),
        keep: impl Fn(&mut Tx, &Registration) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let kind = AuditKind::RegistrationChanged;
        let mut row = visitor.audit(self, admin.actor(), kind, &registration.alias);
        let trusted: Vec<String> = registration.trusted.iter().map(ToString::to_string).collect();
        let trusted = if trusted.is_empty() { "nobody".to_owned() } else { trusted.join(", ") };
        row.detail = format!(
            "{word}; client {}; tenants: {}; second factors that count: of {trusted}",
            registration.client_id,
            registration.tenants.named(),
        );
        let registration = Arc::new(registration);
        self.store()
            .write(move |tx| {
                keep(tx, &registration)?;
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await
            .map_err(|error| match error.kind {
                Kind::Conflict if error.public.starts_with("There is already") => {
                    Error::invalid("alias", "There is one of that name already.")
                }
                _ => error,
            })
    }

    /// The cloud that was chosen; the simulator's hosts are those of the connection.
    async fn cloud(&self, wish: &RegistrationWish) -> Result<(Cloud, CloudHosts)> {
        let cloud = wish.cloud()?;
        if let Some(hosts) = cloud.hosts() {
            return Ok((cloud, hosts));
        }
        let public = "The simulator's cloud is for the demo only.";
        let none = || Error::invalid("cloud", public);
        if !self.is_demo() {
            return Err(none());
        }
        let all = self.store().read(|tx| Ok::<_, Error>(tenants::all(tx)?)).await?;
        let found = all.into_iter().find(|tenant| tenant.cloud == Cloud::Simulator);
        found.map(|tenant| (cloud, tenant.hosts)).ok_or_else(none)
    }

    /// Whose people may come from now on. A domain that is the same as before is not looked up again.
    async fn tenants_wanted(&self, wish: &RegistrationWish, old: &Registration) -> Result<Tenants> {
        match (&old.tenants, wish.domain()?) {
            (Tenants::One { domain: Some(known), .. }, Some(typed)) if *known == typed => {
                Ok(old.tenants.clone())
            }
            _ => self.tenants_of(wish, (old.cloud, &old.hosts)).await,
        }
    }

    /// Whose people may come. A domain is looked up once, now: should it go to another organisation
    /// later, nobody of that one gets in.
    async fn tenants_of(
        &self,
        wish: &RegistrationWish,
        (cloud, hosts): (Cloud, &CloudHosts),
    ) -> Result<Tenants> {
        let Some(domain) = wish.domain()? else { return wish.tenants() };
        let client = SignIn::new(SignInSettings {
            hosts: hosts.clone(),
            authority: domain.clone(),
            client_id: wish.client_id()?,
            credentials: Vec::new(),
            timeout: PATIENCE,
            allow_http: cloud == Cloud::Simulator,
        })?;
        let unknown = || {
            let public =
                format!("Microsoft knows no directory of {domain}. Check how it is written.");
            Error::invalid("tenant", public)
        };
        match client.tenant(self.now(), self.new_id()).await {
            Ok(Some(tenant)) => Ok(Tenants::One { tenant, domain: Some(domain) }),
            Ok(None) | Err(graph::Error::SignIn { .. }) => Err(unknown()),
            Err(error) => Err(error.into()),
        }
    }
}

fn settings(registration: &Registration) -> SignInSettings {
    SignInSettings {
        hosts: registration.hosts.clone(),
        authority: registration.tenants.authority(),
        client_id: registration.client_id,
        credentials: registration.credentials(),
        timeout: PATIENCE,
        allow_http: registration.cloud == Cloud::Simulator,
    }
}
