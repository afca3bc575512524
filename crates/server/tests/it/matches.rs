//! *Sync users*, through the console's forms.

use std::time::Duration;

use serde_json::json;

use crate::{
    browser::{Browser, Fields, Page},
    support::World,
};

const PATH: &str = "/admin/matches";
const ACCEPT: &str = "/admin/matches/accept";

/// Somebody who was in the tenant before us.
fn settle(world: &World, name: &str, aliases: &[&str]) -> String {
    let aliases: Vec<String> =
        aliases.iter().map(|name| format!("smtp:{name}@contoso.com")).collect();
    let properties = json!({
        "userPrincipalName": format!("{name}@contoso.com"), "displayName": format!("{name} there"),
        "proxyAddresses": aliases,
    });
    world.simulator.add_user(properties.as_object().unwrap().clone())
}

async fn look(admin: &Browser) -> Page {
    let first = admin.get(PATH).await;
    let looked = admin.fill(&first, "/admin/matches/look", &[]).await;
    assert_eq!(looked.status, 303, "{}", looked.body);
    admin.get(&looked.location.unwrap()).await
}

/// The values of the boxes that can be ticked.
fn boxes(page: &Page) -> Vec<String> {
    let all = page.elements().into_iter().filter(|it| it.get("type") == Some("checkbox"));
    all.map(|it| it.get("value").unwrap().to_owned()).collect()
}

fn ticked(page: &Page, pairs: &[String]) -> Fields {
    let mut fields = page.form(ACCEPT);
    fields.extend(pairs.iter().map(|pair| ("pair".to_owned(), pair.clone())));
    fields
}

fn anchor(world: &World, id: &str) -> Option<String> {
    let tenant = world.simulator.tenant();
    tenant.user(id).unwrap().immutable_id().map(str::to_owned)
}

