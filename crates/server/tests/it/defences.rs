//! What every answer carries and what none gives away: headers, hosts, answers that read alike.

use std::collections::{BTreeMap, BTreeSet};

use store::testing::text;

use crate::{
    access,
    browser::{Browser, Page},
    support::World,
};

/// The headers that no answer may lack, with a part of their value (R063, R065, R067).
const EVERYWHERE: &[(&str, &str)] = &[
    ("content-security-policy", "default-src 'none'"),
    ("content-security-policy", "frame-ancestors 'none'"),
    ("content-security-policy", "base-uri 'none'"),
    ("content-security-policy", "form-action 'self'"),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=()"),
    ("cache-control", "no-store"),
];

fn value<'p>(page: &'p Page, name: &str) -> &'p str {
    page.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// R063, R065, R067, R069
#[tokio::test(flavor = "multi_thread")]
async fn every_status_carries_the_headers() {
    let world = World::new().await;
    let alice = world.signed_in("alice", "/portal").await;
    let stranger = Browser::new(&world.url);
    let csrf = |page: &Page| vec![("csrf".to_owned(), page.csrf())];
    let form = stranger.follow("/portal").await;
    let weak = alice.get("/portal/security").await;
    let change = "/portal/security/password";
    let typed = [("current_password", "wrong"), ("new_password", "short")];
    let long = format!("/{}", "x".repeat(16 * 1024));
    let answers = [
        (200, alice.get("/portal").await),
        (303, stranger.get("/portal").await),
        (400, stranger.get("/sign-in").await),
        (400, stranger.get(&long).await),
        (403, stranger.post("/sign-out", &[]).await),
        (404, stranger.get("/nothing").await),
        (404, alice.odd("TRACE", "/portal", &[]).await),
        (405, alice.odd("PUT", "/d/contoso-com/adfs/ls/", &[]).await),
        (410, stranger.get("/sign-in?request=00").await),
        (421, stranger.odd("GET", "/portal", &[("host", "evil.example")]).await),
        (422, alice.fill(&weak, change, &typed).await),
        (200, stranger.post("/sign-out", &csrf(&form)).await),
    ];
    for (status, page) in answers {
        assert_eq!(page.status, status, "{}", page.body);
        for (name, part) in EVERYWHERE {
            assert!(value(&page, name).contains(part), "{status} {name}: {}", value(&page, name));
        }
        assert!(!value(&page, "content-security-policy").contains("unsafe"), "{status}");
        assert!(page.headers.get("server").is_none() && page.headers.get("x-powered-by").is_none());
    }
}

/// R063, R064
#[tokio::test(flavor = "multi_thread")]
async fn the_page_that_posts_to_microsoft_differs_in_two_headers_only() {
    let world = World::new().await;
    let alice = world.signed_in("alice", "/portal").await;
    let entry = "/d/contoso-com/adfs/ls/?wa=wsignin1.0&wtrealm=urn%3afederation%3aMicrosoftOnline";
    let page = alice.come(entry).await;
    assert!(page.body.contains("wresult"), "{}", page.body);
    for (name, part) in EVERYWHERE {
        let expected = match *part {
            "form-action 'self'" => continue,
            _ if *name == "referrer-policy" => "strict-origin",
            part => part,
        };
        assert!(value(&page, name).contains(expected), "{name}: {}", value(&page, name));
    }
    assert!(!value(&page, "content-security-policy").contains("form-action"));
}

/// R077
#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_not_ours_is_answered_421_and_never_named() {
    let world = World::new().await;
    let browser = Browser::new(&world.url);
    let paths = ["/", "/portal", "/sign-in", "/nothing", "/static/gatehouse.css"];
    let doors = [
        "/d/contoso-com/adfs/ls/?wa=wsignin1.0&wtrealm=urn%3afederation%3aMicrosoftOnline",
        "/d/contoso-com/federationmetadata/2007-06/federationmetadata.xml",
    ];
    for path in paths.into_iter().chain(doors) {
        for host in ["evil.example", "localhost", "localhost.evil.example:80", "127.0.0.1"] {
            let page = browser.odd("GET", path, &[("host", host)]).await;
            assert_eq!((page.status, page.location), (421, None), "{host}{path}");
            assert!(!page.body.contains("evil.example"), "{}", page.body);
        }
    }
    let forwarded = [("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example")];
    for path in paths.into_iter().chain(doors) {
        let page = browser.odd("GET", path, &forwarded).await;
        let location = page.location.unwrap_or_default();
        assert!(!page.body.contains("evil.example") && !location.contains("evil"), "{path}");
    }
}

