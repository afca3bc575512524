//! Sessions at Microsoft that an admin wants ended for everybody of a tenant (R129): since when. Whose
//! have ended is in the journal of the sync.

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

/// Everybody's sessions from before `at` shall end.
pub fn ask(tx: &mut Tx, tenant: TenantId, at: Ts) -> Result<(), Error> {
    settings::note(tx, &name(tenant), &at.0.to_string())
}

/// Since when; `None` when nobody ever asked.
fn asked_at(tx: &mut Tx, tenant: TenantId) -> Result<Option<Ts>, Error> {
    let (name, row) = (name(tenant), tenant.to_string());
    let Some(kept) = settings::get(tx, &name)? else { return Ok(None) };
    let corrupt = || Row { table: "settings", id: &row }.corrupt();
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
    let Some(asked_at) = asked_at(tx, tenant)? else { return Ok(None) };
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
    let (Some(user), Some(asked_at)) = (user, asked_at(tx, tenant)?) else { return Ok(nobody) };
    let link = entra_links::of_user(tx, tenant, user)?;
    if asked_at < since || link.is_none_or(|link| link.deleted_at.is_some()) {
        return Ok(nobody);
    }
    let without = sync_runs::without_sessions_since(tx, (tenant, Some(user)), asked_at)?;
    Ok(if without.contains(&user) { nobody } else { HashSet::from([user]) })
}
