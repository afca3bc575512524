//! *Sync users*: who of the people in the tenant is who of ours, as a table that an admin answers.
//!
//! Looking and answering write nothing to the tenant. What an admin accepted is taken over by the
//! next plan (`provisioning::planner`), like everything else (F068).

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use model::{
    Role, Ts,
    audit::AuditKind,
    ids::{ObjectId, TenantId, UserId},
    matches::{MatchAnswer, MatchDecision, SeenObject, TenantLook},
    tenant::Tenant,
    user::{User, UserState},
};
use provisioning::matches::{Input, table};
pub use provisioning::matches::{Row, Standing, Why};
use store::{
    Tx, account_bindings, adoptions, applications, audit_log, entra_links, match_decisions,
    tenant_looks, tenants, users,
};

use crate::{Admin, Error, House, Kind, Result, Visitor};

/// A person and an object.
pub type Pair = (UserId, ObjectId);

/// The table, with everybody and everything in it.
#[derive(Debug, Clone)]
pub struct MatchTable {
    /// Whose.
    pub tenant: Tenant,
    /// When the tenant was looked at; `None` before the first look.
    pub looked_at: Option<Ts>,
    /// The rows, by name.
    pub rows: Vec<Row>,
    /// Our people.
    pub people: HashMap<UserId, User>,
    /// The objects, as that look saw them.
    pub objects: HashMap<ObjectId, SeenObject>,
    /// What admins said yes to.
    pub accepted: HashSet<Pair>,
}

impl House {
    /// The table as of the last look at the tenant, and of what was linked and answered since.
    pub async fn matches(&self, _admin: &Admin, tenant: TenantId) -> Result<MatchTable> {
        self.store().read(move |tx| read_table(tx, tenant)).await
    }

