//! The tenant's memory: people, domains, products, the app registration, roles.
//! Plain state with indexes; the rules of Graph live in `graph`, those of sign-in in `login`.

mod domain;
mod policies;
mod user;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

pub use crate::catalog::{ServicePlan, Sku};
pub use domain::{Domain, FederationConfiguration};
pub(crate) use policies::Policies;
pub use user::{License, User};

/// Everything that the tenant remembers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) display_name: String,
    pub(crate) created_at: i64,
    /// Key of the access tokens, hex.
    pub(crate) token_key: String,
    pub(crate) domains: Vec<Domain>,
    pub(crate) skus: Vec<Sku>,
    pub(crate) app: Application,
    pub(crate) admins: Vec<RoleAssignment>,
    #[serde(default)]
    pub(crate) policies: Policies,
    /// Registrations for signing in, of whatever directory.
    #[serde(default = "SignInApp::samples")]
    pub(crate) sign_in_apps: Vec<SignInApp>,
    next: u64,
    users: BTreeMap<u64, User>,
    deleted: BTreeMap<u64, User>,
    #[serde(skip)]
    index: Index,
}

/// The app registration through which the product calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Application {
    pub(crate) client_id: String,
    pub(crate) secret: String,
    pub(crate) secret_expires_at: i64,
    /// Registered certificates, base64 DER.
    pub(crate) certificates: Vec<String>,
    pub(crate) roles: Vec<String>,
}

/// An app registration through which people sign in elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SignInApp {
    pub(crate) client_id: String,
    pub(crate) secret: String,
    pub(crate) secret_expires_at: Option<i64>,
    pub(crate) redirect_uris: Vec<String>,
    /// Secrets besides, for as long as one follows another.
    #[serde(default)]
    pub(crate) more_secrets: Vec<String>,
    /// Registered certificates, base64 DER.
    #[serde(default)]
    pub(crate) certificates: Vec<String>,
    /// Directories in which nobody has consented to it.
    #[serde(default)]
    pub(crate) absent_from: Vec<String>,
}

impl SignInApp {
    /// Two, without a redirect URI yet.
    fn samples() -> Vec<Self> {
        let app = |client_id: &str| Self {
            client_id: client_id.to_owned(),
            secret: crate::sample::SIGN_IN_SECRET.to_owned(),
            secret_expires_at: None,
            redirect_uris: Vec::new(),
            more_secrets: Vec::new(),
            certificates: Vec::new(),
            absent_from: Vec::new(),
        };
        vec![app(crate::sample::SIGN_IN_CLIENT_ID), app(crate::sample::OTHER_SIGN_IN_CLIENT_ID)]
    }
}

/// A person who holds a directory role.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RoleAssignment {
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) role: DirectoryRole,
}

/// The directory roles that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DirectoryRole {
    GlobalAdministrator,
}

