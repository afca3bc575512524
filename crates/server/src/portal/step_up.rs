//! The portal's question for a fresh code; the console's, with the employee's session.

use app::portal::StepUp as Who;

use crate::{
    admin::step_up::{page, take, way_back},
    answer::{Answer, Desk},
    cookies::Jar,
    csrf::Form,
    visitor::SignedIn,
};

/// The page.
pub(super) async fn ask(me: SignedIn, desk: Desk) -> Answer {
    let back = way_back(&desk.asked("back"), "/portal");
    let page = page("/portal", back, me.user().upn.to_string(), None);
    desk.page(&desk.chrome().await?, &page)
}

/// Takes the code: the session gets a new secret.
pub(super) async fn check(me: SignedIn, desk: Desk, form: Form) -> Answer {
    let upn = me.user().upn.to_string();
    take(&desk, &form, Who::Employee(&me), ("/portal", Jar::Session, upn)).await
}
