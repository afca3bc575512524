//! Walk A: somebody opens Outlook.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use e2e::{Browser, Demo, Script, demo::Account};
use url::Url;

/// Outlook again, in a browser with a live session.
async fn enter_again(browser: &Browser, demo: &Demo, who: &Account) {
    browser.open_outlook(demo, &who.upn).await.unwrap();
    browser.go_on_to_microsoft().await.unwrap();
    browser.expect("Inbox of").await.unwrap();
}

/// An address at the host of this one, and the cookies that come with requests there.
fn cookies_heard(url: &str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut address: Url = url.parse().unwrap();
    address.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    let (says, heard) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut request) = (stream.unwrap(), [0; 8192]);
            let length = stream.read(&mut request).unwrap();
            let text = String::from_utf8_lossy(&request[..length]).into_owned();
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                .ok();
            // Whatever else a browser asks for by itself is not listened to.
            let asked = ["GET /link ", "POST /post "].iter().any(|line| text.starts_with(line));
            let cookies =
                text.lines().find(|line| line.to_ascii_lowercase().starts_with("cookie:"));
            if asked && says.send(cookies.unwrap_or_default().to_owned()).is_err() {
                return;
            }
        }
    });
    (address.into(), heard)
}

/// Alice has an authenticator already.
async fn alice_reaches_her_mailbox(script: Script) {
    let demo = Demo::start().unwrap();
    let browser = Browser::open(script).await.unwrap();
    let alice = demo.person("alice").unwrap();

    browser.open_outlook(&demo, &alice.upn).await.unwrap();
    browser.expect("Enter your password").await.unwrap();
    assert!(browser.address().await.unwrap().starts_with(&demo.ready.url));
    let page = browser.text("body").await.unwrap();
    assert!(page.contains(&alice.upn), "the address is shown: {page}");
    assert_eq!(browser.count("input[type=email]").await.unwrap(), 0, "and never asked again");

    browser.give_password(&alice.password).await.unwrap();
    browser.give_code(alice).await.unwrap();
    browser.go_on_to_microsoft().await.unwrap();

    browser.expect("Inbox of Alice").await.unwrap();
    assert_eq!(browser.text("#upn").await.unwrap(), alice.upn);
    assert_eq!(browser.text("#mfa").await.unwrap(), "yes");

    // The second time there is no page but the one that takes the token over.
    enter_again(&browser, &demo, alice).await;

    // Signing out at Outlook ends the session here, too.
    browser.press("a[href='/outlook/sign-out']").await.unwrap();
    browser.expect("You are signed out").await.unwrap();
    browser.open_outlook(&demo, &alice.upn).await.unwrap();
    browser.expect("Enter your password").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn alice_reaches_her_mailbox_and_stays_signed_in() {
    alice_reaches_her_mailbox(Script::On).await;
}

/// R064
#[tokio::test]
async fn alice_reaches_her_mailbox_with_script_switched_off() {
    alice_reaches_her_mailbox(Script::Off).await;
}

/// Carol has none, and sets it up on the way.
async fn carol_enrols_on_the_way(script: Script) {
    let demo = Demo::start().unwrap();
    let browser = Browser::open(script).await.unwrap();
    let carol = demo.person("carol").unwrap();
    browser.open_outlook(&demo, &carol.upn).await.unwrap();
    browser.give_password(&carol.password).await.unwrap();

    browser.enrol(&carol.upn).await.unwrap();
    browser.go_on_to_microsoft().await.unwrap();
    browser.expect("Inbox of Carol").await.unwrap();
    assert_eq!(browser.text("#mfa").await.unwrap(), "yes");
    browser.close().await.unwrap();
}

#[tokio::test]
async fn carol_enrols_on_the_way_to_her_mailbox() {
    carol_enrols_on_the_way(Script::On).await;
}

#[tokio::test]
async fn carol_enrols_with_script_switched_off() {
    carol_enrols_on_the_way(Script::Off).await;
}

/// Ruling 36: Microsoft may post the request; the session's cookie stays at home then.
#[tokio::test]
async fn a_posted_request_from_another_site_brings_no_session_cookie_and_still_signs_in() {
    let demo = Demo::start().unwrap();
    let browser = Browser::open(Script::On).await.unwrap();
    let alice = demo.person("alice").unwrap();
    browser.sign_in_to_outlook(&demo, alice).await.unwrap();

    // A listener at the product's host hears which cookies come along; ports make no difference.
    let (address, heard) = cookies_heard(&demo.ready.url);
    browser.run(&format!("location.href = '{address}link'")).await.unwrap();
    let by_link = heard.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(by_link.contains("gh_session="), "a link brings the session: {by_link}");
    browser.go(&demo.ready.outlook_url).await.unwrap();
    let post = format!(
        "document.body.innerHTML = '<form method=post action=\"{address}post\"></form>';\
         document.forms[0].submit();"
    );
    browser.run(&post).await.unwrap();
    let by_form = heard.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(!by_form.contains("gh_session="), "a form does not: {by_form}");
    browser.go(&demo.ready.outlook_url).await.unwrap();

    // The browser is on the simulator's site now; its page posts what it would have redirected to.
    let request = format!(
        "{}?wa=wsignin1.0&wtrealm=urn%3Afederation%3AMicrosoftOnline&wctx=kept",
        demo.ready.passive_sign_in_uri
    );
    let (action, query) = request.split_once('?').unwrap();
    let mut form = format!("<form method=post action=\"{action}\">");
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        write!(form, "<input name=\"{name}\" value=\"{value}\">").unwrap();
    }
    let script = format!("document.body.innerHTML = {form:?}; document.forms[0].submit();");
    browser.run(&script).await.unwrap();

    // The post came without the session's cookie, the hop after it with: the token arrived without
    // a password. Microsoft only does not know the context that was made up here.
    browser.expect("Sorry, but we're having trouble").await.unwrap();
    assert!(browser.text("body").await.unwrap().contains("AADSTS50089"));
    browser.close().await.unwrap();
}
