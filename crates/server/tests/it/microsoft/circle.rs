//! Nobody goes round: people whose domain is federated with us are not sent to Microsoft to be sent
//! back, and where that happens all the same it ends.

use simulator::sample::FABRIKAM_ID;

use super::{ALICE_THERE, Stage, There, complaint, way};

/// What the domain is at Microsoft once the script ran.
async fn federated(stage: &Stage) {
    let world = &stage.world;
    world.sync().await;
    let root = format!("{}/d/contoso-com", world.url);
    world.simulator.change_domain("contoso.com", |domain| {
        domain.federation = Some(simulator::FederationConfiguration {
            issuer_uri: format!("{root}/adfs/services/trust/"),
            passive_sign_in_uri: Some(format!("{root}/adfs/ls/")),
            ..simulator::FederationConfiguration::default()
        });
    });
    let now = world.house.now();
    let set = world.store.write(move |tx| {
        let domain = store::federated_domains::by_slug(tx, "contoso-com")?.unwrap();
        store::federated_domains::set_federated_at(tx, domain.id, Some(now))
    });
    set.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_ours_is_not_handed_to_microsoft() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let (browser, page) = stage.stranger().await;
    let typed = browser.fill(&page, "/sign-in/address", &[("address", "alice@contoso.com")]).await;
    let address = stage.leave(&browser, &typed).await;
    assert!(!address.contains("login_hint"), "{address}");
    let (browser, page) = stage.stranger().await;
    let typed = browser.fill(&page, "/sign-in/address", &[("address", "zoe@fabrikam.com")]).await;
    let address = stage.leave(&browser, &typed).await;
    assert!(address.contains("login_hint=zoe%40fabrikam.com"), "{address}");
}

/// At Microsoft she types her address of ours: Microsoft sends her here, and here it ends.
#[tokio::test(flavor = "multi_thread")]
async fn whom_microsoft_sends_back_is_told_to_sign_in_here() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    federated(&stage).await;
    let there = There { account: "alice@contoso.com", mfa: false };
    let (browser, page) = stage.stranger().await;
    let address = stage.leave(&browser, &page).await;
    let sent = there.and_back(&stage.world, &address).await;
    assert!(sent.starts_with("/d/contoso-com/adfs/ls/?"), "{sent}");
    let asked = browser.come(&sent).await;
    let page = browser.get(&asked.location.unwrap()).await;
    assert!(complaint(&page).contains("Microsoft asks this page"), "{}", page.body);
    assert_eq!(page.text("h1"), "Enter your password");
    // Whoever opens Outlook a moment later is not bothered.
    let again = browser.come(&sent).await;
    let page = browser.get(&again.location.unwrap()).await;
    assert_eq!(complaint(&page), "", "{}", page.body);
}

/// Even with a session here, by which Microsoft gets its token unseen: what Microsoft then says rests
/// on us, and is refused.
#[tokio::test(flavor = "multi_thread")]
async fn what_microsoft_says_of_our_own_people_is_not_believed() {
    let stage = Stage::new().await;
    let alice = stage.world.signed_in("alice", "/portal").await;
    stage.world.sync().await;
    // While the domain is Microsoft's own to sign in, its people come like any others …
    let there = There { account: "alice@contoso.com", mfa: true };
    let linked = stage.link(&alice, there).await;
    assert_eq!(linked.location.as_deref(), Some("/portal/security?done=microsoft-linked"));
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, there).await;
    assert_eq!(page.text("h1"), "Enter your code", "{}", page.body);
    // … and no more once it is federated with us.
    let (browser, page) = stage.stranger().await;
    let address = stage.leave(&browser, &page).await;
    let back = there.and_back(&stage.world, &address).await;
    let now = stage.world.house.now();
    let set = stage.world.store.write(move |tx| {
        let domain = store::federated_domains::by_slug(tx, "contoso-com")?.unwrap();
        store::federated_domains::set_federated_at(tx, domain.id, Some(now))
    });
    set.await.unwrap();
    let page = browser.get(&browser.come(&back).await.location.unwrap()).await;
    assert!(complaint(&page).contains("Microsoft asks this page"), "{}", page.body);
}

/// As a guest of another directory, too: her own signs her in there, and that sends her to us.
#[tokio::test(flavor = "multi_thread")]
async fn our_own_people_are_not_believed_as_guests_of_others() {
    let stage = Stage::with(&[("mode", "organizations")]).await;
    let alice = stage.world.signed_in("alice", "/portal").await;
    let guest = There { account: simulator::sample::MALLORY, mfa: false };
    let linked = stage.link(&alice, guest).await;
    assert_eq!(linked.location.as_deref(), Some("/portal/security?done=microsoft-linked"));
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, guest).await;
    assert_eq!(page.text("h1"), "Enter your code", "{}", page.body);
    let now = stage.world.house.now();
    let set = stage.world.store.write(move |tx| {
        let domain = store::federated_domains::by_slug(tx, "contoso-com")?.unwrap();
        store::federated_domains::set_federated_at(tx, domain.id, Some(now))
    });
    set.await.unwrap();
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, guest).await;
    assert!(complaint(&page).contains("Microsoft asks this page"), "{}", page.body);
}

/// A party that demands a fresh sign-in gets none of unknown age.
#[tokio::test(flavor = "multi_thread")]
async fn a_demand_for_a_fresh_sign_in_offers_no_microsoft() {
    let (stage, _) = Stage::with_alice(&[("mode", "one"), ("tenant", FABRIKAM_ID)]).await;
    let request =
        "/d/contoso-com/adfs/ls/?wa=wsignin1.0&wtrealm=urn%3afederation%3aMicrosoftOnline";
    let browser = stage.world.browser();
    let page = browser.follow(request).await;
    assert!(page.body.contains("Sign in with Microsoft"), "{}", page.body);
    let fresh = browser.follow(&format!("{request}&wfresh=0")).await;
    assert!(!fresh.body.contains("Sign in with Microsoft"), "{}", fresh.body);
    // Not even with a way that was begun before.
    let leaving = browser.fill(&page, "/sign-in/microsoft", &[]).await;
    assert!(ALICE_THERE.answer(&way(&leaving)).await.is_ok());
}
