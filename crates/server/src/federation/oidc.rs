//! OpenID Connect below `/d/{slug}/oidc`: what browsers come to. What clients come to by themselves is
//! in [`clients`].

pub(crate) mod clients;

use actix_web::{HttpResponse, http::header::LOCATION, web};
use app::issue::oidc::{Answer as Message, Entered, SignOutAsked, Way};

use super::{Body, parameters, read, saml2};
use crate::{
    answer::{Answer, Desk, see_other},
    cookies,
    error::Failure,
    pages,
    sign_in::{self, sign_out},
};

/// What the browser is doing when it gets an answer for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It has come from the client and may be sent straight back, even unseen in a frame.
    Passing,
    /// It has sent a form of ours, whose redirects must not lead away.
    AfterForm,
}

/// A request by GET.
pub(crate) async fn enter(desk: Desk, slug: web::Path<String>) -> Answer {
    let query = desk.request.query_string();
    let (visitor, session) = (desk.guest.visitor(), desk.guest.session());
    let house = &desk.counter.house;
    let entered = house.enter_oidc(&slug, (Way::Address, query), visitor, session).await?;
    conclude(&desk, entered, Turn::Passing).await
}

/// A request by POST. It comes without the session's cookie, which the redirect brings (R051).
pub(crate) async fn enter_by_post(desk: Desk, slug: web::Path<String>, body: Body) -> Answer {
    let body = read(&desk, &slug, body).await?;
    let form = parameters(&desk, &body)?;
    let (visitor, session) = (desk.guest.visitor(), desk.guest.session());
    let house = &desk.counter.house;
    match house.enter_oidc(&slug, (Way::Form, form), visitor, session).await? {
        Entered::Ask(handle) => Ok(see_other(&format!("/continue?request={}", handle.expose()))),
        entered => conclude(&desk, entered, Turn::Passing).await,
    }
}

/// Turns where a request leads into an answer.
pub(super) async fn conclude(desk: &Desk, entered: Entered, turn: Turn) -> Answer {
    match entered {
        Entered::Answer { answer, party, bounces } => {
            let mut answer = match answer {
                Message::Form { to, fields } => saml2::message(desk, party, to, fields)?,
                Message::Redirect(address) if turn == Turn::Passing => see_other(&address),
                Message::Redirect(address) => {
                    let page = pages::federation::Leave::to_party(address, &party);
                    saml2::away(desk.counter.templates.render_bare(&page)?)
                }
            };
            if let Some(bounces) = bounces {
                let note = cookies::set_bounces(&bounces, desk.counter.is_secure());
                sign_in::set_cookie(&mut answer, &note)?;
            }
            Ok(answer)
        }
        Entered::Ask(handle) => Ok(see_other(&format!("/sign-in?request={}", handle.expose()))),
        Entered::Refused(refused) => Err(Failure::Refused(refused)),
        Entered::Denied(denial) => Err(Failure::Denied(denial)),
        Entered::Expired => sign_in::expired(desk).await,
    }
}

/// A sign-out that a client asks for, by GET.
pub(crate) async fn sign_out(desk: Desk, slug: web::Path<String>) -> Answer {
    let query = desk.request.query_string();
    let held: Vec<_> = [desk.guest.session(), desk.guest.admin()].into_iter().flatten().collect();
    let visitor = desk.guest.visitor();
    match desk.counter.house.ask_oidc_sign_out(&slug, query, visitor, &held).await? {
        SignOutAsked::Now(back) => sign_out::everywhere(&desk, back).await,
        // Cookies that stayed behind at a link of another site are left alone.
        SignOutAsked::Nobody(parting) => sign_out::show(&desk, &parting).await,
        SignOutAsked::Confirm(handle) => {
            let page = pages::sign_in::ConfirmSignOut { handle: handle.expose().to_owned() };
            desk.page(&desk.chrome().await?, &page)
        }
        SignOutAsked::Refused(refused) => Err(Failure::Refused(refused)),
    }
}

/// The same by POST. The session's cookie stayed behind: the same again, as an address of ours.
pub(crate) async fn sign_out_by_post(desk: Desk, slug: web::Path<String>, body: Body) -> Answer {
    let body = read(&desk, &slug, body).await?;
    let form = parameters(&desk, &body)?;
    let again = format!("{}?{form}", desk.request.path());
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, again)).finish())
}
