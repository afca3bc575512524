//! Passkeys and security keys as they are stored, and the questions that wait for their answer.

use serde::{Deserialize, Serialize};

use crate::{
    Ts,
    ids::{FactorId, PendingRequestId, SessionId, UserId},
};

/// A registered passkey or security key. Both are the same thing on the wire; what differs is
/// whether it verifies its person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Our id.
    pub id: FactorId,
    /// Whose it is.
    pub user_id: UserId,
    /// The authenticator's id of it; nobody else can have the same (R039).
    pub credential_id: Vec<u8>,
    /// Public key and signature counter, as `authn` wrote them.
    pub credential: String,
    /// What its person calls it.
    pub name: String,
    /// It verified its person (a PIN, a finger, a face) when it was registered, and has to whenever
    /// it is used. Without that it is a second factor only (R037).
    pub verifies: bool,
    /// When it was registered.
    pub created_at: Ts,
    /// When it was last used.
    pub last_used_at: Option<Ts>,
}

/// A question to an authenticator that waits for its answer: good once, for a short time, for one
/// place, one purpose and one person (R036).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// Where it was asked.
    pub place: CeremonyPlace,
    /// What for.
    pub kind: CeremonyKind,
    /// Whom it was asked; `None` when anybody may answer.
    pub user_id: Option<UserId>,
    /// The challenge and what was asked, as `authn` wrote them.
    pub state: String,
    /// It is good until then.
    pub expires_at: Ts,
}

/// Where an authenticator is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CeremonyPlace {
    /// In a sign-in that is under way.
    Request(PendingRequestId),
    /// In a session.
    Session(SessionId),
}

/// What an authenticator is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CeremonyKind {
    /// To say who is there, and to prove it alone.
    SignIn,
    /// To prove it after the password.
    SecondFactor,
    /// To be registered.
    Register,
    /// To prove again, in a session, that it is them.
    StepUp,
}
