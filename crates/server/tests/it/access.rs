//! Who may use which address: every route of the product, by everybody who could try (R144).
//!
//! The routes are read from the sources, so a new one without a row here fails the test.

mod roles;
mod routes;

use std::{collections::BTreeSet, path::Path};

use secrecy::ExposeSecret;

use routes::read_routes;

use crate::{
    browser::{Browser, Page},
    support::World,
};

/// Whom an address lets in; everybody else is led to the sign-in page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// Anybody.
    Everybody,
    /// Posts of relying parties, which carry no token of ours.
    Microsoft,
    /// A session of the portal.
    Employees,
    /// A session of the console.
    Admins,
}

use For::{Admins, Employees, Everybody, Microsoft};

/// Method, address, whom it lets in, and what they get there. Forms are sent empty, and ids name
/// nothing, so that nobody is blocked by this test: being let in shows as 400 or 404.
const TABLE: &[(&str, &str, For, u16)] = &[
    ("GET", "/", Everybody, 303),
    ("GET", "/static/{file:.*}", Everybody, 404),
    ("GET", "/.well-known/change-password", Everybody, 303),
    ("GET", "/.well-known/passkey-endpoints", Everybody, 200),
    ("GET", "/health/live", Everybody, 200),
    ("GET", "/health/ready", Everybody, 200),
    ("GET", "/health/alarms", Everybody, 503),
    ("GET", "/metrics", Everybody, 401),
    ("GET", "/d/{slug}/adfs/ls/", Everybody, 400),
    ("POST", "/d/{slug}/adfs/ls/", Microsoft, 400),
    ("GET", "/d/{slug}/federationmetadata/2007-06/federationmetadata.xml", Everybody, 200),
    ("GET", "/d/{slug}/saml/slo", Everybody, 400),
    ("POST", "/d/{slug}/saml/slo", Microsoft, 400),
    ("POST", "/d/{slug}/saml/ecp", Microsoft, 404),
    ("GET", "/d/{slug}/saml/metadata", Everybody, 200),
    ("GET", "/d/{slug}/saml/metadata/{id}", Everybody, 404),
    ("GET", "/d/{slug}/adfs/services/trust/mex", Everybody, 404),
    ("POST", "/d/{slug}/adfs/services/trust/13/usernamemixed", Microsoft, 404),
    ("POST", "/d/{slug}/adfs/services/trust/2005/usernamemixed", Microsoft, 404),
    ("GET", "/d/{slug}/oidc/authorize", Everybody, 400),
    ("POST", "/d/{slug}/oidc/authorize", Microsoft, 400),
    ("POST", "/d/{slug}/oidc/par", Microsoft, 401),
    ("POST", "/d/{slug}/oidc/token", Microsoft, 401),
    ("GET", "/d/{slug}/oidc/userinfo", Everybody, 401),
    ("POST", "/d/{slug}/oidc/userinfo", Microsoft, 401),
    ("GET", "/d/{slug}/oidc/end-session", Everybody, 200),
    ("POST", "/d/{slug}/oidc/end-session", Microsoft, 303),
    ("GET", "/d/{slug}/oidc/jwks", Everybody, 200),
    ("GET", "/d/{slug}/oidc/.well-known/openid-configuration", Everybody, 200),
    ("GET", "/eam/.well-known/openid-configuration", Everybody, 404),
    ("GET", "/eam/jwks", Everybody, 404),
    ("POST", "/eam/authorize", Microsoft, 400),
    ("GET", "/scim/v2/ServiceProviderConfig", Everybody, 401),
    ("GET", "/scim/v2/ResourceTypes", Everybody, 401),
    ("GET", "/scim/v2/ResourceTypes/{name}", Everybody, 401),
    ("GET", "/scim/v2/Schemas", Everybody, 401),
    ("GET", "/scim/v2/Schemas/{name}", Everybody, 401),
    ("POST", "/scim/v2/.search", Microsoft, 401),
    ("GET", "/scim/v2/Users", Everybody, 401),
    ("POST", "/scim/v2/Users", Microsoft, 401),
    ("GET", "/scim/v2/Users/{id}", Everybody, 401),
    ("PUT", "/scim/v2/Users/{id}", Microsoft, 401),
    ("PATCH", "/scim/v2/Users/{id}", Microsoft, 401),
    ("DELETE", "/scim/v2/Users/{id}", Microsoft, 401),
    ("GET", "/scim/v2/Groups", Everybody, 401),
    ("POST", "/scim/v2/Groups", Microsoft, 401),
    ("GET", "/scim/v2/Groups/{id}", Everybody, 401),
    ("PUT", "/scim/v2/Groups/{id}", Microsoft, 401),
    ("PATCH", "/scim/v2/Groups/{id}", Microsoft, 401),
    ("DELETE", "/scim/v2/Groups/{id}", Microsoft, 401),
    ("GET", "/continue", Everybody, 400),
    ("GET", "/sign-out/next", Everybody, 400),
    ("GET", "/sign-in", Everybody, 400),
    ("GET", "/sign-in/address", Everybody, 400),
    ("POST", "/sign-in/address", Everybody, 400),
    ("POST", "/sign-in/password", Everybody, 400),
    ("GET", "/sign-in/second-factor", Everybody, 400),
    ("POST", "/sign-in/second-factor", Everybody, 400),
    ("GET", "/sign-in/recovery-code", Everybody, 400),
    ("POST", "/sign-in/recovery-code", Everybody, 400),
    ("GET", "/sign-in/mailed-code", Everybody, 400),
    ("POST", "/sign-in/mailed-code", Everybody, 400),
    ("POST", "/sign-in/mailed-code/send", Everybody, 400),
    ("POST", "/sign-in/enrollment-code", Everybody, 400),
    ("POST", "/sign-in/enroll", Everybody, 400),
    ("POST", "/sign-in/enroll/later", Everybody, 400),
    ("POST", "/sign-in/recovery-codes", Everybody, 400),
    ("POST", "/sign-in/passkey", Everybody, 400),
    ("POST", "/sign-in/enroll/passkey", Everybody, 400),
    ("POST", "/sign-in/microsoft", Everybody, 400),
    ("GET", "/sign-in/microsoft/{id}", Everybody, 410),
    ("POST", "/sign-in/new-password", Everybody, 400),
    ("GET", "/forgotten", Everybody, 200),
    ("POST", "/forgotten", Everybody, 400),
    ("GET", "/reset", Everybody, 400),
    ("POST", "/reset", Everybody, 400),
    ("GET", "/portal", Employees, 200),
    ("GET", "/portal/security", Employees, 200),
    ("POST", "/portal/security/password", Employees, 400),
    ("POST", "/portal/security/recovery-codes", Employees, 200),
    ("GET", "/portal/security/app", Employees, 200),
    ("POST", "/portal/security/app/new", Employees, 303),
    ("POST", "/portal/security/app/remove", Employees, 409),
    ("GET", "/portal/security/app/{id}", Employees, 404),
    ("POST", "/portal/security/app/{id}", Employees, 400),
    ("POST", "/portal/security/passkeys", Employees, 400),
    ("GET", "/portal/security/passkeys/{id}", Employees, 404),
    ("POST", "/portal/security/passkeys/{id}", Employees, 400),
    ("POST", "/portal/security/passkeys/{id}/remove", Employees, 404),
    ("POST", "/portal/security/microsoft", Employees, 400),
    ("POST", "/portal/security/microsoft/{id}/remove", Employees, 404),
    ("POST", "/portal/remembered/{id}/forget", Employees, 404),
    ("POST", "/portal/sessions/{id}/end", Employees, 404),
    ("GET", "/portal/sign-ins", Employees, 200),
    ("GET", "/portal/step-up", Employees, 200),
    ("POST", "/portal/step-up", Employees, 400),
    ("POST", "/portal/step-up/passkey", Employees, 400),
    ("POST", "/portal/sign-ins/not-me", Employees, 303),
    ("GET", "/admin", Admins, 200),
    ("GET", "/admin/setup", Admins, 200),
    ("POST", "/admin/setup/look", Admins, 400),
    ("GET", "/admin/users", Admins, 200),
    ("GET", "/admin/users/new", Admins, 200),
    ("POST", "/admin/users/new", Admins, 400),
    ("GET", "/admin/users/{id}", Admins, 404),
    ("GET", "/admin/users/{id}/edit", Admins, 404),
    ("POST", "/admin/users/{id}/edit", Admins, 400),
    ("POST", "/admin/users/{id}/rename", Admins, 400),
    ("GET", "/admin/users/{id}/tokens", Admins, 404),
    ("POST", "/admin/users/{id}/assign", Admins, 404),
    ("POST", "/admin/users/{id}/unassign", Admins, 404),
    ("POST", "/admin/users/{id}/block", Admins, 404),
    ("POST", "/admin/users/{id}/unblock", Admins, 404),
    ("POST", "/admin/users/{id}/end-sessions", Admins, 404),
    ("POST", "/admin/users/{id}/unlock", Admins, 404),
    ("POST", "/admin/users/{id}/hold", Admins, 400),
    ("POST", "/admin/users/{id}/hold/lift", Admins, 404),
    ("POST", "/admin/users/{id}/role", Admins, 400),
    ("POST", "/admin/users/{id}/password-place", Admins, 400),
    ("POST", "/admin/users/{id}/initial-password", Admins, 404),
    ("POST", "/admin/users/{id}/enrollment-code", Admins, 404),
    ("POST", "/admin/users/{id}/exemption", Admins, 400),
    ("POST", "/admin/users/{id}/exemption/end", Admins, 404),
    ("POST", "/admin/users/{id}/access-pass", Admins, 400),
    ("POST", "/admin/users/{id}/access-pass/withdraw", Admins, 404),
    ("POST", "/admin/users/{id}/microsoft/{account}/remove", Admins, 404),
    ("POST", "/admin/users/{id}/factors/reset", Admins, 404),
    ("GET", "/admin/groups", Admins, 200),
    ("POST", "/admin/groups", Admins, 400),
    ("GET", "/admin/groups/{id}", Admins, 404),
    ("POST", "/admin/groups/{id}/rename", Admins, 400),
    ("POST", "/admin/groups/{id}/remove", Admins, 404),
    ("POST", "/admin/groups/{id}/members", Admins, 400),
    ("POST", "/admin/groups/{id}/members/{person}/remove", Admins, 404),
    ("POST", "/admin/groups/{id}/assign", Admins, 404),
    ("POST", "/admin/groups/{id}/unassign", Admins, 404),
    ("GET", "/admin/imports", Admins, 200),
    ("POST", "/admin/imports", Admins, 400),
    ("GET", "/admin/imports/{id}", Admins, 404),
    ("POST", "/admin/imports/{id}/mapping", Admins, 400),
    ("POST", "/admin/imports/{id}/apply", Admins, 400),
    ("POST", "/admin/imports/{id}/discard", Admins, 404),
    ("POST", "/admin/imports/{id}/undo", Admins, 404),
    ("POST", "/admin/imports/{id}/first-sign-ins.csv", Admins, 404),
    ("GET", "/admin/applications", Admins, 200),
    ("GET", "/admin/applications/office365", Admins, 200),
    ("POST", "/admin/applications/office365", Admins, 400),
    ("GET", "/admin/applications/office365/data", Admins, 200),
    ("GET", "/admin/applications/office365/data.csv", Admins, 200),
    ("GET", "/admin/applications/office365/attributes", Admins, 200),
    ("GET", "/admin/applications/office365/attributes/{attribute}", Admins, 404),
    ("POST", "/admin/applications/office365/attributes/{attribute}", Admins, 400),
    ("POST", "/admin/applications/office365/attributes/{attribute}/try", Admins, 400),
    ("GET", "/admin/relying-parties", Admins, 200),
    ("GET", "/admin/relying-parties/new", Admins, 200),
    ("POST", "/admin/relying-parties/new", Admins, 400),
    ("POST", "/admin/relying-parties/read", Admins, 400),
    ("GET", "/admin/relying-parties/{id}", Admins, 404),
    ("POST", "/admin/relying-parties/{id}", Admins, 404),
    ("POST", "/admin/relying-parties/{id}/metadata", Admins, 400),
    ("POST", "/admin/relying-parties/{id}/switch", Admins, 400),
    ("POST", "/admin/relying-parties/{id}/secret", Admins, 404),
    ("POST", "/admin/relying-parties/{id}/remove", Admins, 404),
    ("GET", "/admin/microsoft365/external-mfa", Admins, 200),
    ("POST", "/admin/microsoft365/external-mfa", Admins, 400),
    ("POST", "/admin/microsoft365/external-mfa/switch", Admins, 400),
    ("GET", "/admin/registrations", Admins, 200),
    ("GET", "/admin/registrations/new", Admins, 200),
    ("POST", "/admin/registrations/new", Admins, 400),
    ("GET", "/admin/registrations/{id}", Admins, 404),
    ("POST", "/admin/registrations/{id}", Admins, 400),
    ("POST", "/admin/registrations/{id}/test", Admins, 404),
    ("POST", "/admin/registrations/{id}/consent", Admins, 404),
    ("POST", "/admin/registrations/{id}/secret", Admins, 400),
    ("POST", "/admin/registrations/{id}/certificate", Admins, 404),
    ("GET", "/admin/registrations/{id}/certificate.cer", Admins, 404),
    ("POST", "/admin/registrations/{id}/credential/use", Admins, 400),
    ("POST", "/admin/registrations/{id}/credential/remove", Admins, 400),
    ("POST", "/admin/registrations/{id}/switch", Admins, 400),
    ("POST", "/admin/registrations/{id}/remove", Admins, 404),
    ("GET", "/admin/microsoft365", Admins, 200),
    ("POST", "/admin/microsoft365", Admins, 400),
    ("POST", "/admin/microsoft365/domains", Admins, 400),
    ("POST", "/admin/microsoft365/admins", Admins, 400),
    ("POST", "/admin/microsoft365/writes", Admins, 400),
    ("GET", "/admin/microsoft365/certificate", Admins, 200),
    ("GET", "/admin/microsoft365/certificate.cer", Admins, 404),
    ("POST", "/admin/microsoft365/certificate", Admins, 303),
    ("POST", "/admin/microsoft365/certificate/use", Admins, 400),
    ("POST", "/admin/microsoft365/certificate/discard", Admins, 400),
    ("GET", "/admin/domains/{slug}", Admins, 200),
    ("POST", "/admin/domains/{slug}/check", Admins, 303),
    ("GET", "/admin/domains/{slug}/preflight", Admins, 200),
    ("POST", "/admin/domains/{slug}/preflight", Admins, 303),
    ("GET", "/admin/domains/{slug}/rehearsal", Admins, 200),
    ("GET", "/admin/domains/{slug}/rehearsal.json", Admins, 404),
    ("POST", "/admin/domains/{slug}/rehearsal", Admins, 303),
    ("GET", "/admin/domains/{slug}/second-factor", Admins, 200),
    ("POST", "/admin/domains/{slug}/second-factor", Admins, 400),
    ("GET", "/admin/domains/{slug}/demands/{file}", Admins, 404),
    ("POST", "/admin/domains/{slug}/protocol", Admins, 400),
    ("GET", "/admin/domains/{slug}/protocols", Admins, 200),
    ("POST", "/admin/domains/{slug}/networks", Admins, 400),
    ("POST", "/admin/domains/{slug}/wstrust", Admins, 400),
    ("POST", "/admin/domains/{slug}/wstrust/off", Admins, 409),
    ("GET", "/admin/domains/{slug}/federate.ps1", Admins, 200),
    ("GET", "/admin/domains/{slug}/federate.sh", Admins, 200),
    ("GET", "/admin/domains/{slug}/revert.ps1", Admins, 200),
    ("GET", "/admin/domains/{slug}/revert.sh", Admins, 200),
    ("GET", "/admin/domains/{slug}/stage.ps1", Admins, 200),
    ("GET", "/admin/domains/{slug}/stage.sh", Admins, 200),
    ("GET", "/admin/domains/{slug}/swap.ps1", Admins, 200),
    ("GET", "/admin/domains/{slug}/swap.sh", Admins, 200),
    ("GET", "/admin/domains/{slug}/{view}", Admins, 404),
    ("GET", "/admin/sync-runs", Admins, 200),
    ("POST", "/admin/sync-runs/preview", Admins, 303),
    ("POST", "/admin/sync-runs/run", Admins, 303),
    ("GET", "/admin/sync-runs/{id}", Admins, 404),
    ("GET", "/admin/sync-runs/{id}/plan.csv", Admins, 404),
    ("POST", "/admin/sync-runs/{id}/approve", Admins, 404),
    ("POST", "/admin/sync-runs/{id}/apply", Admins, 400),
    ("GET", "/admin/matches", Admins, 200),
    ("POST", "/admin/matches/look", Admins, 303),
    ("POST", "/admin/matches/accept", Admins, 400),
    ("POST", "/admin/matches/reject", Admins, 400),
    ("POST", "/admin/matches/reopen", Admins, 400),
    ("GET", "/admin/tenant-people", Admins, 200),
    ("POST", "/admin/tenant-people/look", Admins, 400),
    ("POST", "/admin/tenant-people/ticks", Admins, 400),
    ("GET", "/admin/keys", Admins, 200),
    ("POST", "/admin/keys/next", Admins, 409),
    ("POST", "/admin/keys/look", Admins, 303),
    ("POST", "/admin/keys/promote", Admins, 400),
    ("POST", "/admin/keys/replace", Admins, 400),
    ("POST", "/admin/keys/sessions", Admins, 400),
    ("GET", "/admin/keys/{id}/certificate.cer", Admins, 404),
    ("GET", "/admin/explain", Admins, 200),
    ("GET", "/admin/old-clients", Admins, 200),
    ("GET", "/admin/alarms", Admins, 200),
    ("POST", "/admin/alarms/look", Admins, 303),
    ("POST", "/admin/alarms/{id}/acknowledge", Admins, 404),
    ("GET", "/admin/alarms/webhook", Admins, 200),
    ("POST", "/admin/alarms/webhook", Admins, 400),
    ("POST", "/admin/alarms/webhook/remove", Admins, 303),
    ("POST", "/admin/alarms/webhook/test", Admins, 404),
    ("GET", "/admin/directories", Admins, 200),
    ("GET", "/admin/directories/new", Admins, 200),
    ("POST", "/admin/directories/new", Admins, 400),
    ("GET", "/admin/directories/{id}", Admins, 404),
    ("POST", "/admin/directories/{id}", Admins, 400),
    ("POST", "/admin/directories/{id}/test", Admins, 400),
    ("POST", "/admin/directories/{id}/remove", Admins, 404),
    ("GET", "/admin/programs", Admins, 200),
    ("GET", "/admin/programs/new", Admins, 200),
    ("POST", "/admin/programs/new", Admins, 400),
    ("GET", "/admin/programs/{id}", Admins, 404),
    ("POST", "/admin/programs/{id}", Admins, 400),
    ("POST", "/admin/programs/{id}/token", Admins, 400),
    ("POST", "/admin/programs/{id}/tokens/{token}/revoke", Admins, 404),
    ("POST", "/admin/programs/{id}/let-on", Admins, 400),
    ("POST", "/admin/programs/{id}/remove", Admins, 404),
    ("GET", "/admin/policy", Admins, 200),
    ("GET", "/admin/policy/rules/new", Admins, 200),
    ("POST", "/admin/policy/rules/new", Admins, 400),
    ("GET", "/admin/policy/rules/{id}", Admins, 404),
    ("POST", "/admin/policy/rules/{id}", Admins, 400),
    ("POST", "/admin/policy/rules/{id}/{action}", Admins, 404),
    ("GET", "/admin/policy/review", Admins, 303),
    ("POST", "/admin/policy/publish", Admins, 400),
    ("POST", "/admin/policy/discard", Admins, 409),
    ("GET", "/admin/policy/what-if", Admins, 200),
    ("GET", "/admin/policy/devices", Admins, 200),
    ("POST", "/admin/policy/devices", Admins, 400),
    ("GET", "/admin/policy/replay", Admins, 200),
    ("GET", "/admin/policy/history", Admins, 200),
    ("GET", "/admin/policy/second-factors", Admins, 200),
    ("POST", "/admin/policy/second-factors", Admins, 400),
    ("POST", "/admin/policy/second-factors/invite", Admins, 409),
    ("POST", "/admin/policy/second-factors/mailed-codes", Admins, 303),
    ("POST", "/admin/policy/history/{id}/restore", Admins, 404),
    ("GET", "/admin/audit", Admins, 200),
    ("GET", "/admin/step-up", Admins, 200),
    ("POST", "/admin/step-up", Admins, 400),
    ("POST", "/admin/step-up/passkey", Admins, 400),
    // Last: it ends the session.
    ("POST", "/sign-out", Everybody, 200),
];

