//! The portal's question for a fresh factor; the console's, with the employee's session.

use app::portal::StepUp as Who;

use crate::{
    admin::step_up::{page, take, take_passkey, way_back},
    answer::{Answer, Desk},
    csrf::Form,
    visitor::SignedIn,
};

/// The page.
pub(super) async fn ask(me: SignedIn, desk: Desk) -> Answer {
    let back = way_back(&desk.asked("back"), "/portal");
    let page = page(&desk, Who::Employee(&me), back, None).await?;
    desk.page(&desk.chrome().await?, &page)
}

/// Takes the code: the session gets a new secret.
pub(super) async fn check(me: SignedIn, desk: Desk, form: Form) -> Answer {
    take(&desk, &form, Who::Employee(&me)).await
}

/// Takes a passkey: the session gets a new secret.
pub(super) async fn check_passkey(me: SignedIn, desk: Desk, form: Form) -> Answer {
    take_passkey(&desk, &form, Who::Employee(&me)).await
}
