//! Pages without barriers: axe-core finds nothing on any of them, narrow and dark, wide and light.

use e2e::{Browser, Demo, Script};
use serde_json::json;

const NARROW_AND_DARK: (u32, bool) = (320, true);
const WIDE_AND_LIGHT: (u32, bool) = (1440, false);

/// The pages of the console that have an address of their own.
const CONSOLE: [&str; 48] = [
    "",
    "/setup",
    "/users",
    "/users/new",
    "/groups",
    "/imports",
    "/programs",
    "/programs/new",
    "/applications",
    "/applications/office365",
    "/applications/office365/attributes?person=alice@contoso.com",
    "/applications/office365/attributes/department",
    "/applications/office365/data",
    "/microsoft365",
    "/microsoft365/external-mfa",
    "/registrations",
    "/registrations/new",
    "/domains/contoso-com",
    "/domains/contoso-com/preflight",
    "/domains/contoso-com/rehearsal",
    "/domains/contoso-com/protocols",
    "/domains/contoso-com/second-factor",
    "/domains/contoso-com/federate",
    "/domains/contoso-com/revert",
    "/relying-parties",
    "/relying-parties/new",
    "/keys",
    "/policy",
    "/policy/rules/new",
    "/policy/review",
    "/policy/what-if",
    "/policy/history",
    "/policy/replay",
    "/policy/second-factors",
    "/policy/devices",
    "/directories",
    "/directories/new",
    "/sync-runs",
    "/matches?show=all",
    "/tenant-people",
    "/audit",
    "/old-clients",
    "/alarms",
    "/alarms/webhook",
    "/explain",
    "/explain?q=AADSTS51004&person=alice@contoso.com",
    "/explain?q=Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "/step-up",
];

/// Adds what is wrong with the page.
async fn look(browser: &Browser, wrong: &mut Vec<String>) {
    for (width, dark) in [NARROW_AND_DARK, WIDE_AND_LIGHT] {
        browser.look(width, dark).await.unwrap();
        let heading = browser.heading().await.unwrap();
        let found = browser.barriers().await.unwrap();
        wrong.extend(found.iter().map(|barrier| format!("{heading} at {width}: {barrier}")));
        let wide = browser.run("return document.documentElement.scrollWidth").await.unwrap();
        if wide.as_u64().is_none_or(|wide| wide > u64::from(width)) {
            wrong.push(format!("{heading} at {width}: it is {wide} wide"));
        }
    }
}

