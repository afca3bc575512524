//! What each role of the console may do, and for what it takes a fresh second factor: every address,
//! as `server::RIGHTS` says. Forms are sent without fields, so that the right alone decides.

use std::{collections::BTreeSet, time::Duration};

use model::{Role, ids::UserId};
use server::{Proof, RIGHTS};

use super::{For::Admins, TABLE, address};
use crate::{
    browser::{Browser, Page},
    support::World,
};

async fn ask(admin: &Browser, (method, route): (&str, &str), csrf: &[(String, String)]) -> Page {
    let path = address(route);
    match method {
        "GET" => admin.get(&path).await,
        _ => admin.post(&path, csrf).await,
    }
}

/// R144: a form without a right would be refused to everybody, and a right without an address is a lie.
#[test]
fn every_form_of_the_console_has_its_right() {
    let listed: BTreeSet<_> = RIGHTS.iter().map(|it| (it.method, it.route)).collect();
    assert_eq!(listed.len(), RIGHTS.len(), "a right is there twice");
    let of_admins = TABLE.iter().filter(|(.., whom, _)| *whom == Admins);
    let (forms, pages): (BTreeSet<_>, BTreeSet<_>) =
        of_admins.map(|(method, route, ..)| (*method, *route)).partition(|(it, _)| *it == "POST");
    let missing: Vec<_> = forms.difference(&listed).collect();
    assert!(missing.is_empty(), "no right in server/src/admin/rights.rs: {missing:?}");
    let gone: Vec<_> =
        listed.iter().filter(|it| !forms.contains(it) && !pages.contains(it)).collect();
    assert!(gone.is_empty(), "no such address: {gone:?}");
}

/// R144
#[tokio::test(flavor = "multi_thread")]
async fn a_role_opens_what_it_covers_and_nothing_above() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let csrf = [("csrf".to_owned(), admin.get("/admin").await.csrf())];
    let read = world.store.read(|tx| store::users::by_upn(tx, "olivia@contoso.com"));
    let olivia: UserId = read.await.unwrap().unwrap().id;
    let mut wrong = Vec::new();
    for role in [Role::Owner, Role::SecurityAdmin, Role::UserAdmin, Role::HelpDesk, Role::Auditor] {
        let now = world.house.now();
        let set = world.store.write(move |tx| store::users::set_role(tx, olivia, Some(role), now));
        set.await.unwrap();
        for (method, route, ..) in TABLE.iter().filter(|(.., whom, _)| *whom == Admins) {
            let right = RIGHTS.iter().find(|it| (it.method, it.route) == (*method, *route));
            let needed = right.map_or(Role::Auditor, |it| it.role);
            let page = ask(&admin, (method, route), &csrf).await;
            if (page.status == 403) == role.covers(needed) {
                wrong.push(format!("{role:?} {method} {route}: {}", page.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// R147
#[tokio::test(flavor = "multi_thread")]
async fn what_is_dangerous_leads_to_the_question_for_a_fresh_factor_and_nothing_else_does() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let csrf = [("csrf".to_owned(), admin.get("/admin").await.csrf())];
    world.pass(Duration::from_mins(6));
    let mut wrong = Vec::new();
    for right in RIGHTS {
        let page = ask(&admin, (right.method, right.route), &csrf).await;
        let asked = page.location.as_deref().is_some_and(|to| to.starts_with("/admin/step-up?"));
        let fine = match right.proof {
            Proof::Fresh => asked,
            // Nothing is done with an empty form.
            Proof::FreshInForm => page.status == 400,
            Proof::Session | Proof::Depends => !asked,
        };
        if !fine {
            wrong.push(format!("{} {}: {}", right.method, right.route, page.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
