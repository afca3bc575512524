//! Setting up an authenticator at first sign-in, and the recovery codes that come with it.

use std::time::Duration;

use app::{enroll::NewAuthenticator, visitor::Secret};
use model::Ts;

use crate::{
    answer::{Answer, Desk},
    csrf::Form,
    pages::sign_in::{EnrollTotp, NewApp, Qr, RecoveryCodes},
    wording::times,
};

/// Takes the one-time code that an admin handed over.
pub(crate) async fn check_enrollment_code(desk: Desk, form: Form) -> Answer {
    let [handle, code] = form.exactly(["handle", "code"])?;
    let handle = Secret::from_cookie(&handle);
    let visitor = desk.guest.visitor();
    let outcome = desk.counter.house.sign_in_enrollment_code(&handle, visitor, &code).await?;
    super::proceed(&desk, &handle, outcome).await
}

/// Takes the first code of the new authenticator.
pub(crate) async fn check(desk: Desk, form: Form) -> Answer {
    let [handle, code] = form.exactly(["handle", "code"])?;
    let handle = Secret::from_cookie(&handle);
    let outcome = desk.counter.house.sign_in_enroll(&handle, desk.guest.visitor(), &code).await?;
    super::proceed(&desk, &handle, outcome).await
}

/// Goes on without a second factor, for now.
pub(crate) async fn later(desk: Desk, form: Form) -> Answer {
    let [handle] = form.exactly(["handle"])?;
    let handle = Secret::from_cookie(&handle);
    let outcome = desk.counter.house.sign_in_put_off(&handle, desk.guest.visitor()).await?;
    super::proceed(&desk, &handle, outcome).await
}

/// The recovery codes were seen: on, which may be to a new password.
pub(crate) async fn codes_seen(desk: Desk, form: Form) -> Answer {
    let [handle] = form.exactly(["handle"])?;
    super::go_on(&desk, &Secret::from_cookie(&handle)).await
}

pub(super) async fn show_codes(
    desk: &Desk,
    handle: &Secret,
    upn: String,
    codes: Vec<String>,
) -> Answer {
    let page = RecoveryCodes {
        handle: handle.expose().to_owned(),
        upn,
        codes,
        next: "/sign-in/recovery-codes".to_owned(),
    };
    desk.page(&desk.chrome().await?, &page)
}

pub(super) fn page(handle: String, upn: String, authenticator: NewAuthenticator) -> EnrollTotp {
    EnrollTotp {
        handle,
        upn,
        app: new_app(authenticator),
        passkey: None,
        put_off: None,
        mailbox: None,
        problem: None,
    }
}

/// A new app as pages show it.
pub(crate) fn new_app(authenticator: NewAuthenticator) -> NewApp {
    NewApp {
        qr: Qr::new(authenticator.qr_size, authenticator.qr_path),
        uri: authenticator.uri,
        secret: authenticator.key_text.replace(' ', ""),
        secret_groups: authenticator.key_text.split(' ').map(str::to_owned).collect(),
    }
}

/// Until when it may be put off, in a sentence.
pub(super) fn put_off(until: Ts) -> String {
    // The campaign ends with a day: the moment after is another one's.
    let last = times::day(until - Duration::from_secs(1));
    format!("You can put this off until {last}, and will be asked again tomorrow.")
}
