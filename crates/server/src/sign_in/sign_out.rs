//! Signing out: the sessions end in the database, then the cookies go.

use actix_web::{HttpResponse, http::header::HeaderName};
use app::{
    issue::wsfed::sign_out::{Parting, Way},
    visitor::Secret,
};
use model::pending_request::{PartyEnd, SignOutReturn};
use url::Url;

use super::set_cookie;
use crate::{
    answer::{Answer, Desk},
    cookies::Jar,
    csrf::Form,
    federation::saml2,
    middleware::ContentRules,
    pages::{
        parts::{Check, Link, Tone},
        sign_in::SignedOut,
    },
};

/// The button, here or on the page that asks.
pub(crate) async fn by_form(desk: Desk, form: Form) -> Answer {
    let [] = form.with_lists([], &["handle"])?;
    let asked = form.list("handle").pop().map(|handle| Secret::from_cookie(&handle));
    let back = match asked {
        Some(handle) => {
            desk.counter.house.confirmed_sign_out(&handle, desk.guest.visitor()).await?
        }
        None => None,
    };
    everywhere(&desk, back).await
}

/// Ends every session that this browser holds, and goes round to the applications that it was used
/// with, as far as they take part; at the end the person may go `back`.
pub(crate) async fn everywhere(desk: &Desk, back: Option<SignOutReturn>) -> Answer {
    let visitor = desk.guest.visitor();
    if let Some(token) = desk.guest.admin() {
        desk.counter.house.sign_out(token, visitor).await?;
    }
    let session = desk.guest.session();
    let entered = desk.counter.house.sign_out_everywhere(session, back, visitor).await?;
    saml2::signing_out(desk, entered).await
}

/// Ends every session that this browser holds (R058).
pub(crate) async fn end_all(desk: &Desk) -> Result<(), crate::error::Failure> {
    for token in [desk.guest.session(), desk.guest.admin()].into_iter().flatten() {
        desk.counter.house.sign_out(token, desk.guest.visitor()).await?;
    }
    Ok(())
}

/// The page afterwards, which takes the cookies along.
pub(crate) async fn page(desk: &Desk, parting: Parting) -> Answer {
    let mut answer = show(desk, &parting).await?;
    clear(desk, &mut answer)?;
    Ok(answer)
}

/// The page afterwards, or the one that leads on to the client that has the person back.
pub(crate) async fn show(desk: &Desk, parting: &Parting) -> Answer {
    if let Some(onward) = parting.onward.clone() {
        return saml2::clean_up(desk, parting, onward);
    }
    let link = |way: &Way| Link::new(&way.party, &way.address);
    let page = SignedOut {
        again: Some(Link::new("Sign in again", "/portal")),
        cleanups: parting.cleanups.iter().map(link).collect(),
        ends: parting.ends.iter().map(end).collect(),
        back: parting.back.as_ref().map(link),
    };
    let answer = desk.page(&desk.chrome().await?, &page)?;
    Ok(with_images(answer, parting))
}

/// How it ended for one application.
fn end((party, how): &(String, PartyEnd)) -> Check {
    let (tone, sentence) = match how {
        PartyEnd::SignedOut => (Tone::Ok, "It signed you out, too."),
        PartyEnd::Told => (Tone::Neutral, "It is told that you left; that may take a moment."),
        PartyEnd::Refused => (Tone::Warn, "It could not sign you out: do it there."),
        PartyEnd::Silent => (Tone::Warn, "It did not answer: sign out there."),
        PartyEnd::Untold => (Tone::Warn, "It can't be told: sign out there."),
    };
    Check::new(tone, party, sentence)
}

/// Lets a page fetch the images of the applications that clean up.
pub(crate) fn with_images(mut answer: HttpResponse, parting: &Parting) -> HttpResponse {
    let origin = |way: &Way| Some(Url::parse(&way.address).ok()?.origin().ascii_serialization());
    let origins: Vec<String> = parting.cleanups.iter().filter_map(origin).collect();
    if !origins.is_empty() {
        answer.extensions_mut().insert(ContentRules::Images(origins.join(" ")));
    }
    answer
}

/// Removes the session cookies and whatever the browser kept of our pages.
pub(crate) fn clear(desk: &Desk, answer: &mut HttpResponse) -> Result<(), crate::error::Failure> {
    let secure = desk.counter.is_secure();
    set_cookie(answer, &Jar::Session.clear(secure))?;
    set_cookie(answer, &Jar::Admin.clear(secure))?;
    let name = HeaderName::from_static("clear-site-data");
    answer
        .headers_mut()
        .insert(name, actix_web::http::header::HeaderValue::from_static("\"cache\""));
    Ok(())
}