impl DirectoryRole {
    /// The role's template id, the same in all tenants.
    pub(crate) fn template_id(self) -> &'static str {
        match self {
            Self::GlobalAdministrator => "62e90394-69f5-4237-9190-012177145e10",
        }
    }

    /// The name on Microsoft's pages.
    pub(crate) fn display_name(self) -> &'static str {
        match self {
            Self::GlobalAdministrator => "Global Administrator",
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Index {
    id: HashMap<String, u64>,
    upn: HashMap<String, u64>,
    address: HashMap<String, u64>,
    immutable_id: HashMap<String, u64>,
}

impl Index {
    fn add(&mut self, number: u64, user: &User) {
        self.id.insert(user.id.clone(), number);
        self.upn.insert(user.upn().to_lowercase(), number);
        for address in user.addresses() {
            self.address.insert(address, number);
        }
        if let Some(immutable_id) = user.immutable_id() {
            self.immutable_id.insert(immutable_id.to_owned(), number);
        }
    }

    fn drop(&mut self, user: &User) {
        self.id.remove(&user.id);
        self.upn.remove(&user.upn().to_lowercase());
        for address in user.addresses() {
            self.address.remove(&address);
        }
        if let Some(immutable_id) = user.immutable_id() {
            self.immutable_id.remove(immutable_id);
        }
    }
}

impl Tenant {
    /// A tenant without people, domains and products.
    pub(crate) fn new(id: &str, display_name: &str, app: Application, created_at: i64) -> Self {
        Self {
            id: id.to_owned(),
            display_name: display_name.to_owned(),
            created_at,
            token_key: hex::encode(crate::random::bytes::<32>()),
            domains: Vec::new(),
            skus: Vec::new(),
            app,
            admins: Vec::new(),
            policies: Policies::default(),
            sign_in_apps: SignInApp::samples(),
            next: 0,
            users: BTreeMap::new(),
            deleted: BTreeMap::new(),
            index: Index::default(),
        }
    }

    /// Builds the indexes again after the state was read from a file.
    pub(crate) fn reindex(&mut self) {
        let mut index = Index::default();
        for (number, user) in &self.users {
            index.add(*number, user);
        }
        self.index = index;
    }

    /// Living people in the order of their creation, from the one after `after` on.
    pub(crate) fn users_after(&self, after: u64) -> impl Iterator<Item = (u64, &User)> {
        self.users.range(after + 1..).map(|(number, user)| (*number, user))
    }

    /// All living people.
    pub(crate) fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    /// How many people live here.
    pub(crate) fn population(&self) -> usize {
        self.users.len()
    }

    /// People in the bin, latest last.
    pub(crate) fn deleted(&self) -> impl Iterator<Item = &User> {
        self.deleted.values()
    }

    /// A living person by object id or UPN.
    pub(crate) fn user(&self, key: &str) -> Option<&User> {
        let number = self.index.id.get(key).or_else(|| self.index.upn.get(&key.to_lowercase()))?;
        self.users.get(number)
    }

    /// A living person by immutable id, compared byte for byte.
    pub(crate) fn by_immutable_id(&self, immutable_id: &str) -> Option<&User> {
        self.users.get(self.index.immutable_id.get(immutable_id)?)
    }

    /// Whether someone other than `except` has this UPN or address.
    pub(crate) fn holds_name(&self, name: &str, except: Option<&str>) -> bool {
        let name = name.to_lowercase();
        [self.index.upn.get(&name), self.index.address.get(&name)]
            .into_iter()
            .flatten()
            .filter_map(|number| self.users.get(number))
            .any(|user| Some(user.id.as_str()) != except)
    }

    /// Adds a person.
    pub(crate) fn insert(&mut self, user: User) {
        self.next += 1;
        self.index.add(self.next, &user);
        self.users.insert(self.next, user);
    }

    /// Changes a person and keeps the indexes true.
    pub(crate) fn edit(&mut self, id: &str, change: impl FnOnce(&mut User)) {
        let Some(number) = self.index.id.get(id).copied() else { return };
        let Some(user) = self.users.get_mut(&number) else { return };
        self.index.drop(user);
        change(user);
        self.index.add(number, user);
    }

    /// Moves a person into the bin; the seats are free again.
    pub(crate) fn discard(&mut self, id: &str, now: i64) {
        let Some(number) = self.index.id.get(id).copied() else { return };
        let Some(mut user) = self.users.remove(&number) else { return };
        self.index.drop(&user);
        user.deleted_at = Some(now);
        user.licenses.clear();
        self.deleted.insert(number, user);
    }

    /// Takes a person out of the bin for good, to be given to [`Tenant::insert_again`] or dropped.
    pub(crate) fn take_deleted(&mut self, id: &str) -> Option<(u64, User)> {
        let number = self.deleted.iter().find(|(_, user)| user.id == id).map(|(n, _)| *n)?;
        self.deleted.remove(&number).map(|user| (number, user))
    }

    /// Puts a person back to where they were before they were deleted.
    pub(crate) fn insert_again(&mut self, number: u64, mut user: User) {
        user.deleted_at = None;
        self.index.add(number, &user);
        self.users.insert(number, user);
    }

    /// The domain of this name.
    pub(crate) fn domain(&self, name: &str) -> Option<&Domain> {
        self.domains.iter().find(|domain| domain.name.eq_ignore_ascii_case(name))
    }

    /// The domain of this name, to be changed.
    pub(crate) fn domain_mut(&mut self, name: &str) -> Option<&mut Domain> {
        self.domains.iter_mut().find(|domain| domain.name.eq_ignore_ascii_case(name))
    }

    /// Whether a domain stands for itself: no verified domain of the tenant is above it.
    pub(crate) fn is_root(&self, domain: &Domain) -> bool {
        let above = |other: &Domain| {
            other.is_verified && domain.name.ends_with(&format!(".{}", other.name))
        };
        !self.domains.iter().any(above)
    }

    /// The verified domain that a UPN ends in.
    pub(crate) fn domain_of(&self, upn: &str) -> Option<&Domain> {
        let (_, suffix) = upn.rsplit_once('@')?;
        self.domain(suffix).filter(|domain| domain.is_verified)
    }

    /// The federated domain whose issuer this is, compared byte for byte.
    pub(crate) fn by_issuer(&self, issuer: &str) -> Option<&Domain> {
        self.domains
            .iter()
            .find(|domain| domain.federation.as_ref().is_some_and(|f| f.issuer_uri == issuer))
    }

    /// The product of this id.
    pub(crate) fn sku(&self, id: &str) -> Option<&Sku> {
        self.skus.iter().find(|sku| sku.id.eq_ignore_ascii_case(id))
    }

    /// Seats in use.
    pub(crate) fn consumed(&self, sku_id: &str) -> usize {
        self.users().filter(|user| user.license(sku_id).is_some()).count()
    }

    /// Whether the person holds a privileged role.
    pub(crate) fn is_admin(&self, user_id: &str) -> bool {
        self.admins.iter().any(|assignment| assignment.user_id == user_id)
    }

    /// Whether a licence of the person brings a mailbox.
    pub(crate) fn has_mailbox(&self, user: &User) -> bool {
        user.licenses.iter().any(|license| {
            self.sku(&license.sku_id).is_some_and(|sku| {
                sku.plans.iter().any(|plan| {
                    crate::catalog::is_mailbox(&plan.name)
                        && !license.disabled_plans.contains(&plan.id)
                })
            })
        })
    }
}
