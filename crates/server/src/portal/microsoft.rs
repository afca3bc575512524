//! Linking one's Microsoft account, and taking the link away.

use actix_web::web;

use crate::{
    answer::{Answer, Desk, id, see_other},
    csrf::Form,
    sign_in::microsoft::{WHY, to_microsoft},
    visitor::SignedIn,
};

/// Sends them to Microsoft; they come back to the address of every sign-in there.
pub(super) async fn link(me: SignedIn, desk: Desk, form: Form) -> Answer {
    let [registration] = form.exactly(["registration"])?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    match house.leave_to_link(&me, visitor, id(&registration)?).await? {
        Ok(address) => to_microsoft(&desk, address.into()),
        Err(stopped) => Ok(see_other(&format!("/portal/security?{WHY}={}", stopped.word()))),
    }
}

/// Takes one away.
pub(super) async fn unlink(
    me: SignedIn,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.unlink_microsoft(&me, desk.guest.visitor(), id(&path)?).await?;
    Ok(see_other("/portal/security?done=microsoft-unlinked"))
}
