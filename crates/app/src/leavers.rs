//! People who leave: what will be taken from them and on which day, and the hold that stops it.

use std::{collections::HashMap, time::Duration};

use model::{
    Role, Ts,
    application::{Application, Assignment},
    audit::AuditKind,
    entra::EntraLink,
    ids::{ApplicationId, TenantId, UserId},
    legal_hold::LegalHold,
    line,
    user::User,
};
use provisioning::leaving::{self, Past};
pub use provisioning::leaving::{Account, Leaving, Why};
use store::{Tx, applications, assignments, audit_log, entra_links, legal_holds, sync_runs, users};

use crate::{Admin, Error, House, Kind, Result, Visitor};

/// How long the reason of a hold may be.
const LONGEST_REASON: usize = 300;

/// A pass over everybody comes often enough to be through with a day's work by then.
const A_DAY: Duration = Duration::from_hours(24);

/// What a person has at Microsoft, and what becomes of it.
#[derive(Debug, Clone)]
pub struct Fate {
    /// Their object, once linked.
    pub link: Option<EntraLink>,
    /// What follows on their leaving; `None` while they haven't left.
    pub leaving: Option<Leaving>,
    /// When we blocked their sign-in in Entra, unless we opened it since.
    pub blocked_at: Option<Ts>,
    /// Their newest legal hold, a lifted one included.
    pub hold: Option<LegalHold>,
}

/// Something that will be taken from somebody.
#[derive(Debug, Clone)]
pub struct Due {
    /// Whose.
    pub user: User,
    /// When; what lies in the past is done in the next pass.
    pub at: Ts,
    /// What.
    pub what: Loss,
}

/// What is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The licences that an assignment gave.
    Licences,
    /// The account.
    Account,
}

impl House {
    /// Keeps licences and account of a person, whatever the settings say. Sign-in stays blocked.
    pub async fn place_hold(
        &self,
        admin: &Admin,
        id: UserId,
        reason: &str,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        let reason = checked(reason)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                if legal_holds::of_user(tx, id)?.is_some_and(|hold| hold.holds()) {
                    let public = "This person is under a legal hold already.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                let hold = LegalHold {
                    user_id: id,
                    reason,
                    placed_by: admin.user().id,
                    placed_at: house.now(),
                    lifted_at: None,
                };
                legal_holds::put(tx, &hold)?;
                let (kind, upn) = (AuditKind::HoldPlaced, user.upn.as_str());
                let mut row = visitor.audit(&house, admin.actor(), kind, upn);
                row.detail = hold.reason;
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// Lifts a hold, after which licences and account may be taken: needs a fresh second factor.
    pub async fn lift_hold(&self, admin: &Admin, id: UserId, visitor: &Visitor) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                let held = legal_holds::of_user(tx, id)?;
                if !legal_holds::lift(tx, id, house.now())? {
                    let public = "This person is under no legal hold any more.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                let (kind, upn) = (AuditKind::HoldLifted, user.upn.as_str());
                let mut row = visitor.audit(&house, admin.actor(), kind, upn);
                row.detail = held.map(|hold| hold.reason).unwrap_or_default();
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// What will be taken from whom in the days up to `until`, the first first.
    pub async fn due_until(
        &self,
        _admin: &Admin,
        application: ApplicationId,
        until: Ts,
    ) -> Result<Vec<Due>> {
        // Licences whose day is over were taken; an account that is there still waits.
        let settled = self.now() - A_DAY;
        let waits = move |due: &Due| due.what == Loss::Account || due.at > settled;
        self.store()
            .read(move |tx| {
                let found = applications::by_id(tx, application)?;
                let application = found.ok_or_else(|| Error::not_found("application"))?;
                let mut due = everything_due(tx, &application)?;
                due.retain(|due| due.at <= until && waits(due));
                due.sort_by(|a, b| (a.at, a.user.upn.as_str()).cmp(&(b.at, b.user.upn.as_str())));
                Ok(due)
            })
            .await
    }
}

/// What a person has at Microsoft, as of now.
pub(crate) fn fate(tx: &mut Tx, user: &User, application: &Application) -> Result<Fate> {
    let tenant = application.tenant_id;
    let link = entra_links::of_user(tx, tenant, user.id)?;
    let assignment = assignments::newest(tx, user.id, application.id)?;
    let past = past_of(tx, tenant, user.id)?;
    let settings = &application.settings;
    let leaving = leaving::of(user, assignment.as_ref(), settings, link.as_ref(), &past);
    let blocked_at = past.blocked_in_entra.get(&user.id).copied();
    Ok(Fate { link, leaving, blocked_at, hold: past.holds.get(&user.id).cloned() })
}

/// What the days of everybody are counted from.
pub(crate) fn past(tx: &mut Tx, tenant: TenantId) -> Result<Past> {
    let holds = legal_holds::all(tx)?;
    Ok(Past {
        holds: holds.into_iter().map(|hold| (hold.user_id, hold)).collect(),
        blocked_here: users::all_blocked(tx)?,
        blocked_in_entra: sync_runs::blocked_by_us(tx, tenant, None)?,
        deleted: sync_runs::deleted_by_us(tx, tenant, None)?,
    })
}

fn past_of(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Past> {
    let hold = legal_holds::of_user(tx, user)?;
    let blocked = users::blocked_since(tx, user)?;
    Ok(Past {
        holds: hold.map(|hold| (user, hold)).into_iter().collect(),
        blocked_here: blocked.map(|since| (user, since)).into_iter().collect(),
        blocked_in_entra: sync_runs::blocked_by_us(tx, tenant, Some(user))?,
        deleted: sync_runs::deleted_by_us(tx, tenant, Some(user))?,
    })
}

fn everything_due(tx: &mut Tx, application: &Application) -> Result<Vec<Due>> {
    let past = past(tx, application.tenant_id)?;
    let links: HashMap<UserId, EntraLink> = entra_links::all(tx, application.tenant_id)?
        .into_iter()
        .map(|link| (link.user_id, link))
        .collect();
    let newest: HashMap<UserId, Assignment> =
        assignments::latest(tx, application.id)?.into_iter().map(|a| (a.user_id, a)).collect();
    let mut due = Vec::new();
    for user in users::everyone(tx)? {
        let link = links.get(&user.id).filter(|link| link.deleted_at.is_none());
        let assignment = newest.get(&user.id);
        let settings = &application.settings;
        let Some(leaving) = leaving::of(&user, assignment, settings, link, &past) else { continue };
        if link.is_none() {
            continue;
        }
        let licences = leaving.licences_at.map(|at| (at, Loss::Licences));
        let account = leaving.delete_at().map(|at| (at, Loss::Account));
        for (at, what) in [licences, account].into_iter().flatten() {
            due.push(Due { user: user.clone(), at, what });
        }
    }
    Ok(due)
}

fn checked(reason: &str) -> Result<String> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::invalid("hold_reason", "Say why, such as the number of the case."));
    }
    if reason.chars().count() > LONGEST_REASON || !line::is_plain(reason) {
        let public = format!("Type one line of at most {LONGEST_REASON} characters.");
        return Err(Error::invalid("hold_reason", public));
    }
    Ok(reason.to_owned())
}
