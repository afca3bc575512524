//! Deleting and restoring, with the last look before each: a plan may be minutes old, and a mailbox
//! hangs on it.

use graph::Error as Refusal;
use model::{
    Ts,
    entra::EntraUser,
    ids::{ObjectId, UserId},
};
use provisioning::{Trouble, Verdict, leaving};
use store::{Tx, applications, entra_links, users};

use super::{Adapter, Whose, is_stopped, stop, trouble};
use crate::{Error, Result as AppResult, leavers, sync::STOPPED};

impl Adapter {
    /// Puts an object into the bin if it still is to go there. What is in the bin, or gone for good,
    /// is done already.
    pub(super) async fn put_into_bin(&self, user: UserId, object: ObjectId) -> Result<(), Trouble> {
        let there = self.graph.is_deleted(&object).await.map_err(|error| trouble(&error))?;
        if !there {
            // Reading one object reads who is protected as well (Y07).
            let found = self.graph.user_by_id(&object).await.map_err(|error| trouble(&error))?;
            let Some(found) = found else { return Ok(()) };
            self.still_leads().await?;
            self.only_if_due(user, &found).await?;
            match self.graph.delete_user(&object).await {
                Ok(()) | Err(Refusal::NotFound) => {}
                Err(error) => return Err(trouble(&error)),
            }
        }
        let now = self.house.now();
        self.keep_deleted(user, Some(now)).await?;
        match self.store_objects(user, object).await? {
            None => Ok(()),
            Some(why) => self.undo(user, object, &why).await,
        }
    }

    /// Takes back at once what somebody spoke against while it was on the wire.
    async fn undo(&self, user: UserId, object: ObjectId, why: &str) -> Result<(), Trouble> {
        match self.graph.restore_user(&object).await.map_err(|error| trouble(&error)) {
            Ok(()) => {
                self.keep_deleted(user, None).await?;
                Err(skip(format!("deleted and restored at once: {why}")))
            }
            Err(again @ Trouble { verdict: Verdict::RetryAfter(_), .. }) => Err(again),
            Err(Trouble { detail, .. }) => Err(skip(format!(
                "deleted, and to be restored in Entra by hand ({detail}), because it was {why}"
            ))),
        }
    }

    /// Brings an object back from the bin, unless its person was blocked or unassigned meanwhile.
    pub(super) async fn bring_back(&self, user: UserId, object: ObjectId) -> Result<(), Trouble> {
        self.only_if_wanted(Whose::Person(user)).await?;
        match self.graph.restore_user(&object).await {
            Ok(()) => {}
            Err(error @ (Refusal::NotFound | Refusal::NotYetVisible { .. })) => {
                self.only_if_back(&object, &error).await?;
            }
            Err(Refusal::Refused { taken: Some(property), .. }) => return Err(taken(&property)),
            Err(error) => return Err(trouble(&error)),
        }
        self.keep_deleted(user, None).await?;
        self.shut_unless_wanted(Whose::Person(user), object).await
    }

    /// It isn't in the bin: fine if an attempt before has brought it back.
    async fn only_if_back(&self, object: &ObjectId, error: &Refusal) -> Result<(), Trouble> {
        let found = self.graph.user_by_id(object).await.map_err(|error| trouble(&error))?;
        found.map(drop).ok_or_else(|| trouble(error))
    }

    async fn only_if_due(&self, user: UserId, found: &EntraUser) -> Result<(), Trouble> {
        if let Some(detail) = self.store_objects(user, found.id).await? {
            return Err(skip(detail));
        }
        let person = self.house.store().read(move |tx| Ok::<_, Error>(users::by_id(tx, user)?));
        let person = person.await.map_err(|error| stop(&error))?;
        let objection = person
            .map_or_else(|| Some(CHANGED.to_owned()), |person| leaving::objection(&person, found));
        objection.map_or(Ok(()), |detail| Err(skip(detail)))
    }

    /// What we know ourselves that speaks against a deletion, as of now.
    async fn store_objects(
        &self,
        user: UserId,
        object: ObjectId,
    ) -> Result<Option<String>, Trouble> {
        let (tenant, now) = (self.tenant_id, self.now());
        let objection = move |tx: &mut Tx| -> AppResult<Option<String>> {
            if is_stopped(tx, tenant)? {
                return Ok(Some(STOPPED.to_owned()));
            }
            let changed = Ok(Some(CHANGED.to_owned()));
            let Some(user) = users::by_id(tx, user)? else { return changed };
            let Some(application) = applications::of_tenant(tx, tenant)? else { return changed };
            let fate = leavers::fate(tx, &user, &application)?;
            let due = fate.leaving.and_then(|leaving| leaving.delete_at());
            let same = fate.link.is_some_and(|link| link.object_id == object);
            if same && due.is_some_and(|due| due <= now) { Ok(None) } else { changed }
        };
        self.house.store().read(objection).await.map_err(|error| stop(&error))
    }

    async fn keep_deleted(&self, user: UserId, at: Option<Ts>) -> Result<(), Trouble> {
        let tenant = self.tenant_id;
        let kept = self
            .house
            .store()
            .write(move |tx| Ok::<_, Error>(entra_links::set_deleted(tx, tenant, user, at)?));
        kept.await.map_err(|error| stop(&error))
    }
}

/// Why somebody isn't deleted whom the plan would delete.
const CHANGED: &str = "not to be deleted any more: assigned again, put under a legal hold, or the \
     settings changed since this plan was made";

fn skip(detail: String) -> Trouble {
    Trouble { verdict: Verdict::SkipObject(detail.clone()), detail }
}

fn taken(property: &str) -> Trouble {
    let what = if property.is_empty() { "name or address" } else { property };
    skip(format!(
        "can't be restored from Entra's bin, because another account or group has the same {what}: \
         change or delete that one in Entra, and the next pass restores this one"
    ))
}
