//! The refusals of walk A: each has the right page, and nobody reaches the mailbox.

use e2e::{Browser, Demo, Script};

async fn both() -> (Demo, Browser) {
    (Demo::start().unwrap(), Browser::open(Script::On).await.unwrap())
}

/// What the page says, without the address that was typed and its first letter.
async fn words(browser: &Browser, upn: &str) -> String {
    browser.find("[role=alert]").await.unwrap();
    let page = browser.text("main").await.unwrap();
    page.replace(upn, "…").lines().filter(|line| line.len() > 1).collect()
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_person_read_alike() {
    let (demo, browser) = both().await;
    let alice = demo.person("alice").unwrap().upn.clone();
    let nobody = alice.replace("alice", "nobody");
    let mut pages = Vec::new();
    for upn in [&alice, &nobody] {
        browser.open_outlook(&demo, upn).await.unwrap();
        browser.give_password("not the right password at all").await.unwrap();
        pages.push(words(&browser, upn).await);
        browser.expect("Enter your password").await.unwrap();
    }
    assert_eq!(pages[0], pages[1]);
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_person_without_the_assignment_gets_no_token() {
    let (demo, browser) = both().await;
    let bob = demo.person("bob").unwrap();
    browser.open_outlook(&demo, &bob.upn).await.unwrap();
    browser.give_password(&bob.password).await.unwrap();
    browser.enrol(&bob.upn).await.unwrap();
    browser.expect("You don't have access").await.unwrap();
    assert!(browser.address().await.unwrap().starts_with(&demo.ready.url));
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_blocked_person_is_told_so_after_the_right_password_only() {
    let (demo, browser) = both().await;
    let dan = demo.person("dan").unwrap();
    browser.open_outlook(&demo, &dan.upn).await.unwrap();
    browser.give_password("not the right password at all").await.unwrap();
    assert!(!words(&browser, &dan.upn).await.contains("blocked"));
    browser.give_password(&dan.password).await.unwrap();
    browser.expect("You can't go on here").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_code_is_good_once() {
    let (demo, browser) = both().await;
    let alice = demo.person("alice").unwrap();
    browser.open_outlook(&demo, &alice.upn).await.unwrap();
    browser.give_password(&alice.password).await.unwrap();
    let code = browser.give_code(alice).await.unwrap();
    browser.expect("Inbox of Alice").await.unwrap();

    let elsewhere = Browser::open(Script::On).await.unwrap();
    elsewhere.open_outlook(&demo, &alice.upn).await.unwrap();
    elsewhere.give_password(&alice.password).await.unwrap();
    elsewhere.expect("Enter your code").await.unwrap();
    elsewhere.send("#code", &code).await.unwrap();
    elsewhere.find("[role=alert]").await.unwrap();
    elsewhere.expect("Enter your code").await.unwrap();
    elsewhere.close().await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_stranger_s_request_gets_a_page_and_no_token() {
    let (demo, browser) = both().await;
    let door = &demo.ready.passive_sign_in_uri;
    let realm = "urn%3Afederation%3AMicrosoftOnline";
    for (query, code) in [
        ("wa=wsignin1.0&wtrealm=urn%3Astranger".to_owned(), "GH-FED-02"),
        (
            format!("wa=wsignin1.0&wtrealm={realm}&wreply=https%3A%2F%2Fevil.example%2F"),
            "GH-FED-03",
        ),
        (format!("wa=wsignin1.0&wtrealm={realm}&wtrealm={realm}"), "GH-FED-05"),
    ] {
        browser.go(&format!("{door}?{query}")).await.unwrap();
        let page = browser.text("main").await.unwrap();
        assert!(page.contains(code), "{query}: {page}");
        assert_eq!(browser.count("input[name=wresult]").await.unwrap(), 0);
    }
    browser.close().await.unwrap();
}
