//! The second-factor step: a code of the app, or one on paper (a recovery code, or a pass of the help
//! desk).

use actix_web::web;
use app::{sign_in::Screen, visitor::Secret};

use super::{Request, WISH};
use crate::{
    answer::{Answer, Desk, see_other},
    csrf::Form,
    pages::sign_in::RecoveryCode,
};

/// Takes a code of the authenticator app.
pub(crate) async fn check(desk: Desk, form: Form) -> Answer {
    let [handle, code] = form.with_lists(["handle", "code"], &[WISH])?;
    let handle = Secret::from_cookie(&handle);
    super::take_wish(&desk, &handle, &form).await?;
    let outcome = desk.counter.house.sign_in_code(&handle, desk.guest.visitor(), &code).await?;
    super::proceed(&desk, &handle, outcome).await
}

/// Asks for a code on paper instead.
pub(crate) async fn ask_recovery_code(desk: Desk, request: web::Query<Request>) -> Answer {
    show_recovery(&desk, &request.handle(), None).await
}

/// Takes a code on paper.
pub(crate) async fn check_recovery_code(desk: Desk, form: Form) -> Answer {
    let [handle, code] = form.exactly(["handle", "code"])?;
    let handle = Secret::from_cookie(&handle);
    let visitor = desk.guest.visitor();
    let outcome = desk.counter.house.sign_in_recovery_code(&handle, visitor, &code).await?;
    match outcome {
        app::sign_in::Outcome::Again { sentence, .. } => {
            show_recovery(&desk, &handle, Some(&sentence)).await
        }
        other => super::proceed(&desk, &handle, other).await,
    }
}

async fn show_recovery(desk: &Desk, handle: &Secret, sentence: Option<&str>) -> Answer {
    let screen = desk.counter.house.sign_in_screen(handle, desk.guest.visitor()).await?;
    let Some(Screen::SecondFactor { address: upn, .. }) = screen else {
        return Ok(see_other(&format!("/sign-in?request={}", handle.expose())));
    };
    let (destination, confirms) = super::destination(desk, handle).await?;
    let page = RecoveryCode {
        handle: handle.expose().to_owned(),
        switch: if confirms { String::new() } else { handle.expose().to_owned() },
        destination,
        upn,
        problem: sentence.map(|text| super::problem("code", text)),
    };
    desk.page(&desk.chrome().await?, &page)
}
