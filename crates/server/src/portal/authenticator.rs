//! A person's own authenticator app: set up, moved to another phone, taken away.

use actix_web::web;
use app::accounts::FactorKind;
use model::ids::FactorId;

use super::security;
use crate::{
    admin::step_up,
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    error::Failure,
    pages::portal::authenticator::{Authenticator, NewAuthenticator},
    sign_in::enroll,
    visitor::SignedIn,
    wording::times,
};

const PATH: &str = "/portal/security/app";

/// Whether there is one, and what can be done about it.
pub(super) async fn show(me: SignedIn, desk: Desk) -> Answer {
    let house = &desk.counter.house;
    let (seen, now) = (house.security(&me).await?, house.now());
    let app = seen.factors.iter().find(|factor| factor.kind == FactorKind::App);
    let must_confirm = me.require_fresh(now).is_err();
    let page = Authenticator {
        added: app.map(|app| times::when(app.added, now)),
        is_last: seen.factors.iter().all(|factor| factor.kind == FactorKind::App),
        confirm: must_confirm.then(|| step_up::confirm("/portal", PATH)),
    };
    desk.page(&desk.portal_chrome(&me).await?, &page)
}

/// Begins a new one.
pub(super) async fn begin(me: SignedIn, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    let id = desk.counter.house.begin_app(&me).await?;
    Ok(see_other(&format!("{PATH}/{id}")))
}

/// What it needs to know, until its first code.
pub(super) async fn show_new(me: SignedIn, desk: Desk, path: web::Path<String>) -> Answer {
    let page = new(&me, &desk, id(&path)?).await?;
    desk.page(&desk.portal_chrome(&me).await?, &page)
}

/// Takes its first code.
pub(super) async fn add(me: SignedIn, desk: Desk, path: web::Path<String>, form: Form) -> Answer {
    let [code] = form.exactly(["code"])?;
    let id: FactorId = id(&path)?;
    match desk.counter.house.add_app(&me, desk.guest.visitor(), id, &code).await {
        Ok(()) => Ok(see_other(&format!("{}?done=app-added", security::PATH))),
        Err(error) => {
            let problem = Some(field_problem(error, &[])?);
            let page = NewAuthenticator { problem, ..new(&me, &desk, id).await? };
            desk.again(&desk.portal_chrome(&me).await?, &page)
        }
    }
}

/// Takes it away.
pub(super) async fn remove(me: SignedIn, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.remove_app(&me, desk.guest.visitor()).await?;
    Ok(see_other(&format!("{}?done=app-removed", security::PATH)))
}

async fn new(me: &SignedIn, desk: &Desk, id: FactorId) -> Result<NewAuthenticator, Failure> {
    let house = &desk.counter.house;
    let begun = house.begun_app(me, id).await?.ok_or(Failure::NoSuchPage)?;
    let seen = house.security(me).await?;
    Ok(NewAuthenticator {
        id: id.to_string(),
        app: enroll::new_app(begun),
        moves: seen.factors.iter().any(|factor| factor.kind == FactorKind::App),
        problem: None,
    })
}
