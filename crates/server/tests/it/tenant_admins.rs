//! Administrators of the tenant, kept out by an owner in the console: what they read, and that nobody
//! else notices (R087).

use crate::{policy::press, support::World, wsfed::DOOR};

const PAGE: &str = "/admin/microsoft365";
const FORM: &str = "/admin/microsoft365/admins";

fn entry(name: &str) -> String {
    format!(
        "{DOOR}?wa=wsignin1.0&wtrealm=urn%3afederation%3aMicrosoftOnline&wctx=x\
         &username={name}%40contoso.com"
    )
}

/// R087
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_keeps_administrators_of_the_tenant_out_and_lets_them_in_again() {
    let world = World::new().await;
    world.drain().await;
    world.sync().await;
    world.simulator.make_admin("alice@contoso.com");
    world.sync().await;
    let alice = world.signed_in("alice", "/portal").await;
    assert_eq!(alice.come(&entry("alice")).await.status, 200, "nobody said so yet");
    let admin = world.signed_in("olivia", "/admin").await;
    let home = admin.get("/admin").await;
    let warned = "1 administrator of Contoso can&#39;t sign in there when this server is away";
    assert!(home.body.contains(warned), "{}", home.body);
    let page = admin.get(PAGE).await;
    assert!(page.body.contains("Alice Anders (alice@contoso.com)"), "{}", page.body);
    assert!(page.body.contains("They sign in like everybody."), "{}", page.body);
    let done = press(&admin, PAGE, FORM).await;
    let there = "/admin/microsoft365?done=admins-kept-out#tenant-admins";
    assert_eq!(done.location.as_deref(), Some(there), "{}", done.body);

    assert!(!admin.get("/admin").await.body.contains("when this server is away"));
    let refused = alice.come(&entry("alice")).await;
    assert_eq!(refused.status, 403);
    for said in ["GH-SIGN-06", "Administrators sign in at Microsoft", "onmicrosoft.com"] {
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
    }
    assert!(!refused.body.contains("wresult"));
    assert_eq!(alice.get("/portal").await.status, 200, "the portal stays hers");
    let grace = world.signed_in("grace", "/portal").await;
    assert_eq!(grace.come(&entry("grace")).await.status, 200, "others notice nothing");
    let log = admin.get("/admin/audit?outcome=refused").await;
    assert!(log.body.contains("an administrator of the tenant, who is kept out"), "{}", log.body);

    let admin = world.signed_in("olivia", "/admin").await;
    assert!(admin.get(PAGE).await.body.contains("They are kept out:"));
    press(&admin, PAGE, FORM).await;
    assert_eq!(alice.come(&entry("alice")).await.status, 200);
}

/// R087
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_reads_that_nobody_has_looked_yet() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let page = admin.get(PAGE).await.body;
    assert!(page.contains("Nobody has looked yet who holds a role: the next sync run"), "{page}");
    assert!(!page.contains("Nobody here held a role"), "{page}");
    press(&admin, PAGE, FORM).await;
    let page = admin.get(PAGE).await.body;
    assert!(page.contains("until the next sync run nobody is kept out"), "{page}");
    let problem = "Nobody has looked yet who administers Contoso: nobody is kept out.";
    assert!(admin.get("/admin").await.body.contains(problem));

    world.drain().await;
    world.sync().await;
    assert!(!admin.get("/admin").await.body.contains(problem));
    let page = admin.get(PAGE).await.body;
    assert!(!page.contains("Nobody has looked yet"), "{page}");
    assert!(page.contains("Everybody was looked at") && page.contains("Nobody here held a role"));
}
