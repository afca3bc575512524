//! SAML 2.0 at `/d/{slug}/adfs/ls/` and `/d/{slug}/saml/slo`: by redirect and by form.

use actix_web::{
    HttpResponse,
    http::header::{ContentType, LOCATION},
    web,
};
use app::issue::{
    saml2::{Binding, Entered, PostForm},
    wsfed::sign_out::Parting,
};

use super::{Body, parameters, read};
use crate::{
    answer::{Answer, Desk, see_other},
    cookies,
    error::Failure,
    middleware::{ComesAgain, ContentRules},
    pages::{self, federation::PostedField},
    sign_in::{self, sign_out},
};

/// A message by redirect.
pub(super) async fn enter(desk: &Desk, slug: &str, query: &str) -> Answer {
    let (visitor, session) = (desk.guest.visitor(), desk.guest.session());
    let house = &desk.counter.house;
    let entered = house.enter_saml2(slug, Binding::Redirect, query, visitor, session).await?;
    conclude(desk, entered).await
}

/// A message by form. It comes without the session's cookie, which the redirect brings (R051).
pub(super) async fn enter_by_post(desk: &Desk, slug: &str, form: &str) -> Answer {
    let (visitor, session) = (desk.guest.visitor(), desk.guest.session());
    let house = &desk.counter.house;
    match house.enter_saml2(slug, Binding::Post, form, visitor, session).await? {
        Entered::Ask(handle) => Ok(see_other(&format!("/continue?request={}", handle.expose()))),
        entered => conclude(desk, entered).await,
    }
}

/// A logout message by redirect.
pub(crate) async fn log_out(desk: Desk, slug: web::Path<String>) -> Answer {
    let query = desk.request.query_string().to_owned();
    log_out_with(&desk, &slug, Binding::Redirect, &query).await
}

/// A logout message by form.
pub(crate) async fn log_out_by_post(desk: Desk, slug: web::Path<String>, body: Body) -> Answer {
    let body = read(&desk, &slug, body).await?;
    let form = parameters(&desk, &body)?.to_owned();
    log_out_with(&desk, &slug, Binding::Post, &form).await
}

async fn log_out_with(desk: &Desk, slug: &str, binding: Binding, raw: &str) -> Answer {
    let (visitor, session) = (desk.guest.visitor(), desk.guest.session());
    let house = &desk.counter.house;
    let entered = house.logout_saml2(slug, binding, raw, visitor, session).await?;
    signing_out(desk, entered).await
}

/// The next party of a sign-out under way.
pub(crate) async fn next(desk: Desk, request: web::Query<sign_in::Request>) -> Answer {
    let handle = request.handle();
    let entered = desk.counter.house.next_sign_out(&handle, desk.guest.visitor()).await?;
    signing_out(&desk, entered).await
}

/// The answer to whatever ended a session: it takes the cookies along.
pub(crate) async fn signing_out(desk: &Desk, entered: Entered) -> Answer {
    let ended =
        matches!(entered, Entered::Post { .. } | Entered::Redirect(_) | Entered::CleanUp(..));
    let mut answer = conclude(desk, entered).await?;
    if ended {
        sign_out::clear(desk, &mut answer)?;
    }
    Ok(answer)
}

/// Turns where a message leads into an answer.
pub(super) async fn conclude(desk: &Desk, entered: Entered) -> Answer {
    match entered {
        Entered::Post { form, party, bounces } => {
            let mut answer = post(desk, form, party)?;
            if let Some(bounces) = bounces {
                let note = cookies::set_bounces(&bounces, desk.counter.is_secure());
                sign_in::set_cookie(&mut answer, &note)?;
            }
            Ok(answer)
        }
        Entered::Redirect(address) => leave(desk, address),
        Entered::Ask(handle) => sign_in::microsoft::ask(desk, &handle).await,
        Entered::ComeAgain(address) => {
            let mut answer = HttpResponse::SeeOther().insert_header((LOCATION, address)).finish();
            answer.extensions_mut().insert(ComesAgain);
            Ok(answer)
        }
        Entered::SignedOut(parting) => sign_out::page(desk, parting).await,
        Entered::CleanUp(parting, next) => clean_up(desk, &parting, next),
        Entered::Refused(refused) => Err(Failure::Refused(refused)),
        Entered::Denied(denial) => Err(Failure::Denied(denial)),
        Entered::Expired => sign_in::expired(desk).await,
    }
}

/// A form that the browser posts to a party.
fn post(desk: &Desk, form: PostForm, party: String) -> Answer {
    let state = form.relay_state.map(|state| ("RelayState", state));
    let fields = std::iter::once((form.name, form.message)).chain(state);
    message(desk, party, form.to, fields.collect())
}

/// A form with these fields that the browser posts to a party.
pub(super) fn message(
    desk: &Desk,
    party: String,
    to: String,
    fields: Vec<(&'static str, String)>,
) -> Answer {
    let page = pages::federation::MessagePost {
        lang: "en".to_owned(),
        nonce: desk.guest.nonce().to_owned(),
        destination: party,
        to,
        fields: fields.into_iter().map(|(name, value)| PostedField { name, value }).collect(),
    };
    Ok(away(desk.counter.templates.render_bare(&page)?))
}

/// A page that leads to a party: a plain redirect would be taken for the target of our own sign-out
/// form, which must not lead away.
fn leave(desk: &Desk, address: String) -> Answer {
    let page = pages::federation::Leave::to(address);
    Ok(away(desk.counter.templates.render_bare(&page)?))
}

/// A page that fetches the images of applications, and goes on a little later.
pub(crate) fn clean_up(desk: &Desk, parting: &Parting, next: String) -> Answer {
    let page = pages::federation::Leave {
        after: if parting.cleanups.is_empty() { 0 } else { 2 },
        images: parting.cleanups.iter().map(|way| way.address.clone()).collect(),
        ..pages::federation::Leave::to(next)
    };
    let html = desk.counter.templates.render_bare(&page)?;
    Ok(sign_out::with_images(
        HttpResponse::Ok().content_type(ContentType::html()).body(html),
        parting,
    ))
}

pub(crate) fn away(html: String) -> HttpResponse {
    let mut answer = HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header(("Pragma", "no-cache"))
        .body(html);
    answer.extensions_mut().insert(ContentRules::AutoPost);
    answer
}
