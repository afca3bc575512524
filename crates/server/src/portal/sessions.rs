//! Ending one of one's own sessions.

use actix_web::web;

use crate::{
    answer::{Answer, Desk, id, see_other},
    csrf::Form,
    visitor::SignedIn,
};

/// Ends it.
pub(super) async fn end(me: SignedIn, desk: Desk, path: web::Path<String>, form: Form) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.end_session(&me, id(&path)?, desk.guest.visitor()).await?;
    Ok(see_other("/portal/security?done=session-ended"))
}
