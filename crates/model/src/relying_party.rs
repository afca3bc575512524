//! Who trusts our tokens.

use serde::{Deserialize, Serialize};

use crate::{
    Ts,
    ids::{FederatedDomainId, RelyingPartyId},
    issued_token::Protocol,
    oidc::OidcClient,
    user::User,
};

/// A party that trusts our tokens, registered for one of our domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// Our id.
    pub id: RelyingPartyId,
    /// What people call it.
    pub name: String,
    /// `wtrealm` or entity id, and the audience of its tokens; compared byte for byte.
    pub realm: String,
    /// Where answers may go; compared byte for byte. The first is the default.
    pub replies: Vec<String>,
    /// The domain that vouches for people there.
    pub domain_id: FederatedDomainId,
    /// A switched-off party gets no token (R082).
    pub enabled: bool,
    /// What it is, and so which protocols it speaks.
    pub kind: PartyKind,
    /// How its tokens look, and what its messages must be like.
    pub settings: PartySettings,
}

/// What a relying party is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// Microsoft 365: every protocol that Entra federates by; assignment to the application counts.
    Microsoft,
    /// Another application that speaks SAML 2.0.
    Saml2,
    /// Another application that speaks WS-Federation.
    WsFed,
    /// Another application that speaks OpenID Connect.
    Oidc,
}

/// What another application than Microsoft's speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PartyProtocol {
    /// SAML 2.0.
    #[default]
    Saml2,
    /// WS-Federation.
    WsFed,
    /// OpenID Connect.
    Oidc,
}

impl PartyProtocol {
    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Saml2 => "SAML 2.0",
            Self::WsFed => "WS-Federation",
            Self::Oidc => "OpenID Connect",
        }
    }
}

impl PartyKind {
    /// Whether a party of this kind gets tokens by this protocol (R082).
    #[must_use]
    pub const fn speaks(self, protocol: Protocol) -> bool {
        match self {
            // Entra federates by none of OpenID Connect.
            Self::Microsoft => !matches!(protocol, Protocol::Oidc),
            Self::Saml2 => matches!(protocol, Protocol::Saml2),
            Self::WsFed => matches!(protocol, Protocol::WsFed),
            Self::Oidc => matches!(protocol, Protocol::Oidc),
        }
    }

    /// The one protocol that another application speaks; `None` for Microsoft.
    #[must_use]
    pub const fn protocol(self) -> Option<PartyProtocol> {
        match self {
            Self::Microsoft => None,
            Self::Saml2 => Some(PartyProtocol::Saml2),
            Self::WsFed => Some(PartyProtocol::WsFed),
            Self::Oidc => Some(PartyProtocol::Oidc),
        }
    }
}

impl From<PartyProtocol> for PartyKind {
    fn from(protocol: PartyProtocol) -> Self {
        match protocol {
            PartyProtocol::Saml2 => Self::Saml2,
            PartyProtocol::WsFed => Self::WsFed,
            PartyProtocol::Oidc => Self::Oidc,
        }
    }
}

/// How the tokens of a relying party look, and what its messages must be like.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PartySettings {
    /// Who may use it.
    pub access: Access,
    /// How people are named to it.
    pub name_id: NameIdFormat,
    /// What else it is told about them.
    pub claims: Vec<PickedClaim>,
    /// The keys of its signatures: certificates, each as base64 of its DER.
    pub certificates: Vec<String>,
    /// Whether its requests must be signed; stored, never guessed from the keys (R104).
    pub requests: SignedRequests,
    /// Until then its signatures may use SHA-1 (R108).
    pub sha1_until: Option<Ts>,
    /// What we sign of an answer.
    pub signs: SignedParts,
    /// Where it takes logout messages (`LogoutRequest`, `wsignoutcleanup1.0`).
    pub sign_out: Option<SignOutService>,
    /// The numbers of its replies, by which a request may select one.
    pub reply_indexes: Vec<u16>,
    /// Where people begin there; the portal has a tile for it.
    pub start: Option<String>,
    /// What only a client of OpenID Connect has.
    pub oidc: OidcClient,
}

/// Who may use a relying party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Whoever is assigned to the tenant's application.
    #[default]
    Assigned,
    /// Everybody with an address in the tenant's domains.
    Everyone,
}

/// How a person is named to a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameIdFormat {
    /// The immutable id: the same for ever.
    #[default]
    Persistent,
    /// The sign-in name, which looks like a mail address.
    EmailAddress,
    /// The sign-in name, without saying what it is.
    Unspecified,
    /// A new name in each token.
    Transient,
}

impl NameIdFormat {
    /// All of them, as pages list them.
    pub const ALL: [Self; 4] =
        [Self::Persistent, Self::EmailAddress, Self::Unspecified, Self::Transient];

    /// Its name in the protocol.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Persistent => "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            Self::EmailAddress => "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            Self::Unspecified => "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
            Self::Transient => "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
        }
    }

    /// The format with this name in the protocol.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.uri() == uri)
    }
}

/// A claim that an admin picked for a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickedClaim {
    /// Its name, as the party wants it.
    pub name: String,
    /// Where its value comes from.
    pub source: ClaimSource,
}

