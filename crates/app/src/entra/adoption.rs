//! Taking over an object that was there before us, with the last look before it: a plan may be
//! minutes old, and whoever gets the wrong object gets somebody's mail.

use model::{
    Actor,
    audit::AuditKind,
    entra::{EntraLink, EntraUser, Origin},
    ids::{ObjectId, TenantId, UserId},
    matches::{Adoption, MatchAnswer},
    user::UserState,
};
use provisioning::{Trouble, Verdict, matches};
use store::{Tx, adoptions, audit_log, entra_links, match_decisions, users};

use super::{Adapter, stop, trouble};
use crate::{Error, Result as AppResult, visitor};

/// Why somebody doesn't get an object that the plan would give them.
const CHANGED: &str = "not to be taken over any more: the confirmation was taken back, or the person \
     was blocked or got another account since this plan was made";

impl Adapter {
    /// Writes the immutable id and links, if both sides still are as an admin confirmed them.
    pub(super) async fn take_over(
        &self,
        user: UserId,
        object: ObjectId,
        immutable_id: String,
    ) -> Result<(), Trouble> {
        // Reading one object reads who is protected as well (Y07).
        let found = self.graph.user_by_id(&object).await.map_err(|error| trouble(&error))?;
        let Some(found) = found else { return Err(trouble(&graph::Error::NotFound)) };
        if let Some(objection) = matches::objection(&immutable_id, &found) {
            return Err(skip(objection.to_owned()));
        }
        self.still_leads().await?;
        self.only_if_accepted(user, object, &immutable_id).await?;
        if found.immutable_id.is_none() {
            let set = self.graph.set_immutable_id(&object, &immutable_id);
            set.await.map_err(|error| trouble(&error))?;
        }
        self.keep_adopted(user, found).await
    }

    async fn only_if_accepted(
        &self,
        user: UserId,
        object: ObjectId,
        immutable_id: &str,
    ) -> Result<(), Trouble> {
        let (tenant, immutable_id) = (self.tenant_id, immutable_id.to_owned());
        let may = move |tx: &mut Tx| may_adopt(tx, tenant, (user, object), &immutable_id);
        if self.house.store().read(may).await.map_err(|error| stop(&error))? {
            return Ok(());
        }
        Err(skip(CHANGED.to_owned()))
    }

    /// The link, the ledger and the audit row, in one transaction. It counts as found, not made by us.
    async fn keep_adopted(&self, user_id: UserId, found: EntraUser) -> Result<(), Trouble> {
        let (tenant, house, at) = (self.tenant_id, self.house.clone(), self.house.now());
        let kept = self.house.store().write(move |tx| {
            let user = users::by_id(tx, user_id)?.ok_or_else(|| Error::not_found("person"))?;
            let object_id = found.id;
            let link = EntraLink { user_id, object_id, origin: Origin::Found, deleted_at: None };
            entra_links::put(tx, tenant, &link)?;
            let found_skus = found.licences.iter().map(|licence| licence.sku_id).collect();
            adoptions::put(tx, tenant, &Adoption { user_id, object_id, found_skus, at })?;
            let inside = visitor::inside(&object_id.to_string());
            let kind = AuditKind::UserAdopted;
            let mut row = inside.audit(&house, Actor::Schedule, kind, user.upn.as_str());
            row.detail = format!("{}, object {object_id}", found.upn);
            Ok::<_, Error>(audit_log::record(tx, &row)?)
        });
        kept.await.map_err(|error| stop(&error))
    }
}

/// Whether an admin's yes stands, and nothing came between since.
fn may_adopt(
    tx: &mut Tx,
    tenant: TenantId,
    (user, object): (UserId, ObjectId),
    immutable_id: &str,
) -> AppResult<bool> {
    let Some(person) = users::by_id(tx, user)? else { return Ok(false) };
    let accepted = match_decisions::all_of(tx, tenant, user)?
        .into_iter()
        .any(|decision| decision.object_id == object && decision.answer == MatchAnswer::Accepted);
    let theirs = entra_links::of_user(tx, tenant, user)?;
    let owner = entra_links::by_object(tx, tenant, object)?;
    Ok(accepted
        && person.state == UserState::Active
        && person.immutable_id.as_str() == immutable_id
        && theirs.is_none_or(|link| link.object_id == object)
        && owner.is_none_or(|link| link.user_id == user))
}

fn skip(detail: String) -> Trouble {
    Trouble { verdict: Verdict::SkipObject(detail.clone()), detail }
}
