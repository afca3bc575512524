//! An application that speaks WS-Federation, in a real browser: the owner registers it by hand,
//! Alice signs in there and out again.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use e2e::{Browser, Demo, Script, steps::within};

/// A time sheet of a few lines: it shows what it was sent, and remembers what it was asked.
pub(crate) struct TimeSheet {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl TimeSheet {
    pub(crate) fn open() -> Self {
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/signin", door.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in door.incoming().flatten() {
                let line = answer(stream);
                seen.lock().unwrap().push(line);
            }
        });
        Self { address, asked }
    }

    fn was_asked(&self, part: &str) -> bool {
        self.asked_with(part).is_some()
    }

    /// The first line of the last request that had this in it.
    pub(crate) fn asked_with(&self, part: &str) -> Option<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().rev().find(|line| line.contains(part)).cloned()
    }
}

/// Reads one request, shows the names of the fields that came, and says what its first line was.
fn answer(mut stream: TcpStream) -> String {
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut request = Vec::new();
    let mut part = [0; 16 * 1024];
    while !is_whole(&request) {
        match stream.read(&mut part) {
            Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
            _ => break,
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let fields: Vec<&str> = body.split('&').filter_map(|field| field.split('=').next()).collect();
    let said = body.contains("multipleauthn") && body.contains("urn%3Acontoso%3Atimesheet");
    let page = format!(
        "<!doctype html><title>Time sheet</title><h1>Time sheet</h1><p id=fields>{}</p>\
         <p id=said>{said}</p>",
        fields.join(" ")
    );
    let length = page.len();
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{page}"
    );
    head.lines().next().unwrap_or_default().to_owned()
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}

async fn register(demo: &Demo, time_sheet: &TimeSheet, script: Script) {
    let browser = Browser::open(script).await.unwrap();
    browser.sign_in_to_console(demo).await.unwrap();
    browser.go(&format!("{}/admin/relying-parties/new", demo.ready.url)).await.unwrap();
    browser.press("nav[aria-label='Protocol'] a[href$='ws-fed']").await.unwrap();
    browser.find("nav[aria-label='Protocol'] a[href$='ws-fed'][aria-current]").await.unwrap();
    assert_eq!(browser.count("#certificates").await.unwrap(), 0, "nothing of SAML 2.0");
    browser.fill("#entity_id", "urn:contoso:timesheet").await.unwrap();
    browser.fill("#name", "Time sheet").await.unwrap();
    browser.fill("#replies", &time_sheet.address).await.unwrap();
    browser.fill("#sign_out", &time_sheet.address).await.unwrap();
    browser.press("form[action$='/new'] button.primary").await.unwrap();
    browser.expect("Time sheet").await.unwrap();
    assert_eq!(browser.text(".verdict span").await.unwrap(), "People can sign in there.");
    browser.close().await.unwrap();
}

async fn alice_uses_the_time_sheet(script: Script) {
    let (demo, time_sheet) = (Demo::start().unwrap(), TimeSheet::open());
    register(&demo, &time_sheet, script).await;
    let (alice, door) = (demo.person("alice").unwrap(), &demo.ready.passive_sign_in_uri);
    let browser = Browser::open(script).await.unwrap();
    let query = "wa=wsignin1.0&wtrealm=urn:contoso:timesheet&wctx=rm%3D0";
    browser.go(&format!("{door}?{query}")).await.unwrap();
    browser.expect("Sign in").await.unwrap();
    browser.send("#address", &alice.upn).await.unwrap();
    browser.give_password(&alice.password).await.unwrap();
    browser.give_code(alice).await.unwrap();
    if script == Script::Off {
        browser.press("form[action$='/signin'] button").await.unwrap();
    }
    browser.expect("Time sheet").await.unwrap();
    assert_eq!(browser.text("#fields").await.unwrap(), "wa wresult wctx");
    assert_eq!(browser.text("#said").await.unwrap(), "true", "its realm and two factors");

    browser.go(&format!("{door}?wa=wsignout1.0&wreply={}", time_sheet.address)).await.unwrap();
    browser.expect("You are signed out").await.unwrap();
    let told = || async { Ok(time_sheet.was_asked("GET /signin?wa=wsignoutcleanup1.0 ")) };
    within(Duration::from_secs(10), "the clean-up", told).await.unwrap();
    browser.press("a.button.primary").await.unwrap();
    browser.expect("Time sheet").await.unwrap();
    browser.go(&format!("{door}?{query}")).await.unwrap();
    browser.expect("Sign in").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn alice_signs_in_to_an_application_and_out_of_it() {
    alice_uses_the_time_sheet(Script::On).await;
}

#[tokio::test]
async fn alice_signs_in_to_an_application_and_out_of_it_with_script_switched_off() {
    alice_uses_the_time_sheet(Script::Off).await;
}
