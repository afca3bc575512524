//! Passkeys on the pages of a sign-in: the question that a page carries, and the answer.

use app::{
    sign_in::{Outcome, PasskeyQuestion, Screen},
    visitor::Secret,
};

use super::WISH;
use crate::{
    answer::{Answer, Desk},
    csrf::Form,
    error::Failure,
    pages::parts::Problem,
    wording::devices,
};

/// What to do where nothing but a key is taken.
const ONLY_KEYS: &str = "Try again, or use another device or key.";

/// Takes what an authenticator answered, in the place of address and password or after them.
pub(crate) async fn check(desk: Desk, form: Form) -> Answer {
    let [handle, wanted, answer] = form.with_lists(["handle", "address", "answer"], &[WISH])?;
    let handle = Secret::from_cookie(&handle);
    super::take_wish(&desk, &handle, &form).await?;
    let visitor = desk.guest.visitor();
    let outcome = desk.counter.house.sign_in_passkey(&handle, visitor, &wanted, &answer).await?;
    proceed(&desk, &handle, outcome).await
}

/// Takes a new passkey in the place of an authenticator app. Its first name is the browser's.
pub(crate) async fn enroll(desk: Desk, form: Form) -> Answer {
    let [handle, answer] = form.exactly(["handle", "answer"])?;
    let handle = Secret::from_cookie(&handle);
    let visitor = desk.guest.visitor();
    let name = devices::name(&visitor.client.user_agent);
    let outcome =
        desk.counter.house.sign_in_enroll_passkey(&handle, visitor, &name, &answer).await?;
    proceed(&desk, &handle, outcome).await
}

/// What went wrong is nothing that was typed into a field.
async fn proceed(desk: &Desk, handle: &Secret, outcome: Outcome) -> Answer {
    match outcome {
        Outcome::Again { screen, sentence } => {
            let mut problem = Problem { field: None, ..super::problem("", &sentence) };
            if matches!(screen, Screen::Key { .. } | Screen::EnrollKey { .. }) {
                // There is no other way here.
                ONLY_KEYS.clone_into(&mut problem.action);
            }
            super::show(desk, handle, screen, Some(problem)).await
        }
        other => super::proceed(desk, handle, other).await,
    }
}

/// The question for authenticators that belongs to a screen.
pub(super) async fn question(
    desk: &Desk,
    handle: &Secret,
    screen: &Screen,
) -> Result<Option<String>, Failure> {
    let asks = matches!(
        screen,
        Screen::Address { .. }
            | Screen::Password { .. }
            | Screen::SecondFactor { .. }
            | Screen::Key { .. }
            | Screen::Enroll { .. }
            | Screen::EnrollKey { .. }
    );
    // The page says where they do work (pages.md, rule 13).
    if !asks || devices::is_embedded(&desk.guest.visitor().client.user_agent) {
        return Ok(None);
    }
    let house = &desk.counter.house;
    let asked = house.sign_in_passkey_question(handle, desk.guest.visitor()).await?;
    Ok(match (screen, asked) {
        (
            Screen::Address { .. } | Screen::Password { .. },
            Some(PasskeyQuestion::SignIn(question)),
        )
        | (
            Screen::SecondFactor { .. } | Screen::Key { .. },
            Some(PasskeyQuestion::SecondFactor(question)),
        )
        | (
            Screen::Enroll { .. } | Screen::EnrollKey { .. },
            Some(PasskeyQuestion::Register(question)),
        ) => Some(question),
        _ => None,
    })
}
