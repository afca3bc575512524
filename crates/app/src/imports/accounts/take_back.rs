//! Takes back what an import did with an account. The account at Microsoft stays as it is: what was
//! written to it by a plan, its immutable id, is known to be no longer ours, so that no plan touches it.

use model::{
    audit::AuditKind,
    entitlement::Holder,
    ids::TenantId,
    import::ImportRow,
    matches::{MatchAnswer, MatchDecision},
    tenant_people::{AccountTrace, Did},
    user::User,
};
use store::{
    Tx, account_bindings, adoptions, applications, audit_log, entitlements, entra_links,
    match_decisions,
};

use crate::{Admin, Error, House, Result, Visitor, assign::Cause};

/// Why what was done with an account is not taken back, for somebody who was here before.
pub(in crate::imports) fn changed(
    tx: &mut Tx,
    user: &User,
    row: &ImportRow,
) -> Result<Option<String>> {
    let Some(trace) = &row.trace.account else { return Ok(None) };
    if user.role.is_some() {
        return Ok(Some("They have a role in the console now.".to_owned()));
    }
    if trace.did.contains(&Did::Assigned) && !assigned_by(tx, user, row)? {
        return Ok(Some("Their assignment was changed since.".to_owned()));
    }
    matched_otherwise(tx, user, trace)
}

/// Why the match is not taken back: somebody answered anew, or linked another account.
pub(in crate::imports) fn matched_otherwise(
    tx: &mut Tx,
    user: &User,
    trace: &AccountTrace,
) -> Result<Option<String>> {
    if !trace.did.contains(&Did::Matched) {
        return Ok(None);
    }
    let link = entra_links::of_user(tx, trace.tenant, user.id)?;
    if link.is_some_and(|link| link.object_id != trace.object) {
        return Ok(Some("They have another account at Microsoft now.".to_owned()));
    }
    let said = match_decisions::all_of(tx, trace.tenant, user.id)?;
    let still = |said: &MatchDecision| {
        said.object_id == trace.object && said.answer == MatchAnswer::Accepted
    };
    let gone = !said.iter().any(still);
    Ok(gone.then(|| "Somebody answered anew under Sync users.".to_owned()))
}

/// Whether what somebody was given by themselves is what this row gave.
pub(in crate::imports) fn assigned_by(tx: &mut Tx, user: &User, row: &ImportRow) -> Result<bool> {
    let Some(trace) = &row.trace.account else { return Ok(false) };
    if trace.given.is_none() {
        return Ok(false);
    }
    let given = entitlements::reaching(tx, user.id)?;
    let mut own = given.iter().filter(|it| it.to == Holder::Person(user.id));
    let (first, second) = (own.next(), own.next());
    let ours = first.is_some_and(|it| Some(it.id) == trace.given);
    Ok(ours && second.is_none())
}

impl House {
    /// Takes back what a row did, but for the person itself.
    pub(in crate::imports) fn let_go(
        &self,
        tx: &mut Tx,
        (admin, visitor): (&Admin, &Visitor),
        (user, trace): (&User, &AccountTrace),
    ) -> Result<()> {
        let tenant = trace.tenant;
        if trace.did.contains(&Did::Matched) {
            self.unmatch(tx, (admin, visitor), (user, trace))?;
        }
        if trace.did.contains(&Did::Assigned) {
            let application = applications::of_tenant(tx, tenant)?;
            let application = application.ok_or_else(|| Error::not_found("application"))?;
            self.take_quietly(tx, user, &application)?;
            if let Some(link) = entra_links::of_user(tx, tenant, user.id)? {
                // Linked before us, and open: an end of assignment would block it.
                account_bindings::put(tx, tenant, (link.object_id, Some(user.id)))?;
            }
            let cause = Cause { actor: admin.actor(), visitor, through: None };
            self.audit_assignment(tx, AuditKind::Unassigned, &cause, user)?;
        }
        if trace.did.contains(&Did::LeftAlone) {
            account_bindings::forget_person(tx, tenant, user.id)?;
        }
        Ok(())
    }

    /// Forgets that nobody is to be made of an account.
    pub(in crate::imports) fn notice_again(tx: &mut Tx, trace: &AccountTrace) -> Result<bool> {
        let said = account_bindings::of_object(tx, trace.tenant, trace.object)?;
        if said.is_none_or(|(_, user)| user.is_some()) {
            return Ok(false);
        }
        Ok(account_bindings::remove(tx, trace.tenant, trace.object)?)
    }

    /// The yes becomes nothing again, or a no where a plan has written to the account already: a no is
    /// stronger than the immutable id that it carries, so it is neither blocked nor linked anew.
    fn unmatch(
        &self,
        tx: &mut Tx,
        (admin, visitor): (&Admin, &Visitor),
        (user, trace): (&User, &AccountTrace),
    ) -> Result<()> {
        let pair = (user.id, trace.object);
        let begun = is_begun(tx, trace.tenant, user, trace)?;
        entra_links::remove(tx, trace.tenant, user.id)?;
        match_decisions::remove(tx, trace.tenant, pair)?;
        let kind = if begun {
            let no = MatchDecision {
                user_id: user.id,
                object_id: trace.object,
                upn: String::new(),
                answer: MatchAnswer::Rejected,
                decided_by: admin.user().id,
                decided_at: self.now(),
            };
            match_decisions::put(tx, trace.tenant, &no)?;
            AuditKind::MatchRejected
        } else {
            AuditKind::MatchReopened
        };
        let mut row = visitor.audit(self, admin.actor(), kind, user.upn.as_str());
        row.detail = format!("object {}, by undoing an import", trace.object);
        Ok(audit_log::record(tx, &row)?)
    }
}

fn is_begun(tx: &mut Tx, tenant: TenantId, user: &User, trace: &AccountTrace) -> Result<bool> {
    let linked = entra_links::of_user(tx, tenant, user.id)?.is_some();
    Ok(linked || adoptions::is_begun(tx, tenant, (user.id, trace.object))?)
}
