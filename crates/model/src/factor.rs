//! A person's second factors, as they are stored.

use secrecy::SecretSlice;

use crate::{
    Ts,
    ids::{FactorId, UserId},
};

/// An enrolled authenticator app.
#[derive(Debug, Clone)]
pub struct TotpFactor {
    /// Our id.
    pub id: FactorId,
    /// Whose it is.
    pub user_id: UserId,
    /// The shared secret (160 bits or more).
    pub secret: SecretSlice<u8>,
    /// The last time step that was accepted; only greater ones pass (R026).
    pub last_step: Option<u64>,
    /// When one correct code confirmed it; `None` while enrolment is pending (R034).
    pub confirmed_at: Option<Ts>,
    /// When it was begun.
    pub created_at: Ts,
}

/// A one-time recovery code, hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryCode {
    /// Our id.
    pub id: FactorId,
    /// Whose it is.
    pub user_id: UserId,
    /// SHA-256 of the code (which has 120 bits or more).
    pub digest: [u8; 32],
    /// When it was used up.
    pub used_at: Option<Ts>,
}

/// A one-time pass that stands in for a second factor that is not at hand, hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPass {
    /// Whose it is.
    pub user_id: UserId,
    /// SHA-256 of the pass.
    pub digest: [u8; 32],
    /// Why it was given, in the words of whoever gave it.
    pub reason: String,
    /// Who gave it.
    pub given_by: UserId,
    /// When.
    pub given_at: Ts,
    /// It is good until then.
    pub expires_at: Ts,
}

/// A one-time code that an admin hands over, which allows one enrolment (R033).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrollmentCode {
    /// Whose it is.
    pub user_id: UserId,
    /// SHA-256 of the code.
    pub digest: [u8; 32],
    /// It is good until then.
    pub expires_at: Ts,
}