/// F068, Y09
#[tokio::test(flavor = "multi_thread")]
async fn ticked_rows_are_confirmed_and_the_plan_takes_them_over() {
    let world = World::new().await;
    let [alice, erin] = ["alice", "erin"].map(|name| settle(&world, name, &[]));
    let bob = settle(&world, "bob", &[]);
    let admin = world.signed_in("olivia", "/admin").await;
    let page = admin.get(PATH).await;
    assert!(page.body.contains("Nobody has looked at the tenant yet."));
    let page = look(&admin).await;
    assert!(page.body.contains("3 suggestions and 0 ambiguous rows wait"), "{}", page.body);
    assert!(page.body.contains("Same sign-in name"));
    let pair = |id: &str| boxes(&page).into_iter().find(|pair| pair.ends_with(id)).unwrap();
    let pairs = [pair(&alice), pair(&erin)];

    let nobody = admin.post(ACCEPT, &page.form(ACCEPT)).await;
    assert_eq!(nobody.status, 422);
    assert!(nobody.body.contains("Nobody is ticked."));
    let done = admin.post(ACCEPT, &ticked(&page, &pairs)).await;
    let at = "/admin/matches?show=confirmed&done=matches-confirmed";
    assert_eq!((done.status, done.location.as_deref()), (303, Some(at)));
    let page = admin.get(at).await;
    assert!(page.body.contains("2 accounts are confirmed."), "{}", page.body);
    let mut no = page.form(ACCEPT);
    no.push(("reject".to_owned(), pair(&bob)));
    assert_eq!(admin.post("/admin/matches/reject", &no).await.status, 303);
    assert_eq!([&alice, &erin, &bob].map(|id| anchor(&world, id)), [None, None, None]);

    let shown = admin.fill(&page, "/admin/sync-runs/preview", &[]).await.location.unwrap();
    let plan = admin.get(&shown).await;
    assert!(plan.body.contains("Take over") && plan.body.contains("an admin confirmed"));
    assert_eq!(admin.fill(&plan, &format!("{shown}/apply"), &[]).await.status, 303);
    assert!(anchor(&world, &alice).is_some() && anchor(&world, &erin).is_some());
    assert_eq!(anchor(&world, &bob), None);
    let linked = admin.get("/admin/matches?show=linked").await;
    assert!(linked.body.contains("alice@contoso.com") && linked.body.contains("erin@contoso.com"));
    let log = admin.get("/admin/audit").await;
    assert!(log.body.contains("Account taken over") && log.body.contains("said not to be theirs"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_ticked_wrongly_comes_back_and_a_no_can_be_taken_back() {
    let world = World::new().await;
    settle(&world, "alice", &[]);
    settle(&world, "a.a", &["alice"]);
    let admin = world.signed_in("olivia", "/admin").await;
    look(&admin).await;
    let page = admin.get("/admin/matches?show=ambiguous&q=ALICE").await;
    let pairs = boxes(&page);
    assert_eq!(pairs.len(), 2, "{}", page.body);
    let again = admin.post(ACCEPT, &ticked(&page, &pairs)).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("alice@contoso.com is ticked twice."), "{}", again.body);
    let still = again.form(ACCEPT).into_iter().filter(|(name, _)| name == "pair").count();
    assert_eq!(still, 2, "and both are still ticked");

    let answer = |page: &Page, word: &str, pair: &str| {
        let mut fields = page.form(ACCEPT);
        fields.push((word.to_owned(), pair.to_owned()));
        fields
    };
    let no = admin.post("/admin/matches/reject", &answer(&page, "reject", &pairs[0])).await;
    assert_eq!(
        no.location.as_deref().unwrap(),
        "/admin/matches?show=ambiguous&q=ALICE&done=match-rejected"
    );
    assert_eq!(boxes(&admin.get("/admin/matches").await), pairs[1..]);
    let page = admin.get("/admin/matches?show=rejected").await;
    assert!(page.body.contains("Take back"));
    let back = admin.post("/admin/matches/reopen", &answer(&page, "reopen", &pairs[0])).await;
    assert_eq!(back.status, 303);
    assert_eq!(boxes(&admin.get("/admin/matches?show=ambiguous").await), pairs);
    let twice = admin.post("/admin/matches/reopen", &answer(&page, "reopen", &pairs[0])).await;
    assert_eq!(twice.status, 409);
}

/// R147, Y07
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_factor_confirms_nothing_and_excluded_rows_have_no_box() {
    let world = World::new().await;
    settle(&world, "alice", &[]);
    settle(&world, "erin", &[]);
    world.simulator.make_admin("erin@contoso.com");
    world.simulator.set("alice@contoso.com", "onPremisesImmutableId", "another");
    settle(&world, "bob", &[]);
    let admin = world.signed_in("olivia", "/admin").await;
    look(&admin).await;
    let page = admin.get("/admin/matches?show=excluded").await;
    assert!(boxes(&page).is_empty());
    for text in ["never writes to administrators", "immutable id of another identity provider"] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    let page = admin.get(PATH).await;
    let fields = ticked(&page, &boxes(&page));
    world.pass(Duration::from_mins(6));
    let late = admin.post(ACCEPT, &fields).await;
    assert!(late.location.unwrap().starts_with("/admin/step-up"));
    let page = admin.get(PATH).await;
    assert!(boxes(&page).is_empty() && page.body.contains("Confirm that it is you"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_rows_make_a_page_and_a_search_finds_any_address() {
    let world = World::new().await;
    for number in 0..60 {
        settle(&world, &format!("x{number:02}"), &[&format!("other{number:02}")]);
    }
    let admin = world.signed_in("olivia", "/admin").await;
    look(&admin).await;
    let first = admin.get("/admin/matches?show=there").await;
    assert_eq!(first.body.matches("Only there</span>").count(), 50);
    let second = admin.get("/admin/matches?show=there&page=2").await;
    assert_eq!(second.body.matches("Only there</span>").count(), 10);
    let found = admin.get("/admin/matches?show=there&q=other07").await;
    assert!(found.body.contains("x07@contoso.com"), "{}", found.body);
    assert_eq!(found.body.matches("Only there</span>").count(), 1);
}
