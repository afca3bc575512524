//! Having one's own browsers ask for a second factor again.

use actix_web::web;

use crate::{
    answer::{Answer, Desk, id, see_other},
    csrf::Form,
    visitor::SignedIn,
};

/// Forgets one.
pub(super) async fn forget(
    me: SignedIn,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.forget_device(&me, id(&path)?, desk.guest.visitor()).await?;
    Ok(see_other("/portal/security?done=device-forgotten"))
}
