//! A browser with cookies that follows the sign-in by its forms.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use app::{Clock as _, SystemClock};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    http::{Answer, Connection},
    measure::Latencies,
    server::{Account, Server},
};

/// By which protocol Microsoft asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Door {
    WsFed,
    Saml2,
}

/// One browser on one connection.
pub(crate) struct Browser {
    connection: Connection,
    host: String,
    entry: String,
    /// What a proxy in front would say of it: a header line, or nothing.
    from: String,
    cookies: Vec<String>,
}

/// The hidden fields of the password form.
pub(crate) struct PasswordForm {
    csrf: String,
    handle: String,
}

impl Browser {
    pub(crate) async fn new(server: &Server) -> Self {
        Self::with_cookies(server, Vec::new()).await
    }

    pub(crate) async fn with_cookies(server: &Server, cookies: Vec<String>) -> Self {
        Self {
            connection: Connection::open(&server.address()).await,
            host: server.host(),
            entry: Server::entry(),
            from: String::new(),
            cookies,
        }
    }

    /// The same browser at another address, which the proxy in front tells.
    pub(crate) fn from(self, address: &str) -> Self {
        Self { from: format!("X-Forwarded-For: {address}\r\n"), ..self }
    }

    /// The cookies of a browser in which an enrolled account has signed in.
    pub(crate) async fn signed_in(server: &Server, account: &Account) -> Vec<String> {
        let mut browser = Self::new(server).await;
        browser.prove(account).await.expect("nobody else signs in");
        browser.cookies
    }

    /// Password and code, as far as the redirect to what was asked for; `None` when the server is too
    /// busy for the password.
    async fn prove(&mut self, account: &Account) -> Option<Answer> {
        let form = self.password_page(&account.upn).await;
        let page = self.send_password(form, &account.password).await;
        if page.status == 503 {
            return None;
        }
        let body = format!(
            "csrf={}&handle={}&code={}",
            field(&page.body, "csrf"),
            field(&page.body, "handle"),
            Server::code(account)
        );
        let answer = self.post("/sign-in/second-factor", &body).await;
        assert_eq!(answer.status, 303, "signed in: {}", answer.body);
        Some(answer)
    }

    /// The whole way from Microsoft and back: password, code, token; `None` when the server is too busy.
    pub(crate) async fn walk(&mut self, account: &Account) -> Option<()> {
        let answer = self.prove(account).await?;
        let next = answer.header("location").expect("where to go on").to_owned();
        let page = self.get(&next).await;
        assert!(page.body.contains("wresult"), "a token: {} {}", page.status, page.body);
        Some(())
    }

    /// Sends a password, right or wrong; what the server answers.
    pub(crate) async fn send_password(&mut self, form: PasswordForm, password: &str) -> Answer {
        let PasswordForm { csrf, handle } = form;
        let body = format!("csrf={csrf}&handle={handle}&username=&password={password}");
        self.post("/sign-in/password", &body).await
    }

    /// Another browser on the same connection; the cookies of the one before.
    pub(crate) fn begin_anew(&mut self) -> Vec<String> {
        std::mem::take(&mut self.cookies)
    }

    /// Asks for a token with a live session; the answer must carry one.
    pub(crate) async fn token(&mut self, door: Door) {
        assert!(self.try_token(door).await.is_some(), "a token for a live session");
    }

    /// Asks for a token fifty times a second until then. Each time is from when it was due, so that a
    /// stall counts for all that it held up.
    pub(crate) async fn steadily(&mut self, until: Instant) -> Latencies {
        let (mut latencies, mut due) = (Latencies::default(), Instant::now());
        while due < until {
            tokio::time::sleep_until(due.into()).await;
            self.token(Door::WsFed).await;
            latencies.add(due.elapsed());
            due += Duration::from_millis(20);
        }
        latencies
    }

