//! Choosing the lasting password after an initial one.

use app::visitor::Secret;

use crate::{
    answer::{Answer, Desk},
    csrf::Form,
};

/// Takes the new password.
pub(crate) async fn choose(desk: Desk, form: Form) -> Answer {
    let [handle, _username, password] = form.exactly(["handle", "username", "new_password"])?;
    let handle = Secret::from_cookie(&handle);
    let visitor = desk.guest.visitor();
    let outcome =
        desk.counter.house.sign_in_new_password(&handle, visitor, password.into()).await?;
    super::proceed(&desk, &handle, outcome).await
}
