//! A person's own passkeys: added, named, taken away.

use actix_web::web;
use app::accounts::{Factor, FactorKind};
use model::ids::FactorId;

use super::security;
use crate::{
    admin::step_up,
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{parts::Problem, portal::Passkey},
    visitor::SignedIn,
    wording::{factors, times},
};

/// Adds one.
pub(super) async fn add(me: SignedIn, desk: Desk, form: Form) -> Answer {
    let [name, answer] = form.exactly(["name", "answer"])?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let problem = match house.register_passkey(&me, visitor, &name, &answer).await {
        Ok(None) => return Ok(see_other("/portal/security?done=passkey-added")),
        Ok(Some(reason)) => {
            Problem { field: None, ..crate::sign_in::problem("", reason.sentence()) }
        }
        Err(error) => field_problem(error, &[])?,
    };
    let page = security::page(&me, &desk, vec![problem]).await?;
    desk.again(&desk.portal_chrome(&me).await?, &page)
}

/// One of them.
pub(super) async fn show(me: SignedIn, desk: Desk, path: web::Path<String>) -> Answer {
    let page = page(&me, &desk, id(&path)?, Vec::new()).await?;
    desk.page(&desk.portal_chrome(&me).await?, &page)
}

/// Gives it another name.
pub(super) async fn rename(
    me: SignedIn,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [name] = form.exactly(["name"])?;
    let id: FactorId = id(&path)?;
    match desk.counter.house.rename_passkey(&me, desk.guest.visitor(), id, &name).await {
        Ok(()) => Ok(see_other("/portal/security?done=passkey-renamed")),
        Err(error) => {
            let page = page(&me, &desk, id, vec![field_problem(error, &[])?]).await?;
            desk.again(&desk.portal_chrome(&me).await?, &page)
        }
    }
}

/// Takes it away.
pub(super) async fn remove(
    me: SignedIn,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.remove_passkey(&me, desk.guest.visitor(), id(&path)?).await?;
    Ok(see_other("/portal/security?done=passkey-removed"))
}

async fn page(
    me: &SignedIn,
    desk: &Desk,
    id: FactorId,
    problems: Vec<Problem>,
) -> Result<Passkey, Failure> {
    let house = &desk.counter.house;
    let (seen, now) = (house.security(me).await?, house.now());
    let named = |factor: &&Factor| factor.id == id && factor.kind != FactorKind::App;
    let found = seen.factors.iter().find(named).ok_or(Failure::NoSuchPage)?;
    let must_confirm = me.require_fresh_key(now).is_err();
    let path = format!("/portal/security/passkeys/{id}");
    Ok(Passkey {
        id: id.to_string(),
        name: factors::name(&found.kind),
        note: factors::note(found, now),
        added: times::when(found.added, now),
        is_last: seen.factors.len() == 1,
        confirm: must_confirm.then(|| step_up::confirm_by_key("/portal", &path)),
        problems,
    })
}
