//! Who is asking, as extractors: anybody, a signed-in employee, or an admin. A handler that takes
//! [`SignedIn`] or [`Console`] can't be reached without a session.

use std::{cell::OnceCell, future::Ready, net::IpAddr, ops::Deref, rc::Rc};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header, web};
use app::{Admin, Employee, Visitor, policy::Entry, visitor::Secret};
use futures::future::LocalBoxFuture;
use model::{pending_request::Purpose, session::ClientInfo};

use crate::{
    admin::rights,
    cookies::{self, Jar},
    error::Failure,
    state::Counter,
};

/// The visitor behind a request, made once by the middleware.
#[derive(Debug, Clone)]
pub(crate) struct Guest {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    visitor: Visitor,
    session: Option<Secret>,
    admin: Option<Secret>,
    /// The browser had no cookie yet: the answer sets one.
    is_new_browser: bool,
    nonce: String,
    /// Microsoft's id of the attempt, once a door of Microsoft's has read it.
    client_request_id: OnceCell<String>,
}

impl Guest {
    pub(crate) fn of(request: &HttpRequest, counter: &Counter) -> Self {
        let (random, secure) = (counter.house.random(), counter.is_secure());
        let known = Jar::Browser.read(request, secure);
        let is_new_browser = known.is_none();
        let visitor = Visitor {
            client: client(request, &counter.settings.trusted_proxies),
            behind: behind(request),
            correlation_id: counter.house.correlation_id(),
            client_request_id: None,
            browser: known.unwrap_or_else(|| Secret::draw(random)),
            device: Jar::Device.read(request, secure),
            remembered: Jar::Remembered.read(request, secure),
            bounces: cookies::bounces(request, secure, counter.house.now()),
        };
        let inner = Inner {
            visitor,
            session: Jar::Session.read(request, secure),
            admin: Jar::Admin.read(request, secure),
            is_new_browser,
            nonce: Secret::draw(random).expose()[..32].to_owned(),
            client_request_id: OnceCell::new(),
        };
        Self { inner: Rc::new(inner) }
    }

    pub(crate) fn visitor(&self) -> &Visitor {
        &self.inner.visitor
    }

    /// The employee session's secret, if the browser sent one.
    pub(crate) fn session(&self) -> Option<&Secret> {
        self.inner.session.as_ref()
    }

    /// The console session's secret, if the browser sent one.
    pub(crate) fn admin(&self) -> Option<&Secret> {
        self.inner.admin.as_ref()
    }

    pub(crate) fn is_new_browser(&self) -> bool {
        self.inner.is_new_browser
    }

    /// Microsoft's id of the attempt, for the log and for pages.
    pub(crate) fn client_request_id(&self) -> Option<&str> {
        self.inner.client_request_id.get().map(String::as_str)
    }

    /// Remembers it as long as this request lasts, and writes it down beside our own number.
    pub(crate) fn asks_under(&self, client_request_id: Option<String>) {
        let Some(microsofts) = client_request_id else { return };
        let id = self.visitor().correlation_id.as_str();
        tracing::info!(id, client_request_id = microsofts, "Microsoft asks");
        self.inner.client_request_id.get_or_init(|| microsofts);
    }

    /// The CSP nonce of this answer.
    pub(crate) fn nonce(&self) -> &str {
        &self.inner.nonce
    }
}

impl FromRequest for Guest {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        std::future::ready(found.ok_or_else(|| Failure::bad_input("The request has no visitor.")))
    }
}

/// An employee with a live session; without one, the sign-in page.
#[derive(Debug)]
pub(crate) struct SignedIn(Employee);

/// An admin with a live console session; without one, the sign-in page.
#[derive(Debug)]
pub(crate) struct Console(Admin);

impl Deref for SignedIn {
    type Target = Employee;

    fn deref(&self) -> &Employee {
        &self.0
    }
}

impl Deref for Console {
    type Target = Admin;

    fn deref(&self) -> &Admin {
        &self.0
    }
}

impl FromRequest for SignedIn {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = known(request);
        Box::pin(async move {
            let (guest, counter) = known?;
            let Some(token) = guest.session() else {
                return Err(Failure::SignInFirst(Purpose::Portal));
            };
            let found = counter.house.employee(token).await?;
            let me = found.ok_or(Failure::SignInFirst(Purpose::Portal))?;
            let entry = counter.house.enter_portal(&me, guest.visitor()).await?;
            admitted(entry, Purpose::Portal).map(|()| Self(me))
        })
    }
}

