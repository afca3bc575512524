//! The step at which a code from a mailbox stands in for a second factor.

use actix_web::web;
use app::{sign_in::Outcome, visitor::Secret};

use super::Request;
use crate::{
    answer::{Answer, Desk, see_other},
    csrf::Form,
    pages::sign_in::MailedCode,
};

/// Asks for the code that was sent, or offers to send one.
pub(crate) async fn ask(desk: Desk, request: web::Query<Request>) -> Answer {
    show(&desk, &request.handle(), None).await
}

/// Sends a code.
pub(crate) async fn send(desk: Desk, form: Form) -> Answer {
    let [handle] = form.exactly(["handle"])?;
    let handle = Secret::from_cookie(&handle);
    match desk.counter.house.send_mailed_code(&handle, desk.guest.visitor()).await? {
        Outcome::Next(_) => {
            Ok(see_other(&format!("/sign-in/mailed-code?request={}", handle.expose())))
        }
        Outcome::Again { sentence, .. } => show(&desk, &handle, Some(&sentence)).await,
        other => super::proceed(&desk, &handle, other).await,
    }
}

/// Takes the code.
pub(crate) async fn check(desk: Desk, form: Form) -> Answer {
    let [handle, code] = form.exactly(["handle", "code"])?;
    let handle = Secret::from_cookie(&handle);
    let visitor = desk.guest.visitor();
    match desk.counter.house.sign_in_mailed_code(&handle, visitor, &code).await? {
        Outcome::Again { sentence, .. } => show(&desk, &handle, Some(&sentence)).await,
        other => super::proceed(&desk, &handle, other).await,
    }
}

async fn show(desk: &Desk, handle: &Secret, sentence: Option<&str>) -> Answer {
    let standing = desk.counter.house.mailed_code(handle, desk.guest.visitor()).await?;
    let Some(standing) = standing else {
        return Ok(see_other(&format!("/sign-in?request={}", handle.expose())));
    };
    let (destination, _) = super::destination(desk, handle).await?;
    let page = MailedCode {
        handle: handle.expose().to_owned(),
        destination,
        upn: standing.address,
        mailbox: standing.mailbox,
        was_sent: standing.was_sent,
        problem: sentence.map(|text| super::problem("code", text)),
    };
    desk.page(&desk.chrome().await?, &page)
}
