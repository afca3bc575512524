//! Writes the rows of an import, a portion in each transaction. How far it has come and what became
//! of each row is written in the same transaction as the row's work: after a crash the rest is done
//! from the first row that has no outcome, and none is done twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use model::{
    Role,
    audit::AuditKind,
    ids::{GroupId, ImportId, UserId},
    import::{Import, ImportRow, ImportState, RowOutcome, Terms, Trace},
    tenant_people::Did,
    user::Group,
};
use store::{Tx, audit_log, groups, import_rows, imports, users};

use super::{
    UNDO_WITHIN,
    accounts::{self, Who},
    begun, brought,
    check::{self, Change, RowCheck, RowVerdict, Wanted},
    found, gone, still_may,
};
use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    accounts::{NewPerson, add_person},
    groups::named_by,
};

/// How many rows one transaction writes: others wait no longer than for these.
const PORTION: usize = 50;

/// Whether there is more to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// Yes.
    More,
    /// No: it ended, or somebody else goes on with it.
    Nothing,
}

/// People who come into a group.
type Joining = BTreeMap<GroupId, (Group, Vec<UserId>)>;

/// Groups that a rule or a permit decides by.
type Named = BTreeSet<GroupId>;

/// Who writes what.
#[derive(Clone)]
struct Work {
    admin: Admin,
    visitor: Visitor,
    id: ImportId,
    checks: Arc<Vec<RowCheck>>,
}

impl Work {
    const fn who(&self) -> (&Admin, &Visitor) {
        (&self.admin, &self.visitor)
    }
}

impl House {
    /// Writes an import: `seen` is the fingerprint of the judgement that the admin saw. One that was
    /// interrupted goes on where it stopped. Needs a fresh second factor.
    pub async fn apply_import(
        &self,
        admin: &Admin,
        id: ImportId,
        seen: &str,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        admin.require_fresh(self.now())?;
        let me = admin.clone();
        // Others wait for what is written: many rows are judged before that.
        let judge = move |tx: &mut Tx| judged(tx, &me, id);
        let judged = self.store().read(judge).await?;
        let (house, me, from, seen) =
            (self.clone(), admin.clone(), visitor.clone(), seen.to_owned());
        let begin = move |tx: &mut Tx| house.begin_applying(tx, (&me, &from), judged, &seen);
        let (mut done, checks) = self.store().write(begin).await?;
        let (admin, visitor, checks) = (admin.clone(), visitor.clone(), Arc::new(checks));
        let work = Work { admin, visitor, id, checks };
        loop {
            let (house, portion) = (self.clone(), work.clone());
            let write = move |tx: &mut Tx| house.apply_portion(tx, &portion, done);
            match self.store().write(write).await? {
                Left::More => done += PORTION,
                Left::Nothing => return Ok(()),
            }
        }
    }

    fn begin_applying(
        &self,
        tx: &mut Tx,
        who: (&Admin, &Visitor),
        (before, checks): (Import, Vec<RowCheck>),
        seen: &str,
    ) -> Result<(usize, Vec<RowCheck>)> {
        let id = before.id;
        let import = found(imports::lock(tx, id)?)?;
        brought::may_open(who.0, &import)?;
        match import.state {
            ImportState::Draft => {
                if import != before || check::fingerprint(&import.terms, &checks) != seen {
                    let public = "Something has changed since this page was shown. Look at it \
                                  again, and then import.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                if let Some(tenant) = import.terms.tenant {
                    accounts::is_fresh(tx, tenant, self.now())?;
                }
                who.0.require(needed_for(&checks))?;
                if import.terms.tenant.is_some() {
                    imports::put_content(tx, id, &check::marks(&checks))?;
                }
                let until = self.now() + UNDO_WITHIN;
                let begun = Import { state: ImportState::Applying, until, ..import };
                imports::put_progress(tx, &begun)?;
                let detail = format!("begun, {} rows", begun.terms.rows);
                self.audit_import(tx, who, &begun, detail)?;
                Ok((0, checks))
            }
            ImportState::Applying => {
                let checks = match import.terms.tenant {
                    Some(_) => {
                        let marks = imports::content(tx, id)?.ok_or_else(forgotten)?;
                        check::as_seen(checks, &marks)
                    }
                    None => checks,
                };
                Ok((usize::try_from(import.done).unwrap_or(0), checks))
            }
            _ => Err(begun()),
        }
    }

