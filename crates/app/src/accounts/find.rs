//! Looking people up: lists, one person with everything about them, names and numbers.

use std::collections::{HashMap, HashSet};

use model::{
    Ts,
    application::Assignment,
    audit::AuditEvent,
    entitlement::Entitlement,
    exemption::Exemption,
    factor::AccessPass,
    ids::{FactorId, UserId},
    microsoft_account::MicrosoftAccount,
    program::Brought,
    remembered_device::RememberedDevice,
    session::Session,
    user::{Group, User},
};
pub use store::users::Show;
use store::{
    Page, Tx, access_passes, applications, assignments, audit_log, entitlements, factors,
    former_names, groups, issued_tokens, microsoft_accounts, passkeys, program_bindings, sessions,
    users,
};

use super::{
    journal::{self, JournalRow},
    unlock::{self, UsedUp},
};
use crate::{
    Admin, Error, House, Result, campaign,
    directories::{PasswordPlace, place_of},
    leavers::{Fate, fate},
    old_clients::{self, OldClient},
    remembered,
};

/// How many people a page lists.
pub const PAGE: i64 = 25;

/// A row of the list of people.
#[derive(Debug, Clone)]
pub struct PersonRow {
    /// The person.
    pub user: User,
    /// Their assignments that last.
    pub assignments: Vec<Assignment>,
    /// Whether they have enrolled a second factor.
    pub enrolled: bool,
}

/// An enrolled second factor, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Our id.
    pub id: FactorId,
    /// What it is.
    pub kind: FactorKind,
    /// When it was confirmed.
    pub added: Ts,
    /// When it was last used, as far as that is kept.
    pub used: Option<Ts>,
}

/// What a second factor is; keys have the name that their person gave them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactorKind {
    /// An authenticator app.
    App,
    /// A passkey: it verifies its person and suffices alone.
    Passkey(String),
    /// A security key that proves no more than that somebody has it.
    SecurityKey(String),
}

/// How many people there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headcount {
    /// All who are not deleted.
    pub people: i64,
    /// Who is assigned.
    pub assigned: i64,
    /// Who is blocked.
    pub blocked: i64,
}

/// Everything that the page of one person shows.
#[derive(Debug, Clone)]
pub struct PersonDetails {
    /// The person.
    pub user: User,
    /// The other system that brought them and has its say about them still.
    pub brought_by: Option<String>,
    /// Their groups.
    pub groups: Vec<Group>,
    /// Their assignments that last.
    pub assignments: Vec<Assignment>,
    /// What they, or groups that they are in, were given: why they are assigned.
    pub entitlements: Vec<Entitlement>,
    /// Their second factors.
    pub factors: Vec<Factor>,
    /// The Microsoft accounts that sign them in.
    pub linked: Vec<MicrosoftAccount>,
    /// How many recovery codes they have left.
    pub recovery_codes_left: i64,
    /// A temporary access pass that they were given and have not used.
    pub access_pass: Option<AccessPass>,
    /// What lets them do without a second factor for a while.
    pub exemption: Option<Exemption>,
    /// What was tried so often for them that it is not checked any more.
    pub used_up: UsedUp,
    /// Where their password is checked.
    pub password: PasswordPlace,
    /// Their live sessions.
    pub sessions: Vec<Session>,
    /// The browsers in which they are asked for no second factor.
    pub remembered: Vec<RememberedDevice>,
    /// Their newest tokens.
    pub tokens: Vec<JournalRow>,
    /// Programs of theirs that were refused lately.
    pub old_clients: Vec<OldClient>,
    /// The newest audit rows about them.
    pub audit: Vec<AuditEvent>,
    /// Their object in Entra, once linked.
    pub object_id: Option<model::ids::ObjectId>,
    /// What becomes of what they have at Microsoft, where a tenant is connected.
    pub fate: Option<Fate>,
}

