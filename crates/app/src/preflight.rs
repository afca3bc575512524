//! The pre-flight of a domain: everything that bears on federating it is looked at, judged
//! (`provisioning::preflight`) and kept, before anybody's sign-in changes (F005, Y08).

mod look;
mod ours;

use std::time::Duration;

use model::{
    Actor, Role,
    audit::AuditKind,
    federated_domain::FederatedDomain,
    ids::FederatedDomainId,
    preflight::{Preflight, Verdict},
};
use provisioning::preflight::{judge, state};
use store::{Tx, audit_log, federated_domains, preflights};

use crate::{Admin, Error, House, Result, Visitor};

pub(crate) use ours::everybody;

/// How long a pre-flight says that a domain may be federated.
pub(crate) const GOOD_FOR: Duration = Duration::from_hours(24);

impl House {
    /// Looks at a domain, its tenant and this house, and keeps what was found.
    pub async fn preflight(
        &self,
        admin: &Admin,
        id: FederatedDomainId,
        visitor: &Visitor,
    ) -> Result<Preflight> {
        admin.require(Role::SecurityAdmin)?;
        self.fly_ahead(id, admin.actor(), visitor).await
    }

    /// The same from the command line.
    pub async fn preflight_by_operator(&self, id: FederatedDomainId) -> Result<Preflight> {
        self.fly_ahead(id, Actor::Operator, &Visitor::at_the_command_line(self)).await
    }

    /// The newest pre-flight of a domain.
    pub async fn newest_preflight(
        &self,
        _admin: &Admin,
        id: FederatedDomainId,
    ) -> Result<Option<Preflight>> {
        self.store().read(move |tx| Ok::<_, Error>(preflights::of_domain(tx, id)?)).await
    }

    /// It takes a while, and goes on when the browser hangs up.
    async fn fly_ahead(
        &self,
        id: FederatedDomainId,
        actor: Actor,
        visitor: &Visitor,
    ) -> Result<Preflight> {
        let (house, visitor) = (self.clone(), visitor.clone());
        tokio::spawn(async move {
            let find = move |tx: &mut Tx| {
                federated_domains::by_id(tx, id)?.ok_or_else(|| Error::not_found("domain"))
            };
            let domain = house.store().read(find).await?;
            let observed = look::observe(&house, &domain).await?;
            let at = house.now();
            let (state, findings) = (state(&observed), judge(&observed, at));
            let preflight = Preflight { domain: id, at, state, findings };
            house.keep_preflight(preflight, (&domain.name, actor), &visitor).await
        })
        .await?
    }

    async fn keep_preflight(
        &self,
        preflight: Preflight,
        (domain, actor): (&str, Actor),
        visitor: &Visitor,
    ) -> Result<Preflight> {
        let mut row = visitor.audit(self, actor, AuditKind::PreflightDone, domain);
        row.detail = in_numbers(&preflight);
        self.store()
            .write(move |tx| {
                preflights::put(tx, &preflight)?;
                audit_log::record(tx, &row)?;
                Ok(preflight)
            })
            .await
    }

    /// What keeps the script that federates a domain back, in a sentence. One that is federated with us
    /// already has no more to lose by it: there the script mends what is there.
    pub(crate) fn held_back(
        &self,
        tx: &mut Tx,
        domain: &FederatedDomain,
    ) -> Result<Option<String>> {
        if domain.federated_at.is_some() {
            return Ok(None);
        }
        let newest = preflights::of_domain(tx, domain.id)?;
        let fresh = newest.filter(|it| self.now().since(it.at) <= GOOD_FOR);
        let Some(preflight) = fresh else {
            let why = "No pre-flight of the last day has looked for a way back in. Do one first.";
            return Ok(Some(why.to_owned()));
        };
        let labels: Vec<&str> =
            preflight.holding_back().map(|finding| finding.check.label()).collect();
        Ok((!labels.is_empty()).then(|| {
            let labels = labels.join("; ");
            format!("The pre-flight found what must be mended first: {labels}.")
        }))
    }
}

/// `30 passed, 5 warnings, 2 failed, 1 not seen`.
#[must_use]
pub fn in_numbers(preflight: &Preflight) -> String {
    let count = |verdict| preflight.count(verdict);
    let warnings = match count(Verdict::Warning) {
        1 => "1 warning".to_owned(),
        many => format!("{many} warnings"),
    };
    let (passed, failed) = (count(Verdict::Passed), count(Verdict::Failed));
    format!("{passed} passed, {warnings}, {failed} failed, {} not seen", count(Verdict::Unseen))
}
