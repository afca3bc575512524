//! The sign-in pages: one address per step, the handle in each form, and the use case decides
//! which step comes next. No order of requests skips one.

pub(crate) mod enroll;
pub(crate) mod mailed_code;
pub(crate) mod microsoft;
pub(crate) mod new_password;
pub(crate) mod passkey;
pub(crate) mod password;
pub(crate) mod reset;
pub(crate) mod second_factor;
pub(crate) mod sign_out;

use actix_web::{HttpResponse, cookie::Cookie, web};
use app::{
    remembered::Wish,
    sign_in::{Outcome, Screen},
    visitor::Secret,
};
use model::{Method, pending_request::Purpose};

use crate::{
    answer::{Answer, Desk, see_other},
    cookies::Jar,
    csrf::Form,
    error::Failure,
    pages::{
        parts::{Link, Problem},
        sign_in as pages,
    },
};

/// The field that says whether this browser shall be remembered: "no" where it is offered, and "yes"
/// besides where it is wanted.
const WISH: &str = "remember";

/// `?request=…`.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Request {
    request: String,
}

impl Request {
    pub(crate) fn handle(&self) -> Secret {
        Secret::from_cookie(&self.request)
    }
}

/// Where this sign-in stands.
pub(crate) async fn current(desk: Desk, request: web::Query<Request>) -> Answer {
    let handle = request.handle();
    match desk.counter.house.sign_in_screen(&handle, desk.guest.visitor()).await? {
        Some(screen @ (Screen::Address { .. } | Screen::Password { .. })) => {
            show(&desk, &handle, screen, microsoft::why(&desk)).await
        }
        _ => go_on(&desk, &handle).await,
    }
}

/// The screen where a sign-in stands, or its end.
async fn go_on(desk: &Desk, handle: &Secret) -> Answer {
    match desk.counter.house.sign_in_screen(handle, desk.guest.visitor()).await? {
        Some(screen) => stand(desk, handle, screen).await,
        None => expired(desk).await,
    }
}

/// A screen, or what follows when it is the last one.
async fn stand(desk: &Desk, handle: &Secret, screen: Screen) -> Answer {
    match screen {
        Screen::Done => finish(desk, handle).await,
        Screen::Confirmed => Ok(onward(handle)),
        screen => show(desk, handle, screen, None).await,
    }
}

/// Where a protocol's request goes on.
fn onward(handle: &Secret) -> HttpResponse {
    see_other(&format!("/continue?request={}", handle.expose()))
}

/// Asks for the address, again; not where somebody else said who it is.
pub(crate) async fn other_address(desk: Desk, request: web::Query<Request>) -> Answer {
    let handle = request.handle();
    let purpose = desk.counter.house.sign_in_purpose(&handle, desk.guest.visitor()).await?;
    if purpose.is_some_and(|purpose| purpose.confirms().is_some()) {
        return go_on(&desk, &handle).await;
    }
    show(&desk, &handle, Screen::Address { begun: String::new() }, None).await
}

/// Takes the address.
pub(crate) async fn address(desk: Desk, form: Form) -> Answer {
    let [handle, typed] = form.exactly(["handle", "address"])?;
    let handle = Secret::from_cookie(&handle);
    let outcome = desk.counter.house.sign_in_address(&handle, desk.guest.visitor(), &typed).await?;
    proceed(&desk, &handle, outcome).await
}

/// Shows what a try led to.
pub(crate) async fn proceed(desk: &Desk, handle: &Secret, outcome: Outcome) -> Answer {
    match outcome {
        Outcome::Next(screen) => stand(desk, handle, screen).await,
        Outcome::Again { screen, sentence } => {
            let problem = problem(field(&screen), &sentence);
            show(desk, handle, screen, Some(problem)).await
        }
        Outcome::RecoveryCodes { address, codes } => {
            enroll::show_codes(desk, handle, address, codes).await
        }
        Outcome::Expired => expired(desk).await,
    }
}

/// The field of a screen that is filled in.
fn field(screen: &Screen) -> &'static str {
    match screen {
        Screen::Address { .. } => "address",
        Screen::Password { .. } => "password",
        Screen::NewPassword { .. } => "new_password",
        _ => "code",
    }
}

