//! Somebody puts their second factor off, at the page where they would set it up.

use std::time::Duration;

use authn::flow::Step;
use model::{audit::AuditKind, exemption::Exemption};
use store::{Tx, campaign, exemptions, pending_requests, users};

use crate::{House, Result, Visitor, sign_in::Outcome, visitor::Secret};

/// For how long nobody is asked again.
const A_DAY: Duration = Duration::from_hours(24);

impl House {
    /// Puts it off for a day, or until the campaign ends if that is sooner, and goes on.
    pub async fn sign_in_put_off(&self, handle: &Secret, visitor: &Visitor) -> Result<Outcome> {
        let (house, kept, from) = (self.clone(), handle.clone(), visitor.clone());
        self.store().write(move |tx| house.wait_a_day(tx, &kept, &from)).await?;
        // In a transaction of its own: a sign-in is judged by what was there when it began.
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        self.store()
            .write(move |tx| match house.pending(tx, &handle, &visitor)? {
                Some(mut request) => house.advance(tx, &mut request, &visitor).map(Outcome::Next),
                None => Ok(Outcome::Expired),
            })
            .await
    }

    /// Does nothing where the person may not.
    fn wait_a_day(&self, tx: &mut Tx, handle: &Secret, visitor: &Visitor) -> Result<()> {
        let Some(mut request) = self.pending(tx, handle, visitor)? else { return Ok(()) };
        if let Some(person) = request.user_id {
            // Whoever gives them a role or a factor waits, or was before us.
            users::lock(tx, person)?;
        }
        let step = self.step(tx, &request, visitor)?;
        let (Step::Enroll { may_wait: true, .. }, Some(id)) = (step, request.user_id) else {
            return Ok(());
        };
        let now = self.now();
        let own = Exemption {
            user_id: id,
            until: campaign::get(tx)?.closes_at.map_or(now, |at| at.min(now + A_DAY)),
            reason: String::new(),
            granted_by: id,
            granted_at: now,
        };
        exemptions::put(tx, &own)?;
        request.enrolling = None;
        pending_requests::update(tx, &request)?;
        self.audit_person(tx, visitor, id, AuditKind::FactorPutOff, "")
    }
}
