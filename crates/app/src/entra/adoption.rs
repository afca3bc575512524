//! The first link to an object that was there before us, with the last look before it: a plan may be
//! minutes old, and whoever gets the wrong object gets somebody's mail. What the object has is written
//! down before anything is written to it, so that a process that ends in between loses nothing (Y27).

use std::time::Duration;

use model::{
    audit::AuditKind,
    entra::{EntraLink, EntraUser, Origin},
    ids::{ObjectId, TenantId, UserId},
    matches::{Adoption, MatchAnswer, MatchDecision},
    user::{User, UserState},
};
use provisioning::{Trouble, Verdict, matches};
use store::{Tx, adoptions, audit_log, entra_links, match_decisions, users};

use super::{Adapter, stop, trouble};
use crate::{Error, House, Result as AppResult, visitor};

/// Why somebody doesn't get an object that the plan would give them.
const CHANGED: &str = "not to be taken over any more: the confirmation was taken back, or the person \
     was blocked or got another account since this plan was made";

/// The same of an object that carries their immutable id.
const NOT_THEIRS: &str = "not to be linked any more: the person, the account or what an admin said of \
     it changed since this plan was made";

/// After how many seconds what was written is looked for again.
const LOOKS: [u64; 4] = [1, 2, 5, 10];

/// Why an object is somebody's.
#[derive(Clone)]
enum Ground {
    /// An admin said so; it gets this immutable id.
    Word(String),
    /// It carries their immutable id.
    ImmutableId,
}

impl Adapter {
    /// Writes the immutable id and links, if both sides still are as an admin confirmed them.
    pub(super) async fn take_over(
        &self,
        user: UserId,
        object: ObjectId,
        immutable_id: String,
    ) -> Result<(), Trouble> {
        let found = self.there(object).await?;
        if let Some(objection) = matches::objection(&immutable_id, &found) {
            return Err(skip(objection.to_owned()));
        }
        self.still_leads().await?;
        let ground = Ground::Word(immutable_id.clone());
        if found.immutable_id.is_none() {
            self.begin(user, &found, ground.clone()).await?;
            let set = self.graph.set_immutable_id(&object, &immutable_id);
            set.await.map_err(|error| trouble(&error))?;
            self.has_arrived(object, &immutable_id).await?;
        }
        self.keep(user, found, ground).await
    }

    /// Nobody is linked to an object that doesn't carry their immutable id: without it they could not
    /// sign in (Y25). It is written once in a run, and looked for some times.
    async fn has_arrived(&self, object: ObjectId, immutable_id: &str) -> Result<(), Trouble> {
        for wait in LOOKS.map(Some).into_iter().chain([None]) {
            match self.there(object).await {
                Ok(found) if found.immutable_id.as_deref() == Some(immutable_id) => return Ok(()),
                Err(trouble) if !matches!(trouble.verdict, Verdict::RetryAfter(_)) => {
                    return Err(trouble);
                }
                _ => {}
            }
            if let Some(seconds) = wait {
                graph::Timer::sleep(&self.house.timer(), Duration::from_secs(seconds)).await;
            }
        }
        Err(skip(
            "the immutable id was written and isn't there; the next run looks again".to_owned(),
        ))
    }

    /// Links an object that carries the person's immutable id and isn't one that we made.
    pub(super) async fn join(&self, user: UserId, object: ObjectId) -> Result<(), Trouble> {
        let found = self.there(object).await?;
        let carried = found.immutable_id.clone().unwrap_or_default();
        if let Some(objection) = matches::untouchable(&found) {
            return Err(skip(objection.to_owned()));
        }
        if carried.is_empty() {
            return Err(skip(NOT_THEIRS.to_owned()));
        }
        self.still_leads().await?;
        self.keep(user, found, Ground::ImmutableId).await
    }

    /// Writes down what an object has that was there when it was to be made.
    pub(super) async fn keep_found(&self, user: UserId, found: &EntraUser) -> Result<(), Trouble> {
        let (tenant, adoption) = (self.tenant_id, self.adoption(user, found));
        let kept = self.house.store().write(move |tx| {
            let pair = (user, adoption.object_id);
            if said(tx, tenant, pair)?.is_some_and(|said| said.answer == MatchAnswer::Rejected) {
                return Ok(Some(NOT_THEIRS.to_owned()));
            }
            adoptions::put(tx, tenant, &adoption)?;
            Ok::<_, Error>(None)
        });
        refuse(kept.await)
    }