async fn show(desk: &Desk, handle: &Secret, screen: Screen, problem: Option<Problem>) -> Answer {
    let chrome = desk.chrome().await?;
    let purpose = desk.counter.house.sign_in_purpose(handle, desk.guest.visitor()).await?;
    let confirms = purpose.as_ref().is_some_and(|purpose| purpose.confirms().is_some());
    if confirms && matches!(screen, Screen::Denied { .. } | Screen::NoPasskey { .. }) {
        // Entra waits for a word.
        return Ok(onward(handle));
    }
    let destination = in_words(desk, purpose.as_ref()).await?;
    let passkey = passkey::question(desk, handle, &screen).await?;
    let (secret, handle) = (handle, handle.expose().to_owned());
    let switch = if confirms { String::new() } else { handle.clone() };
    match screen {
        Screen::Address { begun } => {
            show_first(desk, secret, Err(begun), (destination, passkey, problem)).await
        }
        Screen::Password { address } => {
            show_first(desk, secret, Ok(address), (destination, passkey, problem)).await
        }
        Screen::SecondFactor { address: upn, with, remember, mailbox } => {
            let page = pages::SecondFactor {
                handle,
                switch,
                destination,
                upn,
                with_app: with.has_app(),
                paper: purpose.as_ref().is_none_or(|it| it.takes(Method::RecoveryCode)),
                mailbox,
                remember,
                passkey,
                problem,
            };
            desk.page(&chrome, &page)
        }
        Screen::Key { address: upn } => {
            desk.page(&chrome, &pages::Key { handle, switch, destination, upn, passkey, problem })
        }
        Screen::NoPasskey { address: upn, may_add } => {
            desk.page(&chrome, &pages::NoPasskey { destination, upn, may_add })
        }
        Screen::EnrollKey { address: upn } => {
            desk.page(&chrome, &pages::EnrollKey { handle, destination, upn, passkey, problem })
        }
        Screen::EnrollmentCode { address: upn, only_key, mailbox } => {
            desk.page(&chrome, &pages::EnrollmentCode { handle, upn, only_key, mailbox, problem })
        }
        Screen::Enroll { address, authenticator, put_off_until, mailbox } => {
            let put_off = put_off_until.map(enroll::put_off);
            let page = enroll::page(handle, address, authenticator);
            desk.page(&chrome, &pages::EnrollTotp { passkey, put_off, mailbox, problem, ..page })
        }
        Screen::NewPassword { address: upn, min_length } => {
            let is_reset = matches!(purpose, Some(Purpose::Reset { .. }));
            desk.page(&chrome, &pages::NewPassword { handle, upn, is_reset, min_length, problem })
        }
        Screen::Denied { address: upn, reason } => {
            desk.page(&chrome, &pages::Blocked { upn, sentence: reason.sentence().to_owned() })
        }
        // `proceed` and `current` finish before they show anything.
        Screen::Done | Screen::Confirmed => Err(Failure::bad_input("This sign-in is complete.")),
    }
}

/// The pages before anything is proved: for an address of which so much is known, or for the
/// password of one.
async fn show_first(
    desk: &Desk,
    handle: &Secret,
    address: Result<String, String>,
    (destination, passkey, problem): (String, Option<String>, Option<Problem>),
) -> Answer {
    let chrome = desk.chrome().await?;
    let microsoft = microsoft::offers(desk, handle).await?;
    let handle = handle.expose().to_owned();
    let upn = match address {
        Ok(upn) => upn,
        Err(address) => {
            let page = pages::Address { handle, destination, address, passkey, microsoft, problem };
            return desk.page(&chrome, &page);
        }
    };
    let may_reset = desk.counter.house.sends_letters();
    let page = pages::Password { handle, destination, upn, passkey, microsoft, may_reset, problem };
    desk.page(&chrome, &page)
}

/// Where a sign-in leads, in words, and whether somebody else said who it is.
async fn destination(desk: &Desk, handle: &Secret) -> Result<(String, bool), Failure> {
    let purpose = desk.counter.house.sign_in_purpose(handle, desk.guest.visitor()).await?;
    let confirms = purpose.as_ref().is_some_and(|purpose| purpose.confirms().is_some());
    Ok((in_words(desk, purpose.as_ref()).await?, confirms))
}

