//! Takes an import back, as far as nothing has happened since: people who never began are removed,
//! those whom Microsoft 365 knows are blocked, and former profiles are put back.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Role, Ts,
    entitlement::Holder,
    ids::{GroupId, ImportId, TenantId, UserId},
    import::{Import, ImportRow, ImportState, RowOutcome},
    plan::Scope,
    tenant_people::AccountTrace,
    user::{User, UserState},
};
use store::{
    Tx, access_passes, applications, assignments, credentials, entitlements, exemptions, groups,
    import_rows, imports, issued_tokens, legal_holds, outbox, sessions, users,
};

use super::{
    MOST_ACCOUNTS, accounts,
    apply::{Left, said},
    begun, found, still_may,
};
use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    accounts::{factors_of, is_known_to_entra},
    assign::Tally,
    groups::named_by,
    sync::Lane,
};

/// Groups that a rule or a permit decides by, each with what does.
type Named = BTreeMap<GroupId, String>;

/// What became of rows that wrote something.
const WRITTEN: [RowOutcome; 2] = [RowOutcome::Created, RowOutcome::Updated];

/// How many rows one transaction takes back.
const PORTION: i64 = 50;

impl House {
    /// Takes an import back; what changed since is left and listed. One that was interrupted goes on
    /// where it stopped. Needs a fresh second factor.
    pub async fn undo_import(&self, admin: &Admin, id: ImportId, visitor: &Visitor) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        admin.require_fresh(self.now())?;
        loop {
            let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
            let portion = move |tx: &mut Tx| house.undo_portion(tx, (&admin, &visitor), id);
            if self.store().write(portion).await? == Left::Nothing {
                return Ok(());
            }
        }
    }

    fn undo_portion(&self, tx: &mut Tx, who: (&Admin, &Visitor), id: ImportId) -> Result<Left> {
        let mut import = found(imports::lock(tx, id)?)?;
        still_may(tx, who.0, Role::UserAdmin)?;
        self.begin_undoing(tx, who, &mut import)?;
        let rows = import_rows::with_outcome(tx, id, &WRITTEN, (0, PORTION))?;
        may_let_go(who.0, &rows)?;
        let (named, by_plan) = (lock(tx, &rows)?, goes_by_plan(tx, id)?);
        for mut row in rows {
            let user = row.user_id.filter(|_| by_plan);
            let tenants = user.map(|user| calm_tenants(tx, user)).transpose()?;
            self.take_back(tx, who, &mut row, &named)?;
            for tenant in tenants.into_iter().flatten().filter(|_| loses(&row)) {
                self.leave_to_a_plan(tx, user, tenant)?;
            }
            import_rows::settle(tx, &row)?;
        }
        let ended = import_rows::with_outcome(tx, id, &WRITTEN, (0, 1))?.is_empty();
        if ended {
            import.state = ImportState::Undone;
            let tally = import_rows::tally(tx, id)?;
            self.audit_import(tx, who, &import, format!("taken back: {}", said(&tally)))?;
        }
        imports::put_progress(tx, &import)?;
        Ok(if ended { Left::Nothing } else { Left::More })
    }

    fn begin_undoing(
        &self,
        tx: &mut Tx,
        who: (&Admin, &Visitor),
        import: &mut Import,
    ) -> Result<()> {
        match import.state {
            ImportState::Undoing => Ok(()),
            // One that stopped in the middle is taken back as far as it came.
            ImportState::Applied | ImportState::Applying if self.now() < import.until => {
                if import.terms.tenant.is_some() && !who.0.role().covers(Role::SecurityAdmin) {
                    let all = i64::try_from(MOST_ACCOUNTS).unwrap_or(i64::MAX);
                    let rows = import_rows::with_outcome(tx, import.id, &WRITTEN, (0, all))?;
                    may_let_go(who.0, &rows)?;
                }
                import.state = ImportState::Undoing;
                imports::forget_content(tx, import.id)?;
                self.audit_import(tx, who, import, "being taken back".to_owned())
            }
            ImportState::Applied | ImportState::Applying => {
                let public = "This import is older than seven days and stays as it is.";
                Err(Error::new(Kind::Conflict, public))
            }
            _ => Err(begun()),
        }
    }

    /// Takes one row back, or notes why not.
    fn take_back(
        &self,
        tx: &mut Tx,
        who: (&Admin, &Visitor),
        row: &mut ImportRow,
        named: &Named,
    ) -> Result<()> {
        let user = row.user_id.map(|id| users::by_id(tx, id)).transpose()?.flatten();
        let user = user.filter(|user| user.state != UserState::Deleted);
        if let (None, Some(trace)) = (row.user_id, &row.trace.account)
            && Self::notice_again(tx, trace)?
        {
            row.outcome = RowOutcome::PutBack;
            return Ok(());
        }
        let kept = match &user {
            None => Some("They are gone already.".to_owned()),
            Some(user) if row.outcome == RowOutcome::Created => began(tx, user, row, self.now())?,
            Some(user) if row.trace.account.is_some() => accounts::changed(tx, user, row)?,
            Some(user) => changed(tx, user, row)?,
        };
        let kept = match kept {
            None => closed(who.0, &row.trace.groups, named),
            kept => kept,
        };
        let (Some(user), None) = (user, &kept) else {
            row.outcome = RowOutcome::Kept;
            row.trace.why = kept.unwrap_or_default();
            return Ok(());
        };
        if let Some(trace) = row.trace.account.clone() {
            return self.take_account_back(tx, who, (&user, &trace), row);
        }
        row.outcome = if row.outcome == RowOutcome::Updated {
            self.put_back(tx, who, user, row)?;
            RowOutcome::PutBack
        } else if is_known_to_entra(tx, user.id)? {
            self.put_state(tx, who, user.id, UserState::Blocked)?;
            RowOutcome::Blocked
        } else {
            self.remove_person(tx, who, &user)?;
            RowOutcome::Removed
        };
        Ok(())
    }

    /// What was done with an account of a tenant. Nobody is blocked for it at Microsoft: the account was
    /// there before.
    fn take_account_back(
        &self,
        tx: &mut Tx,
        who: (&Admin, &Visitor),
        (user, trace): (&User, &AccountTrace),
        row: &mut ImportRow,
    ) -> Result<()> {
        self.let_go(tx, who, (user, trace))?;
        row.outcome = if row.outcome == RowOutcome::Created {
            self.remove_person(tx, who, user)?;
            RowOutcome::Removed
        } else {
            RowOutcome::PutBack
        };
        Ok(())
    }

    fn put_back(
        &self,
        tx: &mut Tx,
        who: (&Admin, &Visitor),
        user: User,
        row: &ImportRow,
    ) -> Result<()> {
        let id = user.id;
        if let Some(before) = row.trace.before.clone() {
            self.put_profile(tx, who, user, before)?;
        }
        for group in &row.trace.groups {
            let theirs = groups::of_user(tx, id)?;
            if let Some(group) = theirs.iter().find(|known| known.id == *group) {
                self.change_members(tx, who, group, (&[], &[id]))?;
            }
        }
        Ok(())
    }

    /// Withdraws the work for one person, and puts a plan over everybody in its place.
    fn leave_to_a_plan(&self, tx: &mut Tx, user: Option<UserId>, tenant: TenantId) -> Result<()> {
        let Some(user) = user else { return Ok(()) };
        outbox::withdraw_urgent(tx, tenant, &Scope::Person(user))?;
        self.put_work(tx, tenant, Scope::Everyone, Lane::Rest)
    }
}

