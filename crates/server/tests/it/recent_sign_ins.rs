//! R054 on the pages: one's own sign-ins, and "This wasn't me".

use crate::support::World;

/// R054
#[tokio::test(flavor = "multi_thread")]
async fn whoever_sees_a_sign_in_that_is_not_theirs_shuts_everybody_else_out() {
    let world = World::new().await;
    let alice = world.signed_in("alice", "/portal").await;
    let stranger = world.signed_in("alice", "/portal").await;
    let security = alice.get("/portal/security").await;
    assert!(security.body.contains("href=\"/portal/sign-ins\""), "{}", security.body);
    let page = alice.get("/portal/sign-ins").await;
    assert_eq!(page.text("h1"), "Recent sign-ins");
    assert_eq!(page.body.matches("Password, authenticator app").count(), 2, "{}", page.body);
    assert_eq!(page.body.matches("This browser").count(), 1);
    assert!(!page.body.contains("Your other sessions have ended"));

    let before = alice.cookie("gh_session");
    world.pass(std::time::Duration::from_mins(6));
    let done = alice.fill(&page, "/portal/sign-ins/not-me", &[]).await;
    assert_eq!(done.location.as_deref(), Some("/portal/sign-ins"), "{}", done.body);
    assert!(alice.cookie("gh_session") != before, "the session has a new secret");
    let page = alice.get("/portal/sign-ins").await;
    for said in [
        "Your other sessions have ended",
        "href=\"/portal/security#password\">Change your password",
        "href=\"/portal/security#factors\"",
    ] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let out = stranger.get("/portal/sign-ins").await;
    assert!(out.location.is_some_and(|at| at.starts_with("/sign-in")), "{}", out.body);

    let olivia = world.signed_in("olivia", "/admin").await;
    let alarms = olivia.get("/admin/alarms").await;
    assert!(alarms.body.contains("Somebody says that a sign-in was not theirs"), "{}", alarms.body);
}
