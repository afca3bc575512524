//! A registration is tested without anybody signing in: each way in which it can be wrong is told from
//! the others, with what to do about it here.

use simulator::sample::FABRIKAM_ID;

use super::{ALICE_THERE, Stage};
use crate::browser::Page;

/// Tests it; the page that shows what was found.
async fn tested(stage: &Stage) -> Page {
    let address = format!("/admin/registrations/{}", stage.id);
    let page = stage.console.get(&address).await;
    let done = stage.console.fill(&page, &format!("{address}/test"), &[]).await;
    let location = done.location.unwrap_or_else(|| panic!("{}", done.body));
    assert_eq!(location, format!("{address}?done=registration-tested#test"));
    stage.console.get(&address).await
}

/// A name, what is typed, what is spoiled then, which step tells, and what it says.
type Case = (
    &'static str,
    Vec<(&'static str, &'static str)>,
    fn(&Stage),
    &'static str,
    &'static [&'static str],
);

/// How a step ended, and what was said of it.
fn step(page: &Page, label: &str) -> (String, String) {
    let items = page.elements().into_iter().filter(|it| it.is("li"));
    let mut found = items.filter(|it| it.text.trim_start().starts_with(label));
    let item = found.next().unwrap_or_else(|| panic!("{label}: {}", page.body));
    (item.get("class").unwrap_or_default().to_owned(), item.text)
}

