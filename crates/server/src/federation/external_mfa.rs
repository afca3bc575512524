//! The external MFA provider of Entra below `/eam`: what Entra reads of us, and where it sends browsers.

use app::issue::external_mfa::{Declined, Entered, Posted};

use super::{
    Body,
    oidc::clients::{KEEP, KEEP_KEYS, document},
    parameters, read, saml2,
};
use crate::{
    answer::{Answer, Desk, see_other},
    error::Failure,
    pages::{federation::PostedField, sign_in::NotConfirmed},
    sign_in,
};

/// What people call whoever gets the answer.
const MICROSOFT: &str = "Microsoft";

/// What we speak, and where.
pub(crate) async fn discovery(desk: Desk) -> Answer {
    Ok(document(desk.counter.house.external_mfa_discovery().await?, KEEP))
}

/// The keys that answers are checked with.
pub(crate) async fn keys(desk: Desk) -> Answer {
    Ok(document(desk.counter.house.external_mfa_keys().await?.0, KEEP_KEYS))
}

/// A request of Entra's. It comes by a form of another site, so without our cookies: what waits is
/// bound to the cookie that this answer sets, and the redirect brings it along (R051).
pub(crate) async fn enter(desk: Desk, body: Body) -> Answer {
    let body = read(&desk, "Entra", body).await?;
    let form = parameters(&desk, &body)?;
    let entered = desk.counter.house.enter_external_mfa(form, desk.guest.visitor()).await?;
    conclude(&desk, entered).await
}

/// Turns where a request leads into an answer.
pub(super) async fn conclude(desk: &Desk, entered: Entered) -> Answer {
    match entered {
        Entered::Ask(handle) => Ok(see_other(&format!("/sign-in?request={}", handle.expose()))),
        Entered::Answer(Posted { to, fields }) => {
            saml2::message(desk, MICROSOFT.to_owned(), to, fields)
        }
        Entered::Declined(why, back) => declined(desk, why, back).await,
        Entered::Refused(refused) => Err(Failure::Refused(refused)),
        Entered::Expired => sign_in::expired(desk).await,
    }
}

/// Says why there is no answer, with a button that tells Microsoft so.
async fn declined(desk: &Desk, why: Declined, back: Posted) -> Answer {
    let (cause, action) = why.sentence().split_once(". ").unwrap_or((why.sentence(), ""));
    let page = NotConfirmed {
        cause: format!("{}.", cause.trim_end_matches('.')),
        action: action.to_owned(),
        code: why.code().to_owned(),
        to: back.to,
        fields: back.fields.into_iter().map(|(name, value)| PostedField { name, value }).collect(),
    };
    Ok(saml2::away(desk.html(&desk.chrome().await?, &page)?))
}