    /// Looks at everybody in the tenant anew. Reading is allowed while writes are stopped.
    pub async fn look_for_matches(&self, admin: &Admin, tenant: TenantId) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        let read = move |tx: &mut Tx| {
            let found = tenants::by_id(tx, tenant)?.zip(applications::of_tenant(tx, tenant)?);
            found.ok_or_else(|| Error::not_found("tenant"))
        };
        let (connected, application) = self.store().read(read).await?;
        let graph = self.pinned(&connected, &application).await?;
        let at = self.now();
        let everybody = graph.everybody().await?;
        let look = TenantLook { at, objects: everybody.objects() };
        let look = tenant_looks::written(&look);
        self.store().write(move |tx| Ok::<_, Error>(tenant_looks::put(tx, tenant, &look)?)).await?;
        self.keep_accounts(tenant, at, everybody.accounts).await
    }

    /// Says of each pair that the object is the person's; all of them or none. Whoever has the object
    /// has its mail, so it needs a fresh second factor.
    pub async fn accept_matches(
        &self,
        admin: &Admin,
        tenant: TenantId,
        pairs: Vec<Pair>,
        visitor: &Visitor,
    ) -> Result<usize> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let shown = self.matches(admin, tenant).await?;
        check_look(&shown, self.now())?;
        check_accepted(&shown, &pairs)?;
        let names = names(&shown, &pairs);
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                for (pair, upn) in pairs.iter().zip(names) {
                    let said = Said { tenant, pair: *pair, kind: AuditKind::MatchAccepted };
                    house.keep_answer(tx, &admin, (&said, upn), &visitor)?;
                }
                Ok(pairs.len())
            })
            .await
    }

    /// Says that an object isn't a person's: it isn't suggested again.
    pub async fn reject_match(
        &self,
        admin: &Admin,
        tenant: TenantId,
        pair: Pair,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        let shown = self.matches(admin, tenant).await?;
        if !shown.rows.iter().any(|row| row.may_accept() && of(row) == Some(pair)) {
            return Err(Error::new(Kind::Conflict, MOVED));
        }
        let upn = names(&shown, &[pair]).concat();
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let said = Said { tenant, pair, kind: AuditKind::MatchRejected };
                house.keep_answer(tx, &admin, (&said, upn), &visitor)
            })
            .await
    }

    /// Takes back what was said of a pair, yes or no. What was taken over stays. Where that was begun
    /// and not ended, the object may carry the immutable id already: taking the yes back is a no then.
    pub async fn reopen_match(
        &self,
        admin: &Admin,
        tenant: TenantId,
        pair: Pair,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let linked = entra_links::of_user(tx, tenant, pair.0)?;
                if linked.is_some_and(|link| link.object_id == pair.1) {
                    return Err(Error::new(Kind::Conflict, MOVED));
                }
                let said = match_decisions::all_of(tx, tenant, pair.0)?;
                let said = said.into_iter().find(|decision| decision.object_id == pair.1);
                if !match_decisions::remove(tx, tenant, pair)? {
                    return Err(Error::new(Kind::Conflict, MOVED));
                }
                let yes = said.filter(|said| said.answer == MatchAnswer::Accepted);
                let begun = adoptions::is_begun(tx, tenant, pair)?;
                let kind = match yes.filter(|_| begun) {
                    Some(said) => {
                        let no = house.decision(&admin, (pair, said.upn), MatchAnswer::Rejected);
                        match_decisions::put(tx, tenant, &no)?;
                        AuditKind::MatchRejected
                    }
                    None => AuditKind::MatchReopened,
                };
                house.audit_match(tx, &admin, &Said { tenant, pair, kind }, &visitor)
            })
            .await
    }

    fn keep_answer(
        &self,
        tx: &mut Tx,
        admin: &Admin,
        (said, upn): (&Said, String),
        visitor: &Visitor,
    ) -> Result<()> {
        let answer = match said.kind {
            AuditKind::MatchAccepted => MatchAnswer::Accepted,
            _ => MatchAnswer::Rejected,
        };
        only_if_open(tx, said.tenant, said.pair, answer)?;
        let decision = self.decision(admin, (said.pair, upn), answer);
        if answer == MatchAnswer::Accepted {
            account_bindings::remove(tx, said.tenant, said.pair.1)?;
            account_bindings::forget_person(tx, said.tenant, said.pair.0)?;
        }
        match match_decisions::put(tx, said.tenant, &decision) {
            Ok(true) => self.audit_match(tx, admin, said, visitor),
            Ok(false) | Err(store::Error::Conflict { .. }) => {
                Err(Error::new(Kind::Conflict, MOVED))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn decision(
        &self,
        admin: &Admin,
        ((user_id, object_id), upn): (Pair, String),
        answer: MatchAnswer,
    ) -> MatchDecision {
        let (decided_by, decided_at) = (admin.user().id, self.now());
        MatchDecision { user_id, object_id, upn, answer, decided_by, decided_at }
    }

    fn audit_match(
        &self,
        tx: &mut Tx,
        admin: &Admin,
        said: &Said,
        visitor: &Visitor,
    ) -> Result<()> {
        let user = users::by_id(tx, said.pair.0)?.ok_or_else(|| Error::not_found("person"))?;
        let mut row = visitor.audit(self, admin.actor(), said.kind, user.upn.as_str());
        row.detail = format!("object {}", said.pair.1);
        Ok(audit_log::record(tx, &row)?)
    }
}

/// What an admin said.
struct Said {
    tenant: TenantId,
    pair: Pair,
    kind: AuditKind,
}

/// How old a look may be whose accounts are confirmed.
pub(crate) const A_DAY: Duration = Duration::from_hours(24);

/// Why an answer isn't taken.
const MOVED: &str =
    "Something changed since this page was made. Load it again, and look before you answer.";

pub(crate) fn read_table(tx: &mut Tx, id: TenantId) -> Result<MatchTable> {
    let tenant = tenants::by_id(tx, id)?.ok_or_else(|| Error::not_found("tenant"))?;
    let look = tenant_looks::of_tenant(tx, id)?;
    let (looked_at, objects) = look.map(|look| (look.at, look.objects)).unzip();
    let (people, objects) = (users::everyone(tx)?, objects.unwrap_or_default());
    let (links, decisions) = (entra_links::all(tx, id)?, match_decisions::all(tx, id)?);
    let input = Input { people: &people, objects: &objects, links: &links, decisions: &decisions };
    let rows = table(&input);
    let accepted = decisions.iter().filter(|decision| decision.answer == MatchAnswer::Accepted);
    Ok(MatchTable {
        accepted: accepted.map(|decision| (decision.user_id, decision.object_id)).collect(),
        tenant,
        looked_at,
        rows,
        people: people.into_iter().map(|user| (user.id, user)).collect(),
        objects: objects.into_iter().map(|object| (object.id, object)).collect(),
    })
}

fn of(row: &Row) -> Option<Pair> {
    row.person.zip(row.object)
}

/// Whose an object is is said of the tenant as it is, not as it was last week.
fn check_look(shown: &MatchTable, now: Ts) -> Result<()> {
    if shown.looked_at.is_some_and(|at| now.since(at) <= A_DAY) {
        return Ok(());
    }
    let public = "The last look at the tenant is more than a day old. Look at it again, and confirm \
                  then.";
    Err(Error::invalid("pair", public.to_owned()))
}

/// What the objects are called that the answers are about.
fn names(shown: &MatchTable, pairs: &[Pair]) -> Vec<String> {
    let name = |pair: &Pair| shown.objects.get(&pair.1).map(|object| object.upn.clone());
    pairs.iter().map(|pair| name(pair).unwrap_or_default()).collect()
}

/// Entra finds an account by the immutable id alone: with another name it would be open at once.
fn other_name(shown: &MatchTable, (user, object): &Pair) -> Option<String> {
    let ours = shown.people.get(user)?.upn.as_str();
    let theirs = &shown.objects.get(object)?.upn;
    (!theirs.eq_ignore_ascii_case(ours)).then(|| {
        format!(
            "{ours} is called {theirs} at Microsoft. Give both the same sign-in name, look at the \
             tenant again, and confirm then."
        )
    })
}

/// Each pair may be accepted, and nobody and nothing is in two of them.
fn check_accepted(shown: &MatchTable, pairs: &[Pair]) -> Result<()> {
    let wrong = |public: String| Err(Error::invalid("pair", public));
    if pairs.is_empty() {
        return wrong("Nobody is ticked. Tick the rows that are right.".to_owned());
    }
    let may: HashSet<Pair> =
        shown.rows.iter().filter(|row| row.may_accept()).filter_map(of).collect();
    let name = |user: &UserId| {
        shown.people.get(user).map_or_else(String::new, |user| user.upn.to_string())
    };
    let (mut people, mut objects) = (HashSet::new(), HashSet::new());
    for pair in pairs {
        if !may.contains(pair) {
            return wrong(format!("{} can't be matched like this any more.", name(&pair.0)));
        }
        if !people.insert(pair.0) {
            return wrong(format!("{} is ticked twice. Tick one account.", name(&pair.0)));
        }
        if !objects.insert(pair.1) {
            return wrong(format!(
                "The account that is ticked for {} is ticked for somebody else, too.",
                name(&pair.0)
            ));
        }
    }
    pairs.iter().find_map(|pair| other_name(shown, pair)).map_or(Ok(()), wrong)
}

/// Somebody may have been linked, blocked or answered for since the table was read.
fn only_if_open(
    tx: &mut Tx,
    tenant: TenantId,
    (user, object): Pair,
    answer: MatchAnswer,
) -> Result<()> {
    let person = users::by_id(tx, user)?;
    let active = person.is_some_and(|person| person.state == UserState::Active);
    let theirs = entra_links::of_user(tx, tenant, user)?;
    let owner = entra_links::by_object(tx, tenant, object)?;
    if theirs.is_none() && owner.is_none() && (active || answer == MatchAnswer::Rejected) {
        return Ok(());
    }
    Err(Error::new(Kind::Conflict, MOVED))
}
