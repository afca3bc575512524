//! The protocol doors of a federated domain, below `/d/{slug}`. One address takes WS-Federation and
//! SAML 2.0: the parameters tell them apart (`federation.md` 0.5). OpenID Connect has its own.

pub(crate) mod ecp;
pub(crate) mod external_mfa;
pub(crate) mod metadata;
pub(crate) mod oidc;
pub(crate) mod saml2;
pub(crate) mod wsfed;
pub(crate) mod wstrust;

use actix_web::{error::PayloadError, web};
use app::issue::{Resumed, saml2::carries_message, wsfed::Entered};

use crate::{
    answer::{Answer, Desk},
    error::Failure,
    sign_in,
};

/// Where programs, which see no page, find the number that our log knows their request by.
const NUMBER: &str = "x-correlation-id";

/// A request by GET.
pub(crate) async fn enter(desk: Desk, slug: web::Path<String>) -> Answer {
    let query = desk.request.query_string();
    if carries_message(query) {
        return saml2::enter(&desk, &slug, query).await;
    }
    wsfed::enter(&desk, &slug, query).await
}

/// A body, unless it is longer than any message may be (R101).
pub(crate) type Body = Result<web::Bytes, actix_web::Error>;

/// A request by POST.
pub(crate) async fn enter_by_post(desk: Desk, slug: web::Path<String>, body: Body) -> Answer {
    let body = read(&desk, &slug, body).await?;
    let form = parameters(&desk, &body)?;
    if carries_message(form) {
        return saml2::enter_by_post(&desk, &slug, form).await;
    }
    wsfed::enter_by_post(&desk, &slug, form).await
}

/// The waiting request, after its person has signed in.
pub(crate) async fn resume(desk: Desk, request: web::Query<sign_in::Request>) -> Answer {
    let handle = request.handle();
    let (visitor, session) = (desk.guest.visitor(), desk.guest.session());
    let resumed = desk.counter.house.resume(&handle, visitor, session).await?;
    if matches!(resumed, Resumed::Denied(_) | Resumed::WsFed(Entered::Denied(_))) {
        let microsofts = desk.counter.house.client_request_id(&handle, visitor).await?;
        desk.guest.asks_under(microsofts);
    }
    match resumed {
        Resumed::WsFed(entered) => wsfed::conclude(&desk, entered).await,
        Resumed::Saml2(entered) => saml2::conclude(&desk, entered).await,
        Resumed::Oidc(entered) => oidc::conclude(&desk, entered, oidc::Turn::AfterForm).await,
        Resumed::ExternalMfa(entered) => external_mfa::conclude(&desk, entered).await,
        Resumed::Denied(denial) => Err(Failure::Denied(denial)),
        Resumed::Expired => sign_in::expired(&desk).await,
    }
}

/// The bytes of a post; one that is too long is a refused message like any other.
async fn read(desk: &Desk, slug: &str, body: Body) -> Result<web::Bytes, Failure> {
    let error = match body {
        Ok(bytes) => return Ok(bytes),
        Err(error) => error,
    };
    if !matches!(error.as_error(), Some(PayloadError::Overflow)) {
        return Err(Failure::bad_input("The request broke off before its end."));
    }
    let refused = desk.counter.house.refuse_too_long(slug, desk.guest.visitor()).await?;
    Err(Failure::Refused(refused))
}

/// The parameters of a post; in both places they are refused (R079).
fn parameters<'a>(desk: &'a Desk, body: &'a web::Bytes) -> Result<&'a str, Failure> {
    let query = desk.request.query_string();
    if !query.is_empty() && !body.is_empty() {
        return Err(Failure::bad_input(
            "Parameters come in the address or in the body, not in both.",
        ));
    }
    let body =
        std::str::from_utf8(body).map_err(|_| Failure::bad_input("The form is not text."))?;
    Ok(if query.is_empty() { body } else { query })
}
