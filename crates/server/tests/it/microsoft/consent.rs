//! Consent of a directory: bound to the browser and the session that asked, compared with whom the
//! registration lets in, and believed only when Microsoft itself knows the app there.

use reqwest::{Client, redirect::Policy};
use simulator::sample::{ADATUM_ID, FABRIKAM_ID};

use super::{ALICE_THERE, Stage, There, complaint, way};
use crate::browser::{Browser, Page};

const BOB: &str = "bob@fabrikam.com";
const ONE: [(&str, &str); 2] = [("mode", "one"), ("tenant", "fabrikam.com")];

impl Stage {
    /// Leaves for the consent page; its address.
    async fn ask_consent(&self) -> String {
        let address = format!("/admin/registrations/{}", self.id);
        let page = self.console.get(&address).await;
        way(&self.console.fill(&page, &format!("{address}/consent"), &[]).await)
    }

    /// Consents there as somebody, or says no; where Microsoft sends the browser.
    async fn consent(&self, address: &str, who: Option<&str>) -> String {
        let (page, query) = address.split_once('?').unwrap();
        let answer = match who {
            Some(who) => ("username", who),
            None => ("cancel", "yes"),
        };
        let form = [("query", query), answer];
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        let sent = client.post(page).form(&form).send().await.unwrap();
        let location = sent.headers().get("location").map(|at| at.to_str().unwrap().to_owned());
        let Some(location) = location else { panic!("{}", sent.text().await.unwrap()) };
        location.strip_prefix(&self.world.url).unwrap().to_owned()
    }

