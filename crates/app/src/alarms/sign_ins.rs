//! Entra's sign-in log held against the journal (R131): whoever got in by an assertion must have
//! got a token here shortly before. What the log does not tell can't be matched (decision 11).

use std::time::Duration;

use model::{
    Ts,
    alarm::Cause,
    entra::{EntraSignIn, SignInLog},
    federated_domain::FederatedDomain,
    ids::{RelyingPartyId, TenantId, UserId},
    relying_party::PartyKind,
    tenant::Tenant,
    watch::{Sight, Watch, WatchKind},
};
use store::{
    Tx, entra_links, federated_domains, issued_tokens, relying_parties, tenants,
    unexplained_sign_ins, users, watches,
};

use super::raise::{Finding, raise};
use crate::{Error, House, Result};

/// How late an entry may appear in the log: so far back everything is read again.
const LATE: Duration = Duration::from_hours(1);
/// How long Entra keeps its log for everybody; older entries are not asked for.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// How far the clocks may differ, here and there.
const SKEW: Duration = Duration::from_mins(5);

/// What a look at a tenant's sign-in log found.
#[derive(Debug)]
pub(super) struct SignInLook {
    tenant: TenantId,
    sight: Sight,
    read_until: Option<Ts>,
    unexplained: Vec<EntraSignIn>,
}

impl House {
    /// Reads the sign-in log of every tenant with a domain that is federated with us, from where
    /// the last look ended.
    pub(super) async fn look_at_sign_ins(&self, now: Ts) -> Result<Vec<SignInLook>> {
        let read = |tx: &mut Tx| {
            let federated = federated_domains::all(tx)?;
            let federated: Vec<_> =
                federated.into_iter().filter(|d| d.enabled && d.federated_at.is_some()).collect();
            Ok::<_, Error>((tenants::all(tx)?, federated, watches::all(tx)?))
        };
        let (tenants, federated, watches) = self.store().read(read).await?;
        let mut looks = Vec::new();
        for tenant in tenants {
            let domains: Vec<FederatedDomain> =
                federated.iter().filter(|d| d.tenant_id == tenant.id).cloned().collect();
            if !domains.is_empty() {
                let before = read_until(&watches, tenant.id);
                looks.push(self.look_at_tenant(tenant, domains, (before, now)).await?);
            }
        }
        Ok(looks)
    }

    async fn look_at_tenant(
        &self,
        tenant: Tenant,
        domains: Vec<FederatedDomain>,
        (before, now): (Option<Ts>, Ts),
    ) -> Result<SignInLook> {
        let since = (before.unwrap_or(now) - LATE).max(now - KEPT);
        let id = tenant.id;
        let look =
            |sight| SignInLook { tenant: id, sight, read_until: before, unexplained: Vec::new() };
        let missing = match self.read_log(&tenant, since).await {
            Err(error) => return Ok(look(Sight::Blind(error.public))),
            Ok(SignInLog::Read(all)) => {
                let window = (self.settings().token_lifetime.min(LATE) + SKEW, SKEW);
                let match_all = move |tx: &mut Tx| unexplained(tx, id, all, (&domains, window));
                let unexplained = self.store().read(match_all).await?;
                let read_until = Some(now);
                return Ok(SignInLook { read_until, unexplained, ..look(Sight::Seen) });
            }
            Ok(SignInLog::NotPermitted) => {
                "grant the app the permission AuditLog.Read.All in Entra and consent to it."
            }
            Ok(SignInLog::NoLicence) => "the tenant needs Microsoft Entra ID P1 for it.",
        };
        // Who could read it and can no more was blinded, perhaps on purpose.
        let missing = missing.to_owned();
        Ok(look(match before {
            None => Sight::NotAllowed(missing),
            Some(_) => Sight::Blind(missing),
        }))
    }

    async fn read_log(&self, tenant: &Tenant, since: Ts) -> Result<SignInLog> {
        Ok(self.graph(tenant, 80)?.federated_sign_ins(since).await?)
    }
}

fn read_until(watches: &[Watch], tenant: TenantId) -> Option<Ts> {
    let subject = tenant.to_string();
    let mine = |watch: &&Watch| watch.kind == WatchKind::SignIns && watch.subject == subject;
    watches.iter().find(mine)?.read_until
}

type Terms<'a> = (&'a [FederatedDomain], (Duration, Duration));

/// The sign-ins of people of our domains that no token of ours explains.
fn unexplained(
    tx: &mut Tx,
    tenant: TenantId,
    all: Vec<EntraSignIn>,
    (domains, (earlier, later)): Terms<'_>,
) -> Result<Vec<EntraSignIn>> {
    let microsoft: Vec<RelyingPartyId> = relying_parties::all(tx)?
        .into_iter()
        .filter(|party| party.kind == PartyKind::Microsoft)
        .map(|party| party.id)
        .collect();
    let mut found = Vec::new();
    for sign_in in all.into_iter().filter(|sign_in| concerns(sign_in, domains)) {
        let stretch = (sign_in.at - earlier, sign_in.at + later);
        let explained = match person(tx, tenant, &sign_in)? {
            Some(user) => issued_tokens::were_issued(tx, user, &microsoft, stretch)?,
            None => false,
        };
        if !explained {
            found.push(sign_in);
        }
    }
    Ok(found)
}

/// Whether we were to vouch for them then.
fn concerns(sign_in: &EntraSignIn, domains: &[FederatedDomain]) -> bool {
    let name = sign_in.upn.rsplit_once('@').map(|(_, name)| name);
    let domain = domains.iter().find(|domain| Some(domain.name.as_str()) == name);
    domain.and_then(|domain| domain.federated_at).is_some_and(|since| since <= sign_in.at)
}

/// Which of our people it was, by their object and else by their sign-in name.
fn person(tx: &mut Tx, tenant: TenantId, sign_in: &EntraSignIn) -> Result<Option<UserId>> {
    if let Some(object) = sign_in.object_id
        && let Some(link) = entra_links::by_object(tx, tenant, object)?
    {
        return Ok(Some(link.user_id));
    }
    Ok(users::by_upn(tx, &sign_in.upn)?.map(|user| user.id))
}

/// Raises an alarm for each that was not known yet, and writes down how far the log was read.
pub(super) fn settle(tx: &mut Tx, house: &House, looks: &[SignInLook], now: Ts) -> Result<()> {
    for look in looks {
        for sign_in in &look.unexplained {
            if unexplained_sign_ins::note(tx, look.tenant, &sign_in.id, sign_in.at)? {
                raise(tx, house, finding(sign_in))?;
            }
        }
        let watch = Watch {
            kind: WatchKind::SignIns,
            subject: look.tenant.to_string(),
            tried_at: now,
            sight: look.sight.clone(),
            read_until: look.read_until,
        };
        watches::put(tx, &watch)?;
    }
    unexplained_sign_ins::forget_before(tx, now - KEPT - LATE)?;
    Ok(watches::forget_before(tx, WatchKind::SignIns, now)?)
}

fn finding(sign_in: &EntraSignIn) -> Finding {
    let cause = Cause::UnexplainedSignIn {
        times: 1,
        first_at: sign_in.at,
        last_at: sign_in.at,
        app: sign_in.app.clone(),
        address: sign_in.address.clone(),
        entry: sign_in.id.clone(),
    };
    Finding { subject: sign_in.upn.clone(), cause }
}
