//! A protocol request that waits while its person signs in.

use serde::{Deserialize, Serialize};

use crate::{
    FactorEvent, Method, Ts,
    external_mfa::ExternalMfaRequest,
    ids::{FederatedDomainId, PendingRequestId, RelyingPartyId, UserId},
    oidc::OidcRequest,
    relying_party::NameIdFormat,
};

/// A row that remembers what was asked for: single use, ten minutes, bound to one browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingRequest {
    /// Our id.
    pub id: PendingRequestId,
    /// SHA-256 of the handle in the page's address.
    pub handle_digest: [u8; 32],
    /// SHA-256 of the cookie of the browser that began it.
    pub browser_digest: [u8; 32],
    /// What to do when the person has signed in.
    pub purpose: Purpose,
    /// What the request demands of the sign-in.
    pub demand: Demand,
    /// The address that came along, if any; it may name nobody.
    pub hint: Option<String>,
    /// Who has proved a first factor so far, if anybody.
    pub user_id: Option<UserId>,
    /// What has been proved so far.
    pub events: Vec<FactorEvent>,
    /// A new authenticator's secret that waits for its first code; sealed by the store.
    pub enrolling: Option<crate::ids::FactorId>,
    /// The person wants to be asked for no second factor in this browser for some days.
    pub remember: bool,
    /// When it was made.
    pub created_at: Ts,
    /// It is good until then.
    pub expires_at: Ts,
    /// When it was redeemed.
    pub used_at: Option<Ts>,
}

/// Where a completed sign-in leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Purpose {
    /// A token for a WS-Federation relying party.
    WsFed {
        /// The domain whose address was called.
        domain: FederatedDomainId,
        /// Who asks.
        relying_party: RelyingPartyId,
        /// Where the answer goes: one of the registered replies.
        reply: String,
        /// The opaque `wctx`, byte for byte; `None` when there was none.
        context: Option<String>,
        /// Microsoft's id of the attempt, a GUID; `None` when there was none.
        #[serde(default)]
        client_request_id: Option<String>,
    },
    /// A token for a relying party that speaks SAML 2.0.
    Saml2(Box<SamlRequest>),
    /// A code for a client of OpenID Connect.
    Oidc(Box<OidcRequest>),
    /// A second factor alone, for Entra, which did the first one. Nobody is signed in by it.
    ExternalMfa(Box<ExternalMfaRequest>),
    /// A sign-out that goes round to the parties of a session.
    SignOut(Box<SignOut>),
    /// A new password for whoever used the link that they were mailed, then the portal.
    Reset {
        /// Whose password.
        user: UserId,
        /// The digest of what must not change before the password does: as the link's (R041).
        basis: [u8; 32],
    },
    /// The employee portal.
    Portal,
    /// The console.
    Console,
}

impl Purpose {
    /// The relying party that asks, if one does.
    #[must_use]
    pub const fn relying_party(&self) -> Option<RelyingPartyId> {
        match self {
            Self::WsFed { relying_party, .. } => Some(*relying_party),
            Self::Saml2(asked) => Some(asked.relying_party),
            Self::Oidc(asked) => Some(asked.relying_party),
            Self::ExternalMfa(_)
            | Self::SignOut(_)
            | Self::Reset { .. }
            | Self::Portal
            | Self::Console => None,
        }
    }

    /// Microsoft's id of the attempt, where it said one.
    #[must_use]
    pub fn client_request_id(&self) -> Option<&str> {
        match self {
            Self::WsFed { client_request_id, .. } => client_request_id.as_deref(),
            _ => None,
        }
    }

    /// Whose second factor alone is asked for, where somebody else did the first one.
    #[must_use]
    pub const fn confirms(&self) -> Option<UserId> {
        match self {
            Self::ExternalMfa(asked) => Some(asked.user),
            _ => None,
        }
    }

    /// Whether it helps here to prove something in this way.
    #[must_use]
    pub fn takes(&self, method: Method) -> bool {
        match self {
            Self::ExternalMfa(asked) => asked.wanted.takes(method),
            _ => true,
        }
    }
}

/// A request for a token of SAML 2.0, as far as its answer needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlRequest {
    /// The domain whose address was called.
    pub domain: FederatedDomainId,
    /// Who asks.
    pub relying_party: RelyingPartyId,
    /// Where the answer goes: one of the registered replies.
    pub reply: String,
    /// The opaque `RelayState`, byte for byte; `None` when there was none.
    pub relay_state: Option<String>,
    /// The request that is answered.
    pub request_id: String,
    /// The authentication contexts that the party takes; any when empty.
    pub contexts: Vec<String>,
    /// The form of naming people.
    pub name_id: NameIdFormat,
    /// Whether the person must not be shown anything.
    pub passive: bool,
}

/// A sign-out under way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SignOut {
    /// Who is still to be told.
    pub steps: Vec<SignOutStep>,
    /// Whoever asked for it, to be told at the end.
    pub answer: Option<SignOutAnswer>,
    /// Whether a party said that it could not.
    pub partial: bool,
    /// Applications of WS-Federation that are told at the end; they never answer.
    pub cleanups: Vec<RelyingPartyId>,
    /// Where the person goes afterwards, if an application said so.
    pub back: Option<SignOutReturn>,
    /// How it ended for each application that the session was used with, as far as anybody knows.
    pub ends: Vec<SignOutEnd>,
}

/// How a sign-out ended for one application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOutEnd {
    /// The application.
    pub relying_party: RelyingPartyId,
    /// How.
    pub how: PartyEnd,
}

/// What an application of a session makes of the session's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyEnd {
    /// It was asked, and has not answered.
    Silent,
    /// It said that it signed the person out.
    SignedOut,
    /// It said that it could not.
    Refused,
    /// Our server tells it, which may take a moment.
    Told,
    /// It takes no word of it.
    Untold,
}

/// An application that has the person back after a sign-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOutReturn {
    /// The application.
    pub relying_party: RelyingPartyId,
    /// One of its registered addresses.
    pub reply: String,
    /// The opaque `state` that goes along; OpenID Connect only.
    #[serde(default)]
    pub state: Option<String>,
}

/// A party that is to be told that a session is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOutStep {
    /// The domain that vouched there.
    pub domain: FederatedDomainId,
    /// The party.
    pub relying_party: RelyingPartyId,
    /// Whose session it was.
    pub user: UserId,
    /// The name that the party knows the session by.
    pub session_index: String,
}

/// A party that waits for the answer to its logout request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOutAnswer {
    /// The domain whose address was called.
    pub domain: FederatedDomainId,
    /// The party.
    pub relying_party: RelyingPartyId,
    /// The request that is answered.
    pub request_id: String,
    /// The opaque `RelayState`, byte for byte.
    pub relay_state: Option<String>,
}

/// What a request asks of the sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Demand {
    /// A second factor must be part of it.
    pub mfa: bool,
    /// The sign-in must be this new (seconds; 0 = sign in afresh).
    pub max_age: Option<u64>,
    /// The password must be part of it: the answer has to say that it was typed.
    #[serde(default)]
    pub password: bool,
}
