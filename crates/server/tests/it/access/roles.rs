//! What each role of the console may do.

use model::{Role, ids::UserId};

use super::address;
use crate::support::World;

/// What an admin needs to be for these; the others only read (R144). Forms without fields, so that
/// the role alone decides.
const ROLES: &[(&str, &str, Role)] = &[
    ("POST", "/admin/users/{id}/end-sessions", Role::HelpDesk),
    ("POST", "/admin/users/{id}/initial-password", Role::HelpDesk),
    ("POST", "/admin/users/{id}/enrollment-code", Role::HelpDesk),
    ("POST", "/admin/users/{id}/access-pass/withdraw", Role::HelpDesk),
    ("POST", "/admin/users/{id}/exemption/end", Role::SecurityAdmin),
    ("POST", "/admin/policy/second-factors/invite", Role::UserAdmin),
    ("POST", "/admin/policy/second-factors/mailed-codes", Role::SecurityAdmin),
    ("GET", "/admin/policy/second-factors", Role::Auditor),
    ("GET", "/admin/alarms/webhook", Role::SecurityAdmin),
    ("POST", "/admin/alarms/webhook/remove", Role::Owner),
    ("POST", "/admin/alarms/webhook/test", Role::SecurityAdmin),
    ("GET", "/admin/policy/devices", Role::Auditor),
    ("GET", "/admin/directories", Role::Auditor),
    ("POST", "/admin/directories/{id}/remove", Role::Owner),
    ("POST", "/admin/users/{id}/microsoft/{account}/remove", Role::HelpDesk),
    ("POST", "/admin/users/{id}/factors/reset", Role::HelpDesk),
    ("POST", "/admin/users/{id}/assign", Role::UserAdmin),
    ("POST", "/admin/users/{id}/unassign", Role::UserAdmin),
    ("POST", "/admin/users/{id}/block", Role::UserAdmin),
    ("POST", "/admin/users/{id}/unblock", Role::UserAdmin),
    ("POST", "/admin/groups/{id}/remove", Role::UserAdmin),
    ("POST", "/admin/groups/{id}/members/{person}/remove", Role::UserAdmin),
    ("POST", "/admin/groups/{id}/assign", Role::UserAdmin),
    ("POST", "/admin/groups/{id}/unassign", Role::UserAdmin),
    ("GET", "/admin/groups", Role::Auditor),
    ("GET", "/admin/applications/office365/attributes", Role::Auditor),
    ("GET", "/admin/applications/office365/data", Role::Auditor),
    ("GET", "/admin/imports", Role::UserAdmin),
    ("GET", "/admin/imports/{id}", Role::UserAdmin),
    ("POST", "/admin/imports/{id}/discard", Role::UserAdmin),
    ("POST", "/admin/imports/{id}/undo", Role::UserAdmin),
    ("POST", "/admin/imports/{id}/first-sign-ins.csv", Role::UserAdmin),
    ("POST", "/admin/sync-runs/preview", Role::UserAdmin),
    ("POST", "/admin/sync-runs/run", Role::UserAdmin),
    ("POST", "/admin/matches/look", Role::UserAdmin),
    ("GET", "/admin/matches", Role::Auditor),
    ("GET", "/admin/tenant-people", Role::UserAdmin),
    ("POST", "/admin/users/{id}/hold/lift", Role::SecurityAdmin),
    ("POST", "/admin/domains/{slug}/wstrust/off", Role::SecurityAdmin),
    ("POST", "/admin/domains/{slug}/preflight", Role::SecurityAdmin),
    ("GET", "/admin/domains/{slug}/preflight", Role::Auditor),
    ("GET", "/admin/domains/{slug}/powershell", Role::SecurityAdmin),
    ("GET", "/admin/domains/{slug}/federate.ps1", Role::SecurityAdmin),
    ("GET", "/admin/domains/{slug}/federate.sh", Role::SecurityAdmin),
    ("GET", "/admin/domains/{slug}/revert.ps1", Role::SecurityAdmin),
    ("GET", "/admin/domains/{slug}/revert.sh", Role::SecurityAdmin),
    ("GET", "/admin/domains/{slug}/swap.sh", Role::SecurityAdmin),
    ("GET", "/admin/domains/{slug}/stage", Role::SecurityAdmin),
    ("POST", "/admin/keys/next", Role::SecurityAdmin),
    ("GET", "/admin", Role::Auditor),
    ("GET", "/admin/setup", Role::Auditor),
    ("POST", "/admin/setup/look", Role::UserAdmin),
    ("GET", "/admin/users", Role::Auditor),
    ("GET", "/admin/audit", Role::Auditor),
    ("GET", "/admin/old-clients", Role::Auditor),
    ("GET", "/admin/keys", Role::Auditor),
    ("GET", "/admin/sync-runs", Role::Auditor),
    ("POST", "/admin/programs/{id}/tokens/{token}/revoke", Role::UserAdmin),
    ("POST", "/admin/programs/{id}/remove", Role::UserAdmin),
    ("GET", "/admin/programs", Role::Auditor),
    ("POST", "/admin/registrations/{id}/remove", Role::SecurityAdmin),
    ("GET", "/admin/registrations", Role::Auditor),
    ("GET", "/admin/microsoft365", Role::Auditor),
    ("GET", "/admin/microsoft365/external-mfa", Role::Auditor),
    ("GET", "/admin/microsoft365/certificate", Role::Auditor),
    ("POST", "/admin/microsoft365/certificate", Role::SecurityAdmin),
    ("GET", "/admin/explain", Role::Auditor),
];

/// R144
#[tokio::test(flavor = "multi_thread")]
async fn a_role_opens_what_it_covers_and_nothing_above() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let csrf = [("csrf".to_owned(), admin.get("/admin").await.csrf())];
    let read = world.store.read(|tx| store::users::by_upn(tx, "olivia@contoso.com"));
    let olivia: UserId = read.await.unwrap().unwrap().id;
    let mut wrong = Vec::new();
    for role in [Role::Owner, Role::SecurityAdmin, Role::UserAdmin, Role::HelpDesk, Role::Auditor] {
        let now = world.house.now();
        let set = world.store.write(move |tx| store::users::set_role(tx, olivia, Some(role), now));
        set.await.unwrap();
        for (method, route, needed) in ROLES {
            let path = address(route);
            let page = match *method {
                "GET" => admin.get(&path).await,
                _ => admin.post(&path, &csrf).await,
            };
            if (page.status == 403) == role.covers(*needed) {
                wrong.push(format!("{role:?} {method} {route}: {}", page.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