    fn apply_portion(&self, tx: &mut Tx, work: &Work, from: usize) -> Result<Left> {
        let mut import = found(imports::lock(tx, work.id)?)?;
        if import.state != ImportState::Applying || u32::try_from(from) != Ok(import.done) {
            return Ok(Left::Nothing);
        }
        let to = work.checks.len().min(from + PORTION);
        let portion = work.checks.get(from..to).unwrap_or_default();
        let needed = brought::needed(&work.admin, &import).max(needed_for(portion));
        still_may(tx, &work.admin, needed)?;
        let named = lock(tx, portion)?;
        let mut joining = Joining::new();
        for check in portion {
            let row = self.apply_row(tx, work, (&import.terms, check, &named), &mut joining)?;
            import_rows::record(tx, &row)?;
        }
        for (group, people) in joining.values() {
            self.change_members(tx, work.who(), group, (people, &[]))?;
        }
        import.done = u32::try_from(to).unwrap_or(u32::MAX);
        let ended = to == work.checks.len();
        if ended {
            import.state = ImportState::Applied;
            imports::forget_content(tx, work.id)?;
            let tally = import_rows::tally(tx, work.id)?;
            self.audit_import(tx, work.who(), &import, said(&tally))?;
        }
        imports::put_progress(tx, &import)?;
        Ok(if ended { Left::Nothing } else { Left::More })
    }

    /// Does a row's work, or says why not: what is refused is refused before anything is written.
    fn apply_row(
        &self,
        tx: &mut Tx,
        work: &Work,
        (terms, check, named): (&Terms, &RowCheck, &Named),
        joining: &mut Joining,
    ) -> Result<ImportRow> {
        let (import_id, line, at) = (work.id, check.line, self.now());
        let trace = Trace { upn: check.upn.clone(), ..Trace::default() };
        let outcome = RowOutcome::Left;
        let mut row =
            ImportRow { import_id, line, user_id: None, outcome, trace, at, handed_out_at: None };
        let done = match &check.verdict {
            RowVerdict::New(wanted) => self.make(tx, work, (wanted, named), &mut row),
            RowVerdict::Changes(change) if terms.update => {
                self.change(tx, work.who(), (change, named), &mut row)
            }
            RowVerdict::Changes(change) => {
                row.user_id = Some(change.id);
                Ok(&[][..])
            }
            RowVerdict::Account(plan) => {
                self.bring_account(tx, work.who(), plan, &mut row).map(|()| &[][..])
            }
            RowVerdict::Same(id) => {
                row.user_id = Some(*id);
                Ok(&[][..])
            }
            RowVerdict::Wrong(problems) => {
                let first = problems.first().map(|problem| problem.sentence.clone());
                Err(Error::new(Kind::Invalid { field: "row" }, first.unwrap_or_default()))
            }
        };
        match done {
            Ok(groups) => {
                for (group, id) in groups.iter().filter_map(|group| Some((group, row.user_id?))) {
                    let entry = joining.entry(group.id);
                    entry.or_insert_with(|| (group.clone(), Vec::new())).1.push(id);
                }
                row.trace.groups = groups.iter().map(|group| group.id).collect();
            }
            Err(error) => refuse(&mut row, error)?,
        }
        Ok(row)
    }

    fn make<'a>(
        &self,
        tx: &mut Tx,
        work: &Work,
        (wanted, named): (&'a Wanted, &Named),
        row: &mut ImportRow,
    ) -> Result<&'a [Group]> {
        open(tx, &work.admin, &wanted.groups, named)?;
        let new = NewPerson { upn: wanted.upn.to_string(), profile: wanted.profile.clone() };
        let user = self.new_user(new, None)?;
        add_person(tx, &user)?;
        let (kind, upn) = (AuditKind::UserCreated, user.upn.as_str());
        let mut created = work.visitor.audit(self, work.admin.actor(), kind, upn);
        "by an import".clone_into(&mut created.detail);
        audit_log::record(tx, &created)?;
        (row.user_id, row.at, row.outcome) = (Some(user.id), user.created_at, RowOutcome::Created);
        self.keep_what_was_brought(tx, work.who(), (&user, wanted), row)?;
        row.trace.after = Some(user.profile);
        Ok(&wanted.groups)
    }

    fn change<'a>(
        &self,
        tx: &mut Tx,
        who: (&Admin, &Visitor),
        (change, named): (&'a Change, &Named),
        row: &mut ImportRow,
    ) -> Result<&'a [Group]> {
        row.user_id = Some(change.id);
        let user = users::by_id(tx, change.id)?.ok_or_else(|| Error::not_found("person"))?;
        if user.role.is_some() {
            return Err(Error::new(Kind::Forbidden, "This person has a role in the console now."));
        }
        if user.profile != change.before {
            let public = "This person was changed by somebody else meanwhile.";
            return Err(Error::new(Kind::Conflict, public));
        }
        open(tx, who.0, &change.groups, named)?;
        self.put_profile(tx, who, user, change.after.clone())?;
        row.outcome = RowOutcome::Updated;
        row.trace.before = Some(change.before.clone());
        row.trace.after = Some(change.after.clone());
        Ok(&change.groups)
    }
}

