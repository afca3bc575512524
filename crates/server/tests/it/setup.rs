//! The guided path at the counter: the page, *Look again*, and the way back on the pages of its steps.

use model::Role;
use store::users;

use crate::{browser::Page, support::World};

const SETUP: &str = "/admin/setup";
const LOOK: &str = "/admin/setup/look";

/// What stands from the heading of a step to the end of it.
fn step<'p>(page: &'p Page, title: &str) -> &'p str {
    let after = page.body.split(&format!("</span> {title} ")).nth(1).unwrap_or_default();
    after.split("</li>").next().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_moves_the_path_on_and_a_failed_one_says_why() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    assert!(admin.get("/admin").await.body.contains("href=\"/admin/setup\""));
    let page = admin.get(SETUP).await;
    assert_eq!(page.status, 200);
    assert!(step(&page, "Register an app and connect the tenant").contains("badge warn"));
    let done = admin.fill(&page, LOOK, &[]).await;
    assert_eq!(done.location.as_deref(), Some("/admin/setup?domain=contoso-com&done=looked"));
    let page = admin.get(&done.location.unwrap()).await;
    let connection = step(&page, "Register an app and connect the tenant");
    assert!(connection.contains("badge ok") && connection.contains("Seen"), "{connection}");
    assert!(page.body.contains("Looked at the tenant just now."));

    // What Microsoft says of itself is no markup of ours.
    world.simulator.change_domain("contoso.com", |domain| domain.is_verified = false);
    let done = admin.fill(&page, LOOK, &[]).await;
    let page = admin.get(&done.location.unwrap()).await;
    let domain = step(&page, "Office 365 and its domain");
    assert!(domain.contains("badge danger"), "{domain}");

    world.simulator.faults().inject(simulator::Fault::new(simulator::Trouble::Forbidden).times(9));
    let done = admin.fill(&page, LOOK, &[]).await;
    assert_eq!(done.location.as_deref(), Some("/admin/setup?domain=contoso-com"));
    let page = admin.get(&done.location.unwrap()).await;
    assert!(!page.body.contains("Looked at the tenant just now."));
    let connection = step(&page, "Register an app and connect the tenant");
    assert!(connection.contains("The last try failed"), "{connection}");
    assert!(step(&page, "Office 365 and its domain").contains("The last try failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_is_shown_once_the_path_was_opened_and_on_its_pages_alone() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let line = "back to the guide";
    assert!(!admin.get("/admin/matches").await.body.contains(line));
    admin.get(SETUP).await;
    assert_eq!(admin.cookie("gh_guide").as_deref(), Some("1.contoso-com"));
    let matches = admin.get("/admin/matches").await;
    assert!(matches.body.contains("Step 4 of 9") && matches.body.contains(line));
    assert!(matches.body.contains("href=\"/admin/setup?domain=contoso-com\""));
    assert!(!admin.get("/admin/policy").await.body.contains(line));
    // A cookie that somebody made up shows nothing of theirs.
    admin.set_cookie("gh_guide", "4.\"><script>");
    assert!(!admin.get("/admin/matches").await.body.contains(line));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_only_reads_sees_the_path_without_its_button() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let csrf = admin.get(SETUP).await.csrf();
    let (store, now) = (&world.store, world.house.now());
    let demoted = store.write(move |tx| {
        let olivia = users::by_upn(tx, "olivia@contoso.com")?.unwrap();
        users::set_role(tx, olivia.id, Some(Role::Auditor), now)
    });
    demoted.await.unwrap();
    let page = admin.get(SETUP).await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains(LOOK), "no button");
    let script = step(&page, "Show and run the PowerShell script");
    assert!(script.contains("for the role") && !script.contains("href"), "{script}");
    let fields = [("csrf".to_owned(), csrf), ("domain".to_owned(), "contoso-com".to_owned())];
    assert_eq!(admin.post(LOOK, &fields).await.status, 403);
    assert_eq!(admin.get("/admin/setup?domain=nowhere").await.status, 404);
}
