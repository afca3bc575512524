//! A client of OpenID Connect, its request, and what a person's sign-in there gives it: a code, then
//! a token for what it may read about them.

use serde::{Deserialize, Serialize};

use crate::{
    Ts,
    ids::{FederatedDomainId, OidcGrantId, RelyingPartyId, SessionId, UserId},
    session::ClientInfo,
};

/// What only a client of OpenID Connect has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OidcClient {
    /// How it shows who it is.
    pub proof: ClientProof,
    /// Where people may go after a sign-out; compared byte for byte.
    pub after_sign_out: Vec<String>,
    /// Where it hears by itself that a session ended (Back-Channel Logout 2.2); `None`: nowhere.
    pub back_channel: Option<String>,
    /// Whether it brings each request to us before it sends a browser (RFC 9126).
    pub pushes: bool,
}

/// How a client shows who it is when it fetches tokens.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientProof {
    /// It runs where everybody can read it, and so has no secret: only PKCE binds its codes.
    #[default]
    Public,
    /// By a secret, of which we know the SHA-256 in hex digits: 256 random bits need no slow hash.
    Secret(String),
}

/// A request for a code, as far as its answer needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcRequest {
    /// The domain whose address was called.
    pub domain: FederatedDomainId,
    /// Who asks.
    pub relying_party: RelyingPartyId,
    /// Where the answer goes: one of the registered addresses.
    pub reply: String,
    /// The opaque `state`, byte for byte; `None` when there was none.
    pub state: Option<String>,
    /// How the answer travels.
    pub mode: ResponseMode,
    /// Whether the person must not be shown anything (`prompt=none`).
    pub passive: bool,
    /// Whom it must be about: the immutable id, if the client said so (`id_token_hint`).
    #[serde(default)]
    pub subject: Option<String>,
    /// What the tokens will need.
    pub terms: Terms,
}

/// How an answer travels to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of its address.
    #[default]
    Query,
    /// In a form.
    FormPost,
}

/// What was agreed when the code was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Terms {
    /// The scopes that we know among those asked for; `openid` is one of them.
    pub scopes: Vec<Scope>,
    /// Goes into the ID token byte for byte.
    pub nonce: Option<String>,
    /// `code_challenge` of the method S256.
    pub challenge: Option<String>,
    /// A second factor was demanded.
    pub mfa: bool,
    /// The sign-in had to be this new (seconds; 0 = sign in afresh).
    #[serde(default)]
    pub max_age: Option<u64>,
}

/// A scope that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The sign-in itself.
    Openid,
    /// Names.
    Profile,
    /// The mail address.
    Email,
}

impl Scope {
    /// All of them, in the order in which answers list them.
    pub const ALL: [Self; 3] = [Self::Openid, Self::Profile, Self::Email];

    /// Its word in the protocol.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openid => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
        }
    }

    /// The scope that a client must have asked for to be told a standard claim (Core 5.4); `None`
    /// for a name of an admin's own, which needs none.
    #[must_use]
    pub fn of_claim(name: &str) -> Option<Self> {
        match name {
            "email" | "email_verified" => Some(Self::Email),
            "name" | "given_name" | "family_name" | "middle_name" | "nickname"
            | "preferred_username" | "profile" | "picture" | "website" | "gender" | "birthdate"
            | "zoneinfo" | "locale" | "updated_at" => Some(Self::Profile),
            _ => None,
        }
    }
}

/// What one sign-in at a client gives it. One row lives from the code to the end of the access
/// token, so that a code that comes twice takes along what it gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcGrant {
    /// Our id.
    pub id: OidcGrantId,
    /// SHA-256 of the code.
    pub code_digest: [u8; 32],
    /// The client that it is for.
    pub relying_party_id: RelyingPartyId,
    /// The domain that vouches.
    pub domain_id: FederatedDomainId,
    /// Who signed in.
    pub user_id: UserId,
    /// In which session.
    pub session_id: SessionId,
    /// The browser that asked for the code: the client itself brings it, from elsewhere.
    pub browser: ClientInfo,
    /// The address that the code went to; it must be named again.
    pub reply: String,
    /// What was agreed.
    pub terms: Terms,
    /// The code is good until then.
    pub code_expires_at: Ts,
    /// When the code came back.
    pub used_at: Option<Ts>,
    /// SHA-256 of the access token that it gave.
    pub access_digest: Option<[u8; 32]>,
    /// The row is of use until then: the access token is good no longer.
    pub expires_at: Ts,
    /// When everything was taken back.
    pub revoked_at: Option<Ts>,
}

/// A request that a client brought before it sends a browser with its name alone (RFC 9126).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedRequest {
    /// SHA-256 of the secret part of its name.
    pub digest: [u8; 32],
    /// Who brought it.
    pub relying_party_id: RelyingPartyId,
    /// The domain whose address was called.
    pub domain_id: FederatedDomainId,
    /// The request, as a form, without what proved the client.
    pub request: String,
    /// It is good until then.
    pub expires_at: Ts,
}

/// A session that a client has a token of, and that it wants to hear the end of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSession {
    /// The session.
    pub session_id: SessionId,
    /// The client.
    pub relying_party_id: RelyingPartyId,
    /// The domain that vouched.
    pub domain_id: FederatedDomainId,
    /// Whose it is.
    pub user_id: UserId,
    /// When it ended; `None`: it goes on.
    pub ended_at: Option<Ts>,
    /// When the client is told next.
    pub due_at: Option<Ts>,
    /// How often it was told in vain.
    pub attempts: u32,
}
