//! Other systems that bring people: what they may, and above all what they may not.

mod groups;
mod guard;
mod people;
mod tokens;

use std::time::Duration;

use app::{
    Admin,
    programs::{Caller, Entry, FindPerson, Person, PersonWish, ProgramWish, Trouble},
    visitor::Secret,
};
use model::{
    audit::AuditEvent,
    ids::{ProgramId, UserId},
    program::Removal,
    user::{Profile, User},
};
use store::audit_log::{self, AuditFilter};

use crate::support::{Bench, visitor};

/// Where the other system runs.
const FROM: &str = "203.0.113.50";

/// So that what is written down has its order.
const A_MOMENT: Duration = Duration::from_secs(1);

/// A program of this name, and its token.
async fn let_in(bench: &Bench, admin: &Admin, name: &str, removal: Removal) -> (ProgramId, Secret) {
    let (house, from) = (&bench.house, visitor("198.51.100.9"));
    let wish = ProgramWish { name: name.to_owned(), brings_groups: true, removal };
    let id = house.add_program(admin, wish, &from).await.unwrap();
    let token = house.make_program_token(admin, id, "30", &from).await.unwrap();
    (id, token)
}

/// The program behind a token.
async fn enter(bench: &Bench, token: &Secret) -> Caller {
    match bench.house.enter_program(token.expose(), &visitor(FROM)).await.unwrap() {
        Entry::Program(caller) => *caller,
        other => panic!("{other:?}"),
    }
}

/// An HR system that has just been let in.
async fn hr(bench: &Bench) -> Caller {
    let admin = bench.admin().await;
    let (_, token) = let_in(bench, &admin, "HR", Removal::Block).await;
    enter(bench, &token).await
}

fn wish(name: &str) -> PersonWish {
    PersonWish {
        user_name: format!("{name}@contoso.com"),
        external_id: Some(format!("ext-{name}")),
        active: true,
        profile: Profile {
            display_name: name.to_owned(),
            mail: Some(format!("{name}@contoso.com")),
            ..Profile::default()
        },
    }
}

async fn bring(bench: &Bench, caller: &Caller, wish: PersonWish) -> Result<Person, Trouble> {
    bench.pass(A_MOMENT);
    bench.house.bring_person(caller, wish, &visitor(FROM)).await
}

/// Brings somebody who is taken.
async fn brought(bench: &Bench, caller: &Caller, name: &str) -> UserId {
    bring(bench, caller, wish(name)).await.unwrap().user.id
}

async fn change(
    bench: &Bench,
    caller: &Caller,
    id: UserId,
    change: impl FnOnce(&mut PersonWish) + Send + 'static,
) -> Result<Person, Trouble> {
    let anew = move |person: &Person| {
        let mut wish = PersonWish {
            user_name: person.user.upn.to_string(),
            external_id: person.external_id.clone(),
            active: person.user.state == model::user::UserState::Active,
            profile: person.user.profile.clone(),
        };
        change(&mut wish);
        Ok(wish)
    };
    bench.pass(A_MOMENT);
    bench.house.change_brought_person(caller, id, anew, &visitor(FROM)).await
}

async fn set_active(
    bench: &Bench,
    caller: &Caller,
    id: UserId,
    active: bool,
) -> Result<Person, Trouble> {
    change(bench, caller, id, move |wish| wish.active = active).await
}

async fn remove(bench: &Bench, caller: &Caller, id: UserId) -> Result<(), Trouble> {
    bench.pass(A_MOMENT);
    bench.house.remove_brought_person(caller, id, &visitor(FROM)).await
}

async fn find(bench: &Bench, caller: &Caller, find: FindPerson) -> Vec<Person> {
    bench.house.brought_people(caller, find, (200, 0)).await.unwrap().rows
}

async fn user(bench: &Bench, id: UserId) -> User {
    bench.store.read(move |tx| store::users::by_id(tx, id)).await.unwrap().unwrap()
}

/// What is written down about somebody, the latest first.
async fn about(bench: &Bench, subject: &str) -> Vec<AuditEvent> {
    let filter =
        AuditFilter { subject: Some(subject.to_owned()), limit: 100, ..AuditFilter::default() };
    bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows
}
