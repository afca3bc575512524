//! Pictures of every page that matters, narrow to wide, light and dark, to be looked at by people.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use e2e::{Browser, Demo, Script, demo::code_now};

const WIDTHS: [u32; 3] = [320, 768, 1440];

/// Where pictures go, and the browser that takes them.
struct Camera {
    browser: Browser,
    folder: PathBuf,
}

impl Camera {
    async fn take(&self, name: &str) -> anyhow::Result<()> {
        for dark in [false, true] {
            for width in WIDTHS {
                let scheme = if dark { "dark" } else { "light" };
                self.browser.look(width, dark).await?;
                let file = self.folder.join(format!("{name}-{width}-{scheme}.png"));
                self.browser.picture(&file).await?;
            }
        }
        self.browser.look(1280, false).await
    }

    async fn take_at(&self, name: &str, address: &str) -> anyhow::Result<()> {
        self.browser.go(address).await?;
        self.browser.find("h1").await?;
        self.take(name).await
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = std::env::args().nth(1).context("say where pictures go")?;
    std::fs::create_dir_all(&folder)?;
    let demo = Demo::start()?;
    sign_in(&demo, Path::new(&folder)).await?;
    enrolment(&demo, Path::new(&folder)).await?;
    console(&demo, Path::new(&folder)).await
}

async fn camera(folder: &Path) -> anyhow::Result<Camera> {
    Ok(Camera { browser: Browser::open(Script::On).await?, folder: folder.to_owned() })
}

/// Alice, with a slip of the finger.
async fn sign_in(demo: &Demo, folder: &Path) -> anyhow::Result<()> {
    let camera = camera(folder).await?;
    let (browser, alice) = (&camera.browser, demo.person("alice")?);
    camera.take_at("outlook", &demo.ready.outlook_url).await?;
    browser.open_outlook(demo, &alice.upn).await?;
    browser.expect("Enter your password").await?;
    camera.take("password").await?;
    browser.give_password("not the right password").await?;
    browser.find("[role=alert]").await?;
    camera.take("password-wrong").await?;
    browser.give_password(&alice.password).await?;
    browser.expect("Enter your code").await?;
    camera.take("code").await?;
    browser.give_code(alice).await?;
    browser.expect("Inbox of").await?;
    camera.take("mailbox").await?;
    for (name, path) in
        [("apps", "/portal"), ("security", "/portal/security"), ("sign-ins", "/portal/sign-ins")]
    {
        camera.take_at(name, &format!("{}{path}", demo.ready.url)).await?;
    }
    let out = format!("{}?wa=wsignout1.0", demo.ready.passive_sign_in_uri);
    camera.take_at("signed-out", &out).await?;
    let stranger = format!("{}?wa=wsignin1.0&wtrealm=urn:stranger", demo.ready.passive_sign_in_uri);
    camera.take_at("refusal", &stranger).await?;
    camera.browser.close().await
}

/// An application of WS-Federation, and its page.
async fn application(demo: &Demo, camera: &Camera) -> anyhow::Result<()> {
    let browser = &camera.browser;
    let new = format!("{}/admin/relying-parties/new?protocol=ws-fed", demo.ready.url);
    browser.go(&new).await?;
    for (field, text) in [
        ("#entity_id", "urn:contoso:timesheet"),
        ("#name", "Time sheet"),
        ("#replies", "https://time.contoso.com/signin-wsfed"),
        ("#sign_out", "https://time.contoso.com/signin-wsfed"),
    ] {
        browser.fill(field, text).await?;
    }
    browser.press("form[action$='/new'] button.primary").await?;
    browser.expect("Time sheet").await?;
    camera.take("relying-party").await
}

/// A rule of the sign-in policy, from its form to the review of what it changes.
async fn policy(demo: &Demo, camera: &Camera) -> anyhow::Result<()> {
    let browser = &camera.browser;
    camera.take_at("rule", &format!("{}/admin/policy/rules/new", demo.ready.url)).await?;
    browser.fill("#name", "Microsoft 365 from the office alone").await?;
    browser.click("input[name='targets'][value^='party:']").await?;
    browser.run("document.getElementById('place').value = 'outside'").await?;
    browser.fill("#networks", "127.0.0.0/8, 203.0.113.0/24").await?;
    browser.click("input[name='then'][value='deny']").await?;
    browser.press("main form button.primary").await?;
    camera.take_at("policy", &format!("{}/admin/policy", demo.ready.url)).await?;
    camera.take_at("policy-review", &format!("{}/admin/policy/review", demo.ready.url)).await?;
    let question = format!("person={}&address=198.51.100.7", demo.person("alice")?.upn);
    let what_if = format!("{}/admin/policy/what-if?{question}", demo.ready.url);
    camera.take_at("what-if", &what_if).await?;
    browser.go(&format!("{}/admin/policy/review", demo.ready.url)).await?;
    browser.press("form[action='/admin/policy/publish'] button").await?;
    camera.take_at("policy-history", &format!("{}/admin/policy/history", demo.ready.url)).await
}

/// Carol, who has no authenticator yet.
async fn enrolment(demo: &Demo, folder: &Path) -> anyhow::Result<()> {
    let camera = camera(folder).await?;
    let (browser, carol) = (&camera.browser, demo.person("carol")?);
    browser.open_outlook(demo, &carol.upn).await?;
    browser.give_password(&carol.password).await?;
    browser.expect("Set up your authenticator").await?;
    camera.take("enrol").await?;
    let key = browser.text(".key code").await?;
    browser.send("#code", &code_now(&key)?).await?;
    browser.expect("Keep your recovery codes").await?;
    camera.take("recovery-codes").await?;
    camera.browser.close().await
}

/// The owner, through every page of the console.
async fn console(demo: &Demo, folder: &Path) -> anyhow::Result<()> {
    let camera = camera(folder).await?;
    let browser = &camera.browser;
    browser.sign_in_to_console(demo).await?;
    application(demo, &camera).await?;
    policy(demo, &camera).await?;
    for (name, path) in [
        ("console", "/admin"),
        ("people", "/admin/users"),
        ("new-person", "/admin/users/new"),
        ("applications", "/admin/applications"),
        ("attribute-mapping", "/admin/applications/office365/attributes?person=alice@contoso.com"),
        ("attribute", "/admin/applications/office365/attributes/department"),
        ("data-that-leaves", "/admin/applications/office365/data"),
        ("relying-parties", "/admin/relying-parties"),
        ("new-relying-party", "/admin/relying-parties/new"),
        ("new-relying-party-ws-fed", "/admin/relying-parties/new?protocol=ws-fed"),
        ("microsoft365", "/admin/microsoft365"),
        ("client-certificate", "/admin/microsoft365/certificate"),
        ("external-mfa", "/admin/microsoft365/external-mfa"),
        ("registrations", "/admin/registrations"),
        ("registration", "/admin/registrations/new"),
        ("sync-runs", "/admin/sync-runs"),
        ("sync-users", "/admin/matches"),
        ("import-from-microsoft365", "/admin/tenant-people"),
        ("keys", "/admin/keys"),
        ("explain", "/admin/explain?q=AADSTS51004&person=alice@contoso.com"),
        ("activity", "/admin/audit"),
        ("old-programs", "/admin/old-clients"),
        ("devices", "/admin/policy/devices"),
        ("directories", "/admin/directories"),
        ("directory", "/admin/directories/new"),
        ("webhook", "/admin/alarms/webhook"),
    ] {
        camera.take_at(name, &format!("{}{path}", demo.ready.url)).await?;
    }
    for (name, list, link) in [
        ("person", "/admin/users?q=Bob", "td a.strong"),
        ("domain", "/admin/microsoft365", "a[href*='/domains/']"),
        ("sync-run", "/admin/sync-runs", "td a"),
    ] {
        browser.go(&format!("{}{list}", demo.ready.url)).await?;
        let href =
            browser.find(link).await?.prop("href").await?.context("a link leads somewhere")?;
        camera.take_at(name, &href).await?;
        if name == "domain" {
            camera.take_at("protocols", &format!("{href}/protocols")).await?;
            camera.take_at("script", &format!("{href}/powershell")).await?;
        }
    }
    camera.browser.close().await
}
