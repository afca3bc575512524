//! Signing out: the sessions end in the database, then the cookies go.

use actix_web::{HttpResponse, http::header::HeaderName};

use super::set_cookie;
use crate::{
    answer::{Answer, Desk},
    cookies::Jar,
    csrf::Form,
    federation::saml2,
    pages::{parts::Link, sign_in::SignedOut},
};

/// The button.
pub(crate) async fn by_form(desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    everywhere(&desk).await
}

/// Ends every session that this browser holds, and goes round to the applications that it was used
/// with, as far as they take part.
pub(crate) async fn everywhere(desk: &Desk) -> Answer {
    let visitor = desk.guest.visitor();
    if let Some(token) = desk.guest.admin() {
        desk.counter.house.sign_out(token, visitor).await?;
    }
    let Some(token) = desk.guest.session() else { return page(desk).await };
    let entered = desk.counter.house.sign_out_everywhere(token, visitor).await?;
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
pub(crate) async fn page(desk: &Desk) -> Answer {
    let again = Some(Link::new("Sign in again", "/portal"));
    let chrome = desk.chrome().await?;
    let mut answer = desk.page(&chrome, &SignedOut { again })?;
    clear(desk, &mut answer)?;
    Ok(answer)
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
