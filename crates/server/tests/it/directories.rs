//! A directory on the pages: set up, tried out, and signed in with.

use directory::testing::{PASSWORD, Slapd, Speech};
use model::directory::Directory;
use secrecy::ExposeSecret as _;

use crate::{
    browser::{Browser, Page},
    support::World,
};

const ALICE: &str = "alice@contoso.com";

fn fields(directory: &Directory) -> Vec<(&'static str, String)> {
    vec![
        ("name", directory.name.clone()),
        ("host", directory.host.clone()),
        ("port", directory.port.to_string()),
        ("encryption", "tls".to_owned()),
        ("authority", directory.authority.clone()),
        ("account", directory.account.clone()),
        ("account_password", directory.password.expose_secret().to_owned()),
        ("base", directory.base.clone()),
        ("filter", directory.filter.clone()),
        ("keep_days", "3".to_owned()),
        ("help", "Press Ctrl+Alt+Del.".to_owned()),
        ("domains", String::new()),
    ]
}

async fn send(browser: &Browser, page: &str, action: &str, fields: &[(&str, String)]) -> Page {
    let page = browser.get(page).await;
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.fill(&page, action, &fields).await
}

/// Alice as far as the answer to a password.
async fn alice_types(browser: &Browser, password: &str) -> Page {
    browser.forget_cookie("gh_session");
    let page = browser.follow("/portal").await;
    let page = browser.fill(&page, "/sign-in/address", &[("address", ALICE)]).await;
    browser.fill(&page, "/sign-in/password", &[("password", password)]).await
}

/// Adds it on the pages; gives its page.
async fn add(admin: &Browser, slapd: &Slapd) -> String {
    let typed = fields(&slapd.settings());
    let saved = send(admin, "/admin/directories/new", "/admin/directories/new", &typed).await;
    let place = saved.location.clone().unwrap_or_else(|| panic!("{}", saved.body));
    place.strip_suffix("?done=directory-saved").unwrap().to_owned()
}

/// Has it check Alice's password, on her page.
async fn choose_for_alice(admin: &Browser, path: &str) -> String {
    let people = admin.get("/admin/users?q=alice").await;
    let all = people.elements();
    let links = all.iter().filter_map(|it| it.get("href"));
    let person = links.into_iter().find(|it| it.starts_with("/admin/users/0")).unwrap().to_owned();
    let id = path.rsplit('/').next().unwrap().to_owned();
    let action = format!("{person}/password-place");
    let chosen = send(admin, &person, &action, &[("place", id)]).await;
    assert_eq!(chosen.status, 303, "{}", chosen.body);
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_adds_a_directory_and_tries_it_step_by_step() {
    let world = World::new().await;
    let slapd = Slapd::start(Speech::Secret, &[ALICE]);
    let admin = world.signed_in("olivia", "/admin").await;
    let list = admin.get("/admin/directories").await;
    assert!(list.body.contains("Every password is checked here."), "{}", list.body);

    // What is wrong is said at its field, and nothing is lost but the password.
    let mut typed = fields(&slapd.settings());
    typed[1].1 = "ldaps://dc1".to_owned();
    let wrong = send(&admin, "/admin/directories/new", "/admin/directories/new", &typed).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("id=\"host-wrong\""), "{}", wrong.body);
    assert!(wrong.body.contains("value=\"ldaps://dc1\"") && wrong.body.contains("cn=gatehouse"));
    let secret = slapd.settings().password.expose_secret().to_owned();
    assert!(!wrong.body.contains(&secret));

    let path = add(&admin, &slapd).await;
    let page = admin.get(&path).await;
    assert!(!page.body.contains(&secret) && page.body.contains("(mail={name})"), "{}", page.body);
    let wish = [("who", ALICE.to_owned()), ("try_password", PASSWORD.to_owned())];
    let tried = send(&admin, &path, &format!("{path}/test"), &wish).await;
    assert_eq!(tried.status, 200, "{}", tried.body);
    assert!(tried.body.contains("Sign in as the person") && !tried.body.contains("Not come to."));
    assert!(!tried.body.contains(PASSWORD));
    let wish = [("who", "nobody@contoso.com".to_owned()), ("try_password", String::new())];
    let tried = send(&admin, &path, &format!("{path}/test"), &wish).await;
    assert!(tried.body.contains("nobody there has this name"), "{}", tried.body);

    let gone = send(&admin, &path, &format!("{path}/remove"), &[]).await;
    assert_eq!(gone.location.as_deref(), Some("/admin/directories?done=directory-removed"));
    assert_eq!(admin.get(&path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn alice_signs_in_with_her_password_there_also_in_an_outage() {
    let world = World::new().await;
    let mut slapd = Slapd::start(Speech::Secret, &[ALICE]);
    let admin = world.signed_in("olivia", "/admin").await;
    let path = add(&admin, &slapd).await;
    let person = choose_for_alice(&admin, &path).await;
    let page = admin.get(&person).await;
    assert!(page.body.contains("Checked by the directory Contoso"), "{}", page.body);
    assert!(!page.body.contains("Make an initial password"), "there is none to give");

    let browser = Browser::new(&world.url);
    let here = world.account("alice").password.expose_secret().to_owned();
    let refused = alice_types(&browser, &here).await;
    assert_eq!(refused.text("h1"), "Enter your password", "the one from before");
    let page = alice_types(&browser, PASSWORD).await;
    assert_eq!(page.text("h1"), "Enter your code");
    let code = world.next_code(world.account("alice"));
    let done = browser.fill(&page, "/sign-in/second-factor", &[("code", &code)]).await;
    assert_eq!(done.location.as_deref(), Some("/portal"), "{}", done.body);
    let security = browser.get("/portal/security").await;
    assert!(security.body.contains("Press Ctrl+Alt+Del."), "{}", security.body);
    assert!(!security.body.contains("new_password"), "nothing to change here");

    slapd.pause();
    let page = alice_types(&browser, PASSWORD).await;
    assert_eq!(page.text("h1"), "Enter your code", "what was kept of it opens");
    let list = admin.get("/admin/directories").await;
    assert!(list.body.contains("1 directory is away."), "{}", list.body);
    let alarms = admin.get("/admin/alarms").await;
    assert!(alarms.body.contains("A directory is away"), "{}", alarms.body);
}

/// Twelve fields take longer than a factor stays fresh: what was typed stays on the page.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_took_too_long_loses_nothing() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let form = admin.get("/admin/directories/new").await;
    world.pass(std::time::Duration::from_mins(6));
    let typed = [("name", "Berlin"), ("host", "dc1.contoso.com"), ("base", "dc=contoso,dc=com")];
    let again = admin.fill(&form, "/admin/directories/new", &typed).await;
    assert_eq!(again.status, 422, "{}", again.body);
    assert!(again.body.contains("/admin/step-up?back=%2Fadmin%2Fdirectories"), "{}", again.body);
    let kept = again.form("/admin/directories/new");
    for (name, value) in typed {
        assert!(kept.contains(&(name.to_owned(), value.to_owned())), "{name}: {kept:?}");
    }
}
