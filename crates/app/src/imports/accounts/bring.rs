//! Writes what an account's row comes to. Everything is looked at once more before anything is written:
//! what is refused leaves nothing behind.

use model::{
    audit::AuditKind,
    entitlement::Holder,
    ids::{MicrosoftAccountId, UserId},
    import::{ImportRow, RowOutcome},
    matches::{MatchAnswer, MatchDecision},
    microsoft_account::{Identity, MicrosoftAccount},
    plan::Scope,
    tenant_people::{AccountTrace, Did},
    user::User,
};
use store::{
    Tx, account_bindings, applications, assignments, audit_log, entitlements, entra_links,
    match_decisions, microsoft_accounts, tenants, users,
};

use super::{AccountPlan, Who};
use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    accounts::{NewPerson, add_person},
    assign::Cause,
    sync::Lane,
};

impl House {
    /// Makes or finds the person, and does what was ticked.
    pub(in crate::imports) fn bring_account(
        &self,
        tx: &mut Tx,
        who: (&Admin, &Visitor),
        plan: &AccountPlan,
        row: &mut ImportRow,
    ) -> Result<()> {
        let (tenant, object) = (plan.tenant, plan.object);
        let user = still_free(tx, plan)?;
        let user = match (user, &plan.who) {
            (None, Who::New(upn, profile)) => {
                let upn = upn.to_string();
                let new = NewPerson { upn, profile: profile.as_ref().clone() };
                let user = self.new_user(new, None)?;
                still_nobodys(tx, &user)?;
                add_person(tx, &user)?;
                let kind = AuditKind::UserCreated;
                let mut made = who.1.audit(self, who.0.actor(), kind, user.upn.as_str());
                made.detail = format!("by an import, from the account {}", plan.upn);
                audit_log::record(tx, &made)?;
                (row.outcome, row.at) = (RowOutcome::Created, user.created_at);
                row.trace.after = Some(user.profile.clone());
                Some(user)
            }
            (user, _) => {
                row.outcome = RowOutcome::Updated;
                user
            }
        };
        let mut trace =
            AccountTrace { tenant, object, did: plan.does.clone(), given: None, assignment: None };
        for did in &plan.does {
            match &user {
                Some(user) => self.do_one(tx, who, (plan, user), (*did, &mut trace))?,
                None => account_bindings::put(tx, tenant, (object, None))?,
            }
        }
        row.user_id = user.map(|user| user.id);
        row.trace.account = Some(trace);
        Ok(())
    }

    fn do_one(
        &self,
        tx: &mut Tx,
        (admin, visitor): (&Admin, &Visitor),
        (plan, user): (&AccountPlan, &User),
        (did, trace): (Did, &mut AccountTrace),
    ) -> Result<()> {
        let (tenant, object) = (plan.tenant, plan.object);
        let audit = |kind, detail: String| {
            let mut row = visitor.audit(self, admin.actor(), kind, user.upn.as_str());
            row.detail = detail;
            row
        };
        match did {
            Did::Matched => {
                let said = MatchDecision {
                    user_id: user.id,
                    object_id: object,
                    upn: plan.upn.clone(),
                    answer: MatchAnswer::Accepted,
                    decided_by: admin.user().id,
                    decided_at: self.now(),
                };
                if !match_decisions::put(tx, tenant, &said)? {
                    return Err(moved("Somebody said meanwhile whose this account is."));
                }
                account_bindings::remove(tx, tenant, object)?;
                account_bindings::forget_person(tx, tenant, user.id)?;
                let row = audit(AuditKind::MatchAccepted, format!("object {object}, by an import"));
                audit_log::record(tx, &row)?;
                // Many are taken over by a plan over everybody, before which the guard looks.
                self.put_work(tx, tenant, Scope::Everyone, Lane::Rest)
            }
            Did::Assigned => {
                let application = applications::of_tenant(tx, tenant)?;
                let application = application.ok_or_else(|| Error::not_found("application"))?;
                trace.given = Some(self.give_quietly(tx, user, &application, Vec::new())?);
                trace.assignment =
                    assignments::active(tx, user.id, application.id)?.map(|made| made.id);
                let cause = Cause { actor: admin.actor(), visitor, through: None };
                self.audit_assignment(tx, AuditKind::Assigned, &cause, user)?;
                self.put_work(tx, tenant, Scope::Everyone, Lane::Rest)
            }
            Did::LinkedMicrosoft => {
                let entra =
                    tenants::by_id(tx, tenant)?.ok_or_else(|| Error::not_found("tenant"))?;
                let identity = Identity { tenant: entra.entra_tenant_id, object };
                let account = MicrosoftAccount {
                    id: MicrosoftAccountId(self.new_id()),
                    user_id: user.id,
                    identity,
                    name: plan.upn.clone(),
                    linked_at: self.now(),
                    used_at: None,
                };
                microsoft_accounts::put(tx, &account)?;
                let detail = format!(
                    "{} (tenant {}, object {object}) by an import",
                    plan.upn, identity.tenant
                );
                Ok(audit_log::record(tx, &audit(AuditKind::MicrosoftLinked, detail))?)
            }
            Did::LeftAlone => Ok(account_bindings::put(tx, tenant, (object, Some(user.id)))?),
            Did::Ignored => Ok(account_bindings::put(tx, tenant, (object, None))?),
        }
    }
}

