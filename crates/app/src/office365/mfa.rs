//! Who does the second factor that Microsoft demands, and the scripts that switch off what the tenant
//! demands beside it (F008).

use federation::script::{self, DemandPlan, Turn};
use model::{
    Role, Ts,
    audit::AuditKind,
    demand::Demand,
    federated_domain::{FederatedDomain, MfaBehavior},
    ids::FederatedDomainId,
    preflight::{Finding, Verdict},
};
use provisioning::mfa::{Effect, Ground, TenantWish, advise, effects};
use store::{Tx, audit_log, federated_domains, preflights, tenants};

use super::Dialects;
use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    preflight::{GOOD_FOR, everybody},
};

/// The three choices for a domain, and what of the tenant may be in the way.
#[derive(Debug, Clone)]
pub struct MfaView {
    /// The domain, with the choice that is planned.
    pub domain: FederatedDomain,
    /// What each choice means for whom.
    pub choices: [(MfaBehavior, Vec<Effect>); 3],
    /// The one that fits, and why.
    pub advice: (MfaBehavior, &'static str),
    /// Who is assigned and has no second factor, by sign-in name.
    pub without_factor: Vec<String>,
    /// What a pre-flight saw in the way and a script can switch off.
    pub needed: Vec<(Demand, Finding)>,
}

/// One script for one switch.
#[derive(Debug, Clone)]
pub struct DemandScript {
    /// SHA-256 of its plan.
    pub plan_hash: String,
    /// The script.
    pub script: Dialects,
}

impl House {
    /// The three choices, judged by how far people have come and by the newest pre-flight.
    pub async fn mfa_choices(&self, _admin: &Admin, id: FederatedDomainId) -> Result<MfaView> {
        let now = self.now();
        self.store()
            .read(move |tx| {
                let domain = domain(tx, id)?;
                let ground = ground(tx, &domain)?;
                Ok(MfaView {
                    choices: MfaBehavior::ALL.map(|it| (it, effects(it, &ground))),
                    advice: advise(&ground),
                    without_factor: ground.without_factor,
                    needed: needed(tx, &domain, now)?,
                    domain,
                })
            })
            .await
    }

    /// Chooses one; the script then says so. Nobody's sign-in changes before it is run.
    pub async fn choose_mfa_behavior(
        &self,
        admin: &Admin,
        id: FederatedDomainId,
        behavior: MfaBehavior,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let mut domain = domain(tx, id)?;
                domain.mfa_behavior = behavior;
                federated_domains::update(tx, &domain)?;
                let mut row = visitor.audit(&house, actor, AuditKind::DomainChanged, &domain.name);
                row.detail = format!("second factor for Microsoft: {}", behavior.in_graph());
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// The script that switches something of the tenant off, where the newest pre-flight shows that it
    /// is in the way, or the one that gives it back. Needs a fresh second factor (R147).
    pub async fn demand_script(
        &self,
        admin: &Admin,
        id: FederatedDomainId,
        (demand, turn): (Demand, Turn),
        visitor: &Visitor,
    ) -> Result<DemandScript> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let now = self.now();
        let find = move |tx: &mut Tx| {
            let domain = domain(tx, id)?;
            needed(tx, &domain, now)
        };
        let needed = self.store().read(find).await?;
        if turn == Turn::Off && !needed.iter().any(|(needed, _)| *needed == demand) {
            let public = "No pre-flight of the last day has shown that this is in the way. It is \
                          switched off for a reason alone.";
            return Err(Error::new(Kind::Conflict, public));
        }
        let (domain, plan) = self.federation_plan(id).await?;
        let plan = DemandPlan::new(&plan, demand, turn);
        let mut row = visitor.audit(self, admin.actor(), AuditKind::ScriptMade, &domain.name);
        row.detail = format!("{}, {}: {}", demand.word(), turn.word(), plan.hash());
        self.store().write(move |tx| Ok::<_, Error>(audit_log::record(tx, &row)?)).await?;
        Ok(DemandScript {
            plan_hash: plan.hash(),
            script: Dialects {
                powershell: script::demand_powershell(&plan),
                sh: script::demand_sh(&plan),
            },
        })
    }
}

fn domain(tx: &mut Tx, id: FederatedDomainId) -> Result<FederatedDomain> {
    federated_domains::by_id(tx, id)?.ok_or_else(|| Error::not_found("domain"))
}

fn ground(tx: &mut Tx, domain: &FederatedDomain) -> Result<Ground> {
    let tenant = tenants::by_id(tx, domain.tenant_id)?.ok_or_else(|| Error::not_found("tenant"))?;
    let inside = format!("@{}", domain.name);
    let assigned = everybody(tx, &tenant)?;
    let assigned = assigned.into_iter().filter(|it| it.assigned && it.upn.ends_with(&inside));
    let (with, without): (Vec<_>, Vec<_>) = assigned.partition(|it| it.has_factor);
    Ok(Ground {
        with_factor: with.len(),
        without_factor: without.into_iter().map(|it| it.upn).collect(),
        everybody_asked: crate::setup::policy(tx)?.asks_everybody(),
        tenant: TenantWish::of(preflights::of_domain(tx, domain.id)?.as_ref()),
    })
}

/// What the newest pre-flight saw in the way, if it is fresh. Where Microsoft alone is to ask for the
/// second factor, its own demands are in nobody's way, whatever was planned when it was flown.
pub(crate) fn needed(
    tx: &mut Tx,
    domain: &FederatedDomain,
    now: Ts,
) -> Result<Vec<(Demand, Finding)>> {
    let newest = preflights::of_domain(tx, domain.id)?;
    let fresh = newest.filter(|it| now.since(it.at) <= GOOD_FOR);
    let findings = fresh.map(|it| it.findings).unwrap_or_default();
    let asks_there = domain.mfa_behavior == MfaBehavior::Reject;
    let found = |demand: Demand| {
        if asks_there && demand != Demand::SelfReset {
            return None;
        }
        let mut findings = findings.iter();
        let finding = findings.find(|finding| {
            finding.check == demand.check() && finding.verdict == Verdict::Warning
        })?;
        Some((demand, finding.clone()))
    };
    Ok(Demand::ALL.into_iter().filter_map(found).collect())
}
