//! *Import from Microsoft 365*, through the console's forms: list, search, tick, preview, import, undo.

use std::time::Duration;

use serde_json::json;

use crate::{
    browser::{Browser, Fields, Page},
    support::World,
};

const LIST: &str = "/admin/tenant-people";
const LOOK: &str = "/admin/tenant-people/look";
const TICKS: &str = "/admin/tenant-people/ticks";

/// Somebody who is in the tenant and not here.
fn settle(world: &World, name: &str) -> String {
    let properties = json!({
        "userPrincipalName": format!("{name}@contoso.com"), "displayName": format!("{name} there"),
    });
    world.simulator.add_user(properties.as_object().unwrap().clone())
}

async fn look(admin: &Browser) -> Page {
    let first = admin.get(LIST).await;
    let looked = admin.fill(&first, LOOK, &[]).await;
    assert_eq!(looked.status, 303, "{}", looked.body);
    admin.get(&looked.location.unwrap()).await
}

/// The form of a page with these ticks more, and the button that is pressed.
fn ticked(page: &Page, ticks: &[(&str, &str)], go: &str) -> Fields {
    let mut fields = page.form(TICKS);
    let more = ticks.iter().copied().chain([("go", go)]);
    fields.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    fields
}

/// The boxes that can be ticked, as name and account.
fn boxes(page: &Page) -> Vec<(String, String)> {
    let all = page.elements().into_iter().filter(|it| it.get("type") == Some("checkbox"));
    let pair = |it: &crate::html::Element| {
        (it.get("name").unwrap().to_owned(), it.get("value").unwrap().to_owned())
    };
    all.map(|it| pair(&it)).collect()
}

/// F056
#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_ticked_previewed_imported_and_taken_back() {
    let world = World::new().await;
    let (mia, bob) = (settle(&world, "mia"), settle(&world, "bob"));
    let admin = world.signed_in("olivia", "/admin").await;
    let page = admin.get(LIST).await;
    assert!(page.body.contains("Nobody has looked at the tenant yet."), "{}", page.body);
    let page = look(&admin).await;
    for text in ["are left over", "Nobody here has its addresses.", "Same sign-in name"] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    let nothing = admin.post(TICKS, &ticked(&page, &[], "preview")).await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.body.contains("Nothing is ticked."), "{}", nothing.body);
    let found = admin.get(&format!("{LIST}?q=MIA")).await;
    assert!(!found.body.contains("bob@contoso.com"), "{}", found.body);
    let kept = admin.post(TICKS, &ticked(&found, &[("sync", &mia), ("sso", &mia)], "keep")).await;
    let at = kept.location.unwrap();
    assert!(at.starts_with(LIST) && at.contains("q=MIA") && at.contains("done=ticks-kept"), "{at}");
    let all = admin.get(LIST).await;
    assert!(all.body.contains("1 account is ticked"), "{}", all.body);
    let shown = admin.post(TICKS, &ticked(&all, &[("sync", &bob)], "preview")).await;
    assert_eq!(shown.status, 303, "{}", shown.body);
    let draft = shown.location.unwrap();
    let page = admin.get(&draft).await;
    for text in ["2 accounts would be imported", "mia there", "May sign in with Microsoft", "bob"] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    let done = admin.fill(&page, &format!("{draft}/apply"), &[]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let page = admin.get(&done.location.unwrap()).await;
    assert!(page.body.contains("Imported."), "{}", page.body);
    assert!(
        page.body.contains("Accounts at Microsoft are neither blocked nor deleted"),
        "{}",
        page.body
    );
    let listed = admin.get(&format!("{LIST}?show=bound")).await;
    assert!(listed.body.contains("mia@contoso.com"), "{}", listed.body);
    let imports = admin.get("/admin/imports").await;
    assert!(imports.body.contains("2 accounts"), "{}", imports.body);
    let undone = admin.fill(&page, &format!("{draft}/undo"), &[]).await;
    let page = admin.get(&undone.location.unwrap()).await;
    assert!(page.body.contains("Taken back"), "{}", page.body);
    let log = admin.get("/admin/audit").await;
    assert!(log.body.contains("Import of people"), "{}", log.body);
}

/// Y07, R147
#[tokio::test(flavor = "multi_thread")]
async fn protected_accounts_have_no_box_and_a_stale_factor_imports_nothing() {
    let world = World::new().await;
    let (mia, chief) = (settle(&world, "mia"), settle(&world, "chief"));
    world.simulator.make_admin("chief@contoso.com");
    let admin = world.signed_in("olivia", "/admin").await;
    look(&admin).await;
    let page = admin.get(&format!("{LIST}?q=@contoso.com")).await;
    let boxes = boxes(&page);
    assert!(boxes.contains(&("sync".to_owned(), mia.clone())), "{boxes:?}");
    assert!(!boxes.iter().any(|(_, id)| *id == chief), "{boxes:?}");
    assert!(page.body.contains("Administrators must not depend on Gatehouse."), "{}", page.body);
    let kept = [("sync", mia.as_str()), ("sso", &mia), ("sync", &chief), ("sso", &chief)];
    let shown = admin.post(TICKS, &ticked(&page, &kept, "preview")).await;
    let draft = shown.location.unwrap();
    let page = admin.get(&draft).await;
    assert!(page.body.contains("an administrator of the tenant"), "{}", page.body);
    world.pass(Duration::from_mins(6));
    let stale = admin.fill(&page, &format!("{draft}/apply"), &[]).await;
    assert!(stale.location.unwrap().starts_with("/admin/step-up"), "{}", stale.body);
    let page = admin.get(&draft).await;
    assert!(page.body.contains("Confirm that it is you"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_keep_their_ticks_and_all_that_match_can_be_ticked() {
    let world = World::new().await;
    for number in 0..60 {
        settle(&world, &format!("p{number:02}"));
    }
    let admin = world.signed_in("olivia", "/admin").await;
    look(&admin).await;
    let first = admin.get(&format!("{LIST}?q=p&domain=contoso.com&licence=no")).await;
    let (_, id) = boxes(&first)[0].clone();
    let next = admin.post(TICKS, &ticked(&first, &[("sso", &id)], "next")).await;
    let second = admin.get(&next.location.unwrap()).await;
    assert!(second.body.contains("Keep, and previous page"), "{}", second.body);
    assert!(!second.body.contains("Keep, and next page"), "{}", second.body);
    let back = admin.post(TICKS, &ticked(&second, &[], "previous")).await;
    let first = admin.get(&back.location.unwrap()).await;
    let ticks = first.form(TICKS).into_iter().filter(|(name, _)| name == "sso").count();
    assert_eq!(ticks, 1, "still ticked");
    let all = admin.post(TICKS, &ticked(&first, &[], "all-sync")).await;
    let page = admin.get(&all.location.unwrap()).await;
    assert!(page.body.contains("60 accounts are ticked"), "{}", page.body);
    let forged = admin.post(TICKS, &ticked(&page, &[("bind", "x:create")], "keep")).await;
    assert_eq!(forged.status, 404);
}