    /// Comes back with it: the page of the registration, as the page in between leads there.
    async fn back_in_console(&self, back: &str) -> Page {
        let came = self.console.come(back).await;
        let next = way(&came);
        assert!(next.starts_with(&format!("/admin/registrations/{}?", self.id)), "{next}");
        self.console.get(&next).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_consents_and_microsoft_is_asked_whether_it_did() {
    let stage = Stage::with(&ONE).await;
    stage.world.simulator.withdraw_consent(FABRIKAM_ID);
    let address = stage.ask_consent().await;
    assert!(address.contains(&format!("/{FABRIKAM_ID}/v2.0/adminconsent?")), "{address}");
    let back = stage.consent(&address, Some(BOB)).await;
    let page = stage.back_in_console(&back).await;
    assert!(page.body.contains("Microsoft knows the app there"), "{}", page.body);
    let journal = stage.console.get("/admin/audit").await.body;
    assert!(journal.contains(&format!("consent of {FABRIKAM_ID}: given")), "{journal}");
    // It is good once.
    let again = stage.console.come(&back).await;
    assert!(!again.body.contains("/admin/registrations/"), "{}", again.body);
}

/// The address alone says nothing: anybody can write `admin_consent=True` into it.
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_was_made_up_is_not_believed() {
    let stage = Stage::with(&ONE).await;
    stage.world.simulator.withdraw_consent(FABRIKAM_ID);
    let address = stage.ask_consent().await;
    let handle = address.split_once("state=").unwrap().1;
    let made_up = format!(
        "/sign-in/microsoft/{}?admin_consent=True&tenant={FABRIKAM_ID}&state={handle}",
        stage.id
    );
    let page = stage.back_in_console(&made_up).await;
    assert!(page.body.contains("Microsoft does not show it yet"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_of_a_foreign_directory_is_refused() {
    let stage = Stage::with(&ONE).await;
    for tenant in [ADATUM_ID, "9188040d-6c67-4c5b-b112-36a304b66dad", "", "x"] {
        let address = stage.ask_consent().await;
        let back = stage.consent(&address, Some(BOB)).await;
        let swapped = back.replace(FABRIKAM_ID, tenant);
        let page = stage.back_in_console(&swapped).await;
        let said = complaint(&page);
        let wanted = if tenant.len() > 1 { "in another directory" } else { "did not take" };
        assert!(said.contains(wanted), "{tenant}: {said}");
        let journal = stage.console.get("/admin/audit").await.body;
        assert!(journal.contains("Refused"), "{tenant}");
    }
    // What is an organisation's own may come, and personal accounts have nobody who consents.
    let stage = Stage::with(&[("mode", "organizations")]).await;
    let address = stage.ask_consent().await;
    assert!(address.contains("/organizations/v2.0/adminconsent?"), "{address}");
    let back = stage.consent(&address, Some(BOB)).await;
    let page = stage.back_in_console(&back).await;
    assert!(page.body.contains("Microsoft knows the app there"), "{}", page.body);
    let stage = Stage::with(&[("mode", "consumers")]).await;
    let page = stage.console.get(&format!("/admin/registrations/{}", stage.id)).await;
    assert!(!page.body.contains("/consent\""), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_is_a_no_though_the_address_says_that_consent_was_given() {
    let stage = Stage::with(&ONE).await;
    let address = stage.ask_consent().await;
    let back = stage.consent(&address, None).await;
    assert!(back.contains("admin_consent=True"), "{back}");
    let page = stage.back_in_console(&back).await;
    assert!(complaint(&page).contains("did not consent"), "{}", page.body);
    let address = stage.ask_consent().await;
    let handle = address.split_once("state=").unwrap().1;
    let refused = format!(
        "/sign-in/microsoft/{}?error=consent_required&error_description=AADSTS90094%3A+x\
         &admin_consent=True&tenant={FABRIKAM_ID}&state={handle}",
        stage.id
    );
    let page = stage.back_in_console(&refused).await;
    assert!(page.body.contains("AADSTS90094"), "{}", page.body);
}

/// Neither another browser nor another registration nor another errand takes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_state_of_another_browser_registration_or_errand_is_refused() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let refused = async |browser: &Browser, back: &str, what: &str| {
        let page = browser.come(back).await;
        assert!(!page.body.contains("/admin/registrations/"), "{what}: {}", page.body);
        let landed = page.location.clone().unwrap_or_default();
        assert!(!landed.contains("done="), "{what}: {landed}");
    };
    let back = stage.consent(&stage.ask_consent().await, Some(BOB)).await;
    refused(&stage.world.browser(), &back, "another browser").await;

    let more = [("mode", "organizations"), ("alias", "Second")];
    let other = super::register(&stage.world, &stage.console, &more).await;
    let back = stage.consent(&stage.ask_consent().await, Some(BOB)).await;
    refused(&stage.console, &back.replace(&stage.id, &other), "another registration").await;

    // The state of a sign-in brings no consent, and that of a consent signs nobody in.
    let (browser, page) = stage.stranger().await;
    let away = stage.leave(&browser, &page).await;
    let pairs = url::Url::parse(&away).unwrap();
    let handle = pairs.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let mixed = format!(
        "/sign-in/microsoft/{}?admin_consent=True&tenant={FABRIKAM_ID}&state={handle}",
        stage.id
    );
    refused(&browser, &mixed, "the state of a sign-in").await;

    let address = stage.ask_consent().await;
    let handle = address.split_once("state=").unwrap().1;
    let (browser, page) = stage.stranger().await;
    let code = there_and_back(&stage, &browser, &page).await;
    let mixed = format!("{}&state={handle}", code.rsplit_once("&state=").unwrap().0);
    let page = stage.back_in_console(&mixed).await;
    assert!(complaint(&page).contains("did not take"), "{}", page.body);
}

async fn there_and_back(stage: &Stage, browser: &Browser, page: &Page) -> String {
    let there: There<'_> = ALICE_THERE;
    there.and_back(&stage.world, &stage.leave(browser, page).await).await
}

/// Who is signed out, or is no admin any more, when the browser comes back.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_ask_any_more_gets_nothing_by_it() {
    let stage = Stage::with(&ONE).await;
    let address = stage.ask_consent().await;
    let back = stage.consent(&address, Some(BOB)).await;
    let now = stage.world.house.now();
    let dismiss = stage.world.store.write(move |tx| {
        let olivia = store::users::by_upn(tx, "olivia@contoso.com")?.unwrap();
        store::users::set_role(tx, olivia.id, Some(model::Role::Auditor), now)
    });
    dismiss.await.unwrap();
    let page = stage.back_in_console(&back).await;
    assert!(complaint(&page).contains("signed out meanwhile"), "{}", page.body);
    let form = [("csrf".to_owned(), page.csrf())];
    let ask = format!("/admin/registrations/{}/consent", stage.id);
    assert_eq!(stage.console.post(&ask, &form).await.status, 403);
}
