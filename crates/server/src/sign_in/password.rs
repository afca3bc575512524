//! The password step.

use app::visitor::Secret;

use crate::{
    answer::{Answer, Desk},
    csrf::Form,
};

/// Takes the password. The address in the form is for password managers and is not read.
pub(crate) async fn check(desk: Desk, form: Form) -> Answer {
    let [handle, _username, password] = form.exactly(["handle", "username", "password"])?;
    let handle = Secret::from_cookie(&handle);
    let visitor = desk.guest.visitor();
    let outcome = desk.counter.house.sign_in_password(&handle, visitor, password.into()).await?;
    super::proceed(&desk, &handle, outcome).await
}
