//! People brought along from a tenant: what an admin ticks is kept in a draft of theirs, judged like the
//! lines of a file, and written by the same portions.

mod bring;
mod judge;
mod take_back;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Role, Upn,
    audit::AuditKind,
    ids::{ImportId, ObjectId, TenantId},
    import::{Import, ImportState, Mapping, Terms},
    tenant_people::{AccountKind, Choice, Did, Tick},
    user::{Profile, User},
};
use store::{Tx, account_looks, account_ticks, audit_log, imports, seen_accounts, tenants, users};

pub(super) use judge::{is_fresh, judged};
pub(super) use take_back::{assigned_by, began, changed, needed_for};

use super::{DRAFT_FOR, DRAFTS, begun, found};
use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    tenant_people::{Filters, Stand, search_of},
};

/// How many accounts one draft may want something of.
pub const MOST_ACCOUNTS: usize = 20_000;

/// What importing an account comes to.
#[derive(Debug, Clone)]
pub struct AccountPlan {
    /// In which tenant.
    pub tenant: TenantId,
    /// Which account.
    pub object: ObjectId,
    /// What it is called at Microsoft.
    pub upn: String,
    /// Whose it is.
    pub who: Who,
    /// What is done.
    pub does: BTreeSet<Did>,
    /// What to know beforehand.
    pub warnings: Vec<Caution>,
}

/// Whose an account becomes.
#[derive(Debug, Clone)]
pub enum Who {
    /// Of somebody who is made.
    New(Upn, Box<Profile>),
    /// Of somebody who is here, as they were when it was judged.
    Here(Box<User>),
    /// Nobody's.
    Nobody,
}

/// What to know before an account is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caution {
    /// Provisioning leaves it alone: Microsoft lets its person in through us only with an immutable id
    /// that nobody writes to it.
    NotTakenOver,
    /// It is blocked at Microsoft, and stays so.
    BlockedThere,
    /// Its domain signs in here, and this person may not.
    ShutOut,
}

/// Which ticks are set, or taken away, for everything that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TickAll {
    /// *Sync user*.
    Sync,
    /// *SSO enabled*.
    Sso,
    /// None of the two any more.
    Nothing,
}

/// What came of ticking everything that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TickedAll {
    /// Of how many accounts the ticks were set or taken away.
    pub many: usize,
    /// Whether more of them fit than one import takes.
    pub more: bool,
}

impl House {
    /// Keeps what an admin ticked on one page of the list: of these accounts, this and nothing else.
    pub async fn tick_accounts(
        &self,
        admin: &Admin,
        tenant: TenantId,
        (shown, ticks): (Vec<ObjectId>, Vec<Tick>),
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let there = there(tx, tenant, &shown)?;
                let wanted: Vec<Tick> = ticks
                    .into_iter()
                    .filter(|tick| there.contains(&tick.object) && wants_something(tick))
                    .collect();
                let draft = house.draft(tx, (&admin, &visitor), tenant, !wanted.is_empty())?;
                let Some(draft) = draft else { return Ok(()) };
                account_ticks::forget(tx, draft.id, &shown)?;
                account_ticks::put(tx, draft.id, &wanted)?;
                house.count_ticks(tx, draft)
            })
            .await
    }

    /// Sets a tick, or takes both away, for every account that fits the filters, as far as one import
    /// goes; protected ones are passed over unless they were asked for. Says for how many.
    pub async fn tick_all(
        &self,
        admin: &Admin,
        tenant: TenantId,
        (filters, what): (Filters, TickAll),
        visitor: &Visitor,
    ) -> Result<TickedAll> {
        admin.require(Role::UserAdmin)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let sets = what != TickAll::Nothing;
                let Some(draft) = house.draft(tx, (&admin, &visitor), tenant, sets)? else {
                    return Ok(TickedAll { many: 0, more: false });
                };
                let mut ids = fitting(tx, &draft, tenant, (filters, what))?;
                let before = account_ticks::all(tx, draft.id)?;
                let mut ticks: BTreeMap<ObjectId, Tick> =
                    before.into_iter().map(|tick| (tick.object, tick)).collect();
                let more = cut(&mut ids, &ticks, what);
                let many = ids.len();
                account_ticks::forget(tx, draft.id, &ids)?;
                let changed = ids.into_iter().map(|object| {
                    let before = ticks.remove(&object);
                    ticked(object, before, what)
                });
                let changed: Vec<Tick> = changed.filter(wants_something).collect();
                account_ticks::put(tx, draft.id, &changed)?;
                house.count_ticks(tx, draft)?;
                Ok(TickedAll { many, more })
            })
            .await
    }

    /// The admin's own draft of a tenant, locked; made when there is none and one is needed.
    fn draft(
        &self,
        tx: &mut Tx,
        (admin, visitor): (&Admin, &Visitor),
        tenant: TenantId,
        needed: bool,
    ) -> Result<Option<Import>> {
        let me = admin.user().id;
        // Of two windows of one admin, one makes it.
        users::lock(tx, me)?;
        if let Some(draft) = imports::draft_of(tx, me, tenant)? {
            let draft = found(imports::lock(tx, draft.id)?)?;
            return if draft.state == ImportState::Draft { Ok(Some(draft)) } else { Err(begun()) };
        }
        if !needed {
            return Ok(None);
        }
        if imports::drafts_of(tx, me)? >= DRAFTS {
            let public = "You have 20 drafts of imports already. Discard some of them first.";
            return Err(Error::new(Kind::Conflict, public));
        }
        let alias = tenants::by_id(tx, tenant)?.ok_or_else(|| Error::not_found("tenant"))?.alias;
        let terms = Terms {
            file_name: format!("Microsoft 365: {alias}"),
            rows: 0,
            mapping: Mapping::new(),
            secrets: BTreeSet::new(),
            update: true,
            tenant: Some(tenant),
        };
        let (id, now) = (ImportId(self.new_id()), self.now());
        let (state, until) = (ImportState::Draft, now + DRAFT_FOR);
        let draft = Import { id, state, made_by: me, made_at: now, terms, done: 0, until };
        imports::begin(tx, &draft)?;
        let (kind, name) = (AuditKind::PeopleImported, &draft.terms.file_name);
        let mut row = visitor.audit(self, admin.actor(), kind, name);
        "a draft of accounts; nothing is written yet".clone_into(&mut row.detail);
        audit_log::record(tx, &row)?;
        Ok(Some(draft))
    }

    /// Says of how many accounts a draft wants something, and keeps it for another day.
    fn count_ticks(&self, tx: &mut Tx, draft: Import) -> Result<()> {
        let rows = account_ticks::count(tx, draft.id)?;
        if usize::try_from(rows).unwrap_or(usize::MAX) > MOST_ACCOUNTS {
            return Err(too_many());
        }
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        let draft = Import { until: self.now() + DRAFT_FOR, ..draft };
        imports::put_progress(tx, &draft)?;
        imports::set_terms(tx, draft.id, &Terms { rows, ..draft.terms })?;
        Ok(())
    }
}

