//! The journal in the console: every token about a person, with the reason for each claim.

use std::time::Duration;

use crate::{support::World, wsfed::MFA};

const ENTRY: &str = "/d/contoso-com/adfs/ls/?wa=wsignin1.0\
    &wtrealm=urn%3afederation%3aMicrosoftOnline&wctx=x&username=alice%40contoso.com";

#[tokio::test(flavor = "multi_thread")]
async fn every_token_is_listed_a_page_at_a_time_with_its_reasons() {
    let world = World::new().await;
    let alice = world.signed_in("alice", "/portal").await;
    for _ in 0..27 {
        // Slowly, so that it is no loop.
        world.pass(Duration::from_secs(61));
        assert_eq!(alice.come(ENTRY).await.status, 200);
    }
    world.pass(Duration::from_secs(61));
    let wishing = format!("{ENTRY}&wfresh=600&wauth={MFA}");
    assert_eq!(alice.come(&wishing).await.status, 200);
    let admin = world.signed_in("olivia", "/admin").await;
    let user = world.store.read(|tx| store::users::by_upn(tx, "alice@contoso.com")).await.unwrap();
    let address = format!("/admin/users/{}", user.unwrap().id);
    let person = admin.get(&address).await;
    assert!(person.body.contains(&format!("{address}/tokens")), "her page leads there");

    let first = admin.get(&format!("{address}/tokens")).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.body.matches("<summary>").count(), 25);
    for words in [
        "28 tokens were issued about Alice",
        "1 to 25 of 28",
        "WS-Federation, from 127.0.0.1; proved: password, authenticator app",
        "http://schemas.xmlsoap.org/claims/UPN",
        "alice@contoso.com",
        "The value by which the other side recognises this person for ever.",
        "a second factor (wauth or resource_params); a sign-in within 36000 seconds (wfresh)",
        "nothing in particular",
        "What was proved: Password at 25 Nov 2026",
        "http://schemas.microsoft.com/claims/multipleauthn",
    ] {
        assert!(first.body.contains(words), "{words}: {}", first.body);
    }
    assert!(!first.body.contains("SignatureValue"), "the token itself is nowhere");
    let second = admin.get(&format!("{address}/tokens?page=2")).await;
    assert_eq!(second.body.matches("<summary>").count(), 3);
    assert!(second.body.contains("26 to 28 of 28"));
}
