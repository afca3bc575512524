//! What a script does to a domain, with every value of a strict kind before any script sees it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    entra::FederationConfiguration, ids::EntraTenantId, relying_party::Cloud, upn::is_dns_name,
};
use url::{Host, Url};

use super::quote::Plain;
use crate::{Error, Result, keyring::public_key};

/// A domain's federation, as it shall be. It exists only with values that scripts may carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederationPlan {
    tenant: EntraTenantId,
    cloud: Cloud,
    domain: String,
    configuration: FederationConfiguration,
}

/// A property as scripts write it.
pub(super) enum Value<'p> {
    Plain(Plain<'p>),
    FreeText(&'p str),
    Absent,
    Flag(bool),
}

impl FederationPlan {
    /// A plan, if each of its values is of its strict kind (R138).
    pub fn new(
        tenant: EntraTenantId,
        cloud: Cloud,
        domain: &str,
        configuration: FederationConfiguration,
    ) -> Result<Self> {
        let lower = domain.bytes().all(|b| !b.is_ascii_uppercase());
        check("domain", lower && is_dns_name(domain), "it is not a domain name in lower case")?;
        check_name(&configuration.display_name)?;
        check_issuer(&configuration.issuer_uri)?;
        for (field, address) in [
            ("passiveSignInUri", Some(&configuration.passive_sign_in_uri)),
            ("signOutUri", Some(&configuration.sign_out_uri)),
            ("activeSignInUri", configuration.active_sign_in_uri.as_ref()),
            ("metadataExchangeUri", configuration.metadata_exchange_uri.as_ref()),
        ] {
            address.map_or(Ok(()), |address| check_address(field, address, cloud))?;
        }
        check_certificate("signingCertificate", &configuration.signing_certificate)?;
        if let Some(next) = &configuration.next_signing_certificate {
            check_certificate("nextSigningCertificate", next)?;
        }
        check_choices(&configuration)?;
        Ok(Self { tenant, cloud, domain: domain.to_owned(), configuration })
    }

    /// Microsoft's id of the directory that the domain belongs to.
    #[must_use]
    pub const fn tenant(&self) -> EntraTenantId {
        self.tenant
    }

    /// The cloud that the directory lives in.
    #[must_use]
    pub const fn cloud(&self) -> Cloud {
        self.cloud
    }

    /// The DNS name, in lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// What Graph's federation object shall hold.
    #[must_use]
    pub const fn configuration(&self) -> &FederationConfiguration {
        &self.configuration
    }

    /// SHA-256 of everything in the plan, in hex; every script carries it.
    #[must_use]
    pub fn hash(&self) -> String {
        let all = (self.tenant, self.cloud, &self.domain, &self.configuration);
        let json = serde_json::to_vec(&all).expect("plain text fields always make JSON");
        hex::encode(digest(&SHA256, &[b"gatehouse federation plan 1\n", &json[..]].concat()))
    }

    /// Every property that a script writes, under Graph's name. None is left to a default.
    pub(super) fn properties(&self) -> [(&'static str, Value<'_>); 12] {
        let it = &self.configuration;
        [
            ("displayName", Value::FreeText(&it.display_name)),
            ("issuerUri", plain(&it.issuer_uri)),
            ("passiveSignInUri", plain(&it.passive_sign_in_uri)),
            ("activeSignInUri", maybe(it.active_sign_in_uri.as_deref())),
            ("metadataExchangeUri", maybe(it.metadata_exchange_uri.as_deref())),
            ("signOutUri", plain(&it.sign_out_uri)),
            ("signingCertificate", plain(&it.signing_certificate)),
            ("nextSigningCertificate", maybe(it.next_signing_certificate.as_deref())),
            ("preferredAuthenticationProtocol", plain(&it.preferred_authentication_protocol)),
            ("federatedIdpMfaBehavior", plain(&it.federated_idp_mfa_behavior)),
            ("promptLoginBehavior", plain(&it.prompt_login_behavior)),
            (
                "isSignedAuthenticationRequestRequired",
                Value::Flag(it.is_signed_authentication_request_required),
            ),
        ]
    }
}

pub(super) fn plain(value: &str) -> Value<'_> {
    Value::Plain(Plain::new(value).expect("the constructor lets only plain values in"))
}

fn maybe(value: Option<&str>) -> Value<'_> {
    value.map_or(Value::Absent, plain)
}

fn check(field: &'static str, fits: bool, why: &'static str) -> Result<()> {
    if fits { Ok(()) } else { Err(Error::UnfitForScript { field, why }) }
}

fn check_name(name: &str) -> Result<()> {
    let fits = !name.trim().is_empty() && name.len() <= 256;
    check("displayName", fits, "it is empty or longer than 256 bytes")?;
    check("displayName", !name.contains(char::is_control), "it has control characters")
}

/// An issuer is only compared, never opened: a URN or http is as good as https.
fn check_issuer(issuer: &str) -> Result<()> {
    let fits = Url::parse(issuer).is_ok_and(|url| matches!(url.scheme(), "https" | "http" | "urn"));
    check("issuerUri", fits && issuer.len() <= 1_024, "it is not an absolute URI")?;
    check("issuerUri", Plain::new(issuer).is_some(), "it has characters that need quoting")
}

fn check_address(field: &'static str, address: &str, cloud: Cloud) -> Result<()> {
    let url =
        Url::parse(address).map_err(|_| Error::UnfitForScript { field, why: "it is no URL" })?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let secure = url.scheme() == "https"
        || (url.scheme() == "http" && loopback && cloud == Cloud::Simulator);
    check(field, secure && url.has_host(), "it is not an https address")?;
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    check(field, bare, "it has a user name or a fragment")?;
    let spelled =
        address.len() <= 1_024 && Plain::new(address).is_some() && url.as_str() == address;
    check(field, spelled, "it is not in its plain spelling")
}

fn check_certificate(field: &'static str, base64: &str) -> Result<()> {
    let der = STANDARD.decode(base64).unwrap_or_default();
    check(field, public_key(&der).is_some(), "it is not the base64 of a certificate")
}

fn check_choices(it: &FederationConfiguration) -> Result<()> {
    const WHY: &str = "it is not one of the values that Graph knows";
    let protocols = ["wsFed", "saml"];
    let mfa =
        ["acceptIfMfaDoneByFederatedIdp", "enforceMfaByFederatedIdp", "rejectMfaByFederatedIdp"];
    let prompts = ["translateToFreshPasswordAuthentication", "nativeSupport", "disabled"];
    let protocol = it.preferred_authentication_protocol.as_str();
    check("preferredAuthenticationProtocol", protocols.contains(&protocol), WHY)?;
    let behavior = it.federated_idp_mfa_behavior.as_str();
    check("federatedIdpMfaBehavior", mfa.contains(&behavior), WHY)?;
    check("promptLoginBehavior", prompts.contains(&it.prompt_login_behavior.as_str()), WHY)
}