/// What of a person a claim says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimSource {
    /// The sign-in name.
    Upn,
    /// The immutable id.
    ImmutableId,
    /// The mail address; the sign-in name where there is none.
    Mail,
    /// The full name.
    DisplayName,
    /// The first name.
    GivenName,
    /// The family name.
    Surname,
    /// The department.
    Department,
    /// The job title.
    JobTitle,
    /// The country.
    Country,
}

impl ClaimSource {
    /// All of them, as pages list them.
    pub const ALL: [Self; 9] = [
        Self::Upn,
        Self::Mail,
        Self::DisplayName,
        Self::GivenName,
        Self::Surname,
        Self::Department,
        Self::JobTitle,
        Self::Country,
        Self::ImmutableId,
    ];

    /// The name by which most applications of WS-Federation know it, if there is one.
    #[must_use]
    pub const fn usual_name(self) -> Option<&'static str> {
        Some(match self {
            Self::Upn => "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
            Self::Mail => "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
            Self::DisplayName => "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
            Self::GivenName => "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
            Self::Surname => "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
            Self::Country => "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/country",
            Self::Department | Self::JobTitle | Self::ImmutableId => return None,
        })
    }

    /// The standard claim of OpenID Connect that says it (Core 5.1), if there is one.
    #[must_use]
    pub const fn standard_claim(self) -> Option<&'static str> {
        Some(match self {
            Self::Upn => "preferred_username",
            Self::Mail => "email",
            Self::DisplayName => "name",
            Self::GivenName => "given_name",
            Self::Surname => "family_name",
            Self::Department | Self::JobTitle | Self::Country | Self::ImmutableId => return None,
        })
    }

    /// What this is of a person; nothing when they have none.
    #[must_use]
    pub fn of(self, user: &User) -> Option<String> {
        let profile = &user.profile;
        match self {
            Self::Upn => Some(user.upn.to_string()),
            Self::ImmutableId => Some(user.immutable_id.as_str().to_owned()),
            Self::Mail => Some(profile.mail.clone().unwrap_or_else(|| user.upn.to_string())),
            Self::DisplayName => Some(profile.display_name.clone()),
            Self::GivenName => profile.given_name.clone(),
            Self::Surname => profile.surname.clone(),
            Self::Department => profile.department.clone(),
            Self::JobTitle => profile.job_title.clone(),
            Self::Country => profile.country.clone(),
        }
    }
}

/// Whether a party's requests must be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedRequests {
    /// They need not be; a signature that is there must hold.
    #[default]
    Optional,
    /// They must be.
    Required,
}

/// What is signed of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedParts {
    /// The assertion.
    #[default]
    Assertion,
    /// The assertion, and the response around it.
    Both,
}

/// Where a party takes logout messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOutService {
    /// How they travel.
    pub binding: SignOutBinding,
    /// Where requests go.
    pub location: String,
    /// Where answers go, if elsewhere.
    pub response: Option<String>,
}

/// How a logout message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignOutBinding {
    /// In the query of an address.
    Redirect,
    /// In a form.
    Post,
}

/// One of Microsoft's clouds: every host and realm follows from it (never free text).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cloud {
    /// Worldwide, GCC included.
    Global,
    /// GCC High.
    UsGov,
    /// US Department of Defense.
    UsGovDod,
    /// 21Vianet.
    China,
    /// The simulator; its hosts are settings, and production refuses it.
    Simulator,
}

/// The addresses of one cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudHosts {
    /// `https://login.microsoftonline.com`, without a trailing slash.
    pub login: String,
    /// `https://graph.microsoft.com`, without a trailing slash.
    pub graph: String,
}

impl Cloud {
    /// The fixed addresses of a real cloud; `None` for the simulator.
    #[must_use]
    pub fn hosts(self) -> Option<CloudHosts> {
        let (login, graph) = match self {
            Self::Global => ("https://login.microsoftonline.com", "https://graph.microsoft.com"),
            Self::UsGov => ("https://login.microsoftonline.us", "https://graph.microsoft.us"),
            Self::UsGovDod => {
                ("https://login.microsoftonline.us", "https://dod-graph.microsoft.us")
            }
            Self::China => (
                "https://login.partner.microsoftonline.cn",
                "https://microsoftgraph.chinacloudapi.cn",
            ),
            Self::Simulator => return None,
        };
        Some(CloudHosts { login: login.to_owned(), graph: graph.to_owned() })
    }

    /// Microsoft's realm in this cloud (`wtrealm`, audience).
    #[must_use]
    pub const fn realm(self) -> &'static str {
        match self {
            Self::China => "urn:federation:partner.microsoftonline.cn",
            _ => "urn:federation:MicrosoftOnline",
        }
    }

    /// The word that settings and the database use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::UsGov => "us_gov",
            Self::UsGovDod => "us_gov_dod",
            Self::China => "china",
            Self::Simulator => "simulator",
        }
    }
}

impl CloudHosts {
    /// Where Microsoft takes WS-Federation answers.
    #[must_use]
    pub fn reply(&self) -> String {
        format!("{}/login.srf", self.login)
    }
}
