//! Signing out from a client.

use super::{GONE, ROOT, code, told, value, world};
use crate::{browser::Page, parties::send};

fn leads(page: &Page) -> Option<String> {
    let link = page.elements().into_iter().find(|element| element.is("a"));
    link.and_then(|link| link.get("href").map(str::to_owned))
}

fn address(pairs: &[(&str, &str)]) -> String {
    format!("{ROOT}/end-session?{}", super::packed(pairs))
}

/// The token with another signature: not its last character, some of whose bits count for nothing.
fn altered(token: &str) -> String {
    let at = token.len() - 100;
    let other = if token[at..].starts_with('A') { "B" } else { "A" };
    format!("{}{other}{}", &token[..at], &token[at + 1..])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_this_session_ends_it_at_once_and_any_other_asks_the_person() {
    let (world, client) = world(&[]).await;
    let of = async |name: &str| {
        let browser = world.signed_in(name, "/portal").await;
        let fetched = client.fetches(&world, &code(&client, &browser, &[]).await, &[]).await;
        (browser, fetched.said["id_token"].as_str().unwrap().to_owned())
    };
    let (alice, token) = of("alice").await;
    let (other, foreign) = of("alice").await;
    let altered = altered(&token);
    let elsewhere = token.replace('.', ".e30.");
    let [mine, theirs] = [&token, &foreign].map(|it| it.split('.').collect::<Vec<_>>());
    let changed = [mine[0], theirs[1], mine[2]].join(".");
    for (hint, why) in [
        (None, "no hint"),
        (Some(&foreign), "another session"),
        (Some(&altered), "an altered one"),
        (Some(&changed), "a changed one with the old signature"),
        (Some(&elsewhere), "no token"),
    ] {
        let mut asked = vec![("post_logout_redirect_uri", GONE), ("client_id", &*client.id)];
        asked.extend(hint.map(|hint| ("id_token_hint", hint.as_str())));
        let page = alice.come(&address(&asked)).await;
        assert_eq!((page.status, page.text("h1").as_str()), (200, "Sign out?"), "{why}");
        assert_eq!(alice.get("/portal").await.status, 200, "{why}");
    }
    let other_client = [("id_token_hint", &*token), ("client_id", "somebody")];
    assert_eq!(alice.come(&address(&other_client)).await.text("h1"), "Sign out?");

    // An expired one still says whose session it is.
    world.pass(std::time::Duration::from_mins(20));
    let hint = [("id_token_hint", &*token), ("post_logout_redirect_uri", GONE), ("state", "é&")];
    let page = alice.come(&address(&hint)).await;
    let cookies: Vec<_> = page.headers.get_all("set-cookie").iter().collect();
    assert!(cookies.iter().any(|it| it.to_str().unwrap().contains("Max-Age=0")), "{cookies:?}");
    assert_eq!(value(&told(&page, GONE), "state"), "é&");
    assert_eq!(alice.get("/portal").await.status, 303, "it is over");
    assert_eq!(other.get("/portal").await.status, 200, "the other one is not");
    let page = alice.come(&address(&hint)).await;
    assert_eq!(value(&told(&page, GONE), "state"), "é&", "nobody is signed in: straight back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_says_yes_goes_back_and_nobody_goes_anywhere_else() {
    let (world, client) = world(&[]).await;
    let browser = world.signed_in("alice", "/portal").await;
    let asked = [("client_id", &*client.id), ("post_logout_redirect_uri", GONE)];
    let page = browser.come_by_form(&format!("{ROOT}/end-session"), &super::packed(&asked)).await;
    let page = browser.come(page.location.as_deref().unwrap()).await;
    assert_eq!(page.text("h1"), "Sign out?");
    let page = send(&browser, &page, "/sign-out", &[]).await;
    assert_eq!(leads(&page).as_deref(), Some(GONE));
    assert_eq!(browser.get("/portal").await.status, 303);

    for back in [
        "https://tickets.contoso.com/byee",
        "https://evil.test/",
        "javascript:alert(1)",
        super::REPLY,
    ] {
        let asked = [("client_id", &*client.id), ("post_logout_redirect_uri", back)];
        let page = world.browser().come(&address(&asked)).await;
        assert_eq!(page.text("h1"), "You are signed out", "{back}");
        assert!(!page.body.contains(back), "{back}: {}", page.body);
    }
    let asked = [("post_logout_redirect_uri", GONE)];
    let page = world.browser().come(&address(&asked)).await;
    assert!(!page.body.contains(GONE), "nobody says whose address it is");
    let admin = world.signed_in("olivia", "/admin").await;
    let page = admin.come(&address(&asked)).await;
    assert_eq!(page.text("h1"), "You are signed out", "a strict cookie stays behind");
    let page = admin.get(&address(&asked)).await;
    assert_eq!(page.text("h1"), "Sign out?", "the console is a session, too");
    assert_eq!(admin.get("/admin").await.status, 200);
    let twice = format!("{ROOT}/end-session?state=a&state=b");
    assert_eq!(world.browser().come(&twice).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_that_says_nothing_leads_nowhere() {
    let (world, client) = world(&[]).await;
    let alice = world.signed_in("alice", "/portal").await;
    let fetched = client.fetches(&world, &code(&client, &alice, &[]).await, &[]).await;
    let token = fetched.said["id_token"].as_str().unwrap().to_owned();
    let altered = altered(&token);
    let admin = world.signed_in("olivia", "/admin").await;
    let other = super::register(&admin, &[("name", "Tickets two")]).await;
    for (hint, id, leads_back) in [
        (&*token, &*client.id, true),
        (&*altered, &*client.id, false),
        ("e30.e30.", &*client.id, false),
        (&*token, &*other.id, false),
    ] {
        let asked =
            [("id_token_hint", hint), ("client_id", id), ("post_logout_redirect_uri", GONE)];
        let page = world.browser().come(&address(&asked)).await;
        assert_eq!((page.status, page.body.contains(GONE)), (200, leads_back), "{hint}");
    }
}