impl House {
    /// Finds people by any part of name, address or department.
    pub async fn find_people(
        &self,
        _admin: &Admin,
        query: &str,
        show: Show,
        offset: i64,
    ) -> Result<Page<PersonRow>> {
        let search = users::UserSearch {
            query: query.trim().to_owned(),
            show,
            limit: PAGE,
            offset: offset.max(0),
        };
        self.store()
            .read(move |tx| {
                let page = users::search(tx, &search)?;
                let rows = page.rows.into_iter().map(|user| person_row(tx, user));
                Ok(Page { rows: rows.collect::<Result<_>>()?, total: page.total })
            })
            .await
    }

    /// How many people there are.
    pub async fn headcount(&self, _admin: &Admin) -> Result<Headcount> {
        self.store()
            .read(|tx| {
                let mut count = |show| -> Result<i64> {
                    let search = users::UserSearch { show, limit: 1, ..Default::default() };
                    Ok(users::search(tx, &search)?.total)
                };
                Ok(Headcount {
                    people: count(Show::Everybody)?,
                    assigned: count(Show::Assigned)?,
                    blocked: count(Show::Blocked)?,
                })
            })
            .await
    }

    /// The names of people by id, for pages that show what they did.
    pub async fn names(
        &self,
        _admin: &Admin,
        ids: HashSet<UserId>,
    ) -> Result<HashMap<UserId, String>> {
        self.store()
            .read(move |tx| {
                let mut names = HashMap::new();
                for id in ids {
                    if let Some(user) = users::by_id(tx, id)? {
                        names.insert(id, user.profile.display_name);
                    }
                }
                Ok(names)
            })
            .await
    }

    /// Everything about one person.
    pub async fn person(&self, _admin: &Admin, id: UserId) -> Result<PersonDetails> {
        let now = self.now();
        self.store().read(move |tx| details(tx, id, now)).await
    }
}

fn person_row(tx: &mut Tx, user: User) -> Result<PersonRow> {
    let assignments = assignments::active_of_user(tx, user.id)?;
    let enrolled = !factors_of(tx, user.id)?.is_empty();
    Ok(PersonRow { user, assignments, enrolled })
}

fn details(tx: &mut Tx, id: UserId, now: Ts) -> Result<PersonDetails> {
    let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
    let filter = audit_log::AuditFilter {
        names: former_names::of_user(tx, id, &user.upn)?,
        limit: 15,
        ..Default::default()
    };
    let tokens = issued_tokens::of_user(tx, id, 10)?;
    let application = applications::all(tx)?.into_iter().next();
    Ok(PersonDetails {
        fate: application.map(|application| fate(tx, &user, &application)).transpose()?,
        brought_by: program_bindings::bringer(tx, Brought::Person(id))?,
        groups: groups::of_user(tx, id)?,
        assignments: assignments::active_of_user(tx, id)?,
        entitlements: entitlements::reaching(tx, id)?,
        factors: factors_of(tx, id)?,
        linked: microsoft_accounts::of_user(tx, id)?,
        recovery_codes_left: factors::recovery_codes_left(tx, id)?,
        access_pass: access_passes::of_user(tx, id, now)?,
        exemption: campaign::exemption(tx, &user, now)?,
        used_up: unlock::used_up(tx, id, now)?,
        password: place_of(tx, &user, now)?,
        sessions: sessions::live_of(tx, id)?,
        remembered: remembered::of_user(tx, &user, now)?,
        tokens: journal::named(tx, tokens)?,
        old_clients: old_clients::of_person(tx, &user, now)?,
        audit: audit_log::list(tx, &filter)?.rows,
        object_id: store::entra_links::by_user(tx, id)?.map(|link| link.object_id),
        user,
    })
}

/// The confirmed second factors of a person: apps, then keys.
pub(crate) fn factors_of(tx: &mut Tx, id: UserId) -> Result<Vec<Factor>> {
    let apps = factors::totp_of(tx, id)?.into_iter().filter_map(|app| {
        let added = app.confirmed_at?;
        Some(Factor { id: app.id, kind: FactorKind::App, added, used: None })
    });
    let keys = passkeys::of_user(tx, id)?.into_iter().map(|key| Factor {
        id: key.id,
        kind: if key.verifies {
            FactorKind::Passkey(key.name)
        } else {
            FactorKind::SecurityKey(key.name)
        },
        added: key.created_at,
        used: key.last_used_at,
    });
    Ok(apps.chain(keys).collect())
}
