//! Leaving, through the console's forms.

use std::time::Duration;

use crate::{
    browser::{Browser, Page},
    support::World,
};

const SETTINGS: &str = "/admin/applications/office365";

async fn save(admin: &Browser, typed: &[(&str, &str)]) -> Page {
    let page = admin.get(SETTINGS).await;
    admin.fill(&page, SETTINGS, typed).await
}

/// Alice's page and its address.
async fn alice(world: &World, admin: &Browser) -> (Page, String) {
    let read = world.store.read(|tx| store::users::by_upn(tx, "alice@contoso.com"));
    let address = format!("/admin/users/{}", read.await.unwrap().unwrap().id);
    (admin.get(&address).await, address)
}

/// R147, Y04
#[tokio::test(flavor = "multi_thread")]
async fn what_deletes_is_set_in_days_that_make_sense_and_with_a_fresh_factor() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let page = admin.get(SETTINGS).await;
    assert!(page.form(SETTINGS).contains(&("delete_days".to_owned(), String::new())), "never");
    assert!(page.body.contains("Nothing is due"));
    let wrong = [
        ("delete_days", "29"),
        ("delete_days", "soon"),
        ("blocked_licence_days", "-1"),
        ("blocked_delete_days", "90"),
    ];
    for (field, typed) in wrong {
        let again = save(&admin, &[(field, typed)]).await;
        assert_eq!(again.status, 422, "{field} {typed}");
        assert!(again.body.contains(&format!("href=\"#{field}\"")), "{field} {typed}");
        assert!(again.form(SETTINGS).contains(&(field.to_owned(), typed.to_owned())));
    }
    let days = [("delete_days", "60"), ("blocked_licence_days", "5"), ("blocked_delete_days", "9")];
    assert_eq!(save(&admin, &days).await.status, 303);
    let stored = admin.get(SETTINGS).await.form(SETTINGS);
    for (field, typed) in days {
        assert!(stored.contains(&(field.to_owned(), typed.to_owned())), "{field}: {stored:?}");
    }
    let log = admin.get("/admin/audit").await;
    assert!(log.body.contains("delete_days: Some(60)"), "who changed it is known");
    world.pass(Duration::from_mins(6));
    let late = save(&admin, &[("delete_days", "")]).await;
    assert!(late.location.unwrap().starts_with("/admin/step-up"));
    let stored = admin.get(SETTINGS).await.form(SETTINGS);
    assert!(stored.contains(&("delete_days".to_owned(), "60".to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_page_says_what_is_taken_when_and_a_hold_stops_it() {
    let world = World::new().await;
    world.drain().await;
    let admin = world.signed_in("olivia", "/admin").await;
    save(&admin, &[("licence_grace_days", "5"), ("delete_days", "10")]).await;
    let (page, address) = alice(&world, &admin).await;
    assert!(page.body.contains("Nothing is going to be taken away."));
    assert!(page.body.contains("the account is deleted after 10 days"), "said before unassigning");
    admin.fill(&page, &format!("{address}/unassign"), &[]).await;
    let under_way = admin.get(&address).await;
    assert!(under_way.body.contains("It is under way, or it was blocked there before"));
    world.drain().await;

    let left = admin.get(&address).await;
    for text in [
        "365 is blocked, sessions",
        "Licences will be taken away",
        "The account will be deleted",
        "in 10 days",
    ] {
        assert!(left.body.contains(text), "{text}: {}", left.body);
    }
    let due = admin.get(SETTINGS).await;
    assert_eq!(due.body.matches("alice@contoso.com").count(), 2, "licences and account");

    let action = format!("{address}/hold");
    let empty = admin.fill(&left, &action, &[("hold_reason", " ")]).await;
    assert_eq!(empty.status, 422);
    assert!(empty.body.contains("href=\"#hold_reason\""));
    assert_eq!(admin.fill(&empty, &action, &[("hold_reason", "Case 4711")]).await.status, 303);
    let held = admin.get(&address).await;
    assert!(held.body.contains("There is a legal hold.") && held.body.contains("Case 4711"));
    assert!(!held.body.contains("The account will be deleted"));
    assert!(admin.get(SETTINGS).await.body.contains("Nothing is due"));
    assert_eq!(admin.fill(&held, &format!("{action}/lift"), &[]).await.status, 303);

    world.pass(Duration::from_hours(11 * 24));
    world.sync().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let (gone, _) = alice(&world, &admin).await;
    assert!(gone.body.contains("The account is deleted"), "{}", gone.body);
    assert!(gone.body.contains("Assigning the person again brings it back"));
    assert!(gone.body.contains("with its mail until about"));
    world.pass(Duration::from_hours(25 * 24));
    let admin = world.signed_in("olivia", "/admin").await;
    let (late, address) = alice(&world, &admin).await;
    assert!(late.body.contains("but hardly its mail"), "{}", late.body);
    admin.fill(&late, &format!("{address}/block"), &[]).await;
    let blocked = admin.get(&address).await;
    assert!(blocked.body.contains("Unblocking and assigning the person again brings it back"));
}