async fn in_words(desk: &Desk, purpose: Option<&Purpose>) -> Result<String, Failure> {
    let words = match purpose {
        Some(Purpose::Console) => "the console",
        Some(Purpose::Portal | Purpose::Reset { .. }) => "your apps",
        Some(Purpose::Saml2(asked)) => {
            return Ok(desk.counter.house.relying_party_name(asked.relying_party).await?);
        }
        Some(Purpose::Oidc(asked)) => {
            return Ok(desk.counter.house.relying_party_name(asked.relying_party).await?);
        }
        Some(Purpose::WsFed { relying_party, .. }) => {
            return Ok(desk.counter.house.relying_party_name(*relying_party).await?);
        }
        Some(Purpose::ExternalMfa(_) | Purpose::SignOut(_)) | None => "Microsoft 365",
    };
    Ok(words.to_owned())
}

/// One field and what is wrong with it; the use case's sentence says what to do as well.
pub(crate) fn problem(field: &str, sentence: &str) -> Problem {
    let (cause, action) = sentence.split_once(". ").unwrap_or((sentence, ""));
    Problem::of_field(field, &format!("{}.", cause.trim_end_matches('.')), action)
}

/// Opens the session and leads on.
pub(crate) async fn finish(desk: &Desk, handle: &Secret) -> Answer {
    let done = desk.counter.house.complete_sign_in(handle, desk.guest.visitor()).await?;
    let Some(done) = done else { return outrun(desk, handle).await };
    let location = match &done.purpose {
        // Nobody is signed in by a second factor alone, so this never comes here.
        Purpose::WsFed { .. } | Purpose::Saml2(_) | Purpose::Oidc(_) | Purpose::ExternalMfa(_) => {
            format!("/continue?request={}", handle.expose())
        }
        Purpose::SignOut(_) => format!("/sign-out/next?request={}", handle.expose()),
        Purpose::Portal | Purpose::Reset { .. } => "/portal".to_owned(),
        Purpose::Console => "/admin".to_owned(),
    };
    let secure = desk.counter.is_secure();
    let mut answer = see_other(&location);
    set_cookie(&mut answer, &Jar::of(done.audience).set(&done.token, secure))?;
    set_cookie(&mut answer, &Jar::Device.set(&done.device, secure))?;
    if let Some(remembered) = &done.remembered {
        set_cookie(&mut answer, &Jar::Remembered.set(remembered, secure))?;
    }
    Ok(answer)
}

/// Something was quicker than the end of a sign-in: another tab, or a change of what it rested on.
async fn outrun(desk: &Desk, handle: &Secret) -> Answer {
    match desk.counter.house.sign_in_screen(handle, desk.guest.visitor()).await? {
        None | Some(Screen::Done | Screen::Confirmed) => expired(desk).await,
        Some(screen) => show(desk, handle, screen, None).await,
    }
}

/// Takes down what a form says of this browser, where its page offered to remember it.
async fn take_wish(desk: &Desk, handle: &Secret, form: &Form) -> Result<(), Failure> {
    let said = form.list(WISH);
    if said.is_empty() {
        return Ok(());
    }
    let remember = said.iter().any(|word| word == "yes");
    let wish = if remember { Wish::Remember } else { Wish::DontRemember };
    Ok(desk.counter.house.sign_in_wish(handle, desk.guest.visitor(), wish).await?)
}

pub(crate) fn set_cookie(answer: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<(), Failure> {
    answer.add_cookie(cookie).map_err(|_| Failure::bad_input("A cookie could not be set."))
}

/// The request is over: a way back to where it began.
pub(crate) async fn expired(desk: &Desk) -> Answer {
    let restart = Link::new("Open Outlook", desk.counter.outlook());
    let chrome = desk.chrome().await?;
    let html = desk.html(&chrome, &pages::ExpiredRequest { restart })?;
    let html_type = actix_web::http::header::ContentType::html();
    Ok(HttpResponse::Gone().content_type(html_type).body(html))
}
