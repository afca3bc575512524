//! The guided path, from an install with nothing but an owner to the first sign-in in a federated
//! domain: each step is reached from the guide, and the guide says what became of it.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use e2e::{
    ADMIN_TOKEN, Browser, Demo, Script,
    demo::{Account, code_now},
    steps::within,
};
use serde_json::json;

const NEXT: &str = "ol.path li[aria-current='step']";
const BACK: &str = ".head .up a[href^='/admin/setup']";

/// The owner's first sign-in, with the password and the code that the command line printed.
async fn become_owner(browser: &Browser, demo: &Demo) -> Account {
    let owner = &demo.ready.admin;
    browser.go(&format!("{}/admin", demo.ready.url)).await.unwrap();
    browser.send("#address", &owner.upn).await.unwrap();
    browser.give_password(&owner.password).await.unwrap();
    let password = "seven plain garden chairs".to_owned();
    let totp_secret = browser.enrol_by_code(owner).await.unwrap();
    browser.expect("Choose your password").await.unwrap();
    browser.send("#new_password", &password).await.unwrap();
    browser.expect("Home").await.unwrap();
    Account { password, totp_secret: Some(totp_secret), ..owner.clone() }
}

/// The next step, and what is said of it.
async fn next(browser: &Browser) -> String {
    browser.text(NEXT).await.unwrap()
}

/// Goes to where the next step is taken, which says which step it is.
async fn go_to_step(browser: &Browser, number: usize, title: &str) {
    let shown = next(browser).await;
    assert!(shown.starts_with(&number.to_string()) && shown.contains(title), "{title}: {shown}");
    browser.press(&format!("{NEXT} a.button")).await.unwrap();
    let line = browser.text(".head .up").await.unwrap();
    assert!(line.starts_with(&format!("Step {number} of 9")), "{title}: {line}");
}

/// Back to the guide, where so many steps are proved by now.
async fn back(browser: &Browser, done: usize) {
    browser.press(BACK).await.unwrap();
    proved(browser, done).await;
}

async fn proved(browser: &Browser, done: usize) {
    browser.expect("From nothing to federated").await.unwrap();
    let verdict = browser.text(".verdict").await.unwrap();
    let steps = browser.text("ol.path").await.unwrap();
    assert!(verdict.starts_with(&format!("{done} of 9 steps are proved")), "{verdict}\n{steps}");
}

async fn connect(browser: &Browser, demo: &Demo) {
    let app = demo.ready.registration.as_ref().unwrap();
    browser.fill("#alias", "Contoso").await.unwrap();
    browser.fill("#entra_tenant_id", &app.tenant_id).await.unwrap();
    browser.fill("#client_id", &app.client_id).await.unwrap();
    browser.fill("#client_secret", &app.client_secret).await.unwrap();
    browser.press("section[aria-labelledby='connection'] button.primary").await.unwrap();
    let test = browser.text("section[aria-labelledby='test']").await.unwrap();
    assert!(test.contains("None was found missing"), "{test}");
}

/// The pilot is made here; her account is in the tenant already.
async fn make_paula(browser: &Browser, demo: &Demo) -> Account {
    browser.go(&format!("{}/admin/users", demo.ready.url)).await.unwrap();
    browser.press("a[href='/admin/users/new']").await.unwrap();
    let fields = [("#given_name", "Paula"), ("#surname", "Pilot"), ("#local_part", "paula")];
    for (field, text) in fields {
        browser.fill(field, text).await.unwrap();
    }
    browser.press("main form button.primary").await.unwrap();
    browser.expect("Paula Pilot").await.unwrap();
    let password = browser.text(".secret:nth-of-type(1) .value code").await.unwrap();
    let code = browser.text(".secret:nth-of-type(2) .value code").await.unwrap();
    Account {
        upn: "paula@contoso.com".to_owned(),
        password,
        totp_secret: None,
        enrollment_code: Some(code),
    }
}

/// Paula's account is confirmed as hers.
async fn match_paula(browser: &Browser, id: &str) {
    browser.press("form[action='/admin/matches/look'] button").await.unwrap();
    browser.click(&format!("input[name=pair][value$='{id}']")).await.unwrap();
    browser.press("form[action='/admin/matches/accept'] button.primary").await.unwrap();
}

