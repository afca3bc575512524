//! The only place that turns trouble into a status and a page, with a stable code and the
//! correlation id. The cause goes to the log, once, and never to a page.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use app::{
    Kind,
    issue::{Denial, wsfed::Refused},
};
use model::pending_request::Purpose;

use crate::{
    pages::{self, error::ErrorPage},
    wording,
};

/// Why a handler could not answer as asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The person must sign in first; then they are led back.
    SignInFirst(Purpose),
    /// A use case stopped.
    App(app::Error),
    /// A protocol request is refused.
    Refused(Refused),
    /// The person gets no token.
    Denied(Denial),
    /// A form that our page did not send.
    Forged,
    /// The request makes no sense.
    BadInput(String),
    /// Nothing lives at this address.
    NoSuchPage,
    /// The request names a host that is not ours.
    ForeignHost,
    /// A page could not be made.
    Page(pages::Error),
}

/// What the answer says: a code that never changes its meaning, and sentences.
struct Words {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    cause: String,
    action: &'static str,
}

/// Every code of this room with its one-line meaning, for `docs/errors.md`.
pub const CODES: &[(&str, &str)] = &[
    ("GH-WEB-01", "Nothing lives at this address"),
    ("GH-WEB-02", "The form is too old or was not sent by our page"),
    ("GH-WEB-03", "The request names a host that is not ours"),
    ("GH-WEB-04", "The request can't be read"),
    ("GH-WEB-05", "The person's role does not allow it"),
    ("GH-WEB-06", "It clashes with what is there"),
    ("GH-WEB-07", "We are too busy, or the database is away"),
    ("GH-WEB-08", "Microsoft 365 refused or did not answer"),
    ("GH-WEB-09", "A mistake of ours"),
    ("GH-WEB-10", "What was asked for is not there"),
    ("GH-WEB-11", "A field of the form is wrong"),
    ("GH-WEB-12", "A fresh second factor is needed first"),
    ("GH-SIGN-01", "The person is not assigned to the application"),
    ("GH-SIGN-02", "The person's address belongs to no domain that we vouch for"),
    ("GH-SIGN-03", "The domain or the relying party is switched off"),
    ("GH-SIGN-04", "The relying party sends the browser back after each token"),
    ("GH-SIGN-05", "A rule of the sign-in policy denies this sign-in"),
    (
        "GH-SIGN-06",
        "The person holds an administrator role in the tenant, and such people are kept from signing in by federation",
    ),
];

impl Failure {
    pub(crate) fn forged() -> Self {
        Self::Forged
    }

    pub(crate) fn bad_input(sentence: &str) -> Self {
        Self::BadInput(sentence.to_owned())
    }

    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        self.words().code
    }

    /// The page that the person sees.
    pub(crate) fn page(&self) -> ErrorPage {
        let words = self.words();
        ErrorPage {
            title: words.title.to_owned(),
            cause: words.cause,
            action: words.action.to_owned(),
            code: words.code.to_owned(),
            link: None,
            facts: match self {
                Self::Denied(Denial::Loop(round)) => wording::rounds::facts(round),
                _ => Vec::new(),
            },
        }
    }

    fn words(&self) -> Words {
        match self {
            Self::App(error) => app_words(error),
            Self::Denied(denial) => denial_words(denial),
            Self::Refused(refused) => Words {
                status: StatusCode::BAD_REQUEST,
                code: refused.code,
                title: "This sign-in request can't be used",
                cause: refused.sentence.clone(),
                action: "Close this page and open the application again from your own bookmark.",
            },
            Self::Forged => Words {
                status: StatusCode::FORBIDDEN,
                code: "GH-WEB-02",
                title: "This form is too old",
                cause: "It was open for long, or something changed in another window.".to_owned(),
                action: "Go back, load the page again and send it once more.",
            },
            Self::BadInput(sentence) => Words {
                status: StatusCode::BAD_REQUEST,
                code: "GH-WEB-04",
                title: "This request can't be read",
                cause: sentence.clone(),
                action: "Go back and try again.",
            },
            Self::NoSuchPage => Words {
                status: StatusCode::NOT_FOUND,
                code: "GH-WEB-01",
                title: "There is nothing here",
                cause: "No page lives at this address.".to_owned(),
                action: "Check the address, or start at your apps.",
            },
            Self::ForeignHost => Words {
                status: StatusCode::MISDIRECTED_REQUEST,
                code: "GH-WEB-03",
                title: "This is not the address of this service",
                cause: "The request names a host that is not ours.".to_owned(),
                action: "Use the address that your organisation gave you.",
            },
            Self::Page(_) | Self::SignInFirst(_) => our_mistake(),
        }
    }
}