    /// Reading one object reads who is protected as well (Y07).
    async fn there(&self, object: ObjectId) -> Result<EntraUser, Trouble> {
        let found = self.graph.user_by_id(&object).await.map_err(|error| trouble(&error))?;
        found.ok_or_else(|| trouble(&graph::Error::NotFound))
    }

    /// The last check and the ledger, before the write.
    async fn begin(&self, user: UserId, found: &EntraUser, on: Ground) -> Result<(), Trouble> {
        let (tenant, adoption) = (self.tenant_id, self.adoption(user, found));
        let found = found.clone();
        let begun = self.house.store().write(move |tx| {
            let against = objection(tx, tenant, (user, &found), &on)?;
            if against.is_none() {
                adoptions::begin(tx, tenant, &adoption)?;
            }
            Ok::<_, Error>(against)
        });
        refuse(begun.await)
    }

    /// The link, the ledger and the audit row, in one transaction. It counts as found, not made by us.
    async fn keep(&self, user: UserId, found: EntraUser, on: Ground) -> Result<(), Trouble> {
        let (tenant, adoption) = (self.tenant_id, self.adoption(user, &found));
        let (house, by) = (self.house.clone(), self.by);
        let kept = self.house.store().write(move |tx| {
            let against = objection(tx, tenant, (user, &found), &on)?;
            if against.is_none() {
                let object_id = found.id;
                let origin = Origin::Found;
                let link = EntraLink { user_id: user, object_id, origin, deleted_at: None };
                entra_links::put(tx, tenant, &link)?;
                adoptions::put(tx, tenant, &adoption)?;
                audit(tx, &house, by, (user, &found))?;
            }
            Ok::<_, Error>(against)
        });
        refuse(kept.await)
    }

    fn adoption(&self, user_id: UserId, found: &EntraUser) -> Adoption {
        let found_skus = found.licences.iter().map(|licence| licence.sku_id).collect();
        Adoption { user_id, object_id: found.id, found_skus, at: self.house.now() }
    }
}

fn audit(
    tx: &mut Tx,
    house: &House,
    by: model::Actor,
    (user, found): (UserId, &EntraUser),
) -> AppResult<()> {
    let user = users::by_id(tx, user)?.ok_or_else(|| Error::not_found("person"))?;
    let inside = visitor::inside(&found.id.to_string());
    let mut row = inside.audit(house, by, AuditKind::UserAdopted, user.upn.as_str());
    row.detail = format!("{}, object {}", found.upn, found.id);
    Ok(audit_log::record(tx, &row)?)
}

/// What came between since the plan was made, if anything did.
fn objection(
    tx: &mut Tx,
    tenant: TenantId,
    (user, found): (UserId, &EntraUser),
    on: &Ground,
) -> AppResult<Option<String>> {
    let changed = match on {
        Ground::Word(_) => CHANGED,
        Ground::ImmutableId => NOT_THEIRS,
    };
    let changed = Ok(Some(changed.to_owned()));
    let Some(person) = users::by_id(tx, user)? else { return changed };
    let theirs = entra_links::of_user(tx, tenant, user)?;
    let owner = entra_links::by_object(tx, tenant, found.id)?;
    let free = theirs.is_none_or(|link| link.object_id == found.id)
        && owner.is_none_or(|link| link.user_id == user);
    let said = said(tx, tenant, (user, found.id))?;
    if !free || person.state != UserState::Active {
        return changed;
    }
    Ok(match (on, said) {
        (_, Some(MatchDecision { answer: MatchAnswer::Rejected, .. })) => return changed,
        (Ground::Word(id), Some(said)) if person.immutable_id.as_str() == id => {
            matches::name_objection(&said.upn, person.upn.as_str(), found)
        }
        (Ground::ImmutableId, _) if carries(found, &person) => None,
        _ => return changed,
    })
}

fn carries(found: &EntraUser, person: &User) -> bool {
    found.immutable_id.as_deref() == Some(person.immutable_id.as_str())
        && found.upn.eq_ignore_ascii_case(person.upn.as_str())
}

fn said(
    tx: &mut Tx,
    tenant: TenantId,
    (user, object): (UserId, ObjectId),
) -> AppResult<Option<MatchDecision>> {
    let said = match_decisions::all_of(tx, tenant, user)?;
    Ok(said.into_iter().find(|decision| decision.object_id == object))
}

/// An objection stops the step, and what our own store says stops the run.
fn refuse(objection: AppResult<Option<String>>) -> Result<(), Trouble> {
    let objection = objection.map_err(|error| stop(&error))?;
    objection.map_or(Ok(()), |detail| Err(skip(detail)))
}

fn skip(detail: String) -> Trouble {
    Trouble { verdict: Verdict::SkipObject(detail.clone()), detail }
}