/// Assigns her, and carries the first plan out.
async fn assign_paula(browser: &Browser, demo: &Demo) {
    browser.find_person(demo, "Paula").await.unwrap();
    browser.click("input[name=sku]:not([disabled])").await.unwrap();
    browser.press("form[action$='/assign'] button.primary").await.unwrap();
    back(browser, 4).await;
    let waits = next(browser).await;
    assert!(waits.contains("The first plan waits for you"), "{waits}");
    go_to_step(browser, 5, "Assign a pilot").await;
    browser.press("form[action='/admin/sync-runs/preview'] button").await.unwrap();
    browser.press("form[action$='/apply'] button").await.unwrap();
}

/// Runs the very script that the console shows, in its shell form.
async fn run_script(browser: &Browser, demo: &Demo) {
    browser.press("a[href$='/contoso-com/sh']").await.unwrap();
    let file = demo.folder().join("federate.sh");
    std::fs::write(&file, browser.text("#source").await.unwrap()).unwrap();
    let ran = Command::new("sh")
        .arg(&file)
        .current_dir(demo.folder())
        .env("GRAPH_TOKEN", ADMIN_TOKEN)
        .env("GRAPH_HOST", &demo.ready.simulator_url)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// Paula's first sign-in ends in the mailbox that she had.
async fn open_mailbox(demo: &Demo, paula: &Account, script: Script) {
    let browser = Browser::open(script).await.unwrap();
    browser.open_outlook(demo, &paula.upn).await.unwrap();
    browser.give_password(&paula.password).await.unwrap();
    browser.enrol_by_code(paula).await.unwrap();
    browser.expect("Choose your password").await.unwrap();
    browser.send("#new_password", "four unrelated plum words").await.unwrap();
    browser.go_on_to_microsoft().await.unwrap();
    browser.expect("Inbox of").await.unwrap();
    assert_eq!(browser.text("#upn").await.unwrap(), paula.upn);
    browser.close().await.unwrap();
}

async fn look_again(browser: &Browser) {
    browser.press("form[action='/admin/setup/look'] button").await.unwrap();
}

/// The guide itself, narrow and dark.
async fn has_no_barrier(browser: &Browser) {
    if browser.script() == Script::Off {
        return;
    }
    browser.look(320, true).await.unwrap();
    assert_eq!(browser.barriers().await.unwrap(), Vec::<String>::new());
    let wide = browser.run("return document.documentElement.scrollWidth").await.unwrap();
    assert!(wide.as_u64().unwrap() <= 320, "{wide}");
    browser.look(1440, false).await.unwrap();
}

/// Steps 1 to 3: the tenant, the domain, the settings.
async fn prepare_tenant(browser: &Browser, demo: &Demo) {
    go_to_step(browser, 1, "Register an app").await;
    connect(browser, demo).await;
    back(browser, 1).await;
    go_to_step(browser, 2, "Office 365 and its domain").await;
    browser.press("form[action='/admin/microsoft365/domains'] button").await.unwrap();
    back(browser, 2).await;
    go_to_step(browser, 3, "Provisioning settings").await;
    browser.fill("#usage_location", "SE").await.unwrap();
    let settings = "form[action='/admin/applications/office365'] button[type='submit']";
    browser.press(settings).await.unwrap();
    back(browser, 3).await;
}

/// Steps 4 and 5: Paula, whose account is there already.
async fn bring_paula(browser: &Browser, demo: &Demo, account: &str) -> Account {
    let paula = make_paula(browser, demo).await;
    back(browser, 3).await;
    go_to_step(browser, 4, "Sync users").await;
    match_paula(browser, account).await;
    back(browser, 4).await;
    go_to_step(browser, 5, "Assign a pilot").await;
    assign_paula(browser, demo).await;
    back(browser, 5).await;
    paula
}

/// Steps 6 to 9.
async fn federate(browser: &Browser, demo: &Demo, paula: &Account) {
    go_to_step(browser, 6, "Pre-flight").await;
    browser.press("form[action$='/preflight'] button.primary").await.unwrap();
    back(browser, 6).await;
    go_to_step(browser, 7, "PowerShell script").await;
    run_script(browser, demo).await;
    back(browser, 6).await;
    let shown = next(browser).await;
    assert!(shown.contains("then look again"), "nobody has looked since: {shown}");
    look_again(browser).await;
    // What was chosen is in force with the script: only the sign-in is missing.
    proved(browser, 8).await;
    let missing = next(browser).await;
    assert!(missing.contains("Sign in to Outlook as paula@contoso.com"), "{missing}");
    open_mailbox(demo, paula, browser.script()).await;
    browser.go(&format!("{}/admin/setup", demo.ready.url)).await.unwrap();
    let verdict = browser.text(".verdict").await.unwrap();
    assert!(verdict.starts_with("All 9 steps are proved"), "{verdict}");
}

async fn the_guide_leads_to_a_federated_domain(script: Script) {
    let demo = Demo::start_empty().unwrap();
    let began = Instant::now();
    let before = json!({
        "userPrincipalName": "paula@contoso.com", "displayName": "Paula Pilot",
        "usageLocation": "SE",
    });
    let account = demo.settle(&before).await.unwrap();
    let browser = Browser::open(script).await.unwrap();
    become_owner(&browser, &demo).await;
    browser.press("main a[href='/admin/setup']").await.unwrap();
    proved(&browser, 0).await;
    has_no_barrier(&browser).await;
    prepare_tenant(&browser, &demo).await;
    let paula = bring_paula(&browser, &demo, &account).await;
    has_no_barrier(&browser).await;
    federate(&browser, &demo, &paula).await;
    has_no_barrier(&browser).await;
    eprintln!("from the first page to the mailbox: {:?}", began.elapsed());

    assert_eq!(demo.entra_user(&paula.upn).await.unwrap().unwrap()["id"], account, "her account");
    browser.go(&format!("{}/admin/matches", demo.ready.url)).await.unwrap();
    assert_eq!(browser.count(BACK).await.unwrap(), 0, "the path is walked to its end");
    browser.go(&format!("{}/admin", demo.ready.url)).await.unwrap();
    assert_eq!(browser.count("main a[href='/admin/setup']").await.unwrap(), 0);

    // Somebody gives the domain back to Microsoft: the path says so after the next look.
    demo.give_domain_back().await.unwrap();
    browser.go(&format!("{}/admin/setup", demo.ready.url)).await.unwrap();
    look_again(&browser).await;
    proved(&browser, 6).await;
    let lost = next(&browser).await;
    assert!(lost.contains("Came undone") && lost.contains("is federated no more"), "{lost}");
    browser.close().await.unwrap();
}

#[tokio::test]
async fn the_guide_leads_from_an_empty_install_to_the_first_sign_in() {
    the_guide_leads_to_a_federated_domain(Script::On).await;
}

#[tokio::test]
async fn it_leads_there_with_script_switched_off() {
    the_guide_leads_to_a_federated_domain(Script::Off).await;
}

/// The owner leaves in the middle, and another browser goes on where the tenant stands.
#[tokio::test]
async fn another_browser_goes_on_in_the_middle() {
    let demo = Demo::start_empty().unwrap();
    let first = Browser::open(Script::Off).await.unwrap();
    let owner = become_owner(&first, &demo).await;
    first.go(&format!("{}/admin/setup", demo.ready.url)).await.unwrap();
    go_to_step(&first, 1, "Register an app").await;
    connect(&first, &demo).await;
    first.close().await.unwrap();

    let browser = Browser::open(Script::On).await.unwrap();
    browser.go(&format!("{}/admin/setup", demo.ready.url)).await.unwrap();
    browser.send("#address", &owner.upn).await.unwrap();
    browser.give_password(&owner.password).await.unwrap();
    let used = code_now(owner.totp_secret.as_deref().unwrap()).unwrap();
    let fresh = async || Ok(code_now(owner.totp_secret.as_deref().unwrap())? != used);
    within(Duration::from_secs(35), "the next code", fresh).await.unwrap();
    browser.give_code(&owner).await.unwrap();
    browser.press("main a[href='/admin/setup']").await.unwrap();
    proved(&browser, 1).await;
    // By the keyboard alone.
    browser.press_by_keyboard(&format!("{NEXT} a.button")).await.unwrap();
    browser.press_by_keyboard(BACK).await.unwrap();
    proved(&browser, 1).await;
    browser.close().await.unwrap();
}
