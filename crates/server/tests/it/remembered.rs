//! R056 on the pages: the box, the cookie, and the list on the portal.

use secrecy::ExposeSecret as _;

use crate::{
    browser::{Browser, Page},
    policy::{add, press},
    support::World,
};

/// Alice as far as the page after her password.
async fn alice_gives_her_password(world: &World, browser: &Browser) -> Page {
    browser.forget_cookie("gh_session");
    let account = world.account("alice");
    let page = browser.follow("/portal").await;
    let page = browser.fill(&page, "/sign-in/address", &[("address", &account.upn)]).await;
    let password = account.password.expose_secret();
    browser.fill(&page, "/sign-in/password", &[("password", password)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn r056_a_browser_is_remembered_by_a_tick_and_forgotten_on_the_portal() {
    let world = World::new().await;
    let browser = Browser::new(&world.url);
    let page = alice_gives_her_password(&world, &browser).await;
    assert!(!page.body.contains("Don't ask again"), "no rule allows it");

    let admin = world.signed_in("olivia", "/admin").await;
    let wrong = add(&admin, &[("name", "Remember"), ("remember", "31")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("Type a number from 1 to 30"), "{}", wrong.body);
    add(&admin, &[("name", "Remember"), ("remember", "14")]).await;
    let rules = admin.get("/admin/policy").await;
    assert!(rules.body.contains("browser remembered for 14 days"), "{}", rules.body);
    press(&admin, "/admin/policy/review", "/admin/policy/publish").await;
    let asked = "/admin/policy/what-if?person=alice%40contoso.com&target=portal";
    let what_if = admin.get(asked).await;
    assert!(what_if.body.contains("their password is enough"), "{}", what_if.body);
    let role = admin.get(&asked.replace("alice", "olivia")).await;
    assert!(role.body.contains("It makes no difference whether their browser is remembered"));

    let page = alice_gives_her_password(&world, &browser).await;
    assert!(page.body.contains("Don't ask again on this device for 14 days"), "{}", page.body);
    let code = world.next_code(world.account("alice"));
    let fields = [("code", code.as_str()), ("remember", "yes")];
    let done = browser.fill(&page, "/sign-in/second-factor", &fields).await;
    assert_eq!(done.location.as_deref(), Some("/portal"), "{}", done.body);
    let cookies = done.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap());
    let cookie = cookies.into_iter().find(|it| it.starts_with("gh_remembered=")).unwrap();
    for word in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let first = browser.cookie("gh_remembered");

    let done = alice_gives_her_password(&world, &browser).await;
    assert_eq!(done.location.as_deref(), Some("/portal"), "no code: {}", done.body);
    assert!(browser.cookie("gh_remembered") != first, "renewed");
    let alice = admin.get("/admin/users?q=alice").await;
    let all = alice.elements();
    let own =
        all.iter().filter_map(|it| it.get("href")).find(|it| it.starts_with("/admin/users/0"));
    let page = admin.get(own.unwrap()).await;
    assert!(page.body.contains("1 remembered device that needs no second factor"), "{}", page.body);

    let security = browser.get("/portal/security").await;
    assert!(security.body.contains("Remembered devices"), "{}", security.body);
    let all = security.elements();
    let forms = all.iter().filter_map(|it| it.get("action"));
    let forget = forms.into_iter().find(|it| it.starts_with("/portal/remembered/")).unwrap();
    let done = browser.fill(&security, forget, &[]).await;
    assert_eq!(done.location.as_deref(), Some("/portal/security?done=device-forgotten"));
    let page = alice_gives_her_password(&world, &browser).await;
    assert_eq!(page.text("h1"), "Enter your code");
}