const PARTS: [&str; 7] = [
    "Name of Microsoft's host",
    "Encrypted connection and addresses",
    "Issuer",
    "Keys",
    "Redirect URI",
    "Secret or certificate",
    "Consent",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_is_right_passes_every_step() {
    let stage = Stage::with(&[("mode", "one"), ("tenant", "fabrikam.com")]).await;
    let address = format!("/admin/registrations/{}", stage.id);
    let page = stage.console.get(&address).await;
    assert!(page.body.contains("Not tested since it was last changed"), "{}", page.body);
    let page = tested(&stage).await;
    for part in PARTS {
        let (tone, said) = step(&page, part);
        assert_eq!(tone, "ok", "{part}: {said}");
        assert!(said.contains(" ms)"), "{part} is timed: {said}");
    }
    assert!(page.body.contains("Everything is as it should be."), "{}", page.body);
    // Whoever changes it has to test it anew.
    let saved = stage.console.fill(&page, &address, &[("alias", "Other")]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let page = stage.console.get(&address).await;
    assert!(page.body.contains("Not tested since it was last changed"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_registration_of_many_cannot_be_told_is_not_called_right() {
    let stage = Stage::new().await;
    let page = tested(&stage).await;
    let (tone, said) = step(&page, "Secret or certificate");
    assert_eq!(tone, "ok", "{said}");
    assert!(said.contains("complained of the code alone"), "{said}");
    let (tone, said) = step(&page, "Consent");
    assert_eq!(tone, "neutral", "{said}");
    assert!(page.body.contains("as far as it can be told from here"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_be_wrong_is_told_from_the_others() {
    let one = [("mode", "one"), ("tenant", "fabrikam.com")];
    let with = |more: &[(&'static str, &'static str)]| [&one[..], more].concat();
    let cases: [Case; 5] = [
        (
            "a secret that is wrong",
            with(&[("client_secret", "not-the-secret-of-this-app")]),
            |_| (),
            "Secret or certificate",
            &["AADSTS7000215", "not its Secret ID"],
        ),
        (
            "a secret that has ended",
            with(&[("secret_ends", "2026-12-20")]),
            |stage| stage.world.simulator.expire_sign_in_secrets(),
            "Secret or certificate",
            &["AADSTS7000222", "lasts until 2026-12-2"],
        ),
        (
            "an app that isn't there",
            with(&[("client_id", "5c2f9e61-0b7d-4a38-9d14-6e8a3b5c7fff")]),
            |_| (),
            "Secret or certificate",
            &["AADSTS700016", "fabrikam.com", "5c2f9e61-0b7d-4a38-9d14-6e8a3b5c7fff"],
        ),
        (
            "a directory that has not consented",
            with(&[]),
            |stage| stage.world.simulator.withdraw_consent(FABRIKAM_ID),
            "Consent",
            &["AADSTS7000229", "openid, profile and email"],
        ),
        (
            "a redirect URI that Microsoft does not know",
            with(&[]),
            |stage| stage.world.simulator.forget_redirect_uris(),
            "Redirect URI",
            &["AADSTS50011", "platform Web", "/sign-in/microsoft/"],
        ),
    ];
    for (name, fields, spoil, part, said) in cases {
        let stage = Stage::with(&fields).await;
        spoil(&stage);
        let page = tested(&stage).await;
        let (tone, text) = step(&page, part);
        assert_eq!(tone, "danger", "{name}: {text}");
        for wanted in said {
            assert!(text.contains(wanted), "{name}: {wanted}: {text}");
        }
        assert!(page.body.contains("sign in through it"), "{name}: {}", page.body);
        for other in ["Issuer", "Keys"] {
            assert_eq!(step(&page, other).0, "ok", "{name}: {other}");
        }
        assert!(!page.body.contains("not-the-secret-of-this-app"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_microsoft_that_does_not_answer_leaves_the_rest_untried() {
    let stage = Stage::new().await;
    let trouble = simulator::Trouble::Unavailable { retry_after: None };
    let fault = simulator::Fault::new(trouble).on("GET", "openid-configuration");
    stage.world.simulator.faults().inject(fault);
    let page = tested(&stage).await;
    let (tone, said) = step(&page, "Encrypted connection");
    assert_eq!(tone, "danger", "{said}");
    assert!(step(&page, "Secret or certificate").1.contains("Not tried"), "{}", page.body);
}

/// What people read on Microsoft's page is explained for the registration that they came by.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_microsofts_is_explained_for_this_registration() {
    let stage = Stage::with(&[("mode", "one"), ("tenant", "fabrikam.com")]).await;
    let address = format!("/admin/registrations/{}", stage.id);
    for (code, said) in [
        ("50020", "Only people of the directory"),
        ("AADSTS90072: User account", "invite it as a guest there"),
        ("AADSTS500200", "Only people of the directory"),
        ("AADSTS65001", "Nobody has consented to the app"),
        ("50011", "/sign-in/microsoft/"),
        ("AADSTS50194", "this directory only"),
        ("no code at all <b>", "No code is in that"),
    ] {
        let query: String = url::form_urlencoded::byte_serialize(code.as_bytes()).collect();
        let page = stage.console.get(&format!("{address}?said={query}")).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(said), "{code}: {}", page.body);
        assert!(!page.body.contains("all <b>"), "what was typed is shown as text");
    }
}

/// The simulator shows each on demand, and nobody is signed in by it.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_on_microsofts_page_are_made_on_demand() {
    let stage = Stage::new().await;
    for code in [50_020, 90_072, 500_200] {
        stage.world.simulator.refuse_sign_in(code);
        let (browser, page) = stage.stranger().await;
        let address = stage.leave(&browser, &page).await;
        let shown = ALICE_THERE.answer(&address).await.unwrap_err();
        assert!(shown.contains(&format!("AADSTS{code}")), "{shown}");
    }
    stage.world.simulator.refuse_sign_in(65_001);
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
    assert!(super::complaint(&page).contains("AADSTS65001"), "{}", page.body);
}

/// An auditor sees what was found, and has nothing tested.
#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_change_it_has_it_tested() {
    let stage = Stage::new().await;
    let now = stage.world.house.now();
    let dismiss = stage.world.store.write(move |tx| {
        let olivia = store::users::by_upn(tx, "olivia@contoso.com")?.unwrap();
        store::users::set_role(tx, olivia.id, Some(model::Role::Auditor), now)
    });
    dismiss.await.unwrap();
    let reader = &stage.console;
    let page = reader.get(&format!("/admin/registrations/{}", stage.id)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(!page.body.contains("/test\""), "{}", page.body);
    let form = [("csrf".to_owned(), page.csrf())];
    let address = format!("/admin/registrations/{}/test", stage.id);
    assert_eq!(reader.post(&address, &form).await.status, 403);
}
