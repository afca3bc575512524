//! WS-Federation passive at `/d/{slug}/adfs/ls/`: GET and POST mean the same.

use actix_web::{HttpResponse, http::header::ContentType};
use app::issue::wsfed::{AutoPost, Entered, client_request_id};

use crate::{
    answer::{Answer, Desk, see_other},
    cookies,
    error::Failure,
    middleware::ContentRules,
    pages,
    sign_in::{self, sign_out},
};

/// A request by GET.
pub(super) async fn enter(desk: &Desk, slug: &str, query: &str) -> Answer {
    desk.guest.asks_under(client_request_id(query));
    let (visitor, session) = (desk.guest.visitor(), desk.guest.session());
    let entered = desk.counter.house.enter_wsfed(slug, query, visitor, session).await?;
    conclude(desk, entered).await
}

/// A request by POST.
pub(super) async fn enter_by_post(desk: &Desk, slug: &str, parameters: &str) -> Answer {
    desk.guest.asks_under(client_request_id(parameters));
    let (visitor, session) = (desk.guest.visitor(), desk.guest.session());
    match desk.counter.house.enter_wsfed(slug, parameters, visitor, session).await? {
        // A post from another site comes without the session's cookie, a redirect brings it (R051).
        Entered::Ask(handle) => Ok(see_other(&format!("/continue?request={}", handle.expose()))),
        entered => conclude(desk, entered).await,
    }
}

/// Turns where a request leads into an answer.
pub(super) async fn conclude(desk: &Desk, entered: Entered) -> Answer {
    match entered {
        Entered::Token(token) => auto_post(desk, token),
        Entered::Ask(handle) => sign_in::microsoft::ask(desk, &handle).await,
        Entered::Refused(refused) => Err(Failure::Refused(refused)),
        Entered::Denied(denial) => Err(Failure::Denied(denial)),
        Entered::Expired => sign_in::expired(desk).await,
        Entered::SignOut(back) => sign_out::everywhere(desk, back).await,
        Entered::SignOutCleanup => {
            sign_out::end_all(desk).await?;
            let mut answer = HttpResponse::NoContent().finish();
            sign_out::clear(desk, &mut answer)?;
            Ok(answer)
        }
    }
}

fn auto_post(desk: &Desk, token: AutoPost) -> Answer {
    let note = cookies::set_bounces(&token.bounces, desk.counter.is_secure());
    let page = pages::federation::AutoPost {
        lang: "en".to_owned(),
        nonce: desk.guest.nonce().to_owned(),
        destination: token.party,
        reply: token.reply,
        wa: "wsignin1.0".to_owned(),
        wresult: token.wresult,
        wctx: token.context,
    };
    let html = desk.counter.templates.render_bare(&page)?;
    let mut answer = HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header(("Pragma", "no-cache"))
        .cookie(note)
        .body(html);
    answer.extensions_mut().insert(ContentRules::AutoPost);
    Ok(answer)
}