#[tokio::test]
async fn no_page_of_the_console_has_a_barrier() {
    let demo = Demo::start().unwrap();
    let browser = Browser::open(Script::On).await.unwrap();
    let mut wrong = Vec::new();
    browser.sign_in_to_console(&demo).await.unwrap();
    browser.go(&format!("{}/admin/matches", demo.ready.url)).await.unwrap();
    browser.press("form[action='/admin/matches/look'] button").await.unwrap();
    for path in CONSOLE {
        browser.go(&format!("{}/admin{path}", demo.ready.url)).await.unwrap();
        look(&browser, &mut wrong).await;
    }
    // A draft, and what it changes.
    browser.go(&format!("{}/admin/policy/rules/new", demo.ready.url)).await.unwrap();
    browser.fill("#name", "Keys only").await.unwrap();
    browser.click("[value='phishing-resistant']").await.unwrap();
    browser.press("main form button.primary").await.unwrap();
    browser.go(&format!("{}/admin/policy/review", demo.ready.url)).await.unwrap();
    browser.expect("What the draft changes").await.unwrap();
    look(&browser, &mut wrong).await;
    // Accounts of the tenant, ticked, and what would happen to them.
    let mona = json!({
        "userPrincipalName": "mona@contoso.com", "displayName": "Mona Moser", "usageLocation": "SE"
    });
    demo.settle(&mona).await.unwrap();
    browser.go(&format!("{}/admin/tenant-people", demo.ready.url)).await.unwrap();
    browser.press("form[action='/admin/tenant-people/look'] button").await.unwrap();
    browser
        .run("document.querySelectorAll('details').forEach(it => it.open = true)")
        .await
        .unwrap();
    look(&browser, &mut wrong).await;
    browser.press("button[value='all-sync']").await.unwrap();
    browser.press("main button[value='preview']").await.unwrap();
    browser.expect("Import of Microsoft 365").await.unwrap();
    look(&browser, &mut wrong).await;
    browser.go(&format!("{}/admin/imports", demo.ready.url)).await.unwrap();
    let rows = "upn,name,country\nmia@contoso.com,Mia,DE\nalice@contoso.com,Al,\nx,X,Germany";
    browser.fill("#text", rows).await.unwrap();
    browser.press("form[action='/admin/imports'] button.primary").await.unwrap();
    look(&browser, &mut wrong).await;
    browser.press("form[action$='/apply'] button").await.unwrap();
    browser.find("section[aria-labelledby='undo']").await.unwrap();
    look(&browser, &mut wrong).await;
    let unfold = "document.querySelectorAll('details').forEach(it => it.open = true)";
    browser.find_person(&demo, "Alice").await.unwrap();
    browser.run(unfold).await.unwrap();
    look(&browser, &mut wrong).await;
    browser.press("a[href$='/edit']").await.unwrap();
    look(&browser, &mut wrong).await;
    browser.go(&format!("{}/admin/groups", demo.ready.url)).await.unwrap();
    browser.press("td a.strong").await.unwrap();
    browser.run(unfold).await.unwrap();
    look(&browser, &mut wrong).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    browser.close().await.unwrap();
}

#[tokio::test]
async fn no_page_of_a_sign_in_or_of_the_portal_has_a_barrier() {
    let demo = Demo::start().unwrap();
    let alice = demo.person("alice").unwrap();
    let browser = Browser::open(Script::On).await.unwrap();
    let mut wrong = Vec::new();
    let url = &demo.ready.url;
    browser.go(&format!("{url}/portal")).await.unwrap();
    look(&browser, &mut wrong).await;
    browser.send("#address", &alice.upn).await.unwrap();
    look(&browser, &mut wrong).await;
    browser.send("#password", "wrong").await.unwrap();
    look(&browser, &mut wrong).await;
    browser.send("#password", &alice.password).await.unwrap();
    look(&browser, &mut wrong).await;
    browser.send("#code", "000000").await.unwrap();
    look(&browser, &mut wrong).await;
    browser.give_code(alice).await.unwrap();
    look(&browser, &mut wrong).await;
    for path in
        ["/portal/security", "/portal/sign-ins", "/portal/step-up", "/nothing", "/forgotten"]
    {
        browser.go(&format!("{url}{path}")).await.unwrap();
        look(&browser, &mut wrong).await;
    }
    browser.go(&format!("{url}/portal/security")).await.unwrap();
    browser.fill("#current_password", "wrong").await.unwrap();
    browser.send("#new_password", "wrong").await.unwrap();
    look(&browser, &mut wrong).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    browser.close().await.unwrap();
}

#[tokio::test]
async fn no_page_of_a_first_sign_in_has_a_barrier() {
    let demo = Demo::start().unwrap();
    let carol = demo.person("carol").unwrap();
    let browser = Browser::open(Script::On).await.unwrap();
    let mut wrong = Vec::new();
    browser.go(&format!("{}/portal", demo.ready.url)).await.unwrap();
    browser.send("#address", &carol.upn).await.unwrap();
    browser.give_password(&carol.password).await.unwrap();
    browser.expect("Set up your authenticator").await.unwrap();
    look(&browser, &mut wrong).await;
    browser.send("#code", "000000").await.unwrap();
    look(&browser, &mut wrong).await;
    browser.enrol(&carol.upn).await.unwrap();
    look(&browser, &mut wrong).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    browser.close().await.unwrap();
}
