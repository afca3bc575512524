//! A new computer that sets Windows Hello up, as Autopilot does: it asks for a second factor by `wauth`,
//! takes our word for it, and nobody is asked twice (F033).

use crate::{
    browser::{Browser, Page},
    policy::{add, press},
    support::World,
};

const ALICE: &str = "alice@contoso.com";

/// A computer that is being set up leads to us, in this browser.
async fn led(world: &World, windows: &Browser, browser: &Browser) -> Page {
    let fields = [("username".to_owned(), ALICE.to_owned())];
    let sent = windows.post("/windows/setup", &fields).await;
    let location = sent.location.unwrap();
    assert!(
        location.contains("&wauth=http%3a%2f%2fschemas.microsoft.com%2fclaims%2fmultipleauthn")
    );
    browser.come(location.strip_prefix(&world.url).unwrap()).await
}

/// Microsoft takes the token, and Windows Hello is set up.
async fn accepted(world: &World, windows: &Browser, page: &Page) {
    let form = page.form(&format!("{}/login.srf", world.simulator.url()));
    let judged = windows.post("/login.srf", &form).await;
    assert_eq!(judged.location.as_deref(), Some("/windows/ready"), "{}", judged.body);
    let ready = windows.get("/windows/ready").await;
    assert!(ready.body.contains("Windows Hello is set up") && ready.body.contains(ALICE));
}

async fn stage() -> World {
    let world = World::new().await;
    world.drain().await;
    world.federate().await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolment_asks_for_a_second_factor_once_and_never_again_while_it_is_fresh() {
    let world = stage().await;
    let (windows, browser) = (Browser::new(&world.simulator.url()), world.browser());
    let asked = led(&world, &windows, &browser).await;
    let page = browser.get(asked.location.as_deref().unwrap()).await;
    let proved = world.prove(&browser, &page, "alice").await;
    let page = browser.get(proved.location.as_deref().unwrap()).await;
    accepted(&world, &windows, &page).await;

    let another = Browser::new(&world.simulator.url());
    let at_once = led(&world, &another, &browser).await;
    assert_eq!(at_once.status, 200, "no second prompt: {}", at_once.body);
    accepted(&world, &another, &at_once).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_came_in_with_a_password_alone_proves_the_factor_before_windows_is_set_up() {
    let world = stage().await;
    let admin = world.signed_in("olivia", "/admin").await;
    add(&admin, &[("name", "Password is enough"), ("then", "when-asked")]).await;
    press(&admin, "/admin/policy/review", "/admin/policy/publish").await;
    let browser = world.browser();
    let page = browser.follow("/portal").await;
    let page = browser.fill(&page, "/sign-in/address", &[("address", ALICE)]).await;
    let password = world.account("alice").password().to_owned();
    let inside = browser.fill(&page, "/sign-in/password", &[("password", &password)]).await;
    assert_eq!(inside.location.as_deref(), Some("/portal"), "{}", inside.body);

    let windows = Browser::new(&world.simulator.url());
    let asked = led(&world, &windows, &browser).await;
    assert_eq!(asked.status, 303, "a password is not what was asked for");
    let page = browser.get(asked.location.as_deref().unwrap()).await;
    let proved = world.prove(&browser, &page, "alice").await;
    let page = browser.get(proved.location.as_deref().unwrap()).await;
    accepted(&world, &windows, &page).await;
}