    /// A token, unless the server is gone.
    pub(crate) async fn try_token(&mut self, door: Door) -> Option<()> {
        let (entry, carried) = match door {
            Door::WsFed => (self.entry.clone(), "wresult"),
            Door::Saml2 => (saml_entry(&self.entry), "SAMLResponse"),
        };
        let answer = self.try_get(&entry).await?;
        assert!(answer.body.contains(carried), "{} {}", answer.status, answer.body);
        Some(())
    }

    /// Asks for a token with a live session; the beginning of the certificate that it carries.
    pub(crate) async fn try_certificate(&mut self) -> Option<String> {
        let entry = self.entry.clone();
        let answer = self.try_get(&entry).await?;
        let (_, certificate) = answer.body.split_once("X509Certificate")?;
        (answer.status == 200).then(|| certificate.chars().take(400).collect())
    }

    /// Follows Microsoft's redirect to the password page of an address.
    pub(crate) async fn password_page(&mut self, upn: &str) -> PasswordForm {
        let entry = format!("{}&username={}", self.entry, upn.replace('@', "%40"));
        let redirect = self.get(&entry).await;
        let location = redirect.header("location").expect("the sign-in page").to_owned();
        let page = self.get(&location).await;
        PasswordForm { csrf: field(&page.body, "csrf"), handle: field(&page.body, "handle") }
    }

    /// Sends the right password; the second factor is asked for.
    pub(crate) async fn password(&mut self, form: PasswordForm, account: &Account) {
        let answer = self.send_password(form, &account.password).await;
        let asked = answer.body.contains("/sign-in/second-factor")
            || answer.body.contains("/sign-in/enroll");
        assert!(asked, "the right password: {} {}", answer.status, answer.body);
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.try_get(path).await.expect("the server answers")
    }

    async fn try_get(&mut self, path: &str) -> Option<Answer> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\n{}Cookie: {}\r\n\r\n",
            self.host,
            self.from,
            self.cookies.join("; ")
        );
        let answer = self.connection.send(&request).await?;
        self.keep(&answer);
        Some(answer)
    }

    async fn post(&mut self, path: &str, body: &str) -> Answer {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {0}\r\nSec-Fetch-Site: same-origin\r\n{1}\
             Cookie: {2}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {3}\r\n\r\n{body}",
            self.host,
            self.from,
            self.cookies.join("; "),
            body.len()
        );
        let answer = self.connection.send(&request).await.expect("the server answers");
        self.keep(&answer);
        answer
    }

    fn keep(&mut self, answer: &Answer) {
        // Each sign-in stands for another browser's, which has got no token within the minute.
        for cookie in answer.cookies().into_iter().filter(|it| !it.starts_with("gh_bounces")) {
            let name = cookie.split('=').next().unwrap_or_default().to_owned();
            self.cookies.retain(|known| known.split('=').next() != Some(name.as_str()));
            self.cookies.push(cookie);
        }
    }
}

/// An unsigned request of Microsoft's, deflated; each is another one (R113).
fn saml_entry(entry: &str) -> String {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    let number = ASKED.fetch_add(1, Ordering::Relaxed);
    let xml = format!(
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_1e089e5c-a976-4881-af74-{number:012x}\" Version=\"2.0\" IssueInstant=\"{}\"><Issuer xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">urn:federation:MicrosoftOnline</Issuer><samlp:NameIDPolicy Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\"/></samlp:AuthnRequest>",
        SystemClock.now().to_xml()
    );
    let packed = STANDARD.encode(miniz_oxide::deflate::compress_to_vec(xml.as_bytes(), 1));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("SAMLRequest", &packed).append_pair("RelayState", &"x".repeat(600));
    format!("{}?{}", entry.split('?').next().unwrap_or_default(), query.finish())
}

/// The value of a hidden field.
fn field(html: &str, name: &str) -> String {
    let at = html.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| {
        eprintln!("{html}");
        std::process::exit(1)
    });
    let rest = &html[at + name.len() + 15..];
    rest.split('"').next().unwrap_or_default().to_owned()
}
