//! Sessions at Microsoft that shall end: everybody's of a tenant, as an admin wants it (R129), or one
//! person's, as they want it themselves; since when. Whose have ended is in the journal of the sync.

use std::collections::HashSet;

use model::{
    Ts,
    entra::EntraLink,
    ids::{TenantId, UserId},
};

use crate::{Error, Tx, entra_links, settings, sync_runs, text::Row};

/// How far a wish has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Sessions from before this time shall end.
    pub asked_at: Ts,
    /// Who is linked to an account there, and has none of these sessions any more.
    pub ended: HashSet<UserId>,
    /// Who is linked, and may have some.
    pub left: HashSet<UserId>,
}

fn name(tenant: TenantId) -> String {
    format!("revoke_everybody:{tenant}")
}

fn name_of(tenant: TenantId, user: UserId) -> String {
    format!("revoke_person:{tenant}:{user}")
}

/// Everybody's sessions from before `at` shall end.
pub fn ask(tx: &mut Tx, tenant: TenantId, at: Ts) -> Result<(), Error> {
    settings::note(tx, &name(tenant), &at.0.to_string())
}

/// One person's sessions from before `at` shall end.
pub fn ask_of(tx: &mut Tx, tenant: TenantId, user: UserId, at: Ts) -> Result<(), Error> {
    settings::note(tx, &name_of(tenant, user), &at.0.to_string())
}

/// Since when a person wants their own sessions ended, and whether they have; `None` when they never
/// asked.
pub fn of_person(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Option<(Ts, bool)>, Error> {
    let Some(asked_at) = asked_at(tx, &name_of(tenant, user))? else { return Ok(None) };
    let without = sync_runs::without_sessions_since(tx, (tenant, Some(user)), asked_at)?;
    Ok(Some((asked_at, without.contains(&user))))
}

/// Since when; `None` when nobody ever asked.
fn asked_at(tx: &mut Tx, name: &str) -> Result<Option<Ts>, Error> {
    let Some(kept) = settings::get(tx, name)? else { return Ok(None) };
    let corrupt = || Row { table: "settings", id: name }.corrupt();
    kept.parse().map(|at| Some(Ts(at))).map_err(|_| corrupt())
}

/// Who has an account there that can have sessions: not whose was deleted.
pub fn reachable(tx: &mut Tx, tenant: TenantId) -> Result<Vec<EntraLink>, Error> {
    let mut links = entra_links::all(tx, tenant)?;
    links.retain(|link| link.deleted_at.is_none());
    Ok(links)
}

/// How far the newest wish has come.
pub fn progress(tx: &mut Tx, tenant: TenantId) -> Result<Option<Progress>, Error> {
    let Some(asked_at) = asked_at(tx, &name(tenant))? else { return Ok(None) };
    let without = sync_runs::without_sessions_since(tx, (tenant, None), asked_at)?;
    let linked = reachable(tx, tenant)?.into_iter().map(|link| link.user_id);
    let (ended, left) = linked.partition(|user| without.contains(user));
    Ok(Some(Progress { asked_at, ended, left }))
}

/// Somebody, if their sessions are still to be ended and that was asked at `since` or later. Only a run
/// about one person does it: a run over everybody has its guard, and this was said yes to by itself.
pub fn waiting(
    tx: &mut Tx,
    (tenant, user): (TenantId, Option<UserId>),
    since: Ts,
) -> Result<HashSet<UserId>, Error> {
    let nobody = HashSet::new();
    let Some(user) = user else { return Ok(nobody) };
    let asked = asked_at(tx, &name(tenant))?.max(asked_at(tx, &name_of(tenant, user))?);
    let Some(asked_at) = asked else { return Ok(nobody) };
    let link = entra_links::of_user(tx, tenant, user)?;
    if asked_at < since || link.is_none_or(|link| link.deleted_at.is_some()) {
        return Ok(nobody);
    }
    let without = sync_runs::without_sessions_since(tx, (tenant, Some(user)), asked_at)?;
    Ok(if without.contains(&user) { nobody } else { HashSet::from([user]) })
}
