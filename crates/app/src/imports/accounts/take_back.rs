//! Takes back what an import did with an account. The account at Microsoft stays as it is: what was
//! written to it by a plan, its immutable id, is known to be no longer ours, so that no plan touches it.

use model::{
    Role,
    audit::AuditKind,
    entitlement::Holder,
    ids::TenantId,
    import::ImportRow,
    matches::{MatchAnswer, MatchDecision},
    tenant_people::{AccountTrace, Did},
    user::{User, UserState},
};
use store::{
    Tx, account_bindings, adoptions, applications, assignments, audit_log, entitlements,
    entra_links, match_decisions,
};

use crate::{Admin, Error, House, Result, Visitor};

/// Why what was done with the account of somebody who was here before is not taken back.
pub(in crate::imports) fn changed(
    tx: &mut Tx,
    user: &User,
    row: &ImportRow,
) -> Result<Option<String>> {
    let Some(trace) = &row.trace.account else { return Ok(None) };
    if user.role.is_some() {
        return Ok(Some("They have a role in the console now.".to_owned()));
    }
    if user.state != UserState::Active {
        return Ok(Some("They were blocked since.".to_owned()));
    }
    changed_since(tx, user, trace)
}

/// Why what was done with an account is not taken back from somebody who was made of it.
pub(in crate::imports) fn began(
    tx: &mut Tx,
    user: &User,
    trace: &AccountTrace,
) -> Result<Option<String>> {
    for application in applications::all(tx)? {
        let tenant = application.tenant_id;
        let linked = entra_links::of_user(tx, tenant, user.id)?.is_some();
        let elsewhere = tenant != trace.tenant
            && (linked || assignments::newest(tx, user.id, application.id)?.is_some());
        if elsewhere || (linked && !trace.did.contains(&Did::Matched)) {
            return Ok(Some("An account at Microsoft was linked to them since.".to_owned()));
        }
    }
    let said = match_decisions::all_of(tx, trace.tenant, user.id)?;
    let confirmed = said.iter().any(|said| said.answer == MatchAnswer::Accepted);
    if confirmed && !trace.did.contains(&Did::Matched) {
        return Ok(Some("Their account was confirmed under Sync users since.".to_owned()));
    }
    changed_since(tx, user, trace)
}

fn changed_since(tx: &mut Tx, user: &User, trace: &AccountTrace) -> Result<Option<String>> {
    match assigned_otherwise(tx, user, trace)? {
        None => matched_otherwise(tx, user, trace),
        why => Ok(why),
    }
}

/// Why an assignment is not taken back. It is forgotten and not ended, which is right only as long as
/// it is the one that the import made, and nothing that ended before comes to light.
fn assigned_otherwise(tx: &mut Tx, user: &User, trace: &AccountTrace) -> Result<Option<String>> {
    if !trace.did.contains(&Did::Assigned) {
        return Ok(None);
    }
    let application = applications::of_tenant(tx, trace.tenant)?;
    let application = application.ok_or_else(|| Error::not_found("application"))?.id;
    let mut given = entitlements::reaching(tx, user.id)?;
    given.retain(|it| it.application_id == application);
    let own = given.iter().find(|it| it.to == Holder::Person(user.id));
    let through_groups = given.len() > 1;
    let now = assignments::active(tx, user.id, application)?.map(|now| now.id);
    let why = if own.map(|it| it.id) != trace.given {
        "Their assignment was changed since."
    } else if through_groups {
        return Ok(None);
    } else if now.is_none() || now != trace.assignment {
        "Their assignment was changed since."
    } else if assignments::has_ended(tx, user.id, application)? {
        "They were unassigned before the import, and would be blocked at Microsoft for it. Unassign \
         them by hand if that is right."
    } else {
        return Ok(None);
    };
    Ok(Some(why.to_owned()))
}

/// Why the match is not taken back: somebody answered anew, or linked another account.
fn matched_otherwise(tx: &mut Tx, user: &User, trace: &AccountTrace) -> Result<Option<String>> {
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

/// Whether all that somebody was given by themselves is what this row gave.
pub(in crate::imports) fn assigned_by(tx: &mut Tx, user: &User, row: &ImportRow) -> Result<bool> {
    let Some(given) = row.trace.account.as_ref().and_then(|trace| trace.given) else {
        return Ok(false);
    };
    let all = entitlements::reaching(tx, user.id)?;
    let mut own = all.iter().filter(|it| it.to == Holder::Person(user.id));
    Ok(own.all(|it| it.id == given))
}

/// The role that taking rows back takes: what a security admin took over is theirs to let go.
pub(in crate::imports) fn needed_for(rows: &[ImportRow]) -> Role {
    let took_over = |row: &ImportRow| {
        row.trace.account.as_ref().is_some_and(|trace| trace.did.contains(&Did::Matched))
    };
    if rows.iter().any(took_over) { Role::SecurityAdmin } else { Role::UserAdmin }
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
            let given = (user, &application);
            let has_ended = self.take_without_trace(tx, given, trace.assignment)?;
            let (kind, upn) = (AuditKind::Unassigned, user.upn.as_str());
            let mut row = visitor.audit(self, admin.actor(), kind, upn);
            row.detail = if has_ended {
                "Office 365, by undoing an import".to_owned()
            } else {
                "Office 365, by themselves, by undoing an import; a group still gives it".to_owned()
            };
            audit_log::record(tx, &row)?;
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
