//! The ports through which a plan reaches Entra and our journal; `app` implements them.

use std::{future::Future, pin::Pin, time::Duration};

use model::{
    application::Licence,
    entra::{AttributeChanges, NewEntraUser, Origin},
    ids::{ObjectId, SkuId, StepId, UserId},
    plan::{StepOutcome, Verdict},
};

/// Something that takes a while.
pub type Work<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A call to Entra that didn't work out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Trouble {
    /// What to do about it.
    pub verdict: Verdict,
    /// What happened, for people.
    pub detail: String,
}

/// Entra, one method for each action. Every method may be called again after an unknown outcome.
pub trait Directory: Send + Sync {
    /// Sets `accountEnabled` to false.
    fn block_sign_in(&self, object: ObjectId) -> Work<'_, Result<(), Trouble>>;
    /// Ends all refresh tokens.
    fn revoke_sessions(&self, object: ObjectId) -> Work<'_, Result<(), Trouble>>;
    /// Records in our own store that this object is this person, and where it comes from.
    fn link(&self, user: UserId, object: ObjectId, origin: Origin)
    -> Work<'_, Result<(), Trouble>>;
    /// Writes the immutable id to an object that was there before us and links it, after a last look
    /// whether both still are as an admin confirmed them (Y07, Y09).
    fn adopt(
        &self,
        user: UserId,
        object: ObjectId,
        immutable_id: String,
    ) -> Work<'_, Result<(), Trouble>>;
    /// Records that an object that was there when the plan was made is this person: found, unless it is
    /// known to be one of ours whose making nobody heard of.
    fn link_found(&self, user: UserId, object: ObjectId) -> Work<'_, Result<(), Trouble>> {
        self.link(user, object, Origin::Found)
    }
    /// Creates the object, after a look (deleted objects included) whether the immutable id is
    /// there already (Y11, Y28).
    fn create(
        &self,
        user: UserId,
        new: NewEntraUser,
    ) -> Work<'_, Result<(ObjectId, Origin), Trouble>>;
    /// Sets `userPrincipalName`, and records that the account follows the person's name.
    fn rename(&self, user: UserId, object: ObjectId, upn: String) -> Work<'_, Result<(), Trouble>>;
    /// Sets or empties describing attributes; what isn't named stays.
    fn update(&self, object: ObjectId, changes: AttributeChanges) -> Work<'_, Result<(), Trouble>>;
    /// Sets `usageLocation`.
    fn set_usage_location(
        &self,
        object: ObjectId,
        country: String,
    ) -> Work<'_, Result<(), Trouble>>;
    /// Sets `accountEnabled` to true.
    fn unblock_sign_in(&self, object: ObjectId) -> Work<'_, Result<(), Trouble>>;
    /// One `assignLicense` call.
    fn set_licences(
        &self,
        user: UserId,
        object: ObjectId,
        add: Vec<Licence>,
        remove: Vec<SkuId>,
    ) -> Work<'_, Result<(), Trouble>>;
    /// Brings the object back from the bin.
    fn restore(&self, user: UserId, object: ObjectId) -> Work<'_, Result<(), Trouble>>;
    /// Puts the object into the bin, after a last look whether it still is to be deleted.
    fn soft_delete(&self, user: UserId, object: ObjectId) -> Work<'_, Result<(), Trouble>>;
}

/// The run's journal. An `Err` stops the run: the lease is lost, writes were stopped, the
/// database is away; the text says which.
pub trait Journal: Send + Sync {
    /// Called before every attempt of a step, with the record on disk when it returns (Y12, Y33).
    fn before(&self, step: StepId) -> Work<'_, Result<(), String>>;
    /// Called once a step has ended.
    fn after(&self, step: StepId, outcome: StepOutcome) -> Work<'_, Result<(), String>>;
}

/// Waiting, so that tests needn't.
pub trait Sleep: Send + Sync {
    /// Returns after `time`.
    fn sleep(&self, time: Duration) -> Work<'_, ()>;

    /// The longest wait that is waited for; what asks for longer is left to the next run.
    fn most(&self) -> Duration {
        Duration::MAX
    }
}
