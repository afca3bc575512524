//! A new password without the old one: asking for a letter, and what its link opens (R043).
//!
//! The link's page shows one button. Only that uses the link up: programs that look into letters
//! fetch links, and press no buttons.

use actix_web::{HttpResponse, web};
use app::{sign_in::Screen, visitor::Secret};

use super::Request;
use crate::{
    answer::{Answer, Desk, see_other},
    csrf::Form,
    middleware::ContentRules,
    pages::sign_in::{AskReset, ResetAsked, ResetLink},
};

/// Asks for the address; whoever comes from a sign-in has typed it already.
pub(crate) async fn ask(desk: Desk, request: Option<web::Query<Request>>) -> Answer {
    let address = match request {
        Some(request) => typed_before(&desk, &request.handle()).await?,
        None => String::new(),
    };
    let sends_letters = desk.counter.house.sends_letters();
    desk.page(&desk.chrome().await?, &AskReset { address, sends_letters })
}

async fn typed_before(desk: &Desk, handle: &Secret) -> Result<String, app::Error> {
    let screen = desk.counter.house.sign_in_screen(handle, desk.guest.visitor()).await?;
    Ok(match screen {
        Some(Screen::Password { address }) => address,
        _ => String::new(),
    })
}

/// Takes the address; the answer is the same for every one.
pub(crate) async fn write(desk: Desk, form: Form) -> Answer {
    let [address] = form.exactly(["address"])?;
    if !desk.counter.house.sends_letters() {
        return desk.page(&desk.chrome().await?, &AskReset { address, sends_letters: false });
    }
    desk.counter.house.ask_reset(&address, desk.guest.visitor()).await?;
    desk.page(&desk.chrome().await?, &ResetAsked { address: address.trim().to_owned() })
}

/// `?token=…`.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Link {
    token: String,
}

/// The page that a link opens.
pub(crate) async fn open(desk: Desk, link: web::Query<Link>) -> Answer {
    let chrome = desk.chrome().await?;
    let mut answer = desk.page(&chrome, &ResetLink { token: Some(link.into_inner().token) })?;
    answer.extensions_mut().insert(ContentRules::Secret);
    Ok(answer)
}

/// Uses the link up, and goes on to the second factor.
pub(crate) async fn begin(desk: Desk, form: Form) -> Answer {
    let [token] = form.exactly(["token"])?;
    let secret = Secret::from_cookie(&token);
    let handle = desk.counter.house.use_reset_link(&secret, desk.guest.visitor()).await?;
    if let Some(handle) = handle {
        return Ok(see_other(&format!("/sign-in?request={}", handle.expose())));
    }
    let html = desk.html(&desk.chrome().await?, &ResetLink { token: None })?;
    let html_type = actix_web::http::header::ContentType::html();
    Ok(HttpResponse::Gone().content_type(html_type).body(html))
}
