//! Two root domains of one tenant, both federated at once: everybody comes into their own mailbox by
//! their own domain's issuer, and by no other.

use model::{Actor, Upn};
use store::users;

use crate::{
    browser::{Browser, Page},
    support::World,
};

const FARID: &str = "farid@litware.com";

async fn rename(world: &World, from: &'static str, to: &'static str) {
    let renamed = world.store.write(move |tx| {
        let mut person = users::by_upn(tx, from)?.unwrap();
        person.upn = Upn::parse(to).unwrap();
        users::update(tx, &person)
    });
    renamed.await.unwrap();
}

async fn stage() -> World {
    let world = World::new().await;
    let tenant = world.store.read(store::tenants::all).await.unwrap()[0].id;
    let visitor = app::Visitor::at_the_command_line(&world.house);
    world.house.add_domain(tenant, "litware.com", Actor::Operator, &visitor).await.unwrap();
    world.simulator.add_domain("litware.com");
    rename(&world, "farid@contoso.com", FARID).await;
    world.sync().await;
    for name in ["contoso.com", "litware.com"] {
        world.federate_domain(name).await;
    }
    world
}

/// Outlook sends a browser here; what comes back is the page that answers.
async fn sent(world: &World, outlook: &Browser, browser: &Browser, upn: &str) -> Page {
    let fields = [("username".to_owned(), upn.to_owned())];
    let sent = outlook.post("/outlook", &fields).await;
    let location = sent.location.unwrap();
    let door = format!("{}/d/{}/adfs/ls/?", world.url, slug(upn));
    assert!(location.starts_with(&door), "Microsoft calls the address of {upn}: {location}");
    browser.come(location.strip_prefix(&world.url).unwrap()).await
}

fn slug(upn: &str) -> String {
    upn.split_once('@').unwrap().1.replace('.', "-")
}

async fn judged(world: &World, outlook: &Browser, page: &Page) -> Page {
    outlook.post("/login.srf", &page.form(&format!("{}/login.srf", world.simulator.url()))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_of_two_federated_domains_reaches_their_own_mailbox_by_their_own_issuer_alone() {
    let world = stage().await;
    let (alice, farid) = (world.browser(), world.browser());
    for (upn, name, browser) in [("alice@contoso.com", "alice", &alice), (FARID, "farid", &farid)] {
        let outlook = Browser::new(&world.simulator.url());
        let asked = sent(&world, &outlook, browser, upn).await;
        let page = browser.get(asked.location.as_deref().unwrap()).await;
        assert!(page.body.contains(upn), "{}", page.body);
        let proved = world.prove(browser, &page, name).await;
        let token = browser.get(proved.location.as_deref().unwrap()).await;
        let issuer = format!("/d/{}/adfs/services/trust/", slug(upn));
        assert!(token.body.contains(&issuer), "{upn}");
        let judged = judged(&world, &outlook, &token).await;
        assert_eq!(judged.location.as_deref(), Some("/outlook/mailbox"), "{}", judged.body);
        assert!(outlook.get("/outlook/mailbox").await.body.contains(upn));
    }

    // His browser is sent by the other domain's address: his own domain vouches all the same.
    let outlook = Browser::new(&world.simulator.url());
    let token = sent(&world, &outlook, &farid, "alice@contoso.com").await;
    assert!(token.body.contains("/d/litware-com/adfs/services/trust/"), "{}", token.body);
    assert_eq!(
        judged(&world, &outlook, &token).await.location.as_deref(),
        Some("/outlook/mailbox")
    );
    assert!(outlook.get("/outlook/mailbox").await.body.contains(FARID), "and it is his mailbox");

    // Here he has moved to the other domain, and Microsoft has not heard of it.
    rename(&world, FARID, "farid@contoso.com").await;
    let outlook = Browser::new(&world.simulator.url());
    let token = sent(&world, &outlook, &farid, FARID).await;
    assert!(token.body.contains("/d/contoso-com/adfs/services/trust/"), "{}", token.body);
    let judged = judged(&world, &outlook, &token).await;
    assert!(judged.location.is_none() && judged.body.contains("5000820"), "{}", judged.body);
}