/// Which of these accounts the last look found.
fn there(tx: &mut Tx, tenant: TenantId, shown: &[ObjectId]) -> Result<BTreeSet<ObjectId>> {
    let look = account_looks::of_tenant(tx, tenant)?.ok_or_else(not_looked)?;
    let accounts = seen_accounts::with_ids(tx, look.id, shown)?;
    Ok(accounts.into_iter().map(|account| account.object.id).collect())
}

fn fitting(
    tx: &mut Tx,
    draft: &Import,
    tenant: TenantId,
    (mut filters, what): (Filters, TickAll),
) -> Result<Vec<ObjectId>> {
    let look = account_looks::of_tenant(tx, tenant)?.ok_or_else(not_looked)?;
    if what != TickAll::Nothing {
        filters.kind = filters.kind.or(Some(AccountKind::Person));
    }
    if what == TickAll::Sync && filters.standing == Stand::Any {
        // Whoever has a person is kept in step already.
        filters.standing = Stand::LeftOver;
    }
    let Some(search) = search_of(tenant, (look.id, Some(draft.id)), &filters) else {
        return Ok(Vec::new());
    };
    let limit = i64::try_from(MOST_ACCOUNTS + 1).unwrap_or(i64::MAX);
    Ok(seen_accounts::matching(tx, &search, limit)?)
}

/// Leaves as many of the accounts as fit into a draft with these ticks; says whether there were more.
fn cut(ids: &mut Vec<ObjectId>, ticks: &BTreeMap<ObjectId, Tick>, what: TickAll) -> bool {
    let before = ids.len();
    let room = match what {
        TickAll::Nothing => MOST_ACCOUNTS,
        TickAll::Sync | TickAll::Sso => MOST_ACCOUNTS.saturating_sub(ticks.len()),
    };
    let mut added = 0;
    ids.retain(|id| {
        let is_new = what == TickAll::Nothing || !ticks.contains_key(id);
        added += usize::from(is_new);
        !is_new || added <= room
    });
    ids.len() < before
}

fn ticked(object: ObjectId, before: Option<Tick>, what: TickAll) -> Tick {
    let fresh = Tick { object, sync: false, sso: false, choice: Choice::Suggested };
    let before = before.unwrap_or(fresh);
    match what {
        TickAll::Sync => Tick { sync: true, ..before },
        TickAll::Sso => Tick { sso: true, ..before },
        TickAll::Nothing => Tick { sync: false, sso: false, ..before },
    }
}

/// A choice alone is nothing to do, unless it is to ignore the account.
fn wants_something(tick: &Tick) -> bool {
    tick.sync || tick.sso || tick.choice == Choice::Ignore
}

fn not_looked() -> Error {
    let public = "Nobody has looked at the tenant yet. Look at it first.";
    Error::new(Kind::Conflict, public)
}

fn too_many() -> Error {
    let public = "One import takes up to 20,000 accounts. Filter the list, for example by domain, and \
                  import it in parts.";
    Error::invalid("all", public)
}
