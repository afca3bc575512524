//! The sample tenant Contoso: what an administrator would have prepared before Gatehouse arrives.

use crate::catalog;
use crate::clock::SECOND;
use crate::random;
use crate::tenant::{Application, DirectoryRole, Domain, RoleAssignment, Tenant, User};

/// The tenant's id.
pub const TENANT_ID: &str = "3f6b2c81-9d4e-4a57-8c10-5e7a9b2d4f63";
/// The tenant's name.
pub const TENANT_NAME: &str = "Contoso";
/// The domain that the tenant was born with; initial and default.
pub const INITIAL_DOMAIN: &str = "contoso.onmicrosoft.com";
/// The company's domain; verified, Managed until the script federates it.
pub const DOMAIN: &str = "contoso.com";
/// The client id of the app registration.
pub const CLIENT_ID: &str = "8a1d5e72-4c3b-4f96-b0e8-27d6c9a4135f";
/// The value of its client secret.
pub const CLIENT_SECRET: &str = "Q3x8Q~gatehouse-sample-secret.7vN2pL0aRt";
/// The client id of an app registration through which people sign in elsewhere.
pub const SIGN_IN_CLIENT_ID: &str = "5c2f9e61-0b7d-4a38-9d14-6e8a3b5c7f20";
/// Another one.
pub const OTHER_SIGN_IN_CLIENT_ID: &str = "7d3a0f72-1c8e-4b49-8e25-7f9b4c6d8a31";
/// The value of the client secret of both.
pub const SIGN_IN_SECRET: &str = "S1g8Q~gatehouse-sign-in-secret.3kB9xW5mQz";
/// A directory beside Contoso's, `fabrikam.com`.
pub const FABRIKAM_ID: &str = "b4c8d2e6-3f1a-4d75-9e80-2a6c4e8f0b13";
/// The directory of somebody who means no good, `adatum.example`.
pub const ADATUM_ID: &str = "e7f1a3c5-9b2d-4e68-8f70-1c3d5e7f9a2b";
/// Alice's account in the directory of Fabrikam.
pub const ALICE_ELSEWHERE: &str = "alice@fabrikam.com";
/// Alice's personal account.
pub const ALICE_AT_HOME: &str = "alice.anders@outlook.com";
/// Somebody whose account says that she is Alice.
pub const MALLORY: &str = "mallory@adatum.example";
/// A public client that every tenant knows (Azure CLI).
pub const PUBLIC_CLIENT_ID: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/// Exchange Online, as the sign-in log names it.
pub(crate) const OFFICE_CLIENT_ID: &str = "00000002-0000-0ff1-ce00-000000000000";
/// A delegated token of a global administrator, for the script (carries `Domain.ReadWrite.All`).
pub const ADMIN_TOKEN: &str = "simulated-admin-token-with-Domain.ReadWrite.All";
/// Microsoft 365 Business Premium.
pub const BUSINESS_PREMIUM: &str = "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46";
/// Exchange Online (Plan 1).
pub const EXCHANGE_PLAN_1: &str = "4b9405b0-7788-4568-add1-99614e613b69";
/// The break-glass administrators, who never federate.
pub const BREAK_GLASS: [&str; 2] =
    ["break.glass.1@contoso.onmicrosoft.com", "break.glass.2@contoso.onmicrosoft.com"];

/// The application permissions that were consented.
pub const APP_ROLES: &[&str] = &[
    "User.ReadWrite.All",
    "User.RevokeSessions.All",
    "User.DeleteRestore.All",
    "LicenseAssignment.ReadWrite.All",
    "LicenseAssignment.Read.All",
    "Organization.Read.All",
    "Domain.Read.All",
    "Domain-InternalFederation.Read.All",
    "RoleManagement.Read.Directory",
    "GroupMember.Read.All",
    "AuditLog.Read.All",
    "Policy.Read.All",
];

/// The tenant as it is before anybody synchronised or federated anything.
pub(crate) fn contoso(now: i64) -> Tenant {
    let two_years = 2 * 365 * 24 * 3600 * SECOND;
    let app = Application {
        client_id: CLIENT_ID.to_owned(),
        secret: CLIENT_SECRET.to_owned(),
        secret_expires_at: now + two_years,
        certificates: Vec::new(),
        roles: APP_ROLES.iter().map(|role| (*role).to_owned()).collect(),
    };
    let mut tenant = Tenant::new(TENANT_ID, TENANT_NAME, app, now);
    tenant.domains.push(Domain {
        is_default: true,
        is_initial: true,
        ..Domain::managed(INITIAL_DOMAIN)
    });
    tenant.domains.push(Domain::managed(DOMAIN));
    tenant.skus.extend(catalog::sku("SPB", 25));
    tenant.skus.extend(catalog::sku("EXCHANGESTANDARD", 10));
    for (number, upn) in BREAK_GLASS.iter().enumerate() {
        let user = break_glass(number + 1, upn, now);
        tenant.admins.push(RoleAssignment {
            id: random::blob::<24>(),
            user_id: user.id.clone(),
            role: DirectoryRole::GlobalAdministrator,
        });
        tenant.insert(user);
    }
    tenant
}

fn break_glass(number: usize, upn: &str, now: i64) -> User {
    let properties = serde_json::json!({
        "accountEnabled": true,
        "displayName": format!("Break glass {number}"),
        "mailNickname": format!("break.glass.{number}"),
        "userPrincipalName": upn,
        "userType": "Member",
    });
    user(properties.as_object().cloned().unwrap_or_default(), now)
}

/// Somebody who was in the tenant before Gatehouse came, whatever their domain demands of new people
/// today; their object id comes back.
pub(crate) fn settle(
    tenant: &mut Tenant,
    mut properties: serde_json::Map<String, serde_json::Value>,
    now: i64,
) -> String {
    properties.entry("accountEnabled").or_insert(true.into());
    let user = user(properties, now);
    let id = user.id.clone();
    tenant.insert(user);
    id
}

fn user(properties: serde_json::Map<String, serde_json::Value>, now: i64) -> User {
    User {
        id: random::guid(),
        properties,
        licenses: Vec::new(),
        created_at: now,
        visible_at: now,
        usage_location_seen_at: now,
        sessions_valid_from: now,
        deleted_at: None,
    }
}
