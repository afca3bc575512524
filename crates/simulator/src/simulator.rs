//! A running simulator, and what tests may ask and arrange without going through HTTP.

use std::sync::Arc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::oneshot;

use crate::Error;
use crate::faults::Faults;
use crate::login::SignIn;
use crate::login::openid::Twist;
use crate::random;
use crate::sample;
use crate::server;
use crate::settings::Settings;
use crate::tenant::{DirectoryRole, Domain, License, RoleAssignment, Sku, Tenant, User};
use crate::world::{Request, World};

/// A running simulator; dropping it stops it.
pub struct Simulator {
    world: Arc<World>,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

/// The tenant at one moment, to begin from again.
#[derive(Clone)]
pub struct Snapshot(Tenant);

/// The tenant at one moment, for assertions.
#[derive(Debug, Clone)]
pub struct TenantView {
    /// Living people, in the order of their creation, lag or not.
    pub users: Vec<User>,
    /// People in the bin.
    pub deleted: Vec<User>,
    /// Domains.
    pub domains: Vec<Domain>,
    /// Products with the seats in use.
    pub skus: Vec<(Sku, usize)>,
    /// The request log, oldest first.
    pub requests: Vec<Request>,
}

impl TenantView {
    /// A living person by UPN or object id.
    pub fn user(&self, key: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == key || user.upn().eq_ignore_ascii_case(key))
    }

    /// A domain by name.
    pub fn domain(&self, name: &str) -> Option<&Domain> {
        self.domains.iter().find(|domain| domain.name == name)
    }

    /// Seats in use of the product with this part number.
    pub fn consumed(&self, part_number: &str) -> usize {
        let found = self.skus.iter().find(|(sku, _)| sku.part_number == part_number);
        found.map_or(0, |(_, consumed)| *consumed)
    }
}

