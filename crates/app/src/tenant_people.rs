//! The people of a tenant, as the last look found them: searched and filtered, a page at a time, each
//! with whom of ours the account may belong to. Nothing is read from Microsoft for a page.

mod suggest;

use std::collections::{HashMap, HashSet};

use model::{
    Role, Ts,
    ids::{LookId, ObjectId, TenantId, UserId},
    import::Import,
    tenant::Tenant,
    tenant_people::{Account, AccountLook, Tick},
    user::User,
};
use store::{
    Tx, account_looks, account_ticks, applications, assignments, imports, seen_accounts,
    seen_accounts::{AccountSearch, After, Holding},
    tenants,
};
pub use suggest::{Bond, Candidate, Found, Reason, Suggestion, Suggestions};
pub(crate) use suggest::{addresses_of, suggested};

use crate::{Admin, Error, House, Result};

/// How many accounts a page has.
pub const PAGE: i64 = 50;

/// What an admin asks of the list.
#[derive(Debug, Clone)]
pub struct Asked {
    /// In which tenant.
    pub tenant: TenantId,
    /// Which accounts; its look is put in.
    pub search: Filters,
    /// Where the page begins.
    pub at: Cursor,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cursor {
    /// At the beginning.
    #[default]
    Start,
    /// After this account.
    After(ObjectId),
    /// So that it ends before this account.
    Before(ObjectId),
}

/// Which accounts are shown.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    /// Part of a name or address.
    pub query: String,
    /// With a licence, or without.
    pub licensed: Option<bool>,
    /// May be signed in to, or not.
    pub enabled: Option<bool>,
    /// Of which kind.
    pub kind: Option<model::tenant_people::AccountKind>,
    /// Of which domain.
    pub domain: Option<String>,
    /// How it stands here.
    pub standing: Stand,
}

/// How an account stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stand {
    /// In whichever way.
    #[default]
    Any,
    /// Nobody's, and nobody said to ignore it.
    LeftOver,
    /// Somebody's.
    Bound,
    /// To be ignored.
    Ignored,
    /// Ticked in the admin's own draft.
    Ticked,
}

/// One page of the list.
#[derive(Debug, Clone)]
pub struct PeoplePage {
    /// Whose.
    pub tenant: Tenant,
    /// The look; `None` before the first.
    pub look: Option<AccountLook>,
    /// The accounts of the page.
    pub accounts: Vec<Account>,
    /// Whom they may belong to.
    pub suggestions: Suggestions,
    /// Which of those people are assigned.
    pub assigned: HashSet<UserId>,
    /// What the admin's draft wants of them.
    pub ticks: HashMap<ObjectId, Tick>,
    /// How many fit altogether.
    pub total: i64,
    /// Whether there is something before and after this page.
    pub around: (bool, bool),
    /// How many are left over in the tenant.
    pub left_over: i64,
    /// The admin's own draft, if there is one, and of how many accounts it wants something.
    pub draft: Option<(Import, i64)>,
}

impl House {
    /// A page of the people of a tenant.
    pub async fn tenant_people(&self, admin: &Admin, asked: Asked) -> Result<PeoplePage> {
        admin.require(Role::UserAdmin)?;
        let me = admin.user().id;
        self.store().read(move |tx| read_page(tx, me, &asked)).await
    }

    /// How many accounts of a tenant are left over; `None` before the first look.
    pub async fn left_over(&self, _admin: &Admin, tenant: TenantId) -> Result<Option<i64>> {
        self.store()
            .read(move |tx| {
                let Some(look) = account_looks::of_tenant(tx, tenant)? else { return Ok(None) };
                Ok::<_, Error>(Some(seen_accounts::left_over(tx, tenant, look.id)?))
            })
            .await
    }

    /// Keeps the accounts that a look found, a portion in each transaction: others wait no longer than
    /// for these. They count once all of them are there.
    pub(crate) async fn keep_accounts(
        &self,
        tenant: TenantId,
        at: Ts,
        accounts: Vec<Account>,
    ) -> Result<()> {
        let mut domains: Vec<String> = accounts.iter().map(Account::domain).collect();
        domains.sort();
        domains.dedup();
        let found = u32::try_from(accounts.len()).unwrap_or(u32::MAX);
        let look = AccountLook { id: LookId(self.new_id()), at, found, domains };
        let id = look.id;
        for portion in accounts.chunks(seen_accounts::PORTION) {
            let portion = portion.to_vec();
            let add = move |tx: &mut Tx| Ok::<_, Error>(seen_accounts::add(tx, id, &portion)?);
            self.store().write(add).await?;
        }
        let publish = move |tx: &mut Tx| Ok::<_, Error>(account_looks::publish(tx, tenant, &look)?);
        match self.store().write(publish).await? {
            Some(useless) => self.forget_look(useless).await,
            None => Ok(()),
        }
    }

    async fn forget_look(&self, look: LookId) -> Result<()> {
        let some = move |tx: &mut Tx| Ok::<_, Error>(seen_accounts::forget(tx, look)?);
        while self.store().write(some).await? {}
        Ok(())
    }