impl FromRequest for Console {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (known, request) = (known(request), request.clone());
        Box::pin(async move {
            let (guest, counter) = known?;
            if !counter.shows_console_to(&guest.visitor().client.address) {
                return Err(Failure::NoSuchPage);
            }
            let Some(token) = guest.admin() else {
                return Err(Failure::SignInFirst(Purpose::Console));
            };
            let found = counter.house.admin(token).await?;
            let admin = found.ok_or(Failure::SignInFirst(Purpose::Console))?;
            let entry = counter.house.enter_console(&admin, guest.visitor()).await?;
            admitted(entry, Purpose::Console)?;
            rights::require(&admin, &request, counter.house.now())?;
            Ok(Self(admin))
        })
    }
}

/// A live session opens a door only as far as the sign-in policy lets it.
fn admitted(entry: Entry, purpose: Purpose) -> Result<(), Failure> {
    match entry {
        Entry::Open => Ok(()),
        Entry::SignInFirst => Err(Failure::SignInFirst(purpose)),
        Entry::Denied(denial) => Err(Failure::Denied(denial)),
    }
}

fn known(request: &HttpRequest) -> Result<(Guest, web::Data<Counter>), Failure> {
    let guest = request.extensions().get::<Guest>().cloned();
    let counter = request.app_data::<web::Data<Counter>>().cloned();
    guest.zip(counter).ok_or_else(|| Failure::bad_input("The request has no visitor."))
}

/// Address and browser. `X-Forwarded-For` counts only from a configured proxy, and then its
/// right-most hop that is not one of them (R020).
fn client(request: &HttpRequest, proxies: &[IpAddr]) -> ClientInfo {
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let is_proxy = |hop: &IpAddr| proxies.iter().any(|proxy| proxy.to_canonical() == *hop);
    let address = match peer {
        Some(peer) if is_proxy(&peer) => {
            hops(request).find(|hop| !is_proxy(hop)).unwrap_or(peer).to_string()
        }
        Some(peer) => peer.to_string(),
        None => String::new(),
    };
    ClientInfo { address, user_agent: said(request, header::USER_AGENT.as_str()) }
}

/// What Microsoft's mail server says of the program that gave it a password. Anybody can send that.
fn behind(request: &HttpRequest) -> String {
    let headers = ["x-ms-client-application", "x-ms-client-user-agent"];
    let said = headers.map(|name| said(request, name)).join(" ");
    said.trim().to_owned()
}

/// A header for people to read, cut to 200 characters.
fn said(request: &HttpRequest, name: &str) -> String {
    let value = request.headers().get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().chars().take(200).collect()
}

/// The hops that proxies have written down, the last one first, as far as they can be read. Some
/// proxies add a line of their own below what the browser sent.
fn hops(request: &HttpRequest) -> impl Iterator<Item = IpAddr> {
    let lines: Vec<_> = request.headers().get_all(header::X_FORWARDED_FOR).collect();
    let texts = lines.into_iter().rev().map(|line| line.to_str().unwrap_or_default());
    let hops = texts.flat_map(|line| line.rsplit(','));
    hops.map_while(|hop| hop.trim().parse::<IpAddr>().ok()).map(|hop| hop.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn address(peer: &str, lines: &[&str]) -> String {
        let peer = format!("{peer}:443").parse().unwrap();
        let request = lines.iter().fold(TestRequest::default().peer_addr(peer), |request, line| {
            request.append_header((header::X_FORWARDED_FOR, *line))
        });
        let proxies = ["10.0.0.1", "10.0.0.2"].map(|proxy| proxy.parse().unwrap());
        client(&request.to_http_request(), &proxies).address
    }

    /// R020
    #[test]
    fn the_address_is_the_last_hop_that_no_proxy_of_ours_is() {
        let real = "203.0.113.7";
        for lines in [
            &[real][..],
            &["198.51.100.1, 203.0.113.7"],
            &["198.51.100.1, 203.0.113.7, 10.0.0.2"],
            &["198.51.100.1", real],
            &["198.51.100.1", "203.0.113.7, 10.0.0.2"],
            &["nonsense", real],
            &["::ffff:203.0.113.7"],
        ] {
            assert_eq!(address("10.0.0.1", lines), real, "{lines:?}");
            assert_eq!(address("[::ffff:10.0.0.1]", lines), real, "{lines:?}");
            assert_eq!(address("192.0.2.9", lines), "192.0.2.9", "no proxy of ours");
        }
        for unread in [&[][..], &["198.51.100.1", "nonsense"], &["198.51.100.1, 10.0.0.2, "]] {
            assert_eq!(address("10.0.0.1", unread), "10.0.0.1", "{unread:?}");
        }
    }
}