fn our_mistake() -> Words {
    Words {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        code: "GH-WEB-09",
        title: "Something went wrong on our side",
        cause: "Nothing was changed.".to_owned(),
        action: "Try again; if it stays, tell your help desk the correlation id.",
    }
}

fn app_words(error: &app::Error) -> Words {
    let (status, code, title) = match error.kind {
        Kind::NotFound => (StatusCode::NOT_FOUND, "GH-WEB-10", "That is not there"),
        Kind::Conflict => (StatusCode::CONFLICT, "GH-WEB-06", "That can't be done now"),
        Kind::Invalid { .. } => {
            (StatusCode::UNPROCESSABLE_ENTITY, "GH-WEB-11", "Something to correct")
        }
        Kind::Forbidden => (StatusCode::FORBIDDEN, "GH-WEB-05", "You may not do that"),
        Kind::StepUp => (StatusCode::FORBIDDEN, "GH-WEB-12", "Confirm that it is you"),
        Kind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "GH-WEB-07", "Busy right now"),
        Kind::Upstream => (StatusCode::BAD_GATEWAY, "GH-WEB-08", "Microsoft 365 said no"),
        Kind::Bug => return our_mistake(),
    };
    let action = match error.kind {
        Kind::Unavailable => "Wait a few seconds and try again.",
        Kind::Forbidden => "Ask somebody with that role.",
        Kind::StepUp => "Enter a code from your authenticator app.",
        _ => "Go back, correct it and try again.",
    };
    Words { status, code, title, cause: error.public.clone(), action }
}

fn denial_words(denial: &Denial) -> Words {
    let (code, title, cause, action) = match denial {
        Denial::NotAssigned { upn, application } => (
            "GH-SIGN-01",
            "You don't have access",
            format!("{upn} is not assigned to {application}."),
            "Ask your administrator to assign you.",
        ),
        Denial::ForeignDomain { upn } => (
            "GH-SIGN-02",
            "This address can't be used there",
            format!("{upn} belongs to no domain that signs in here."),
            "Sign in with your work address.",
        ),
        Denial::SwitchedOff => (
            "GH-SIGN-03",
            "Sign-in is switched off",
            "Sign-in for this domain or application is switched off.".to_owned(),
            "Ask your administrator when it will be back.",
        ),
        Denial::ByPolicy { upn, party, .. } => (
            "GH-SIGN-05",
            "Not allowed from here",
            format!(
                "Your organisation's policy does not let {upn} sign in to {party} from here or with this program."
            ),
            "Try from your usual place and device, or ask your administrator.",
        ),
        Denial::TenantAdmin { upn } => (
            "GH-SIGN-06",
            "Administrators sign in at Microsoft",
            format!(
                "{upn} administers Microsoft 365, and your organisation keeps administrators from signing in there through this page."
            ),
            "Use your administrator account at Microsoft, whose address ends in onmicrosoft.com.",
        ),
        Denial::Loop(round) => (
            "GH-SIGN-04",
            "You are being sent back and forth",
            format!(
                "{} took three sign-ins within a minute and asked for another each time.",
                round.party
            ),
            "You are signed in here. Wait a minute and try again; if it stays, show your help desk \
             what is below.",
        ),
    };
    Words { status: StatusCode::FORBIDDEN, code, title, cause, action }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The middleware replaces this answer by the page; it stands alone only if that fails too.
impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.words().status
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl From<app::Error> for Failure {
    fn from(error: app::Error) -> Self {
        Self::App(error)
    }
}

impl From<pages::Error> for Failure {
    fn from(error: pages::Error) -> Self {
        Self::Page(error)
    }
}
