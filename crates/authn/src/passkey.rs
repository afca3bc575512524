//! Passkeys and security keys (WebAuthn). One kind of credential: what it is worth follows from
//! whether it verified its person, each time anew (R037).
//!
//! Questions and answers are JSON in the form that browsers know; whoever asks keeps the state until
//! the answer comes, gives it out once and within [`LIFETIME`] (R036). Challenges have 256 bits and
//! are drawn by the library, which takes no randomness from outside. Origin and RP id must match to
//! the letter: no subdomain, no other port.

use std::time::Duration;

use url::Url;
use webauthn_rs_core::{
    WebauthnCore,
    error::WebauthnError,
    proto::{
        AuthenticationState, Credential, PublicKeyCredential, RegisterPublicKeyCredential,
        RegistrationState, ResidentKeyRequirement, UserVerificationPolicy,
    },
};

use crate::{Error, denial::Reason};

/// How long an answer may take (R036).
pub const LIFETIME: Duration = Duration::from_mins(5);

/// The site that credentials are made for.
#[derive(Debug)]
pub struct Site {
    core: WebauthnCore,
}

/// Whom a credential is made for.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// What the authenticator hands back at a sign-in without a name; says nothing about the person.
    pub handle: &'a [u8],
    /// The sign-in name, for the browser's list.
    pub name: &'a str,
    /// What the person is called, for the browser's list.
    pub display_name: &'a str,
}

/// A question to an authenticator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// For the browser.
    pub options: String,
    /// For whoever checks the answer; never for the browser.
    pub state: String,
}

/// A credential that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The authenticator's id of it.
    pub credential_id: Vec<u8>,
    /// Public key and counter, for the next check.
    pub credential: String,
    /// It verified its person.
    pub verifies: bool,
}

/// An answer, read and not yet believed.
#[derive(Debug, Clone)]
pub struct Answer(PublicKeyCredential);

/// A credential that proved itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// It verified its person this time.
    pub verified: bool,
    /// Public key and counter, for the next check.
    pub credential: String,
}

impl Site {
    /// The site at this address; `None` when it has no name, which credentials need.
    #[must_use]
    pub fn new(name: &str, address: &Url) -> Option<Self> {
        let host = address.domain()?;
        let origin = Url::parse(&address.origin().ascii_serialization()).ok()?;
        let core = WebauthnCore::new_unsafe_experts_only(
            name,
            host,
            vec![origin],
            LIFETIME,
            Some(false),
            Some(false),
        );
        Some(Self { core })
    }

    /// Asks for a new credential, on none of the authenticators that hold one of these already. One
    /// that can be found without a name and that verifies its person is preferred.
    pub fn ask_to_register(
        &self,
        holder: Holder<'_>,
        known: Vec<Vec<u8>>,
    ) -> Result<Question, Error> {
        let builder = self
            .core
            .new_challenge_register_builder(holder.handle, holder.name, holder.display_name)?
            .user_verification_policy(UserVerificationPolicy::Preferred)
            .exclude_credentials(Some(known));
        let (mut asked, state) = self.core.generate_challenge_register(builder)?;
        if let Some(selection) = &mut asked.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Preferred);
        }
        Ok(Question { options: json(&asked.public_key)?, state: json(&state)? })
    }

    /// Checks a new credential. Whether somebody has it already is for the store to say (R039).
    pub fn register(&self, state: &str, answer: &str) -> Result<Registered, Reason> {
        let refused = |_| Reason::PasskeyRefused;
        let state: RegistrationState = serde_json::from_str(state).map_err(refused)?;
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer).map_err(refused)?;
        let made = self
            .core
            .register_credential(&answer, &state, None)
            .map_err(|_| Reason::PasskeyRefused)?;
        Ok(Registered {
            credential: json(&made).map_err(|_| Reason::PasskeyRefused)?,
            verifies: made.user_verified,
            credential_id: made.cred_id,
        })
    }

    /// Asks whoever is there to say who they are: any credential, which must verify its person
    /// (R037). The question is the same for everybody (R024).
    pub fn ask_anybody(&self) -> Result<Question, Error> {
        self.ask(Vec::new(), UserVerificationPolicy::Required)
    }

    /// Asks for one of these credentials.
    pub fn ask_holder<'a>(
        &self,
        credentials: impl IntoIterator<Item = &'a str>,
    ) -> Result<Question, Error> {
        let read = |text: &str| serde_json::from_str(text).map_err(|_| Error::StoredCredential);
        let known: Result<Vec<Credential>, Error> = credentials.into_iter().map(read).collect();
        self.ask(known?, UserVerificationPolicy::Preferred)
    }

    fn ask(
        &self,
        known: Vec<Credential>,
        verification: UserVerificationPolicy,
    ) -> Result<Question, Error> {
        let builder = self
            .core
            .new_challenge_authenticate_builder(known, Some(verification))?
            // A key that begins to be backed up stays the same key.
            .allow_backup_eligible_upgrade(true);
        let (asked, mut state) = self.core.generate_challenge_authenticate(builder)?;
        // The credential is handed in with the answer, as it is stored by then.
        state.set_allowed_credentials(Vec::new());
        Ok(Question { options: json(&asked.public_key)?, state: json(&state)? })
    }

    /// Checks an answer against the credential that it names, as it is stored now.
    pub fn verify(
        &self,
        state: &str,
        Answer(answer): &Answer,
        credential: &str,
    ) -> Result<Used, Reason> {
        let refused = |_| Reason::PasskeyRefused;
        let state: AuthenticationState = serde_json::from_str(state).map_err(refused)?;
        let mut known: Credential = serde_json::from_str(credential).map_err(refused)?;
        let checked = self.core.authenticate_single_credential(answer, &state, &known);
        let used = checked.map_err(|why| match why {
            // The counter went back or stood still (R038).
            WebauthnError::CredentialPossibleCompromise => Reason::CopiedPasskey,
            _ => Reason::PasskeyRefused,
        })?;
        known.counter = used.counter();
        known.backup_state = used.backup_state();
        known.backup_eligible |= used.backup_eligible();
        let credential = json(&known).map_err(|_| Reason::PasskeyRefused)?;
        Ok(Used { verified: used.user_verified(), credential })
    }
}

impl Answer {
    /// Reads one; `None` when it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// Which credential it says it is from.
    #[must_use]
    pub fn credential_id(&self) -> &[u8] {
        self.0.get_credential_id()
    }

    /// Whom the authenticator made it for, if it says so.
    #[must_use]
    pub fn handle(&self) -> Option<&[u8]> {
        self.0.get_user_unique_id()
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|_| Error::StoredCredential)
}

#[cfg(test)]
mod tests;