/// Status, headers and page without what differs from request to request: ids, and the address that
/// was typed, which alone makes the length.
pub(crate) fn masked(page: &Page, upn: &str) -> (u16, BTreeSet<(String, String)>, String) {
    let csp = value(page, "content-security-policy");
    let nonce = csp.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    let number = page.text("code");
    let handle = page.form("/sign-in/password").into_iter().find(|(name, _)| name == "handle");
    let tile = format!(">{}</span><span class=\"who\">", upn[..1].to_uppercase());
    let asked =
        page.elements().into_iter().find_map(|it| it.get("data-passkey").map(str::to_owned));
    let asked: serde_json::Value = serde_json::from_str(&asked.unwrap()).unwrap();
    let challenge = asked["challenge"].as_str().unwrap().to_owned();
    let known = [page.csrf(), handle.unwrap().1, nonce, number, challenge, upn.to_owned(), tile];
    let mask = |text: &str| {
        let known = known.iter().filter(|known| !known.is_empty());
        known.fold(text.to_owned(), |text, known| text.replace(known.as_str(), "…"))
    };
    let headers =
        page.headers.iter().filter(|(name, _)| *name != "date" && *name != "content-length");
    let headers = headers.map(|(name, value)| (name.to_string(), mask(value.to_str().unwrap())));
    (page.status, headers.collect(), mask(&page.body))
}

/// R022, R024
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_a_name_that_nobody_has_are_alike_to_the_byte() {
    let world = World::new().await;
    let mut seen = Vec::new();
    // A person, somebody without an authenticator, somebody blocked, and names that nobody has;
    // the fourth try of each is one too many, and reads the same again.
    for name in ["alice", "carol", "dan", "nobody", "zed"] {
        let upn = format!("{name}@contoso.com");
        let browser = Browser::new(&world.url);
        let page = browser.follow("/portal").await;
        let mut page = browser.fill(&page, "/sign-in/address", &[("address", &upn)]).await;
        seen.push((name, 0, masked(&page, &upn)));
        for _ in 0..4 {
            page = browser.fill(&page, "/sign-in/password", &[("password", "not this one")]).await;
            seen.push((name, 1, masked(&page, &upn)));
        }
    }
    for (name, step, answer) in &seen {
        let first = seen.iter().find(|(_, same, _)| same == step).unwrap();
        assert_eq!(*answer, first.2, "{name}");
    }
}

/// What looking leaves behind: that a script was fetched, what Microsoft was seen to have, a question for
/// passkeys, and a sign-in that begins.
const LEFT: [&str; 4] = ["audit_log", "looks", "passkey_ceremonies", "pending_requests"];

/// Every row of every table.
async fn contents(world: &World) -> BTreeMap<String, String> {
    let read = world.store.read(|tx| {
        let names = "SELECT group_concat(name) AS value FROM sqlite_master WHERE type = 'table'";
        let names = text(tx, names)?;
        let mut all = BTreeMap::new();
        for table in names.split(',').filter(|name| !name.starts_with("sqlite_")) {
            let columns = format!(
                "SELECT group_concat('quote(\"' || name || '\")', ' || ') AS value FROM \
                 pragma_table_info('{table}')"
            );
            let columns = text(tx, &columns)?;
            let rows = format!(
                "SELECT coalesce(group_concat(line, char(10)), '') AS value FROM (SELECT {columns} AS line FROM \
                 {table} ORDER BY 1)"
            );
            all.insert(table.to_owned(), text(tx, &rows)?);
        }
        Ok::<_, store::Error>(all)
    });
    read.await.unwrap()
}

/// R061
#[tokio::test(flavor = "multi_thread")]
async fn looking_changes_nothing() {
    let world = World::new().await;
    world.drain().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let alice = world.signed_in("alice", "/portal").await;
    let before = (contents(&world).await, world.simulator.tenant().users.len());
    for path in access::readable() {
        for browser in [&admin, &alice] {
            browser.get(&path).await;
        }
    }
    let after = (contents(&world).await, world.simulator.tenant().users.len());
    let differ = before.0.iter().filter(|(table, rows)| after.0.get(*table) != Some(*rows));
    let differ: Vec<_> = differ.map(|(table, _)| table.as_str()).collect();
    assert_eq!(differ, LEFT, "what looking leaves behind, and nothing else");
    assert_eq!(after.1, before.1);
    assert_eq!(alice.get("/portal").await.status, 200, "nobody was signed out");
    assert_eq!(admin.get("/admin").await.status, 200);
}

