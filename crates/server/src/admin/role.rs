//! What a person may do in the console: shown and changed on their page.

use actix_web::web;
use model::{Role, user::User};

use crate::{
    answer::{Answer, Desk, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{admin::user::RolePanel, parts::Choice},
    visitor::Console,
};

/// Every role: as forms say it, as people say it, and what it is for.
const ROLES: [(Role, &str, &str); 5] = [
    (Role::Auditor, "auditor", "reads everything, changes nothing"),
    (Role::HelpDesk, "help_desk", "helps people who can't sign in"),
    (Role::UserAdmin, "user_admin", "creates people, assigns and blocks them"),
    (Role::SecurityAdmin, "security_admin", "policy, keys, connections, applications, roles"),
    (Role::Owner, "owner", "everything"),
];

/// The panel; its form is there for whoever may change this person's role.
pub(super) fn panel(admin: &Console, user: &User) -> RolePanel {
    let mine = admin.role();
    let may_change =
        mine.covers(Role::SecurityAdmin) && user.role.is_none_or(|role| mine.covers(role));
    let choice = |(role, value, purpose): &(Role, &str, &str)| Choice {
        value: (*value).to_owned(),
        label: format!("{}: {purpose}", role.label()),
        selected: user.role == Some(*role),
    };
    let none = Choice {
        value: "none".to_owned(),
        label: "None: no console".to_owned(),
        selected: user.role.is_none(),
    };
    let within = ROLES.iter().filter(|(role, ..)| mine.covers(*role));
    RolePanel {
        label: user.role.map_or("None", Role::label).to_owned(),
        purpose: purpose(user.role),
        choices: std::iter::once(none).chain(within.map(choice)).filter(|_| may_change).collect(),
    }
}

fn purpose(role: Option<Role>) -> String {
    let found = ROLES.iter().find(|(known, ..)| Some(*known) == role);
    found.map_or_else(|| "no console".to_owned(), |(_, _, purpose)| (*purpose).to_owned())
}

/// Gives or takes it. What the house has against it is said on the person's page.
pub(super) async fn change(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [word] = form.exactly(["role"])?;
    let role = match ROLES.iter().find(|(_, value, _)| *value == word) {
        Some((role, ..)) => Some(*role),
        None if word == "none" => None,
        None => return Err(Failure::bad_input("There is no such role.")),
    };
    desk.counter.house.set_role(&admin, id(&path)?, role, desk.guest.visitor()).await?;
    Ok(see_other(&format!("/admin/users/{path}?done=role-changed")))
}
