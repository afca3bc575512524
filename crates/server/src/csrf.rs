//! Forms that only our own pages can send (R059, R060): same-origin by the browser's own word, and
//! a token keyed by the browser's cookie and bound to its sessions.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use app::visitor::Secret;
use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::LocalBoxFuture;
use url::form_urlencoded;

use crate::{cookies::Jar, error::Failure, state::Counter, visitor::Guest};

/// How much a form may weigh.
const LIMIT: usize = 64 * 1024;

/// A form of ours: its fields, after origin and token were checked.
#[derive(Debug)]
pub(crate) struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    /// Exactly these fields, each once; anything else is refused (R149).
    pub(crate) fn exactly<const N: usize>(&self, names: [&str; N]) -> Result<[String; N], Failure> {
        self.with_lists(names, &[])
    }

    /// These fields once, and these any number of times.
    pub(crate) fn with_lists<const N: usize>(
        &self,
        names: [&str; N],
        lists: &[&str],
    ) -> Result<[String; N], Failure> {
        let known = |name: &str| names.contains(&name) || lists.contains(&name);
        if let Some((name, _)) = self.pairs.iter().find(|(name, _)| !known(name)) {
            return Err(Failure::bad_input(&format!("The form has an unknown field: {name}.")));
        }
        let mut values = [const { String::new() }; N];
        for (value, name) in values.iter_mut().zip(names) {
            let mut found = self.list(name);
            *value = match (found.pop(), found.pop()) {
                (Some(one), None) => one,
                _ => return Err(Failure::bad_input(&format!("The form needs one field {name}."))),
            };
        }
        Ok(values)
    }

    /// The fields of a form that came from one of our pages, whatever it was written in.
    pub(crate) fn checked(
        request: &HttpRequest,
        mut pairs: Vec<(String, String)>,
    ) -> Result<Self, Failure> {
        // Nobody types one, and not every database can keep it (R078).
        if pairs.iter().any(|(_, value)| value.contains('\0')) {
            return Err(Failure::bad_input("The form can't be read."));
        }
        let at = pairs.iter().position(|(name, _)| name == "csrf");
        let sent = at.map(|at| pairs.swap_remove(at).1).unwrap_or_default();
        check_token(request, &sent)?;
        Ok(Self { pairs })
    }

    /// Every value of a field that may come any number of times.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }
}

impl FromRequest for Form {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), web::Bytes::from_request(request, payload));
        Box::pin(async move {
            let body = body.await.map_err(|_| Failure::bad_input("The form can't be read."))?;
            if body.len() > LIMIT {
                return Err(Failure::bad_input("The form is too large."));
            }
            check_origin(&request)?;
            Self::checked(&request, form_urlencoded::parse(&body).into_owned().collect())
        })
    }
}

/// The browser itself says that the form came from a page of ours.
pub(crate) fn check_origin(request: &HttpRequest) -> Result<(), Failure> {
    let counter = counter(request)?;
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let site = text(header::HeaderName::from_static("sec-fetch-site"));
    let origin = text(header::ORIGIN);
    let same_site = site.is_none_or(|site| site == "same-origin");
    // A page that hides its address hides its origin, too; then the browser's other word counts.
    let hidden = site.is_some() && origin == Some("null");
    let same_origin = hidden || origin.is_none_or(|origin| origin == counter.origin);
    if same_site && same_origin && (site.is_some() || origin.is_some()) {
        return Ok(());
    }
    Err(Failure::forged())
}

fn check_token(request: &HttpRequest, sent: &str) -> Result<(), Failure> {
    let counter = counter(request)?;
    let secure = counter.is_secure();
    let browser = Jar::Browser.read(request, secure).ok_or_else(Failure::forged)?;
    let fits = |bound: Bound| {
        let expected = token(request, &browser, bound, secure);
        verify_slices_are_equal(expected.as_bytes(), sent.as_bytes()).is_ok()
    };
    // A page of the console may lead elsewhere: its button signs out of the portal, too.
    let elsewhere = Bound::of(request) == Bound::Portal;
    if fits(Bound::Console) || (elsewhere && fits(Bound::Portal)) {
        return Ok(());
    }
    Err(Failure::forged())
}

fn counter(request: &HttpRequest) -> Result<&web::Data<Counter>, Failure> {
    request.app_data::<web::Data<Counter>>().ok_or_else(Failure::forged)
}

/// Which sessions a token is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// The portal's.
    Portal,
    /// The console's as well.
    Console,
}

impl Bound {
    /// Browsers keep the console's cookie back when another site links here, and send it with the form
    /// of the page that they got: only the console's own pages can know of it. To the others
    /// people come from Microsoft and from letters.
    fn of(request: &HttpRequest) -> Self {
        match request.path().strip_prefix("/admin") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => Self::Console,
            _ => Self::Portal,
        }
    }
}

/// The token of this browser with these sessions.
pub(crate) fn token_for(guest: &Guest, request: &HttpRequest, secure: bool) -> String {
    token(request, &guest.visitor().browser, Bound::of(request), secure)
}

fn token(request: &HttpRequest, browser: &Secret, bound: Bound, secure: bool) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, browser.expose().as_bytes());
    let mut context = hmac::Context::with_key(&key);
    let console = Some(Jar::Admin).filter(|_| bound == Bound::Console);
    for jar in [Some(Jar::Session), console] {
        let session = jar.and_then(|jar| jar.read(request, secure));
        context.update(session.as_ref().map_or("-", Secret::expose).as_bytes());
        context.update(b"|");
    }
    URL_SAFE_NO_PAD.encode(context.sign())
}
