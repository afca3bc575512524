//! A second factor alone is no sign-in: whatever somebody does with the request, no session follows, no
//! password is asked for, nothing is set up, and it stays about the person whom Entra named.

use secrecy::ExposeSecret as _;

use super::{ALICE, Stage, value};
use crate::browser::{Browser, Page};

const SESSIONS: [&str; 4] = ["gh_session", "gh_admin", "gh_device", "gh_remembered"];

fn has_no_session(browser: &Browser) -> bool {
    SESSIONS.iter().all(|name| browser.cookie(name).is_none())
}

fn handle(page: &Page) -> String {
    value(&page.form("/sign-in/second-factor"), "handle").to_owned()
}

fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// R040
#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_alone_opens_nothing_here() {
    let stage = Stage::new().await;
    let (browser, page) = stage.ask(ALICE).await;
    let handle = handle(&page);
    let page = stage.prove(&browser, &page, "alice").await;
    assert_eq!(page.status, 200);
    assert!(has_no_session(&browser));
    for door in ["/portal", "/portal/security", "/admin"] {
        let page = browser.get(door).await;
        assert!(page.location.is_some_and(|it| it.starts_with("/sign-in?request=")), "{door}");
    }
    // It was answered once, and is over.
    for path in ["/continue", "/sign-in", "/sign-in/address", "/sign-out/next"] {
        let page = browser.get(&format!("{path}?request={handle}")).await;
        assert!(page.status != 303 || !page.location.unwrap().contains("/continue"), "{path}");
    }
    assert_eq!(browser.get(&format!("/continue?request={handle}")).await.status, 410);
    let live = stage.world.store.read(|tx| {
        let alice = store::users::by_upn(tx, ALICE)?.unwrap().id;
        store::sessions::any_of(tx, alice)
    });
    assert!(!live.await.unwrap(), "no session was ever opened");
}

/// After the code and before the answer is fetched, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_confirmed_leads_to_its_answer_and_nowhere_else() {
    let stage = Stage::new().await;
    let (browser, page) = stage.ask(ALICE).await;
    let (handle, csrf) = (handle(&page), page.csrf());
    let code = stage.world.next_code(stage.world.account("alice"));
    let done = browser.fill(&page, "/sign-in/second-factor", &[("code", &code)]).await;
    let onward = format!("/continue?request={handle}");
    assert_eq!(done.location.as_deref(), Some(&*onward));
    for path in ["/sign-in", "/sign-in/address"] {
        let page = browser.get(&format!("{path}?request={handle}")).await;
        assert_eq!(page.location.as_deref(), Some(&*onward), "{path}: {}", page.body);
    }
    let alice = stage.world.account("alice");
    let password = alice.password.expose_secret();
    for (path, extra) in [
        ("/sign-in/address", vec![("address", "olivia@contoso.com")]),
        ("/sign-in/password", vec![("username", ALICE), ("password", password)]),
        ("/sign-in/second-factor", vec![("code", "000000")]),
        ("/sign-in/recovery-code", vec![("code", "x")]),
        ("/sign-in/mailed-code", vec![("code", "12345678")]),
        ("/sign-in/mailed-code/send", vec![]),
        ("/sign-in/enrollment-code", vec![("code", "x")]),
        ("/sign-in/enroll", vec![("code", "000000")]),
        ("/sign-in/enroll/later", vec![]),
        ("/sign-in/recovery-codes", vec![]),
        ("/sign-in/new-password", vec![("new_password", password), ("repeat", password)]),
        ("/sign-in/passkey", vec![("address", ""), ("answer", "{}")]),
        ("/sign-in/enroll/passkey", vec![("answer", "{}")]),
    ] {
        let pairs = [vec![("csrf", &*csrf), ("handle", &*handle)], extra].concat();
        let page = browser.post(path, &fields(&pairs)).await;
        let leads = page.location.clone().unwrap_or_default();
        assert!(
            !["/portal", "/admin"].iter().any(|door| leads.starts_with(door)),
            "{path}: {leads}"
        );
        assert!(!page.body.contains("Enter your password"), "{path}: {}", page.body);
        assert!(has_no_session(&browser), "{path}: {leads}");
    }
    let page = browser.get(&onward).await;
    let mailbox = stage.bring(&stage.answered(&page)).await;
    assert!(mailbox.contains("id=\"upn\">alice@contoso.com"), "{mailbox}");
}

/// Whom Entra named nobody changes by what they type, and no password counts as anything.
#[tokio::test(flavor = "multi_thread")]
async fn it_stays_about_the_person_whom_entra_named() {
    let stage = Stage::new().await;
    let (browser, page) = stage.ask(ALICE).await;
    let (handle, csrf) = (handle(&page), page.csrf());
    let checked = || async { stage.journal().await.matches("Password checked").count() };
    let before = checked().await;
    let grace = stage.world.account("grace");
    let pairs = [("csrf", &*csrf), ("handle", &*handle), ("address", &*grace.upn)];
    let still = browser.post("/sign-in/address", &fields(&pairs)).await;
    assert_eq!(still.text("h1"), "Enter your code");
    assert!(still.body.contains(ALICE) && !still.body.contains(&grace.upn), "{}", still.body);
    let password = grace.password.expose_secret();
    let pairs =
        [("csrf", &*csrf), ("handle", &*handle), ("username", &*grace.upn), ("password", password)];
    let still = browser.post("/sign-in/password", &fields(&pairs)).await;
    assert_eq!(still.text("h1"), "Enter your code", "{}", still.body);
    assert_eq!(checked().await, before, "no password was looked at");
    // Somebody else's code is a wrong code.
    let code = stage.world.next_code(grace);
    let wrong = browser.fill(&page, "/sign-in/second-factor", &[("code", &code)]).await;
    assert!(wrong.body.contains("That code isn"), "{}", wrong.body);
    // The handle is worth nothing in another browser.
    let other = stage.world.browser();
    for path in ["/sign-in", "/continue"] {
        assert_eq!(other.get(&format!("{path}?request={handle}")).await.status, 410, "{path}");
    }
    let page = stage.prove(&browser, &still, "alice").await;
    assert!(stage.bring(&stage.answered(&page)).await.contains("Inbox of"));
}

/// A live session spares nobody the factor, and a browser keeps the session that it has.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_proves_it_all_the_same() {
    let stage = Stage::new().await;
    let browser = stage.world.signed_in("alice", "/portal").await;
    let session = browser.cookie("gh_session");
    let sent = stage.sent(ALICE).await;
    let page = stage.come(&browser, &sent).await;
    let page = browser.get(&page.location.unwrap()).await;
    let page = stage.prove(&browser, &page, "alice").await;
    assert!(stage.bring(&stage.answered(&page)).await.contains("Inbox of"));
    assert_eq!(browser.cookie("gh_session"), session);
    assert_eq!(browser.get("/portal").await.status, 200);
}
