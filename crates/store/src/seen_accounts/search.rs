//! Finding accounts of a look by name and filters. Pages go by the name that the one before ended with:
//! the last of a long list costs what the first does.

use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl,
    TextExpressionMethods,
    dsl::{exists, not},
};
use model::{
    ids::{ImportId, LookId, ObjectId, TenantId},
    matches::MatchAnswer,
    tenant_people::{Account, AccountKind},
    upn::fold,
};

use super::read;
use crate::{
    Error, Tx,
    connection::AnyConn,
    schema::{account_bindings, account_ticks, entra_links, match_decisions, seen_accounts},
    text::{self, Row},
};

type Found<'a> = seen_accounts::BoxedQuery<'a, <AnyConn as diesel::Connection>::Backend>;

/// What to look for.
#[derive(Debug, Clone)]
pub struct AccountSearch {
    /// In which tenant.
    pub tenant: TenantId,
    /// In which look.
    pub look: LookId,
    /// Part of a sign-in name, name or mail address, in any case; empty finds all.
    pub query: String,
    /// With a licence, or without.
    pub licensed: Option<bool>,
    /// May be signed in to, or not.
    pub enabled: Option<bool>,
    /// Of this kind.
    pub kind: Option<AccountKind>,
    /// Of this domain.
    pub domain: Option<String>,
    /// How it stands here.
    pub holding: Option<Holding>,
}

/// How an account stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// Nobody's, and nobody said to ignore it; guests, administrators and the tenant's own left out.
    LeftOver,
    /// Somebody's: linked, promised to them, or left alone for them.
    Bound,
    /// To be ignored.
    Ignored,
    /// Ticked in this draft.
    Ticked(ImportId),
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// At the beginning.
    Start,
    /// After this name and account.
    Next(String, ObjectId),
    /// Before this name and account: the page that ends there.
    Before(String, ObjectId),
}

/// The accounts of one page, by name.
pub fn page(
    tx: &mut Tx,
    search: &AccountSearch,
    after: &After,
    limit: i64,
) -> Result<Vec<Account>, Error> {
    use seen_accounts::{account, object_id, upn_fold};
    let (limit, _) = text::page(limit, 0);
    let found = found(search);
    let found = match after {
        After::Start => found.order((upn_fold, object_id)),
        After::Next(name, id) => {
            let id = id.to_string();
            let later = upn_fold.gt(name.clone()).or(object_id.gt(id));
            found.filter(upn_fold.ge(name.clone())).filter(later).order((upn_fold, object_id))
        }
        After::Before(name, id) => {
            let id = id.to_string();
            let earlier = upn_fold.lt(name.clone()).or(object_id.lt(id));
            let found = found.filter(upn_fold.le(name.clone())).filter(earlier);
            found.order((upn_fold.desc(), object_id.desc()))
        }
    };
    let mut rows: Vec<(String, String)> =
        found.select((object_id, account)).limit(limit).load(&mut tx.conn)?;
    if matches!(after, After::Before(..)) {
        rows.reverse();
    }
    rows.iter().map(read).collect()
}

/// How many accounts fit.
pub fn count(tx: &mut Tx, search: &AccountSearch) -> Result<i64, Error> {
    Ok(found(search).count().get_result(&mut tx.conn)?)
}

/// How many accounts of a look are left over.
pub fn left_over(tx: &mut Tx, tenant: TenantId, look: LookId) -> Result<i64, Error> {
    let holding = Some(Holding::LeftOver);
    let (query, licensed, enabled) = (String::new(), None, None);
    let (kind, domain) = (None, None);
    count(tx, &AccountSearch { tenant, look, query, licensed, enabled, kind, domain, holding })
}

/// The ids of all accounts that fit, `limit` at most.
pub fn matching(tx: &mut Tx, search: &AccountSearch, limit: i64) -> Result<Vec<ObjectId>, Error> {
    let ids: Vec<String> = found(search)
        .order((seen_accounts::upn_fold, seen_accounts::object_id))
        .select(seen_accounts::object_id)
        .limit(limit)
        .load(&mut tx.conn)?;
    ids.iter().map(|id| Row { table: "seen_accounts", id }.id(id)).collect()
}

fn found(search: &AccountSearch) -> Found<'static> {
    let mut found = seen_accounts::table
        .filter(seen_accounts::look_id.eq(search.look.to_string()))
        .into_boxed();
    if !search.query.trim().is_empty() {
        let pattern = text::anywhere(&fold(search.query.trim()));
        found = found.filter(seen_accounts::search_fold.like(pattern).escape('\\'));
    }
    if let Some(licensed) = search.licensed {
        found = found.filter(seen_accounts::licensed.eq(licensed));
    }
    if let Some(enabled) = search.enabled {
        found = found.filter(seen_accounts::enabled.eq(enabled));
    }
    if let Some(kind) = search.kind {
        found = found.filter(seen_accounts::kind.eq(text::word(kind)));
    }
    if let Some(domain) = &search.domain {
        found = found.filter(seen_accounts::domain.eq(domain.clone()));
    }
    match search.holding {
        Some(holding) => holding_so(found, search.tenant, holding),
        None => found,
    }
}

fn holding_so(found: Found<'static>, tenant: TenantId, holding: Holding) -> Found<'static> {
    let id = tenant.to_string();
    let linked = entra_links::table
        .filter(entra_links::tenant_id.eq(id.clone()))
        .filter(entra_links::object_id.eq(seen_accounts::object_id));
    let promised = match_decisions::table
        .filter(match_decisions::tenant_id.eq(id.clone()))
        .filter(match_decisions::object_id.eq(seen_accounts::object_id))
        .filter(match_decisions::answer.eq(text::word(MatchAnswer::Accepted)));
    let said = || {
        account_bindings::table
            .filter(account_bindings::tenant_id.eq(id.clone()))
            .filter(account_bindings::object_id.eq(seen_accounts::object_id))
    };
    let bound = said().filter(account_bindings::user_id.is_not_null());
    let ignored = said().filter(account_bindings::user_id.is_null());
    match holding {
        Holding::LeftOver => {
            let kinds = [AccountKind::Person, AccountKind::Synchronised].map(text::word);
            found
                .filter(seen_accounts::kind.eq_any(kinds))
                .filter(not(exists(linked)))
                .filter(not(exists(promised)))
                .filter(not(exists(said())))
        }
        Holding::Bound => found.filter(exists(linked).or(exists(promised)).or(exists(bound))),
        Holding::Ignored => found.filter(exists(ignored)),
        Holding::Ticked(import) => {
            let ticked = account_ticks::table
                .filter(account_ticks::import_id.eq(import.to_string()))
                .filter(account_ticks::object_id.eq(seen_accounts::object_id));
            found.filter(exists(ticked))
        }
    }
}