    /// Forgets what looks left that ended in the middle, an hour after they began.
    pub(crate) async fn forget_broken_looks(&self) -> Result<()> {
        let begun = self.now() - std::time::Duration::from_hours(1);
        let stray = move |tx: &mut Tx| {
            let counting = account_looks::all(tx)?;
            let mut looks = seen_accounts::looks(tx)?;
            looks.retain(|look| !counting.contains(look) && made_at(*look) < begun.0);
            Ok::<_, Error>(looks)
        };
        for look in self.store().read(stray).await? {
            self.forget_look(look).await?;
        }
        Ok(())
    }
}

/// When a look was begun: its id says it, in microseconds.
fn made_at(look: LookId) -> i64 {
    let millis = look.0.get_timestamp().map_or(0, |at| {
        let (seconds, nanos) = at.to_unix();
        seconds.saturating_mul(1_000).saturating_add(u64::from(nanos) / 1_000_000)
    });
    i64::try_from(millis).unwrap_or(i64::MAX).saturating_mul(1_000)
}

/// What the store looks for.
pub(crate) fn search_of(
    tenant: TenantId,
    (look, draft): (LookId, Option<model::ids::ImportId>),
    filters: &Filters,
) -> Option<AccountSearch> {
    let holding = match filters.standing {
        Stand::Any => None,
        Stand::LeftOver => Some(Holding::LeftOver),
        Stand::Bound => Some(Holding::Bound),
        Stand::Ignored => Some(Holding::Ignored),
        Stand::Ticked => Some(Holding::Ticked(draft?)),
    };
    Some(AccountSearch {
        tenant,
        look,
        query: filters.query.clone(),
        licensed: filters.licensed,
        enabled: filters.enabled,
        kind: filters.kind,
        domain: filters.domain.clone(),
        holding,
    })
}

fn read_page(tx: &mut Tx, me: UserId, asked: &Asked) -> Result<PeoplePage> {
    let id = asked.tenant;
    let tenant = tenants::by_id(tx, id)?.ok_or_else(|| Error::not_found("tenant"))?;
    let look = account_looks::of_tenant(tx, id)?;
    let draft = imports::draft_of(tx, me, id)?;
    let mut page = PeoplePage {
        tenant,
        look: look.clone(),
        accounts: Vec::new(),
        suggestions: Suggestions::default(),
        assigned: HashSet::new(),
        ticks: HashMap::new(),
        total: 0,
        around: (false, false),
        left_over: 0,
        draft: None,
    };
    if let Some(draft) = &draft {
        page.draft = Some((draft.clone(), account_ticks::count(tx, draft.id)?));
    }
    let Some(look) = look else { return Ok(page) };
    page.left_over = seen_accounts::left_over(tx, id, look.id)?;
    let draft = draft.map(|draft| draft.id);
    let Some(search) = search_of(id, (look.id, draft), &asked.search) else { return Ok(page) };
    page.total = seen_accounts::count(tx, &search)?;
    let after = after(tx, look.id, asked.at)?;
    let mut accounts = seen_accounts::page(tx, &search, &after, PAGE + 1)?;
    page.around = cut(&mut accounts, &after);
    page.suggestions = suggested(tx, id, look.id, &accounts)?;
    let people: Vec<UserId> = page.suggestions.people.keys().copied().collect();
    if let Some(application) = applications::of_tenant(tx, id)? {
        let active = assignments::active_among(tx, application.id, &people)?;
        page.assigned = active.into_iter().collect();
    }
    if let Some(draft) = draft {
        let ids: Vec<ObjectId> = accounts.iter().map(|account| account.object.id).collect();
        let ticks = account_ticks::of(tx, draft, &ids)?;
        page.ticks = ticks.into_iter().map(|tick| (tick.object, tick)).collect();
    }
    page.accounts = accounts;
    Ok(page)
}

/// By which name a page begins; at the beginning where a newer look knows the account no more.
fn after(tx: &mut Tx, look: LookId, at: Cursor) -> Result<After> {
    let (Cursor::After(id) | Cursor::Before(id)) = at else { return Ok(After::Start) };
    let found = seen_accounts::with_ids(tx, look, &[id])?.into_iter().next();
    let Some(account) = found else { return Ok(After::Start) };
    let name = model::upn::fold(&account.object.upn);
    Ok(match at {
        Cursor::Before(_) => After::Before(name, id),
        Cursor::After(_) | Cursor::Start => After::Next(name, id),
    })
}

/// Leaves out the one account that only tells whether there is more, and says on which sides there is.
fn cut(accounts: &mut Vec<Account>, after: &After) -> (bool, bool) {
    let more = accounts.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    match after {
        After::Before(..) => {
            if more {
                accounts.remove(0);
            }
            (more, true)
        }
        After::Start | After::Next(..) => {
            if more {
                accounts.pop();
            }
            (*after != After::Start, more)
        }
    }
}

impl Suggestions {
    /// A person whom a suggestion names.
    #[must_use]
    pub fn person(&self, id: UserId) -> Option<&User> {
        self.people.get(&id)
    }
}
