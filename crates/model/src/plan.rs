//! A to-do list for Entra: steps, each an action with its reason, before and after.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    application::Licence,
    entra::{AttributeChanges, EntraAttributes},
    ids::{ObjectId, SkuId, UserId},
};

/// What must change in Entra, in the order in which it is done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// The steps, safety first (Y16).
    pub steps: Vec<Step>,
    /// What can't be done, and why; nobody is touched for these.
    pub conflicts: Vec<Conflict>,
}

/// One thing to do to one person's object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Our person.
    pub user_id: UserId,
    /// Their sign-in name, for people who read the plan.
    pub upn: String,
    /// Their object; `None` when it is about to be created.
    pub object_id: Option<ObjectId>,
    /// What to do.
    pub action: Action,
    /// Why, in a sentence.
    pub reason: String,
    /// What is there now, in words.
    pub before: String,
    /// What will be there, in words.
    pub after: String,
}

/// What a step does. Values are absolute (set to X), never relative (Y13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Action {
    /// Set `accountEnabled` to false.
    BlockSignIn,
    /// End all refresh tokens.
    RevokeSessions,
    /// Record that this object is this person (matched by immutable id).
    Link,
    /// Write the person's immutable id to an object that an admin said is theirs, and link it.
    Adopt {
        /// `onPremisesImmutableId`.
        immutable_id: String,
    },
    /// Create the object.
    Create {
        /// `mailNickname`.
        mail_nickname: String,
        /// `onPremisesImmutableId`.
        immutable_id: String,
        /// `usageLocation`.
        usage_location: String,
        /// The describing attributes.
        attributes: EntraAttributes,
    },
    /// Set the describing attributes that differ.
    Update {
        /// What differs, as it shall be.
        attributes: AttributeChanges,
    },
    /// Give the object another sign-in name.
    Rename {
        /// `userPrincipalName`.
        upn: String,
    },
    /// Set `usageLocation`.
    SetUsageLocation {
        /// ISO 3166 country.
        usage_location: String,
    },
    /// Set `accountEnabled` to true.
    UnblockSignIn,
    /// One `assignLicense` call.
    SetLicences {
        /// Products to have, with their switched-off parts.
        add: Vec<Licence>,
        /// Products to take away.
        remove: Vec<SkuId>,
    },
    /// Bring the object back from Entra's bin.
    Restore,
    /// Put the object into Entra's bin, from which it can be restored for 30 days.
    SoftDelete,
}

/// Why somebody can't be brought in step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Our person.
    pub user_id: UserId,
    /// Their sign-in name.
    pub upn: String,
    /// Why, and what to do about it, in a sentence.
    pub reason: String,
}

impl Action {
    /// The word that people read.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::BlockSignIn => "Block sign-in",
            Self::RevokeSessions => "Revoke sessions",
            Self::Link => "Link",
            Self::Adopt { .. } => "Take over",
            Self::Create { .. } => "Create",
            Self::Update { .. } => "Update",
            Self::Rename { .. } => "Rename",
            Self::SetUsageLocation { .. } => "Set usage location",
            Self::UnblockSignIn => "Unblock sign-in",
            Self::SetLicences { .. } => "Set licences",
            Self::Restore => "Restore",
            Self::SoftDelete => "Delete",
        }
    }

    /// Whether it takes something away from a person (what the guard counts, Y01).
    #[must_use]
    pub fn is_destructive(&self) -> bool {
        match self {
            Self::BlockSignIn | Self::RevokeSessions | Self::Rename { .. } | Self::SoftDelete => {
                true
            }
            Self::SetLicences { remove, .. } => !remove.is_empty(),
            _ => false,
        }
    }
}

impl Plan {
    /// Nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// SHA-256 over the plan in its serialised form: the executed plan equals the shown one.
    #[must_use]
    pub fn hash(&self) -> String {
        let bytes = serde_json::to_vec(self).expect("a plan holds only strings, numbers and lists");
        hex::encode(Sha256::digest(&bytes))
    }
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "detail")]
pub enum StepOutcome {
    /// Not begun.
    Planned,
    /// Its call was recorded and may be on the wire (Y12).
    Sending,
    /// Done.
    Done,
    /// Left out for this object; the reason says why.
    Skipped(String),
    /// Failed; tried again in a later run.
    Failed(String),
}

/// What to do after a call to Entra failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The same call may work after this time.
    RetryAfter(Duration),
    /// Leave this person out of this run; the text says why.
    SkipObject(String),
    /// The object is gone: look for the person anew in the next run.
    Relink,
    /// Nothing further can work; the text says what to mend.
    StopRun(String),
}

/// Where a sync run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// A preview: a plan that was never going to be carried out by itself.
    Preview,
    /// Stopped by the guard; an admin decides.
    NeedsApproval,
    /// Being carried out.
    Running,
    /// Every step ended.
    Finished,
    /// Stopped before the end; the reason is on the run.
    Stopped,
}

/// What a sync run looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Scope {
    /// Everybody.
    Everyone,
    /// One person, after a change to them.
    Person(UserId),
}