/// Stops when person or account are not as they were when the row was judged. Gives the person, if
/// there is one already.
fn still_free(tx: &mut Tx, plan: &AccountPlan) -> Result<Option<User>> {
    let (tenant, object) = (plan.tenant, plan.object);
    let user = match &plan.who {
        Who::Here(before) => {
            let now = users::by_id(tx, before.id)?;
            if now.as_ref() != Some(&**before) {
                return Err(moved("This person was changed by somebody else meanwhile."));
            }
            now
        }
        Who::New(..) | Who::Nobody => None,
    };
    let me = user.as_ref().map(|user| user.id);
    let foreign = |id: UserId| Some(id) != me;
    if plan.does.contains(&Did::Matched) {
        let owner = entra_links::by_object(tx, tenant, object)?;
        let people: Vec<UserId> = me.into_iter().collect();
        let said = match_decisions::among(tx, tenant, &people, &[object])?;
        let stands = said.iter().any(|said| {
            let about_both = said.object_id == object && Some(said.user_id) == me;
            about_both || said.answer == MatchAnswer::Accepted
        });
        let mine = me.map(|me| entra_links::of_user(tx, tenant, me)).transpose()?.flatten();
        if owner.is_some() || mine.is_some() || stands {
            return Err(moved("Somebody said meanwhile whose this account is."));
        }
    }
    let bound = account_bindings::of_object(tx, tenant, object)?;
    if bound.and_then(|(_, user)| user).is_some_and(foreign) {
        return Err(moved("This account is somebody else's meanwhile."));
    }
    if plan.does.contains(&Did::Assigned) {
        still_unassigned(tx, plan, me)?;
    }
    if plan.does.contains(&Did::LinkedMicrosoft) {
        let entra = tenants::by_id(tx, tenant)?.ok_or_else(|| Error::not_found("tenant"))?;
        let identity = Identity { tenant: entra.entra_tenant_id, object };
        if microsoft_accounts::by_identity(tx, identity)?.is_some() {
            return Err(moved("Somebody linked this Microsoft account meanwhile."));
        }
    }
    Ok(user)
}

fn still_unassigned(tx: &mut Tx, plan: &AccountPlan, me: Option<UserId>) -> Result<()> {
    let application = applications::of_tenant(tx, plan.tenant)?;
    let application = application.ok_or_else(|| Error::not_found("application"))?;
    let Some(me) = me else { return Ok(()) };
    users::lock_shares(tx, &[me])?;
    let given = entitlements::reaching(tx, me)?;
    let given =
        given.iter().any(|it| it.application_id == application.id && it.to == Holder::Person(me));
    if given || assignments::active(tx, me, application.id)?.is_some() {
        return Err(moved("This person was assigned meanwhile."));
    }
    let linked = entra_links::of_user(tx, plan.tenant, me)?.is_some();
    if linked && assignments::newest(tx, me, application.id)?.is_some() {
        return Err(moved("This person was unassigned meanwhile."));
    }
    Ok(())
}

/// Stops when somebody has an address of a new person: applications that know people by their mail
/// would take one for the other.
fn still_nobodys(tx: &mut Tx, user: &User) -> Result<()> {
    let mail = user.profile.mail.as_deref().unwrap_or_default();
    let addresses = [user.upn.as_str(), mail].map(|it| it.trim().to_ascii_lowercase());
    match users::reached(tx, &addresses, &[])?.first() {
        Some(other) => {
            let name = &other.profile.display_name;
            Err(moved(&format!("{name} has one of its addresses meanwhile.")))
        }
        None => Ok(()),
    }
}

fn moved(public: &str) -> Error {
    Error::new(Kind::Conflict, public)
}
