//! One domain, switched between WS-Federation and SAML 2.0 and back while people work.

use model::issued_token::Protocol;
use store::{issued_tokens, users};

use crate::{
    browser::{Browser, Fields},
    keys::{run, visit_outlook},
    saml2::{self, ALICE},
    support::World,
};

const DOMAIN: &str = "/admin/domains/contoso-com";

/// The owner chooses a protocol and runs the script that the console shows then.
async fn switch(world: &World, admin: &Browser, protocol: &str) {
    let page = admin.get(DOMAIN).await;
    let chosen = admin.fill(&page, &format!("{DOMAIN}/protocol"), &[("protocol", protocol)]).await;
    assert_eq!(chosen.status, 303, "{}", chosen.body);
    run(world, admin, "federate.sh").await;
}

/// Everything that is known of Alice, here and at Microsoft.
async fn alice(world: &World) -> (String, String) {
    let here = world.store.read(move |tx| users::by_upn(tx, ALICE)).await.unwrap().unwrap();
    let tenant = world.simulator.tenant();
    (format!("{here:?}"), format!("{:?}", tenant.user(ALICE).unwrap()))
}

/// A sign-in by WS-Federation that began at Microsoft and waits for its last step.
async fn half_way(world: &World, browser: &Browser) -> Fields {
    let outlook = Browser::new(&world.simulator.url());
    let sent = outlook.post("/outlook", &[("username".to_owned(), ALICE.to_owned())]).await;
    let location = sent.location.unwrap();
    let page = browser.come(location.strip_prefix(&world.url).unwrap()).await;
    page.form(&format!("{}/login.srf", world.simulator.url()))
}

async fn is_refused(world: &World, fields: &Fields, code: &str) {
    let judged = Browser::new(&world.simulator.url()).post("/login.srf", fields).await;
    assert!(judged.status == 400 && judged.body.contains(code), "{}", judged.body);
    assert!(judged.body.contains("by another protocol"), "{}", judged.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_is_switched_to_saml_and_back_and_nobody_is_touched() {
    let world = World::new().await;
    world.drain().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let browser = world.signed_in("alice", "/portal").await;
    run(&world, &admin, "federate.sh").await;
    assert_eq!(visit_outlook(&world, &browser).await.0, 303);
    let before = alice(&world).await;

    let waiting = half_way(&world, &browser).await;
    switch(&world, &admin, "saml").await;
    is_refused(&world, &waiting, "AADSTS20012").await;
    world.pass(std::time::Duration::from_mins(2));
    saml2::mailbox(&world, &browser, "post").await;
    saml2::mailbox(&world, &browser, "redirect").await;

    // Whoever asks for several tokens a minute is taken for a machine that goes round.
    world.pass(std::time::Duration::from_mins(2));
    let waiting = saml2::answer(&world, &saml2::ask(&world, &browser, "redirect").await);
    switch(&world, &admin, "wsFed").await;
    is_refused(&world, &waiting, "AADSTS750054").await;
    world.pass(std::time::Duration::from_mins(1));
    assert_eq!(visit_outlook(&world, &browser).await.0, 303);

    assert_eq!(alice(&world).await, before, "nothing of her changed, here or there");
    let found = world.store.read(move |tx| users::by_upn(tx, ALICE)).await.unwrap();
    let id = found.unwrap().id;
    let journal = world.store.read(move |tx| issued_tokens::of_user(tx, id, 20)).await.unwrap();
    let by = |protocol| journal.iter().filter(|token| token.protocol == protocol).count();
    assert_eq!((by(Protocol::WsFed), by(Protocol::Saml2)), (3, 3));
}
