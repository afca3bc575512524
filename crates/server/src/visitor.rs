//! Who is asking, as extractors: anybody, a signed-in employee, or an admin. A handler that takes
//! [`SignedIn`] or [`Console`] can't be reached without a session.

use std::{future::Ready, net::IpAddr, ops::Deref, rc::Rc};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header, web};
use app::{Admin, Employee, Visitor, visitor::Secret};
use futures::future::LocalBoxFuture;
use model::{pending_request::Purpose, session::ClientInfo};

use crate::{cookies::Jar, error::Failure, state::Counter};

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
}

impl Guest {
    pub(crate) fn of(request: &HttpRequest, counter: &Counter) -> Self {
        let (random, secure) = (counter.house.random(), counter.is_secure());
        let known = Jar::Browser.read(request, secure);
        let is_new_browser = known.is_none();
        let visitor = Visitor {
            client: client(request, &counter.settings.trusted_proxies),
            correlation_id: counter.house.correlation_id(),
            browser: known.unwrap_or_else(|| Secret::draw(random)),
            device: Jar::Device.read(request, secure),
        };
        let inner = Inner {
            visitor,
            session: Jar::Session.read(request, secure),
            admin: Jar::Admin.read(request, secure),
            is_new_browser,
            nonce: Secret::draw(random).expose()[..32].to_owned(),
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
            found.map(Self).ok_or(Failure::SignInFirst(Purpose::Portal))
        })
    }
}

impl FromRequest for Console {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = known(request);
        Box::pin(async move {
            let (guest, counter) = known?;
            let Some(token) = guest.admin() else {
                return Err(Failure::SignInFirst(Purpose::Console));
            };
            let found = counter.house.admin(token).await?;
            found.map(Self).ok_or(Failure::SignInFirst(Purpose::Console))
        })
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
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let peer = request.peer_addr().map(|peer| peer.ip());
    let address = match peer {
        Some(peer) if proxies.contains(&peer) => {
            let hops = header(header::X_FORWARDED_FOR).unwrap_or_default();
            let hops = hops.rsplit(',').map_while(|hop| hop.trim().parse::<IpAddr>().ok());
            hops.into_iter().find(|hop| !proxies.contains(hop)).unwrap_or(peer).to_string()
        }
        Some(peer) => peer.to_string(),
        None => String::new(),
    };
    let user_agent = header(header::USER_AGENT).unwrap_or_default().chars().take(200).collect();
    ClientInfo { address, user_agent }
}
