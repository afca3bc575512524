//! One domain, switched between WS-Federation and SAML 2.0 and back while people work.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{alarm::AlarmKind, issued_token::Protocol, relying_party::PartyKind};
use simulator::Simulator;
use store::{issued_tokens, relying_parties, users};

use crate::{
    browser::{Browser, Fields, Page},
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

/// The owner says whether Microsoft must sign its requests, and until when SHA-1 counts.
async fn demand(
    world: &World,
    admin: &Browser,
    requests: &str,
    sha1: &str,
    certificate: &str,
) -> Page {
    let parties = world.store.read(relying_parties::all).await.unwrap();
    let microsoft = parties.iter().find(|party| party.kind == PartyKind::Microsoft).unwrap();
    let path = format!("/admin/relying-parties/{}", microsoft.id);
    let page = admin.get(&path).await;
    assert!(page.body.contains("id=\"run-the-script\"") && page.body.contains(DOMAIN));
    let typed = [("requests", requests), ("sha1_until", sha1), ("certificates", certificate)];
    admin.fill(&page, &path, &typed).await
}

/// Has the domain compared with what Microsoft has.
async fn check(admin: &Browser) {
    let page = admin.get(DOMAIN).await;
    let checked = admin.fill(&page, &format!("{DOMAIN}/check"), &[]).await;
    assert_eq!(checked.status, 303, "{}", checked.body);
}

/// R104: Microsoft signs as it was recorded once the script has run, and what it does not sign then
/// leads nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn microsoft_signs_its_requests_once_the_script_has_run() {
    let world = World::new().await;
    world.drain().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let browser = world.signed_in("alice", "/portal").await;
    switch(&world, &admin, "saml").await;
    saml2::mailbox(&world, &browser, "post").await;

    let certificate = STANDARD.encode(Simulator::request_certificate());
    let until = (world.house.now() + std::time::Duration::from_hours(48)).datetime();
    let until = until.format("%Y-%m-%d").to_string();
    let careless = demand(&world, &admin, "required", &until, "").await;
    assert_eq!(careless.status, 422, "no certificate: {}", careless.body);
    let past = demand(&world, &admin, "required", "2020-01-01", &certificate).await;
    assert!(past.status == 422 && past.body.contains("SHA-1"), "{}", past.body);
    check(&admin).await;
    let early = demand(&world, &admin, "required", &until, &certificate).await;
    assert_eq!(early.status, 422, "Microsoft does not sign yet: {}", early.body);
    assert!(early.body.contains("run the script"), "{}", early.body);

    // First it signs, and nobody minds where it does not.
    let done = demand(&world, &admin, "optional", &until, &certificate).await;
    assert_eq!(done.status, 303, "{}", done.body);
    saml2::mailbox(&world, &browser, "post").await;
    check(&admin).await;
    let page = admin.get(DOMAIN).await;
    assert!(page.body.contains("isSignedAuthenticationRequestRequired"), "{}", page.body);
    run(&world, &admin, "federate.sh").await;
    let held = world.simulator.tenant().domain("contoso.com").unwrap().federation.clone();
    assert_eq!(held.unwrap().is_signed_authentication_request_required, Some(true));
    world.pass(std::time::Duration::from_mins(2));
    saml2::mailbox(&world, &browser, "redirect").await;

    // Then it must.
    check(&admin).await;
    let done = demand(&world, &admin, "required", &until, &certificate).await;
    assert_eq!(done.status, 303, "{}", done.body);
    world.pass(std::time::Duration::from_mins(2));
    saml2::mailbox(&world, &browser, "post").await;
    let unsigned = saml2::request(&browser, &world, "", "").await;
    assert!(unsigned.status == 400 && unsigned.body.contains("GH-SAML-09"), "{}", unsigned.body);

    // SHA-1 counts no more after its last day, which an alarm tells before.
    world.house.keep_watch().await.unwrap();
    let open = world.store.read(store::alarms::open).await.unwrap();
    let kinds: Vec<AlarmKind> = open.iter().map(|alarm| alarm.cause.kind()).collect();
    assert!(kinds.contains(&AlarmKind::RequestSignaturesEnd), "{kinds:?}");
    // The last day counts to its end.
    world.pass(std::time::Duration::from_hours(73));
    let refused = saml2::ask(&world, &browser, "redirect").await;
    assert!(refused.status == 400 && refused.body.contains("GH-SAML-"), "{}", refused.body);
    let admin = world.signed_in("olivia", "/admin").await;

    let off = demand(&world, &admin, "optional", "", "").await;
    assert_eq!(off.status, 303, "{}", off.body);
    run(&world, &admin, "federate.sh").await;
    let browser = world.signed_in("alice", "/portal").await;
    saml2::mailbox(&world, &browser, "post").await;
}
