//! The cookies, each for one purpose (R050, R051). Secrets are random and known to the database by
//! their digest alone.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};
use app::visitor::{Bounces, Secret};
use model::{Ts, session::SessionAudience};

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Jar {
    /// Binds pending requests and forms to one browser.
    Browser,
    /// An employee's session.
    Session,
    /// A console session; never sent from other sites.
    Admin,
    /// A browser that somebody has signed in with before (R017).
    Device,
    /// A browser in which somebody is asked for no second factor (R056).
    Remembered,
}

impl Jar {
    /// The cookie of a session.
    pub(crate) fn of(audience: SessionAudience) -> Self {
        match audience {
            SessionAudience::Employee => Self::Session,
            SessionAudience::Admin => Self::Admin,
        }
    }

    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Browser, true) => "__Host-gh_browser",
            (Self::Session, true) => "__Host-gh_session",
            (Self::Admin, true) => "__Host-gh_admin",
            (Self::Device, true) => "__Host-gh_device",
            (Self::Remembered, true) => "__Host-gh_remembered",
            (Self::Browser, false) => "gh_browser",
            (Self::Session, false) => "gh_session",
            (Self::Admin, false) => "gh_admin",
            (Self::Device, false) => "gh_device",
            (Self::Remembered, false) => "gh_remembered",
        }
    }

    fn same_site(self) -> SameSite {
        match self {
            Self::Admin => SameSite::Strict,
            Self::Browser | Self::Session | Self::Device | Self::Remembered => SameSite::Lax,
        }
    }

    /// The secret that a request carries.
    pub(crate) fn read(self, request: &HttpRequest, secure: bool) -> Option<Secret> {
        let cookie = request.cookie(self.name(secure))?;
        let value = cookie.value();
        let length = if self == Self::Remembered { 128 } else { 64 };
        let plausible = value.len() == length && value.bytes().all(|b| b.is_ascii_hexdigit());
        plausible.then(|| Secret::from_cookie(value))
    }

    /// The cookie that carries a secret.
    pub(crate) fn set(self, secret: &Secret, secure: bool) -> Cookie<'static> {
        let mut cookie = self.cookie(secret.expose().to_owned(), secure);
        if matches!(self, Self::Device | Self::Remembered) {
            cookie.set_max_age(Duration::days(30));
        }
        cookie
    }

    /// The cookie that removes itself.
    pub(crate) fn clear(self, secure: bool) -> Cookie<'static> {
        let mut cookie = self.cookie(String::new(), secure);
        cookie.make_removal();
        cookie
    }

    fn cookie(self, value: String, secure: bool) -> Cookie<'static> {
        Cookie::build(self.name(secure), value)
            .path("/")
            .http_only(true)
            .secure(secure)
            .same_site(self.same_site())
            .finish()
    }
}

/// What the browser keeps of the tokens that it got lately; a note for a minute, no secret.
pub(crate) fn bounces(request: &HttpRequest, secure: bool, now: Ts) -> Bounces {
    let note = request.cookie(bounces_name(secure));
    note.map(|note| Bounces::read(note.value(), now)).unwrap_or_default()
}

/// The cookie that carries the note.
pub(crate) fn set_bounces(bounces: &Bounces, secure: bool) -> Cookie<'static> {
    Cookie::build(bounces_name(secure), bounces.to_string())
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .max_age(Duration::minutes(1))
        .finish()
}

const fn bounces_name(secure: bool) -> &'static str {
    if secure { "__Host-gh_bounces" } else { "gh_bounces" }
}
