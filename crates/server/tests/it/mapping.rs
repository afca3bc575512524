//! What of a person reaches Microsoft 365, through the console's pages (F071, F072).

use std::time::Duration;

use crate::{
    browser::{Browser, Page},
    support::World,
};

const TABLE: &str = "/admin/applications/office365/attributes";
const RULE: &str = "/admin/applications/office365/attributes/department";
const REPORT: &str = "/admin/applications/office365/data";

async fn save(admin: &Browser, typed: &[(&str, &str)]) -> Page {
    let page = admin.get(RULE).await;
    admin.fill(&page, RULE, typed).await
}

/// The form of the page, sent by its other button.
async fn attempt(admin: &Browser, typed: &[(&str, &str)]) -> Page {
    let mut fields = admin.get(RULE).await.form(RULE);
    for (name, value) in typed {
        let field = fields.iter_mut().find(|(known, _)| known == name).unwrap();
        (*value).clone_into(&mut field.1);
    }
    admin.post(&format!("{RULE}/try"), &fields).await
}

fn there(world: &World, name: &str) -> Option<String> {
    let tenant = world.simulator.tenant();
    let user = tenant.user(&format!("{name}@contoso.com")).unwrap();
    user.text("department").map(str::to_owned)
}

/// Y26: the walk from the page to the tenant.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_tried_shown_to_change_many_saved_and_written_by_the_next_run() {
    let world = World::new().await;
    world.sync().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let upper = [("expression", "upper(\ndepartment)"), ("person", "alice@contoso.com")];
    let tried = attempt(&admin, &upper).await;
    assert_eq!(tried.status, 200);
    for text in ["Alice", "It differs, so it is written.", "SALES", "Sales"] {
        assert!(tried.body.contains(text), "{text}: {}", tried.body);
    }
    let wanted = [upper[0], upper[1], ("expected", "Sales")];
    let otherwise = attempt(&admin, &wanted).await;
    assert!(otherwise.body.contains("For alice@contoso.com the rule gives SALES."));
    let asks = save(&admin, &upper[..1]).await;
    assert_eq!(asks.status, 422);
    assert!(asks.body.contains("people change in Microsoft 365."), "{}", asks.body);
    assert!(asks.body.contains("Save all the same"));
    assert_eq!(there(&world, "alice").as_deref(), Some("Sales"));
    // Another rule than the one that was shown is counted anew.
    let other = admin.fill(&asks, RULE, &[("expression", "lower(department)")]).await;
    assert_eq!(other.status, 422);
    assert!(other.body.contains("people change in Microsoft 365."));
    assert_eq!(admin.fill(&asks, RULE, &[]).await.status, 303);
    world.sync().await;
    assert_eq!(there(&world, "alice").as_deref(), Some("SALES"));
    let log = admin.get("/admin/audit").await;
    assert!(log.body.contains("always upper( department); people who change:"), "{}", log.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_when_empty_leaves_what_somebody_set_there_and_never_sends_nothing() {
    let world = World::new().await;
    world.sync().await;
    let admin = world.signed_in("olivia", "/admin").await;
    world.simulator.set("alice@contoso.com", "department", "By hand");
    world.simulator.set("carol@contoso.com", "department", serde_json::Value::Null);
    assert_eq!(save(&admin, &[("mode", "when_empty")]).await.status, 303);
    world.sync().await;
    assert_eq!(there(&world, "alice").as_deref(), Some("By hand"));
    assert!(there(&world, "carol").is_some());
    assert_eq!(save(&admin, &[("mode", "never")]).await.status, 303);
    world.simulator.set("carol@contoso.com", "department", serde_json::Value::Null);
    world.sync().await;
    assert_eq!(there(&world, "carol"), None);
    let table = admin.get(TABLE).await;
    assert!(table.body.contains("6 of 17 attributes are written"), "{}", table.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named_with_its_place_and_what_was_typed_stays() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    for (field, typed, said) in [
        ("expression", "departmnt", "At character 1: there is no field departmnt."),
        ("expression", "if(member(\"Nobody\"), upn, mail)", "There is no group Nobody."),
        ("expected", "Sales", "A test needs somebody."),
    ] {
        let again = save(&admin, &[(field, typed)]).await;
        assert_eq!(again.status, 422, "{typed}");
        let text: String = again.elements().iter().map(|it| it.text.clone()).collect();
        assert!(text.contains(said), "{said}: {text}");
        assert!(again.form(RULE).contains(&(field.to_owned(), typed.to_owned())), "{typed}");
    }
    let nobody = attempt(&admin, &[("person", "nobody@contoso.com")]).await;
    assert_eq!(nobody.status, 422);
    assert!(nobody.body.contains("Nobody here has this sign-in name."));
    world.pass(Duration::from_mins(6));
    let late = save(&admin, &[("expression", "upper(department)")]).await;
    assert_eq!(late.status, 422);
    assert!(late.body.contains("Confirm that it is you"));
    assert!(late.form(RULE).contains(&("expression".to_owned(), "upper(department)".to_owned())));
    let wrong = admin.get("/admin/applications/office365/attributes/account_enabled").await;
    assert_eq!(wrong.status, 404, "nobody maps whether somebody may sign in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_kept_shown_and_taken_away_by_its_tick() {
    let world = World::new().await;
    world.sync().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let test = [("person", "alice@contoso.com"), ("expected", "Sales")];
    assert_eq!(save(&admin, &test).await.status, 303);
    let page = admin.get(RULE).await;
    assert!(page.form(RULE).iter().any(|(name, _)| name == "keep"), "{}", page.body);
    let refused = save(&admin, &[("expression", "\"Somewhere\"")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("its test wants"), "{}", refused.body);
    let fields: Vec<(String, String)> =
        page.form(RULE).into_iter().filter(|(name, _)| name != "keep").collect();
    assert_eq!(admin.post(RULE, &fields).await.status, 303);
    assert!(!admin.get(RULE).await.form(RULE).iter().any(|(name, _)| name == "keep"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_finds_people_by_any_part_of_their_name() {
    let world = World::new().await;
    world.sync().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let alice = admin.get(&format!("{TABLE}?person=alice")).await;
    assert_eq!(alice.status, 200);
    assert!(alice.body.contains("The account was seen just now."), "{}", alice.body);
    assert!(alice.body.contains("The same is there."));
    let several = admin.get(&format!("{TABLE}?person=contoso")).await;
    assert!(several.body.contains("Several people fit"), "{}", several.body);
    assert_eq!(admin.get(&format!("{TABLE}?person=nobody-at-all")).await.status, 422);
}

/// F072, R142, R147
#[tokio::test(flavor = "multi_thread")]
async fn the_report_says_what_leaves_of_how_many_and_is_a_table_too() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let rule = "join(\" \", department, pseudonym(surname))";
    let page = admin.get(RULE).await;
    // Nobody is there yet, so it concerns every account that is to be made.
    let asked = admin.fill(&page, RULE, &[("expression", rule), ("mode", "on_create")]).await;
    assert_eq!(asked.status, 422, "{}", asked.body);
    assert_eq!(admin.fill(&asked, RULE, &[]).await.status, 303);
    let report = admin.get(REPORT).await;
    for text in ["userPrincipalName", "department; a pseudonym of family name", "On create"] {
        assert!(report.body.contains(text), "{text}: {}", report.body);
    }
    let table = admin.get(&format!("{REPORT}.csv")).await;
    assert!(table.body.contains("department; a pseudonym of family name"), "{}", table.body);
    assert!(table.body.contains("City,city,Never,,nothing,0 of"), "{}", table.body);
    world.pass(Duration::from_mins(6));
    assert_eq!(admin.get(&format!("{REPORT}.csv")).await.status, 303);
}

/// The details of a person, from the form to their page.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_of_a_person_is_kept_and_checked() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let read = world.store.read(|tx| store::users::by_upn(tx, "alice@contoso.com"));
    let address = format!("/admin/users/{}", read.await.unwrap().unwrap().id);
    let edit = format!("{address}/edit");
    let page = admin.get(&edit).await;
    let long = "7".repeat(257);
    let wrong = admin.fill(&page, &edit, &[("employee_id", long.as_str())]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("Type at most 256 characters."), "{}", wrong.body);
    let typed = [("employee_id", "4711"), ("office_location", " Room 8 ")];
    assert_eq!(admin.fill(&page, &edit, &typed).await.status, 303);
    let shown = admin.get(&address).await;
    for text in ["Employee number", "4711", "Room 8"] {
        assert!(shown.body.contains(text), "{text}");
    }
    assert!(!shown.body.contains("Postal code"), "what isn't known takes no line");
}