/// Stops when rows took accounts over and this admin may not say whose accounts are.
fn may_let_go(admin: &Admin, rows: &[ImportRow]) -> Result<()> {
    if admin.role().covers(accounts::needed_for(rows)) {
        return Ok(());
    }
    let public =
        "This import says whose accounts at Microsoft are. A security admin must take it back.";
    Err(Error::new(Kind::Forbidden, public))
}

/// Whether an import reaches so many that the tenant follows by a plan over everybody, which the guard
/// looks at: taken back person by person, none of them would be many (Y01).
fn goes_by_plan(tx: &mut Tx, id: ImportId) -> Result<bool> {
    use RowOutcome::{Blocked, Created, PutBack, Updated};
    let reached = import_rows::tally(tx, id)?;
    let reached = reached
        .iter()
        .filter(|(outcome, _)| matches!(outcome, Created | Updated | Blocked | PutBack));
    let ended = reached.map(|(_, count)| usize::try_from(*count).unwrap_or_default()).sum();
    Ok(Tally { ended, ..Tally::default() }.goes_by_plan())
}

/// The tenants of a person in which nothing urgent waits for them: what was urgent before stays so.
fn calm_tenants(tx: &mut Tx, user: UserId) -> Result<Vec<TenantId>> {
    let mut calm = Vec::new();
    for application in applications::all(tx)? {
        let (id, tenant) = (application.id, application.tenant_id);
        let is_known = assignments::newest(tx, user, id)?.is_some();
        if is_known && !outbox::is_urgent(tx, tenant, &Scope::Person(user))? {
            calm.push(tenant);
        }
    }
    Ok(calm)
}

/// Whether taking a row back may have taken something from somebody in the tenant.
const fn loses(row: &ImportRow) -> bool {
    matches!(row.outcome, RowOutcome::Blocked | RowOutcome::PutBack)
}

