//! The addresses of one federated domain (`federation.md` 0.5). They come from the configured
//! public URL and the domain's slug, never from a request (R077).

use model::federated_domain::BrowserProtocol;
use url::Url;

use crate::wstrust::Version;

/// The first segments of every address of a domain: `/d/{slug}`.
pub const DOMAIN_PREFIX: &str = "/d/";
/// WS-Federation sign-in and sign-out, below the domain's prefix.
pub const PASSIVE_PATH: &str = "/adfs/ls/";
/// The root of the WS-Trust addresses; the issuer URI is this address.
pub const TRUST_PATH: &str = "/adfs/services/trust/";
/// Where WS-Trust addresses are described.
pub const MEX_PATH: &str = "/adfs/services/trust/mex";
/// Federation metadata.
pub const METADATA_PATH: &str = "/federationmetadata/2007-06/federationmetadata.xml";

/// SAML 2.0 logout messages.
pub const LOGOUT_PATH: &str = "/saml/slo";
/// SAML 2.0 requests of clients without a browser.
pub const ECP_PATH: &str = "/saml/ecp";
/// SAML 2.0 metadata; a relying party's own has its id below.
pub const SAML_METADATA_PATH: &str = "/saml/metadata";

/// OpenID Connect: everything of it is below, and the issuer is this address.
pub const OIDC_PATH: &str = "/oidc";

/// The addresses of one federated domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    base: String,
}

impl Endpoints {
    /// The addresses below `public_url` of the domain with this slug.
    #[must_use]
    pub fn new(public_url: &Url, slug: &str) -> Self {
        Self { base: format!("{}{DOMAIN_PREFIX}{slug}", public_url.as_str().trim_end_matches('/')) }
    }

    /// What tokens of the domain say as their issuer, unless an older one was taken over.
    #[must_use]
    pub fn issuer_uri(&self) -> String {
        format!("{}{TRUST_PATH}", self.base)
    }

    /// Where browsers are sent to sign in.
    #[must_use]
    pub fn passive_sign_in_uri(&self) -> String {
        format!("{}{PASSIVE_PATH}", self.base)
    }

    /// Where browsers are sent to sign out. With WS-Federation, Microsoft appends `wa=wsignout1.0`
    /// itself.
    #[must_use]
    pub fn sign_out_uri(&self, protocol: BrowserProtocol) -> String {
        match protocol {
            BrowserProtocol::WsFed => self.passive_sign_in_uri(),
            BrowserProtocol::Saml2 => self.logout_uri(),
        }
    }

    /// Where SAML 2.0 logout messages are sent.
    #[must_use]
    pub fn logout_uri(&self) -> String {
        format!("{}{LOGOUT_PATH}", self.base)
    }

    /// Where mail servers send a name and a password with a SAML 2.0 request (ECP).
    #[must_use]
    pub fn ecp_uri(&self) -> String {
        format!("{}{ECP_PATH}", self.base)
    }

    /// Where the SAML 2.0 metadata is.
    #[must_use]
    pub fn saml_metadata_uri(&self) -> String {
        format!("{}{SAML_METADATA_PATH}", self.base)
    }

    /// What ID tokens of the domain say as their issuer. No older one can be taken over: it must lead
    /// to the discovery document (Discovery 4).
    #[must_use]
    pub fn oidc_issuer(&self) -> String {
        format!("{}{OIDC_PATH}", self.base)
    }

    /// One of the addresses below the issuer of OpenID Connect.
    #[must_use]
    pub fn oidc(&self, address: OidcAddress) -> String {
        format!("{}{}", self.oidc_issuer(), address.path())
    }

    /// Where clients send a name and a password, in this version of WS-Trust. They guess the version
    /// from the end of the address when they can't read the description.
    #[must_use]
    pub fn trust_uri(&self, version: Version) -> String {
        format!("{}{TRUST_PATH}{}/usernamemixed", self.base, version.segment())
    }

    /// Where rich clients find the WS-Trust addresses.
    #[must_use]
    pub fn mex_uri(&self) -> String {
        format!("{}{MEX_PATH}", self.base)
    }

    /// Where the federation metadata is.
    #[must_use]
    pub fn metadata_uri(&self) -> String {
        format!("{}{METADATA_PATH}", self.base)
    }
}

/// An address of OpenID Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OidcAddress {
    /// What we speak, and where.
    Discovery,
    /// The keys that ID tokens are checked with.
    Keys,
    /// Where browsers are sent to sign in.
    Authorization,
    /// Where clients bring their requests beforehand.
    Pushed,
    /// Where clients fetch tokens for a code.
    Token,
    /// What an access token opens.
    UserInfo,
    /// Where browsers are sent to sign out.
    EndSession,
}

impl OidcAddress {
    /// Its path below the issuer.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Discovery => "/.well-known/openid-configuration",
            Self::Keys => "/jwks",
            Self::Authorization => "/authorize",
            Self::Pushed => "/par",
            Self::Token => "/token",
            Self::UserInfo => "/userinfo",
            Self::EndSession => "/end-session",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hang_below_the_public_url_and_the_slug() {
        for public in ["https://sts.contoso.com", "https://sts.contoso.com/"] {
            let public = Url::parse(public).expect("a plain address");
            let endpoints = Endpoints::new(&public, "contoso-com");
            let base = "https://sts.contoso.com/d/contoso-com";
            assert_eq!(endpoints.passive_sign_in_uri(), format!("{base}/adfs/ls/"));
            let sign_out = |protocol| endpoints.sign_out_uri(protocol);
            assert_eq!(sign_out(BrowserProtocol::WsFed), format!("{base}/adfs/ls/"));
            assert_eq!(sign_out(BrowserProtocol::Saml2), format!("{base}/saml/slo"));
            assert_eq!(endpoints.issuer_uri(), format!("{base}/adfs/services/trust/"));
            let trust = format!("{base}/adfs/services/trust");
            assert_eq!(endpoints.mex_uri(), format!("{trust}/mex"));
            for (version, end) in [(Version::Feb2005, "2005"), (Version::V13, "13")] {
                assert_eq!(endpoints.trust_uri(version), format!("{trust}/{end}/usernamemixed"));
            }
            assert_eq!(endpoints.oidc_issuer(), format!("{base}/oidc"));
            assert_eq!(endpoints.oidc(OidcAddress::Token), format!("{base}/oidc/token"));
            assert!(endpoints.metadata_uri().ends_with("/2007-06/federationmetadata.xml"));
        }
    }
}
