//! The console's screens, through their forms.

use std::time::Duration;

use crate::{
    browser::{Browser, Page},
    support::World,
};

/// The page of somebody, found by search.
async fn person(admin: &Browser, name: &str) -> Page {
    let list = admin.get(&format!("/admin/users?q={name}")).await;
    let links: Vec<String> = list
        .elements()
        .into_iter()
        .filter(|it| it.parents.iter().any(|parent| parent == "tbody"))
        .filter_map(|it| it.get("href").map(str::to_owned))
        .collect();
    assert_eq!(links.len(), 1, "{links:?}");
    admin.get(&links[0]).await
}

fn action(page: &Page, end: &str) -> String {
    let forms = page.elements().into_iter().filter_map(|it| it.get("action").map(str::to_owned));
    forms.into_iter().find(|action| action.ends_with(end)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_reaches_the_tenant_and_ends_there() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let bob = person(&admin, "bob").await;
    assert!(bob.body.contains("Microsoft 365 Business Premium"));
    let assign = action(&bob, "/assign");
    let sku = simulator::sample::BUSINESS_PREMIUM;
    let mut fields = bob.form(&assign);
    fields.push(("sku".to_owned(), sku.to_owned()));
    let yammer = format!("{sku}/7547a3fe-08ee-4ccb-b430-5077c5041653");
    let before = fields.len();
    fields.retain(|(_, value)| *value != yammer);
    assert_eq!(fields.len(), before - 1, "the form offers the part");
    let done = admin.post(&assign, &fields).await;
    assert_eq!(done.status, 303, "{}", done.body);
    world.drain().await;

    let there = world.simulator.tenant();
    let user = there.user("bob@contoso.com").expect("Bob is there");
    assert_eq!(user.licenses.len(), 1);
    let tenant = admin.get("/admin/microsoft365").await;
    assert!(tenant.body.contains("7 of 25"), "Bob and six others have a seat");
    let bob = admin.get(&done.location.unwrap()).await;
    assert!(bob.body.contains("without Viva Engage Core"), "{}", bob.body);
    assert!(bob.body.contains("Assigned. Microsoft 365 follows within seconds."));

    let unassign = action(&bob, "/unassign");
    assert_eq!(admin.fill(&bob, &unassign, &[]).await.status, 303);
    world.drain().await;
    let there = world.simulator.tenant();
    let user = there.user("bob@contoso.com").unwrap();
    assert_eq!(user.properties["accountEnabled"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_is_shown_once_waits_on_the_page_and_is_taken_back() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let alice = person(&admin, "alice").await;
    let give = action(&alice, "/access-pass");
    let why = "phone in the taxi, called back <home>";
    let hollow = admin.fill(&alice, &give, &[("hours", "24"), ("reason", " ")]).await;
    assert_eq!(hollow.status, 422);
    assert!(hollow.body.contains("Say in a few words why"), "{}", hollow.body);
    assert!(hollow.body.contains(r#"<option value="24" selected>"#), "the hours are kept");
    let never = admin.fill(&alice, &give, &[("hours", "9999"), ("reason", why)]).await;
    assert_eq!(never.status, 422);
    assert!(never.body.contains("phone in the taxi"), "the reason is kept");

    let shown = admin.fill(&alice, &give, &[("hours", "1"), ("reason", why)]).await;
    let form = |page: &Page| page.body.contains("Take it back");
    assert!(shown.status == 200 && shown.body.contains("It is not shown again."));
    let waits = person(&admin, "alice").await;
    assert!(waits.body.contains("phone in the taxi, called back &lt;home&gt;"), "{}", waits.body);
    assert!(form(&waits) && !waits.body.contains("It is not shown again."));
    let back = action(&waits, "/access-pass/withdraw");
    let gone = admin.fill(&waits, &back, &[]).await;
    let after = admin.get(&gone.location.unwrap()).await;
    assert!(!form(&after) && after.body.contains("The pass is worth nothing now."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_changed_and_a_wrong_one_comes_back() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let alice = person(&admin, "alice").await;
    let links = alice.elements().into_iter().filter_map(|it| it.get("href").map(str::to_owned));
    let edit = links.into_iter().find(|href| href.ends_with("/edit")).unwrap();
    let form = admin.get(&edit).await;
    let typed = [("department", "R&D <east>"), ("mail", "alice at work")];
    let again = admin.fill(&form, &edit, &typed).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("Type a mail address"), "{}", again.body);
    let fields = again.form(&edit);
    assert!(fields.contains(&("department".to_owned(), "R&D <east>".to_owned())), "{fields:?}");
    let done = admin.fill(&again, &edit, &[("mail", "alice@contoso.com")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(person(&admin, "alice").await.body.contains("R&amp;D &lt;east&gt;"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_sign_in_name_comes_back_at_its_field_and_a_free_one_is_given() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let edit = action(&person(&admin, "alice").await, "/block").replace("/block", "/edit");
    let (form, rename) = (admin.get(&edit).await, edit.replace("/edit", "/rename"));
    let again = admin.fill(&form, &rename, &[("local_part", "bob")]).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("href=\"#local_part\""), "{}", again.body);
    assert!(again.form(&rename).contains(&("local_part".to_owned(), "bob".to_owned())));
    let done = admin.fill(&again, &rename, &[("local_part", "alice.ahmed")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(person(&admin, "alice.ahmed").await.body.contains("alice.ahmed@contoso.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_form_comes_back_with_what_was_typed() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let form = admin.get("/admin/users/new").await;
    let typed = [
        ("given_name", "Al<ice"),
        ("surname", "Archer"),
        ("local_part", "alice"),
        ("department", "R&D"),
        ("country", "DE"),
    ];
    let again = admin.fill(&form, "/admin/users/new", &typed).await;
    assert_eq!(again.status, 422);
    let fields = again.form("/admin/users/new");
    for (name, value) in typed {
        assert!(fields.contains(&(name.to_owned(), value.to_owned())), "{name}: {fields:?}");
    }
    assert!(again.body.contains("href=\"#local_part\""), "the problem leads to its field");

    let long = "x".repeat(65);
    let changed = [("local_part", "archer"), ("department", long.as_str())];
    let again = admin.fill(&again, "/admin/users/new", &changed).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("href=\"#department\""), "{}", again.body);

    let made = admin.fill(&again, "/admin/users/new", &[("department", "R&D")]).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert!(made.body.contains("First password") && made.body.contains("Enrolment code"));
}

/// R048, R147
#[tokio::test(flavor = "multi_thread")]
async fn an_old_factor_leads_to_the_step_up_page_and_back_with_a_new_secret() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    world.pass(Duration::from_mins(6));
    let tab = "/admin/domains/contoso-com/revert";
    let asked = admin.get(tab).await;
    assert_eq!(asked.status, 303);
    let page = admin.get(&asked.location.unwrap()).await;
    let old = admin.cookie("gh_admin").unwrap();

    let wrong = admin.fill(&page, "/admin/step-up", &[("code", "000000")]).await;
    assert_eq!(wrong.status, 422);
    let code = world.next_code(&world.sample.owner);
    let done = admin.fill(&wrong, "/admin/step-up", &[("code", &code)]).await;
    assert_eq!((done.status, done.location.as_deref()), (303, Some(tab)));
    assert_ne!(admin.cookie("gh_admin").unwrap(), old, "the session has a new secret");
    assert_eq!(admin.get(tab).await.status, 200);

    let thief = Browser::new(&world.url);
    thief.set_cookie("gh_admin", &old);
    assert_eq!(thief.get("/admin").await.status, 303, "the old secret opens nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_form_leads_back_to_the_page_that_it_was_on() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let page = person(&admin, "alice").await;
    let reset = action(&page, "/reset");
    world.pass(Duration::from_mins(6));
    let refused = admin.fill(&page, &reset, &[]).await;
    let asked = admin.get(&refused.location.unwrap()).await;
    let code = world.next_code(&world.sample.owner);
    let done = admin.fill(&asked, "/admin/step-up", &[("code", &code)]).await;
    let back = done.location.unwrap();
    assert!(reset.starts_with(back.split('?').next().unwrap()), "{back}");
    let page = admin.get(&back).await;
    let codes = admin.fill(&page, &reset, &[]).await;
    assert!(codes.body.contains("Enrolment code"), "{}", codes.body);
}

/// R139
#[tokio::test(flavor = "multi_thread")]
async fn the_downloaded_script_is_the_shown_one_byte_for_byte() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let folder = "/admin/domains/contoso-com";
    let preflight = format!("{folder}/preflight");
    admin.fill(&admin.get(&preflight).await, &preflight, &[]).await;
    let pairs = [
        ("powershell", "federate.ps1"),
        ("sh", "federate.sh"),
        ("revert", "revert.ps1"),
        ("revert-sh", "revert.sh"),
    ];
    for (view, file) in pairs {
        let page = admin.get(&format!("{folder}/{view}")).await;
        let shown = page.elements().into_iter().find(|it| it.get("id") == Some("source")).unwrap();
        let kept = admin.get(&format!("{folder}/{file}")).await;
        assert!(shown.text == kept.body, "{view} is shown otherwise than it is kept");
        assert!(kept.body.is_ascii() && kept.body.len() > 500, "{view}");
        let name = kept.headers["content-disposition"].to_str().unwrap();
        assert!(name.starts_with("attachment; filename=\""), "{name}");
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, kept.body.as_bytes());
        assert!(page.body.contains(&hex::encode(digest)), "{view} shows its digest");
    }
}

/// Y02, Y05
#[tokio::test(flavor = "multi_thread")]
async fn the_plan_that_was_shown_is_carried_out_and_no_other() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let runs = admin.get("/admin/sync-runs").await;
    let preview = admin.fill(&runs, "/admin/sync-runs/preview", &[]).await.location.unwrap();
    assert_eq!(world.simulator.tenant().users.len(), 2, "a preview writes nothing");
    let page = admin.get(&preview).await;
    assert!(page.body.contains("alice@contoso.com"), "{}", page.body);
    let apply = format!("{preview}/apply");
    let forged = admin.fill(&page, &apply, &[("plan_hash", "00")]).await;
    assert_eq!(forged.status, 409);
    let csv = admin.get(&format!("{preview}/plan.csv")).await;
    assert!(csv.body.starts_with("action,person,reason,before,after,result,detail\r\n"));
    let done = admin.fill(&page, &apply, &[]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(world.simulator.tenant().user("alice@contoso.com").is_some());
    let page = admin.get(&preview).await;
    assert!(page.body.contains("are done."), "{}", page.body);
}

/// R009, R053
#[tokio::test(flavor = "multi_thread")]
async fn a_person_changes_the_password_and_ends_other_sessions() {
    let world = World::new().await;
    let alice = world.signed_in("alice", "/portal").await;
    let elsewhere = world.signed_in("alice", "/portal").await;
    let page = alice.get("/portal/security").await;
    let old = world.account("alice").password().to_owned();
    let form = "/portal/security/password";
    let weak = [("current_password", old.as_str()), ("new_password", "password1234")];
    let again = alice.fill(&page, form, &weak).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("href=\"#new_password\""), "{}", again.body);
    let typed =
        [("current_password", old.as_str()), ("new_password", "quiet lantern beside river nine")];
    let done = alice.fill(&again, form, &typed).await;
    assert_eq!(done.location.as_deref(), Some("/portal/security?done=password-changed"));
    assert_eq!(alice.get("/portal").await.status, 200);
    assert_eq!(elsewhere.get("/portal").await.status, 303, "the other session has ended");
}

/// R144, R145
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_gives_a_role_and_the_help_desk_can_not() {
    let world = World::new().await;
    let owner = world.signed_in("olivia", "/admin").await;
    let find = |upn: &'static str| world.store.read(move |tx| store::users::by_upn(tx, upn));
    let alice = find("alice@contoso.com").await.unwrap().unwrap().id;
    let path = format!("/admin/users/{alice}");
    let action = format!("{path}/role");
    let page = owner.get(&path).await;
    let done = owner.fill(&page, &action, &[("role", "help_desk")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let page = owner.follow(done.location.as_deref().unwrap()).await;
    assert!(page.body.contains("The role is changed"), "{}", page.body);
    assert!(page.body.contains("<strong>Help desk</strong>"), "{}", page.body);
    assert!(owner.get("/admin/users").await.body.contains("alice@contoso.com · Help desk"));

    let desk = world.signed_in("alice", "/admin").await;
    let erin = find("erin@contoso.com").await.unwrap().unwrap().id;
    let page = desk.get(&format!("/admin/users/{erin}")).await;
    assert!(!page.body.contains("Change the role"), "{}", page.body);
    let csrf = ("csrf".to_owned(), page.csrf());
    let role = ("role".to_owned(), "help_desk".to_owned());
    let tried = desk.post(&format!("/admin/users/{erin}/role"), &[csrf, role]).await;
    assert_eq!(tried.status, 403, "{}", tried.body);
    assert_eq!(find("erin@contoso.com").await.unwrap().unwrap().role, None);
}

/// R132
#[tokio::test(flavor = "multi_thread")]
async fn the_last_day_of_the_secret_is_typed_in_and_a_wrong_one_loses_nothing() {
    const PATH: &str = "/admin/microsoft365";
    let world = World::new().await;
    let owner = world.signed_in("olivia", "/admin").await;
    let page = owner.get(PATH).await;
    assert!(page.body.contains("when it ends is not known"), "{}", page.body);
    let typed = [("alias", "Contoso production"), ("secret_ends", "2020-01-01")];
    let wrong = owner.fill(&page, PATH, &typed).await;
    assert_eq!(wrong.status, 422);
    for kept in ["That day is past", "value=\"Contoso production\"", "value=\"2020-01-01\""] {
        assert!(wrong.body.contains(kept), "{kept}: {}", wrong.body);
    }
    let saved = owner.fill(&wrong, PATH, &[("secret_ends", "2026-12-10")]).await;
    assert_eq!(saved.location.as_deref(), Some("/admin/microsoft365?done=loaded"));
    let page = owner.get(PATH).await;
    assert!(page.body.contains("it ends in 14 days, on 10 Dec 2026"), "{}", page.body);
}

/// R010
#[tokio::test(flavor = "multi_thread")]
async fn a_new_initial_password_is_shown_once() {
    let world = World::new().await;
    let owner = world.signed_in("olivia", "/admin").await;
    let page = person(&owner, "bob").await;
    let form = action(&page, "/initial-password");
    let shown = owner.fill(&page, &form, &[]).await;
    assert!(shown.body.contains("Initial password"), "{}", shown.body);
    assert!(!person(&owner, "bob").await.body.contains("Initial password"));
}
