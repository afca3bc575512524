//! The journal row of a token, written before the token leaves (R095).

use serde::{Deserialize, Serialize};

use crate::{
    FactorEvent, Ts,
    ids::{FederatedDomainId, IssuedTokenId, RelyingPartyId, SessionId, SigningKeyId, UserId},
};

/// What was vouched for, to whom, and on what grounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// Our id.
    pub id: IssuedTokenId,
    /// The token's own id (`AssertionID`).
    pub token_id: String,
    /// Whom it is about.
    pub user_id: UserId,
    /// The session it came from; `None` where the request itself brought the password.
    pub session_id: Option<SessionId>,
    /// The domain that vouched.
    pub domain_id: FederatedDomainId,
    /// Who it is for.
    pub relying_party_id: RelyingPartyId,
    /// The protocol.
    pub protocol: Protocol,
    /// The key that signed.
    pub signing_key_id: SigningKeyId,
    /// When.
    pub issued_at: Ts,
    /// The factor events that it rests on.
    pub events: Vec<FactorEvent>,
    /// Whether it says that MFA was done.
    pub says_mfa: bool,
    /// From which address it was asked for.
    pub client_address: String,
    /// What the program called itself. Tokens from before this was kept say nothing.
    pub client_agent: String,
    /// SHA-256 of the token.
    pub digest: [u8; 32],
    /// What it says, and why. Tokens that were journaled before this was kept have none.
    pub claims: Vec<SaidClaim>,
}

/// A claim of a token, with the reason for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidClaim {
    /// Its name, as the token has it.
    pub name: String,
    /// Its values.
    pub values: Vec<String>,
    /// Why it says so.
    pub reason: Reason,
}

/// Why a token says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It is the person's sign-in name.
    SignInName,
    /// It is the value by which the other side recognises the person.
    ImmutableId,
    /// When the first factor was proved.
    FirstFactor,
    /// When the second factor was proved.
    SecondFactor,
    /// Which factors were proved.
    Factors,
    /// Whether the request came from a configured network.
    Network,
    /// Whether the session outlives the browser.
    Persistence,
    /// An admin chose it for this relying party.
    Chosen,
}

/// How a token left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// WS-Federation passive with SAML 1.1.
    WsFed,
    /// SAML 2.0 web single sign-on.
    Saml2,
    /// WS-Trust with SAML 1.1.
    WsTrust,
    /// OpenID Connect: an ID token, handed over for a code.
    Oidc,
}