/// An address as a request has it: ids that name nothing, and the one domain that there is.
fn address(route: &str) -> String {
    route
        .replace("{slug}", "contoso-com")
        .replace("{file:.*}", "nothing.css")
        .replace("{view}", "nothing")
        .replace("{name}", "nothing")
        .replace("{token}", "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b14")
        .replace("{id}", "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11")
        .replace("{account}", "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b13")
        .replace("{person}", "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b12")
}

/// Every address that can be looked at.
pub(crate) fn readable() -> impl Iterator<Item = String> {
    TABLE.iter().filter(|(method, ..)| *method == "GET").map(|(_, route, ..)| address(route))
}

/// R045, R062, R069
#[test]
fn every_route_has_its_row() {
    let mut found = BTreeSet::new();
    read_routes(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    let rows: BTreeSet<_> =
        TABLE.iter().map(|(method, path, ..)| format!("{method} {path}")).collect();
    assert_eq!(rows.len(), TABLE.len(), "a row is there twice");
    assert_eq!(found, rows, "left: the sources, right: the table");
}

/// Somebody who tries, with a token for the forms of their own pages.
struct Visitor {
    name: &'static str,
    browser: Browser,
    csrf: String,
    door: Option<For>,
}

impl Visitor {
    async fn all(world: &World) -> Vec<Self> {
        let stranger = Browser::new(&world.url);
        let csrf = stranger.follow("/portal").await.csrf();
        let halfway = halfway(world).await;
        let halfway_csrf = halfway.follow("/portal").await.csrf();
        let employee = world.signed_in("alice", "/portal").await;
        let employee_csrf = employee.get("/portal").await.csrf();
        let admin = world.signed_in("olivia", "/admin").await;
        let admin_csrf = admin.get("/admin").await.csrf();
        vec![
            Self { name: "a stranger", browser: stranger, csrf, door: None },
            Self {
                name: "one after the password",
                browser: halfway,
                csrf: halfway_csrf,
                door: None,
            },
            Self {
                name: "an employee",
                browser: employee,
                csrf: employee_csrf,
                door: Some(Employees),
            },
            Self { name: "an admin", browser: admin, csrf: admin_csrf, door: Some(Admins) },
        ]
    }

    async fn ask(&self, method: &str, path: &str, csrf: Option<&str>) -> Page {
        if method == "GET" {
            return self.browser.get(path).await;
        }
        if method != "POST" {
            return self.browser.odd(method, path, &[]).await;
        }
        let token = csrf.map(|token| ("csrf".to_owned(), token.to_owned()));
        self.browser.post(path, &token.into_iter().collect::<Vec<_>>()).await
    }

    fn may_enter(&self, whom: For) -> bool {
        matches!(whom, Everybody | Microsoft) || self.door == Some(whom)
    }
}

/// Somebody whose password was right, and whose code is still to come.
async fn halfway(world: &World) -> Browser {
    let (browser, alice) = (Browser::new(&world.url), world.account("alice"));
    let page = browser.follow("/portal").await;
    let page = browser.fill(&page, "/sign-in/address", &[("address", &alice.upn)]).await;
    let password = alice.password.expose_secret();
    let page = browser.fill(&page, "/sign-in/password", &[("password", password)]).await;
    assert!(page.body.contains("/sign-in/second-factor"), "{}", page.body);
    browser
}

/// R050, R144, R166
#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_exactly_what_the_table_says() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    for mut visitor in Visitor::all(&world).await {
        for (method, route, whom, status) in TABLE {
            let page = visitor.ask(method, &address(route), Some(&visitor.csrf)).await;
            if *route == "/portal/sign-ins/not-me" && visitor.may_enter(*whom) {
                // The session got a new secret: tokens of its forms from before are worth nothing.
                visitor.csrf = visitor.browser.get("/portal").await.csrf();
            }
            let to_sign_in = page.location.as_deref().is_some_and(|at| at.starts_with("/sign-in?"));
            let fine = if visitor.may_enter(*whom) {
                page.status == *status && !to_sign_in
            } else {
                page.status == 303 && to_sign_in
            };
            if !fine {
                let title = page.text("title");
                let at = page.location.unwrap_or_default();
                wrong.push(format!(
                    "{} {method} {route}: {} {at} {title}",
                    visitor.name, page.status
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// R059, R060, R062
#[tokio::test(flavor = "multi_thread")]
async fn no_form_is_taken_without_its_token_or_from_another_origin() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    for visitor in Visitor::all(&world).await {
        let forms = TABLE.iter().filter(|(method, _, whom, _)| {
            *method == "POST" && *whom != Microsoft && visitor.may_enter(*whom)
        });
        for (method, route, ..) in forms {
            let path = address(route);
            let token = [("csrf".to_owned(), visitor.csrf.clone())];
            let foreign = "https://evil.example";
            let own = visitor.browser.origin().to_owned();
            let pages = [
                ("no word of the browser", visitor.browser.post_with(&path, &token, &[]).await),
                (
                    "the browser's word against it",
                    visitor
                        .browser
                        .post_with(
                            &path,
                            &token,
                            &[("origin", &own), ("sec-fetch-site", "cross-site")],
                        )
                        .await,
                ),
                ("none", visitor.ask(method, &path, None).await),
                ("another", visitor.ask(method, &path, Some("AAAA")).await),
                ("foreign", visitor.browser.post_from(&path, &token, foreign, "/").await),
                ("null", visitor.browser.post_from(&path, &token, "null", "/").await),
            ];
            for (what, page) in pages {
                if page.status != 403 || !page.body.contains("GH-WEB-02") {
                    wrong.push(format!("{} {route} {what}: {}", visitor.name, page.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// R149
#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_a_field_too_many_is_refused() {
    let world = World::new().await;
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for visitor in Visitor::all(&world).await {
        let forms = TABLE.iter().filter(|(method, _, whom, _)| {
            *method == "POST" && *whom != Microsoft && visitor.may_enter(*whom)
        });
        for (_, route, ..) in forms {
            let fields = [("csrf", visitor.csrf.as_str()), ("surplus", "1")];
            let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let page = visitor.browser.post(&address(route), &fields).await;
            tried += 1;
            // These look at what is there, or at the kind, before they look at the fields.
            let elsewhere = match *route {
                "/admin/relying-parties/new" => page.status == 400,
                "/admin/relying-parties/{id}" | "/admin/sync-runs/{id}/approve" => {
                    page.status == 404
                }
                _ => false,
            };
            if !elsewhere && (page.status != 400 || !page.body.contains("surplus")) {
                wrong.push(format!("{} {route}: {}", visitor.name, page.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{tried} forms, and wrong are:\n{}", wrong.join("\n"));
}

/// R045
#[tokio::test(flavor = "multi_thread")]
async fn no_form_of_the_portal_takes_who_one_is_or_what_one_may() {
    let world = World::new().await;
    let visitors = Visitor::all(&world).await;
    let employee = visitors.iter().find(|it| it.door == Some(Employees)).unwrap();
    let before = world.store.read(|tx| store::users::by_upn(tx, "alice@contoso.com")).await;
    let mut wrong = Vec::new();
    let forms = TABLE.iter().filter(|(method, _, whom, _)| *method == "POST" && *whom == Employees);
    for (_, route, ..) in forms {
        for field in
            ["role", "upn", "email", "user_id", "immutable_id", "state", "assigned", "products"]
        {
            let fields = [("csrf", employee.csrf.as_str()), (field, "owner")];
            let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let page = employee.browser.post(&address(route), &fields).await;
            if page.status != 400 || !page.body.contains(&format!("unknown field: {field}.")) {
                wrong.push(format!("{route} {field}: {}", page.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let after = world.store.read(|tx| store::users::by_upn(tx, "alice@contoso.com")).await;
    assert_eq!(before.unwrap(), after.unwrap());
}
