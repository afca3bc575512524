//! Microsoft accounts that people sign in here with, and the rounds of their browsers to Microsoft.

use serde::{Deserialize, Serialize};

use crate::{
    Ts,
    ids::{
        EntraTenantId, MicrosoftAccountId, MicrosoftRoundId, ObjectId, PendingRequestId,
        RegistrationId, SessionId, UserId,
    },
};

/// Who somebody is at Microsoft, for ever: nothing else of what Microsoft says names a person. A name
/// or mail address can be given to somebody else, or be anything in a tenant of one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The directory (`tid`).
    pub tenant: EntraTenantId,
    /// The object there (`oid`).
    pub object: ObjectId,
}

/// What Microsoft said of somebody in an ID token that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// Who it is.
    pub identity: Identity,
    /// What the account is called at the moment; for people to read, and nothing is found by it.
    pub name: String,
    /// Microsoft says that a second factor was given (`amr` has `mfa`). Whether it counts is not said
    /// by that.
    pub says_mfa: bool,
}

/// A Microsoft account that a person linked to theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MicrosoftAccount {
    /// Our id.
    pub id: MicrosoftAccountId,
    /// Whose.
    pub user_id: UserId,
    /// Who they are at Microsoft.
    pub identity: Identity,
    /// What it was called when it was linked.
    pub name: String,
    /// When it was linked.
    pub linked_at: Ts,
    /// When it was last used to sign in.
    pub used_at: Option<Ts>,
}

/// A browser that was sent to Microsoft and has not come back: single use, a few minutes, bound to
/// the browser and to the registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MicrosoftRound {
    /// Our id.
    pub id: MicrosoftRoundId,
    /// SHA-256 of the `state`.
    pub state_digest: [u8; 32],
    /// SHA-256 of the cookie of the browser that began it.
    pub browser_digest: [u8; 32],
    /// Through which registration.
    pub registration_id: RegistrationId,
    /// What for.
    pub errand: Errand,
    /// When it began.
    pub created_at: Ts,
    /// It is good until then.
    pub expires_at: Ts,
}

/// What a browser is at Microsoft for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "for")]
pub enum Errand {
    /// A sign-in that waits.
    SignIn {
        /// Which.
        request: PendingRequestId,
    },
    /// Somebody who is signed in links their account.
    Link {
        /// Who.
        user: UserId,
        /// In which session.
        session: SessionId,
    },
    /// An admin has a directory consent to the registration.
    Consent {
        /// Who.
        user: UserId,
        /// In which session of the console.
        session: SessionId,
    },
}
