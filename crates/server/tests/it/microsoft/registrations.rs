//! Registrations in the console: what is wrong is said at its field, and a secret is never shown again.

use simulator::sample::{ADATUM_ID, FABRIKAM_ID, SIGN_IN_CLIENT_ID, SIGN_IN_SECRET};

use super::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_at_its_field_and_nothing_is_lost() {
    let stage = Stage::new().await;
    let (console, action) = (&stage.console, "/admin/registrations/new");
    let page = console.get(action).await;
    let good = [
        ("alias", "Second"),
        ("client_id", SIGN_IN_CLIENT_ID),
        ("client_secret", SIGN_IN_SECRET),
        ("cloud", "simulator"),
        ("mode", "one"),
        ("tenant", "fabrikam.com"),
    ];
    for (field, wrong, said) in [
        ("alias", " ", "Give it a name"),
        ("alias", "PARTNERS", "of that name already"),
        ("client_id", "abc", "This is a GUID"),
        ("client_secret", "", "Paste the value"),
        ("client_secret", "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11", "id of the secret"),
        ("secret_ends", "2019-01-01", "That day is past"),
        ("tenant", "no domain", "or one of its domains"),
        ("tenant", "nowhere.example", "knows no directory of nowhere.example"),
        ("tenant", "9188040d-6c67-4c5b-b112-36a304b66dad", "stands for personal accounts"),
        ("trusted", "x", "x is no directory id"),
        ("trusted", ADATUM_ID, "come through this registration at all"),
        ("trusted", "9188040d-6c67-4c5b-b112-36a304b66dad", "nobody answers for them"),
    ] {
        let mut typed: Vec<_> = good.to_vec();
        typed.retain(|(name, _)| *name != field);
        typed.push((field, wrong));
        let refused = console.fill(&page, action, &typed).await;
        assert_eq!(refused.status, 422, "{field} {wrong}: {}", refused.body);
        assert!(refused.body.contains(said), "{field} {wrong}: {}", refused.body);
        let invalid = refused.elements().into_iter().find(|it| it.get("aria-invalid").is_some());
        assert_eq!(invalid.unwrap().get("name"), Some(field), "{wrong}");
        assert!(!refused.body.contains(SIGN_IN_SECRET));
        let kept = if field == "alias" { "fabrikam.com" } else { "Second" };
        assert!(refused.body.contains(kept), "what was typed is still there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_says_who_can_sign_in_and_what_microsoft_must_be_told() {
    let one = [("mode", "one"), ("tenant", "fabrikam.com"), ("trusted", FABRIKAM_ID)];
    let stage = Stage::with(&one).await;
    let address = format!("/admin/registrations/{}", stage.id);
    let page = stage.console.get(&address).await;
    for shown in ["the organisation of fabrikam.com", "AADSTS50011", FABRIKAM_ID, SIGN_IN_CLIENT_ID]
    {
        assert!(page.body.contains(shown), "{shown}");
    }
    assert!(!page.body.contains(SIGN_IN_SECRET), "it is never shown again");
    let typed = [("mode", "several"), ("several", FABRIKAM_ID), ("alias", "Few")];
    let saved = stage.console.fill(&page, &address, &typed).await;
    assert_eq!(saved.location, Some(format!("{address}?done=saved")), "{}", saved.body);
    let page = stage.console.get(&address).await;
    assert!(page.body.contains("People of the one directory"), "{}", page.body);
    assert!(page.body.contains("On: the sign-in page offers it."));
    let other = stage.console.fill(&page, &address, &[("cloud", "global")]).await;
    assert!(other.body.contains("Another cloud is another registration"), "{}", other.body);
    let gone = stage.console.fill(&page, &format!("{address}/remove"), &[]).await;
    assert_eq!(gone.location.as_deref(), Some("/admin/registrations?done=registration-removed"));
    let list = stage.console.get("/admin/registrations").await;
    assert!(list.body.contains("No registration yet"), "{}", list.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_a_fresh_second_factor() {
    let stage = Stage::new().await;
    stage.world.pass(std::time::Duration::from_mins(6));
    let page = stage.console.get(&format!("/admin/registrations/{}", stage.id)).await;
    for action in ["switch", "remove"] {
        let action = format!("/admin/registrations/{}/{action}", stage.id);
        let asked = stage.console.fill(&page, &action, &[]).await;
        assert!(asked.location.is_some_and(|at| at.starts_with("/admin/step-up")), "{action}");
    }
    // A form with a secret that Microsoft shows once is not thrown away for it.
    let address = format!("/admin/registrations/{}", stage.id);
    let again = stage.console.fill(&page, &address, &[("alias", "Another name")]).await;
    assert_eq!(again.status, 422, "{}", again.body);
    assert!(again.body.contains("/admin/step-up?back="), "{}", again.body);
    assert!(again.form(&address).contains(&("alias".to_owned(), "Another name".to_owned())));
}

/// A secret of a registration that is on and ends soon rings, and links to where it is mended.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_ends_soon_is_told_in_time() {
    let stage = Stage::with(&[("mode", "organizations"), ("secret_ends", "2026-12-20")]).await;
    stage.world.house.keep_watch().await.unwrap();
    let alarms = stage.console.get("/admin/alarms").await;
    assert!(alarms.body.contains("the registration Partners ends on 20 Dec"), "{}", alarms.body);
    assert!(alarms.body.contains("href=\"/admin/registrations\""), "{}", alarms.body);
}
