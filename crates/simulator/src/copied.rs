//! A tenant that was seen elsewhere, to begin with: what somebody read of it, with the app registration of
//! the sample in the place of the real one.

use crate::sample;
use crate::tenant::{Application, DirectoryRole, Domain, RoleAssignment, Sku, Tenant, User};
use crate::{clock::SECOND, random};

/// What was seen of a tenant.
#[derive(Debug, Clone)]
pub struct TenantCopy {
    /// The directory's id.
    pub id: String,
    /// What people call it.
    pub display_name: String,
    /// Its domains, with their federation.
    pub domains: Vec<Domain>,
    /// Its products.
    pub skus: Vec<Sku>,
    /// Everybody in it.
    pub users: Vec<User>,
    /// The object ids of the Global Administrators.
    pub administrators: Vec<String>,
}

/// The tenant.
pub(crate) fn tenant(copy: &TenantCopy, now: i64) -> Tenant {
    let app = Application {
        client_id: sample::CLIENT_ID.to_owned(),
        secret: sample::CLIENT_SECRET.to_owned(),
        secret_expires_at: now + 24 * 3600 * SECOND,
        certificates: Vec::new(),
        roles: sample::APP_ROLES.iter().map(|role| (*role).to_owned()).collect(),
    };
    let mut tenant = Tenant::new(&copy.id, &copy.display_name, app, now);
    tenant.domains.clone_from(&copy.domains);
    tenant.skus.clone_from(&copy.skus);
    for user in &copy.users {
        tenant.insert(user.clone());
    }
    tenant.admins = copy
        .administrators
        .iter()
        .map(|user_id| RoleAssignment {
            id: random::blob::<24>(),
            user_id: user_id.clone(),
            role: DirectoryRole::GlobalAdministrator,
        })
        .collect();
    tenant
}