impl Simulator {
    /// Starts a simulator on a thread of its own and returns once it listens.
    pub async fn start(settings: Settings) -> Result<Self, Error> {
        let world = Arc::new(World::open(&settings)?);
        let (ready, listening) = oneshot::channel();
        let shared = world.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(server::run(shared, settings.listen, ready));
        });
        let handle = listening.await.map_err(|_| Error::Thread)??;
        Ok(Self { world, handle, thread: Some(thread) })
    }

    /// The own address, such as `http://127.0.0.1:8081`.
    pub fn url(&self) -> String {
        self.world.url().to_owned()
    }

    /// The faults on demand.
    pub fn faults(&self) -> &Faults {
        &self.world.faults
    }

    /// The tenant as it is now.
    pub fn tenant(&self) -> TenantView {
        let requests = self.world.requests();
        self.world.read(|tenant| TenantView {
            users: tenant.users().cloned().collect(),
            deleted: tenant.deleted().cloned().collect(),
            domains: tenant.domains.clone(),
            skus: tenant.skus.iter().map(|sku| (sku.clone(), tenant.consumed(&sku.id))).collect(),
            requests,
        })
    }

    /// Keeps the tenant as it is now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.world.read(Clone::clone))
    }

    /// Begins anew with the tenant as it was then; faults and the request log are forgotten, and so is
    /// the lag.
    pub fn begin_from(&self, snapshot: &Snapshot) {
        self.world.faults.clear();
        self.world.faults.set_replication_lag(std::time::Duration::ZERO);
        self.world.forget_requests();
        self.world.change(|tenant| {
            *tenant = snapshot.0.clone();
            tenant.reindex();
        });
    }

    /// A sign-in by SAML 2.0 under this context, as if this request (its id, and the address for its
    /// answer) had been sent: for answers that were recorded.
    pub fn expect_answer(&self, context: &str, username: &str, request: (&str, &str)) {
        self.world.sign_ins.plant(context, username, request, self.world.now());
    }

    /// The certificate of the key that signs requests of SAML 2.0 where a domain demands it, DER.
    #[must_use]
    pub const fn request_certificate() -> &'static [u8] {
        crate::login::REQUEST_CERTIFICATE
    }

    /// Consents one more application permission; tokens issued before do not carry it.
    pub fn grant_role(&self, role: &str) {
        self.world.change(|tenant| tenant.app.roles.push(role.to_owned()));
    }

    /// Takes an application permission back.
    pub fn withdraw_role(&self, role: &str) {
        self.world.change(|tenant| tenant.app.roles.retain(|held| held != role));
    }

    /// Lets the client secret expire now.
    pub fn expire_client_secret(&self) {
        let now = self.world.now();
        self.world.change(|tenant| tenant.app.secret_expires_at = now);
    }

    /// Registers an address to which people of the first registration for signing in may be sent back.
    pub fn add_redirect_uri(&self, uri: &str) {
        self.world.change(|tenant| {
            for app in &mut tenant.sign_in_apps {
                app.redirect_uris.push(uri.to_owned());
            }
        });
    }

    /// Forgets every address to which people may be sent back.
    pub fn forget_redirect_uris(&self) {
        self.world.change(|tenant| {
            for app in &mut tenant.sign_in_apps {
                app.redirect_uris.clear();
            }
        });
    }

    /// Lets the secrets of the registrations for signing in end now.
    pub fn expire_sign_in_secrets(&self) {
        let now = self.world.now();
        self.world.change(|tenant| {
            for app in &mut tenant.sign_in_apps {
                app.secret_expires_at = Some(now);
            }
        });
    }

    /// The next sign-in is refused with this number, on Microsoft's page or on the way back.
    pub fn refuse_sign_in(&self, code: u32) {
        self.world.openid.refuse(code);
    }

    /// One more secret opens the registrations for signing in.
    pub fn add_sign_in_secret(&self, secret: &str) {
        self.world.change(|tenant| {
            for app in &mut tenant.sign_in_apps {
                app.more_secrets.push(secret.to_owned());
            }
        });
    }

    /// Registers a certificate (DER) for the registrations for signing in.
    pub fn register_sign_in_certificate(&self, der: &[u8]) {
        let certificate = STANDARD.encode(der);
        self.world.change(|tenant| {
            for app in &mut tenant.sign_in_apps {
                app.certificates.push(certificate.clone());
            }
        });
    }

    /// Nobody has consented to the registrations for signing in in this directory.
    pub fn withdraw_consent(&self, directory: &str) {
        self.world.change(|tenant| {
            for app in &mut tenant.sign_in_apps {
                app.absent_from.push(directory.to_owned());
            }
        });
    }

    /// The next ID token has this wrong with it.
    pub fn twist(&self, twist: Twist) {
        self.world.openid.twist(twist);
    }

    /// Sets an external method for the second factor up, as an administrator does.
    pub fn add_external_method(&self, method: crate::ExternalMethod) {
        self.world.change(|tenant| tenant.policies.external_methods.push(method));
    }

    /// Reads anew what external providers publish, as Entra does after a day.
    pub fn forget_providers(&self) {
        self.world.external_mfa.forget_providers();
    }

    /// ID tokens are signed with other keys from now on.
    pub fn replace_openid_keys(&self) {
        self.world.openid.keys.replace();
    }

    /// Lets the client secret live for another year.
    pub fn renew_client_secret(&self) {
        let until = self.world.now() + 365 * 24 * 3600 * crate::clock::SECOND;
        self.world.change(|tenant| tenant.app.secret_expires_at = until);
    }

    /// Registers a certificate (DER) for client assertions.
    pub fn register_client_certificate(&self, der: &[u8]) {
        let certificate = STANDARD.encode(der);
        self.world.change(|tenant| tenant.app.certificates.push(certificate));
    }

    /// Adds a verified, managed domain.
    pub fn add_domain(&self, name: &str) {
        self.world.change(|tenant| tenant.domains.push(Domain::managed(name)));
    }

    /// Changes one of the tenant's policies, as an administrator does: the part of Graph's object that
    /// is given replaces the one there.
    pub fn set_policy(&self, policy: &str, path: &str, value: serde_json::Value) {
        self.world.change(|tenant| {
            let found = crate::graph::policy(&mut tenant.policies, policy);
            if let Some(part) = found.and_then(|(body, _)| body.pointer_mut(path)) {
                *part = value;
            }
        });
    }

    /// One of the tenant's policies, as Graph shows it.
    pub fn policy(&self, policy: &str) -> serde_json::Value {
        let mut policies = self.world.read(|tenant| tenant.policies.clone());
        let found = crate::graph::policy(&mut policies, policy);
        found.map(|(body, _)| body.take()).unwrap_or_default()
    }

    /// Adds a policy of Conditional Access, with Graph's shape.
    pub fn add_access_policy(&self, policy: serde_json::Value) {
        self.world.change(|tenant| tenant.policies.conditional_access.push(policy));
    }

    /// Sets per-user MFA of somebody: `disabled`, `enabled` or `enforced`.
    pub fn set_per_user_mfa(&self, key: &str, state: &str) {
        self.world.change(|tenant| {
            let Some(id) = tenant.user(key).map(|user| user.id.clone()) else { return };
            tenant.policies.per_user_mfa.insert(id, state.to_owned());
        });
    }

    /// Per-user MFA of somebody.
    pub fn per_user_mfa(&self, key: &str) -> Option<String> {
        self.world.read(|tenant| {
            let id = &tenant.user(key)?.id;
            tenant.policies.per_user_mfa.get(id).cloned()
        })
    }

    /// Changes a domain, as an administrator does behind our back.
    pub fn change_domain(&self, name: &str, change: impl FnOnce(&mut Domain)) {
        self.world.change(|tenant| tenant.domain_mut(name).map(change));
    }

    /// Makes a person a global administrator, whom an app may no longer touch.
    pub fn make_admin(&self, upn: &str) {
        self.world.change(|tenant| {
            let Some(user) = tenant.user(upn) else { return };
            let (id, user_id) = (random::blob::<24>(), user.id.clone());
            let role = DirectoryRole::GlobalAdministrator;
            tenant.admins.push(RoleAssignment { id, user_id, role });
        });
    }

    /// Adds somebody who was there before us, with these Graph properties and without an immutable id
    /// unless one is among them; the object id comes back.
    pub fn add_user(&self, properties: serde_json::Map<String, serde_json::Value>) -> String {
        let now = self.world.now();
        self.world.change(|tenant| sample::settle(tenant, properties, now))
    }

    /// Takes every role of a person away again.
    pub fn dismiss_admin(&self, upn: &str) {
        self.world.change(|tenant| {
            let Some(id) = tenant.user(upn).map(|user| user.id.clone()) else { return };
            tenant.admins.retain(|held| held.user_id != id);
        });
    }

    /// Gives a person the product with this part number, as an administrator does behind our back.
    pub fn license(&self, key: &str, part_number: &str) {
        let now = self.world.now();
        self.world.change(|tenant| {
            let sku = tenant.skus.iter().find(|sku| sku.part_number == part_number);
            let Some(sku_id) = sku.map(|sku| sku.id.clone()) else { return };
            let Some(id) = tenant.user(key).map(|user| user.id.clone()) else { return };
            let license = License { sku_id, disabled_plans: Vec::new(), updated_at: now };
            tenant.edit(&id, |user| user.licenses.push(license));
        });
    }

    /// Sets a Graph property of a person, as an administrator does behind our back.
    pub fn set(&self, key: &str, property: &str, value: impl Into<serde_json::Value>) {
        self.world.change(|tenant| {
            let Some(id) = tenant.user(key).map(|user| user.id.clone()) else { return };
            tenant.edit(&id, |user| {
                user.properties.insert(property.to_owned(), value.into());
            });
        });
    }

    /// Deletes a person, as an administrator does behind our back.
    pub fn delete(&self, key: &str) {
        let now = self.world.now();
        self.world.change(|tenant| {
            let Some(id) = tenant.user(key).map(|user| user.id.clone()) else { return };
            tenant.discard(&id, now);
        });
    }

    /// Restores whoever is in the bin under this id, as an administrator does behind our back.
    pub fn restore(&self, id: &str) {
        self.world.change(|tenant| {
            if let Some((number, user)) = tenant.take_deleted(id) {
                tenant.insert_again(number, user);
            }
        });
    }

    /// Writes an entry to the sign-in log, for instance of somebody who came with a forged token.
    pub fn log_sign_in(&self, entry: SignIn) {
        self.world.sign_in_log.write(entry);
    }

    /// Sets how many seats were bought of a product.
    pub fn set_seats(&self, part_number: &str, seats: usize) {
        self.world.change(|tenant| {
            let found = tenant.skus.iter_mut().find(|sku| sku.part_number == part_number);
            if let Some(sku) = found {
                sku.seats = seats;
            }
        });
    }

    /// Stops the server and waits until its address is free.
    pub async fn stop(mut self) {
        self.handle.stop(false).await;
        if let Some(thread) = self.thread.take() {
            // The thread ends with its server; a panic there was reported there.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // The command is sent at once; nobody is left to wait for its end.
        drop(self.handle.stop(false));
    }
}