/// Groups first and people and owners after them, each in the order of their ids, as everybody locks
/// them. Says by what of the groups a rule or a permit decides.
fn lock(tx: &mut Tx, rows: &[ImportRow]) -> Result<Named> {
    let joined: BTreeSet<GroupId> =
        rows.iter().flat_map(|row| row.trace.groups.iter().copied()).collect();
    let mut named = Named::new();
    for group in joined {
        groups::lock(tx, group)?;
        named.extend(named_by(tx, group)?.into_iter().next().map(|by| (group, by)));
    }
    let people: BTreeSet<UserId> = rows.iter().filter_map(|row| row.user_id).collect();
    let people: Vec<UserId> = people.into_iter().collect();
    users::lock_with_owners(tx, &people)?;
    Ok(named)
}

/// Why somebody who was made is not removed: they began, or somebody did something for them.
fn began(tx: &mut Tx, user: &User, row: &ImportRow, now: Ts) -> Result<Option<String>> {
    let id = user.id;
    let why = if user.updated_at != row.at {
        "They were changed since."
    } else if sessions::any_of(tx, id)? || !issued_tokens::of_user(tx, id, 1)?.is_empty() {
        "They have signed in."
    } else if chose_a_password(tx, user, row)? || !brought_factors(tx, user, row)? {
        "They have begun to sign in."
    } else if given_since(tx, user, row)? {
        "They were assigned by themselves."
    } else if access_passes::of_user(tx, id, now)?.is_some() {
        "They have an access pass."
    } else if exemptions::of_user(tx, id, now)?.is_some() {
        "They have an exemption from the second factor."
    } else if !has_groups(tx, user, row)? {
        "Their groups were changed."
    } else if legal_holds::of_user(tx, id)?.is_some_and(|hold| hold.lifted_at.is_none()) {
        "They are under legal hold."
    } else {
        return match &row.trace.account {
            Some(trace) => accounts::began(tx, user, trace),
            None => Ok(None),
        };
    };
    Ok(Some(why.to_owned()))
}

/// Whether they were given something by themselves that the import didn't give.
fn given_since(tx: &mut Tx, user: &User, row: &ImportRow) -> Result<bool> {
    let own = Holder::Person(user.id);
    let any = entitlements::reaching(tx, user.id)?.iter().any(|it| it.to == own);
    Ok(any && !accounts::assigned_by(tx, user, row)?)
}

/// What was brought along and never used, or handed out and never used, is no choice of theirs.
fn chose_a_password(tx: &mut Tx, user: &User, row: &ImportRow) -> Result<bool> {
    let credential = credentials::by_user(tx, user.id)?;
    let handed_out = row.handed_out_at;
    Ok(credential.is_some_and(|held| {
        let first = held.must_change_before.is_some() && Some(held.set_at) == handed_out;
        !first && !held.is_imported()
    }))
}

/// Whether they have no second factor but the one that they brought along.
fn brought_factors(tx: &mut Tx, user: &User, row: &ImportRow) -> Result<bool> {
    Ok(factors_of(tx, user.id)?.iter().all(|factor| factor.added == row.at))
}

fn has_groups(tx: &mut Tx, user: &User, row: &ImportRow) -> Result<bool> {
    let theirs: BTreeSet<GroupId> =
        groups::of_user(tx, user.id)?.into_iter().map(|group| group.id).collect();
    Ok(theirs == row.trace.groups.iter().copied().collect())
}

/// Why somebody who was changed is not put back.
fn changed(tx: &mut Tx, user: &User, row: &ImportRow) -> Result<Option<String>> {
    let why = if user.role.is_some() {
        "They have a role in the console now."
    } else if row.trace.after.as_ref() != Some(&user.profile) {
        "They were changed since."
    } else if lost_their_mail(tx, user, row)? {
        "Their former mail address is the sign-in name of somebody else now."
    } else {
        return Ok(None);
    };
    Ok(Some(why.to_owned()))
}

/// Whether the mail address that they had is somebody's sign-in name by now.
fn lost_their_mail(tx: &mut Tx, user: &User, row: &ImportRow) -> Result<bool> {
    let before = row.trace.before.as_ref().and_then(|before| before.mail.as_deref());
    let Some(mail) = before.filter(|mail| user.profile.mail.as_deref() != Some(mail)) else {
        return Ok(false);
    };
    Ok(users::by_upn(tx, mail)?.is_some_and(|other| other.id != user.id))
}

/// Why this admin may not take somebody out of these groups.
fn closed(admin: &Admin, joined: &[GroupId], named: &Named) -> Option<String> {
    if admin.role().covers(Role::SecurityAdmin) {
        return None;
    }
    let by = joined.iter().find_map(|group| named.get(group))?;
    Some(format!("A group of theirs is named by {by}: a security admin must do it."))
}