/// R066
#[tokio::test(flavor = "multi_thread")]
async fn no_other_origin_is_allowed_to_read_an_answer() {
    let world = World::new().await;
    let alice = world.signed_in("alice", "/portal").await;
    let paths = [
        "/portal",
        "/sign-in",
        "/nothing",
        "/health/live",
        "/d/contoso-com/oidc/.well-known/openid-configuration",
        "/d/contoso-com/oidc/jwks",
        "/d/contoso-com/oidc/userinfo",
        "/d/contoso-com/federationmetadata/2007-06/federationmetadata.xml",
    ];
    let own = world.url.clone();
    for origin in ["https://evil.example", "null", own.as_str()] {
        for path in paths {
            let asked = [("origin", origin)];
            let preflight = [
                ("origin", origin),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", "content-type"),
            ];
            for page in
                [alice.odd("GET", path, &asked).await, alice.odd("OPTIONS", path, &preflight).await]
            {
                let told: Vec<(&str, &[u8])> = page
                    .headers
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_bytes()))
                    .filter(|(name, _)| name.starts_with("access-control-"))
                    .collect();
                // Clients of OpenID Connect bring a token of their own, and no cookie goes along.
                let any: &[(&str, &[u8])] = &[("access-control-allow-origin", b"*")];
                let fine = told.is_empty() || (path.contains("/oidc/") && told == any);
                assert!(fine, "{origin} {path} {}: {told:?}", page.status);
            }
        }
    }
}

/// R070
#[tokio::test(flavor = "multi_thread")]
async fn no_address_of_a_walk_holds_what_a_cookie_holds() {
    let world = World::new().await;
    let alice = world.signed_in("alice", "/portal").await;
    let entry = "/d/contoso-com/adfs/ls/?wa=wsignin1.0&wtrealm=urn%3afederation%3aMicrosoftOnline";
    for path in ["/portal", "/portal/security", "/admin", "/nothing"] {
        alice.follow(path).await;
    }
    assert!(alice.come(entry).await.body.contains("wresult"));
    let form = alice.get("/portal").await;
    let out = alice.post("/sign-out", &[("csrf".to_owned(), form.csrf())]).await;
    assert_eq!(out.status, 200, "{}", out.body);
    let admin = world.signed_in("olivia", "/admin").await;
    world.pass(std::time::Duration::from_mins(6));
    admin.follow("/admin/domains/contoso-com/revert").await;
    for browser in [alice, admin] {
        let history = browser.history();
        assert!(history.addresses.len() > 5 && history.secrets.len() > 1, "{history:?}");
        for address in &history.addresses {
            let told = history.secrets.iter().find(|secret| address.contains(*secret));
            assert_eq!(told, None, "{address}");
        }
    }
}

/// R057
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_the_database_holds_of_a_session_opens_one() {
    let world = World::new().await;
    world.signed_in("olivia", "/admin").await;
    world.signed_in("alice", "/portal").await;
    let stolen =
        "SELECT id AS a, lower(hex(token_digest)) AS b, user_id AS c, audience AS d FROM sessions
                  WHERE ended_at IS NULL";
    let rows = world.store.read(move |tx| store::testing::rows(tx, stolen)).await.unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let digest = hex::decode(&row[1]).unwrap();
        let written = [
            base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &digest),
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &digest),
        ];
        for value in row.iter().chain(&written) {
            for (cookie, page) in [("gh_admin", "/admin"), ("gh_session", "/portal")] {
                let thief = Browser::new(&world.url);
                thief.set_cookie(cookie, value);
                let page = thief.get(page).await;
                let to = page.location.unwrap_or_default();
                assert!(page.status == 303 && to.starts_with("/sign-in?"), "{cookie}={value}");
            }
        }
    }
}

/// R048
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_somebody_planted_is_not_adopted() {
    const PLANTED: &str = "bm90LWEtc2VjcmV0LW9mLW91cnMtYnV0LWEtY2hvc2Vu";
    let world = World::new().await;
    let (browser, thief) = (Browser::new(&world.url), Browser::new(&world.url));
    for one in [&browser, &thief] {
        one.set_cookie("gh_session", PLANTED);
    }
    let page = browser.follow("/portal").await;
    let typed = [("address", "alice@contoso.com")];
    let page = browser.fill(&page, "/sign-in/address", &typed).await;
    let done = world.prove(&browser, &page, "alice").await;
    assert_eq!((done.status, done.location.as_deref()), (303, Some("/portal")));
    assert_eq!(browser.get("/portal").await.status, 200);
    assert_ne!(browser.cookie("gh_session").as_deref(), Some(PLANTED));
    let page = thief.get("/portal").await;
    assert!(page.location.is_some_and(|at| at.starts_with("/sign-in?")), "{}", page.status);
}