/// What each row would do now.
fn judged(tx: &mut Tx, admin: &Admin, id: ImportId) -> Result<(Import, Vec<RowCheck>)> {
    let import = found(imports::by_id(tx, id)?)?;
    brought::may_open(admin, &import)?;
    let (_, checks) = check::judged(tx, admin, &import)?.ok_or_else(gone)?;
    Ok((import, checks))
}

/// What was ticked is gone on with for a day.
fn forgotten() -> Error {
    let public =
        "This import stopped more than a day ago. Tick what is left, and import that anew.";
    Error::new(Kind::Conflict, public)
}

/// Groups first and people after them, each in the order of their ids, as everybody locks them; the
/// owners with them where a group decides who gets in. Says which of the groups do.
fn lock(tx: &mut Tx, portion: &[RowCheck]) -> Result<Named> {
    let (mut joined, mut people) = (BTreeSet::new(), BTreeSet::new());
    for check in portion {
        let groups = match &check.verdict {
            RowVerdict::New(wanted) => &wanted.groups,
            RowVerdict::Changes(change) => {
                people.insert(change.id);
                &change.groups
            }
            RowVerdict::Account(plan) => {
                if let Who::Here(user) = &plan.who {
                    people.insert(user.id);
                }
                continue;
            }
            RowVerdict::Same(_) | RowVerdict::Wrong(_) => continue,
        };
        joined.extend(groups.iter().map(|group| group.id));
    }
    let mut named = Named::new();
    for group in joined {
        groups::lock(tx, group)?;
        if !named_by(tx, group)?.is_empty() {
            named.insert(group);
        }
    }
    let people: Vec<UserId> = people.into_iter().collect();
    if named.is_empty() {
        users::lock_shares(tx, &people)?;
    } else {
        users::lock_with_owners(tx, &people)?;
    }
    Ok(named)
}

/// The role that writing rows takes: whoever has an account has its mail (Y09).
fn needed_for(checks: &[RowCheck]) -> Role {
    let takes_over = |check: &RowCheck| match &check.verdict {
        RowVerdict::Account(plan) => plan.does.contains(&Did::Matched),
        _ => false,
    };
    if checks.iter().any(takes_over) { Role::SecurityAdmin } else { Role::UserAdmin }
}

/// Stops when a group is gone, or when a rule decides by it and this admin may not say who is in it.
fn open(tx: &mut Tx, admin: &Admin, wanted: &[Group], named: &Named) -> Result<()> {
    for group in wanted {
        if groups::by_id(tx, group.id)?.is_none() {
            let public = format!("The group {} is gone.", group.name);
            return Err(Error::new(Kind::Conflict, public));
        }
        if named.contains(&group.id) {
            admin.require(Role::SecurityAdmin)?;
        }
    }
    Ok(())
}

/// Leaves a row out; what is no fault of the row's stops the portion, which is undone as a whole. What
/// the database says is none: something of the row may be written by then.
fn refuse(row: &mut ImportRow, error: Error) -> Result<()> {
    let is_verdict = std::error::Error::source(&error).is_none();
    match error.kind {
        _ if !is_verdict => Err(error),
        Kind::Invalid { .. } | Kind::Conflict | Kind::Forbidden | Kind::NotFound => {
            row.outcome = RowOutcome::Refused;
            row.trace.why = error.public;
            Ok(())
        }
        _ => Err(error),
    }
}

/// What became of how many rows, as the audit log says it.
pub(super) fn said(tally: &[(RowOutcome, i64)]) -> String {
    let word = |outcome: RowOutcome| match outcome {
        RowOutcome::Created => "made",
        RowOutcome::Updated => "changed",
        RowOutcome::Left => "left as they are",
        RowOutcome::Refused => "left out",
        RowOutcome::Removed => "removed again",
        RowOutcome::Blocked => "blocked",
        RowOutcome::PutBack => "put back",
        RowOutcome::Kept => "kept, since they changed",
    };
    let parts: Vec<String> =
        tally.iter().map(|(outcome, count)| format!("{count} {}", word(*outcome))).collect();
    parts.join(", ")
}
