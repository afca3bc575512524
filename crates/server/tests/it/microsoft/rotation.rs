//! One secret follows another while people sign in: none of them is turned away, whatever the order in
//! which Microsoft and Gatehouse learn of it.

use std::time::Duration;

use simulator::sample::{SIGN_IN_CLIENT_ID, SIGN_IN_SECRET};

use super::{ALICE_THERE, Stage};
use crate::browser::Page;

const SECOND: &str = "S2w8Q~the-second-secret-of-the-app.7nC2xV9pLk";

impl Stage {
    fn address(&self) -> String {
        format!("/admin/registrations/{}", self.id)
    }

    /// Fills a form of the registration's page.
    async fn press(&self, form: &str, typed: &[(&str, &str)]) -> Page {
        let page = self.console.get(&self.address()).await;
        self.console.fill(&page, &format!("{}/{form}", self.address()), typed).await
    }

    /// Adds the second secret.
    async fn add_second(&self, ends: &str) {
        let typed = [("next_secret", SECOND), ("next_ends", ends)];
        let added = self.press("secret", &typed).await;
        let done = format!("{}?done=registration-second#credentials", self.address());
        assert_eq!(added.location, Some(done), "{}", added.body);
    }

    /// Alice signs in with her account there, as far as her code.
    async fn alice_comes(&self) {
        let (browser, page) = self.stranger().await;
        let page = self.sign_in(&browser, &page, ALICE_THERE).await;
        assert_eq!(page.text("h1"), "Enter your code", "{}", page.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_turned_away_while_one_secret_follows_another() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let simulator = &stage.world.simulator;
    stage.alice_comes().await;
    stage.add_second("").await;
    stage.alice_comes().await;
    // Microsoft doesn't know it yet: it is not used, and nothing has changed.
    let refused = stage.press("credential/use", &[]).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("AADSTS7000215"), "{}", refused.body);
    assert!(refused.body.contains("the one before is used as ever"), "{}", refused.body);
    stage.alice_comes().await;

    simulator.add_sign_in_secret(SECOND);
    // Somebody who is at Microsoft while it takes over.
    let (browser, page) = stage.stranger().await;
    let away = stage.leave(&browser, &page).await;
    let used = stage.press("credential/use", &[]).await;
    let done = format!("{}?done=registration-rotated#credentials", stage.address());
    assert_eq!(used.location, Some(done), "{}", used.body);
    let back = ALICE_THERE.and_back(&stage.world, &away).await;
    let came = browser.come(&back).await;
    let page = browser.get(&came.location.unwrap()).await;
    assert_eq!(page.text("h1"), "Enter your code", "{}", page.body);
    let shown = stage.console.get(&stage.address()).await.body;
    assert!(shown.contains("The former one"), "{shown}");
    for secret in [SECOND, SIGN_IN_SECRET] {
        assert!(!shown.contains(secret), "it is never shown again");
    }

    // The first one ends at Microsoft, and then here.
    simulator.expire_sign_in_secrets();
    stage.alice_comes().await;
    let gone = stage.press("credential/remove", &[]).await;
    let done = format!("{}?done=registration-dropped#credentials", stage.address());
    assert_eq!(gone.location, Some(done), "{}", gone.body);
    stage.alice_comes().await;
    let journal = stage.console.get("/admin/audit").await.body;
    for word in ["second secret added", "second credential used", "former credential removed"] {
        assert!(journal.contains(word), "{word}");
    }
}

/// It ends on the day before anybody had it follow: the one that waits opens.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_waits_opens_where_the_first_one_has_ended() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    stage.add_second("").await;
    stage.world.simulator.add_sign_in_secret(SECOND);
    stage.world.simulator.expire_sign_in_secrets();
    stage.alice_comes().await;
    // Without a second one nobody comes, and each place says the same.
    let gone = stage.press("credential/remove", &[]).await;
    assert_eq!(gone.status, 303, "{}", gone.body);
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
    assert!(super::complaint(&page).contains("AADSTS7000222"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_go_on_all_the_while() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let people = async {
        for _ in 0..4 {
            let three = [stage.alice_comes(), stage.alice_comes(), stage.alice_comes()];
            futures::future::join_all(three).await;
        }
    };
    let admin = async {
        stage.world.simulator.add_sign_in_secret(SECOND);
        stage.add_second("").await;
        for _ in 0..3 {
            // There and back and there: each is used in turn.
            assert_eq!(stage.press("credential/use", &[]).await.status, 303);
        }
        assert_eq!(stage.press("credential/remove", &[]).await.status, 303);
        stage.world.simulator.expire_sign_in_secrets();
    };
    futures::future::join(people, admin).await;
    stage.alice_comes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_one_is_told_of_in_time_as_well() {
    let stage = Stage::with(&[("mode", "organizations"), ("secret_ends", "2026-12-20")]).await;
    stage.add_second("2026-12-23").await;
    stage.world.house.keep_watch().await.unwrap();
    let alarms = stage.console.get("/admin/alarms").await.body;
    assert!(alarms.contains("the registration Partners ends on 20 Dec"), "{alarms}");
    assert!(alarms.contains("the registration Partners (the next one) ends on 23 Dec"), "{alarms}");
}

/// What was looked at is what is used, and there are two and never three.
#[tokio::test(flavor = "multi_thread")]
async fn another_admin_meanwhile_is_not_overruled() {
    let stage = Stage::with(&[("mode", "one"), ("tenant", "fabrikam.com")]).await;
    let wrong = |value| [("next_secret", value), ("next_ends", "")];
    for (value, said) in [
        ("", "That is no client secret"),
        (SIGN_IN_SECRET, "used already"),
        ("0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11", "id of the secret"),
    ] {
        let refused = stage.press("secret", &wrong(value)).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
    }
    stage.add_second("").await;
    let old = stage.console.get(&stage.address()).await;
    // A form of another page, with a second one that is there already.
    let form = [
        ("csrf".to_owned(), old.csrf()),
        ("next_secret".to_owned(), SECOND.to_owned()),
        ("next_ends".to_owned(), String::new()),
    ];
    let third = stage.console.post(&format!("{}/secret", stage.address()), &form).await;
    assert!(third.body.contains("There is a second one already"), "{}", third.body);
    stage.world.pass(Duration::from_secs(1));
    assert_eq!(stage.press("credential/remove", &[]).await.status, 303);
    stage.add_second("").await;
    stage.world.simulator.add_sign_in_secret(SECOND);
    for form in ["use", "remove"] {
        let action = format!("{}/credential/{form}", stage.address());
        let late = stage.console.fill(&old, &action, &[]).await;
        assert_eq!(late.status, 422, "{form}: {}", late.body);
        assert!(late.body.contains("not there any more"), "{form}: {}", late.body);
    }
    // Another app has secrets of its own.
    let page = stage.console.get(&stage.address()).await;
    let other = [("client_id", simulator::sample::OTHER_SIGN_IN_CLIENT_ID)];
    let saved = stage.console.fill(&page, &stage.address(), &other).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let page = stage.console.get(&stage.address()).await;
    assert!(!page.body.contains("The next one"), "{}", page.body);
    assert!(!page.body.contains(SIGN_IN_CLIENT_ID));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_takes_the_place_of_the_secret() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let made = stage.press("certificate", &[]).await;
    let done = format!("{}?done=registration-certificate#credentials", stage.address());
    assert_eq!(made.location, Some(done), "{}", made.body);
    let file = stage.console.get(&format!("{}/certificate.cer", stage.address())).await;
    assert_eq!(file.status, 200);
    stage.alice_comes().await;
    let early = stage.press("credential/use", &[]).await;
    assert!(early.body.contains("AADSTS700027"), "{}", early.body);
    let id = stage.id.parse().unwrap();
    let read = move |tx: &mut store::Tx| store::registrations::by_id(tx, id);
    let held = stage.world.store.read(read).await.unwrap().unwrap().other.unwrap();
    let model::tenant::AppCredential::Certificate(held) = held.credential else { panic!() };
    stage.world.simulator.register_sign_in_certificate(&held.certificate);
    assert_eq!(stage.press("credential/use", &[]).await.status, 303);
    let gone = stage.press("credential/remove", &[]).await;
    assert_eq!(gone.status, 303, "{}", gone.body);
    stage.world.simulator.expire_sign_in_secrets();
    stage.alice_comes().await;
    let tested = stage.press("test", &[]).await;
    assert_eq!(tested.status, 303);
    let page = stage.console.get(&stage.address()).await;
    assert!(page.body.contains("Thumbprint"), "{}", page.body);
    assert!(page.body.contains("complained of the code alone"), "{}", page.body);
    // A day beside it is no day of its own, and the form keeps the certificate.
    let day = stage.console.fill(&page, &stage.address(), &[("secret_ends", "2026-12-20")]).await;
    assert!(day.body.contains("The certificate itself says"), "{}", day.body);
    let saved = stage.console.fill(&page, &stage.address(), &[("alias", "Few")]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    stage.alice_comes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_credentials_takes_a_fresh_second_factor() {
    let stage = Stage::new().await;
    let page = stage.console.get(&stage.address()).await;
    stage.world.pass(Duration::from_mins(6));
    let typed = [("next_secret", SECOND), ("next_ends", "")];
    for (form, typed) in [("secret", &typed[..]), ("certificate", &[])] {
        let asked = stage.console.fill(&page, &format!("{}/{form}", stage.address()), typed).await;
        let at = asked.location.unwrap_or_else(|| panic!("{form}: {}", asked.body));
        assert!(at.starts_with("/admin/step-up"), "{form}: {at}");
    }
    let page = stage.console.get(&stage.address()).await;
    assert!(page.body.contains("Confirm that it is you"), "{}", page.body);
    assert!(!page.body.contains("name=\"next_secret\""), "{}", page.body);
}
