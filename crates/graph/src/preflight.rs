//! What a pre-flight reads besides domains and their federation (`graph.md` 8.9, 9.4): everybody in
//! the tenant, who holds a role, and what the tenant demands at sign-in.

use model::{
    ids::ObjectId,
    tenant_state::{AccessPolicy, DirectoryPerson, TokenValidation},
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    client::{Call, Graph},
    error::Result,
    users::READ,
};

const READ_POLICIES: &str = "Policy.Read.All";
const PEOPLE: &str =
    "id,userPrincipalName,onPremisesImmutableId,onPremisesSyncEnabled,userType,accountEnabled";

/// The built-in strength that a second factor of ours has.
const MFA_STRENGTH: &str = "00000000-0000-0000-0000-000000000002";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePerson {
    id: Uuid,
    user_principal_name: String,
    on_premises_immutable_id: Option<String>,
    on_premises_sync_enabled: Option<bool>,
    user_type: Option<String>,
    account_enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireTokenValidation {
    validating_domains: WireDomains,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDomains {
    root_domains: String,
    domain_names: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDefaults {
    is_enabled: bool,
}

#[derive(Deserialize)]
struct WireAuthorization {
    #[serde(rename = "allowedToUseSSPR")]
    self_reset: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMethods {
    registration_enforcement: Option<WireEnforcement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireEnforcement {
    authentication_methods_registration_campaign: Option<WireState>,
}

#[derive(Deserialize)]
struct WireState {
    state: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRequirement {
    per_user_mfa_state: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePolicy {
    display_name: Option<String>,
    state: Option<String>,
    grant_controls: Option<WireGrant>,
    session_controls: Option<WireSession>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireGrant {
    #[serde(default)]
    built_in_controls: Vec<String>,
    authentication_strength: Option<WireStrength>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireStrength {
    id: String,
    display_name: Option<String>,
    allowed_combinations: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSession {
    sign_in_frequency: Option<WireFrequency>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireFrequency {
    is_enabled: Option<bool>,
    frequency_interval: Option<String>,
}

impl Graph {
    /// Everybody in the tenant, or an error and nothing (Y22).
    pub async fn directory_people(&self) -> Result<Vec<DirectoryPerson>> {
        let url = self.url(&["users"], &[("$select", PEOPLE), ("$top", "999")]);
        let people: Vec<WirePerson> = self.list(Call::get(url, READ)).await?;
        Ok(people.into_iter().map(WirePerson::into_noun).collect())
    }

    /// For whom the domains of a token's issuer and of its person are compared.
    pub async fn token_validation(&self) -> Result<TokenValidation> {
        let policy: WireTokenValidation = self.policy("federatedTokenValidationPolicy").await?;
        Ok(TokenValidation {
            root_domains: policy.validating_domains.root_domains,
            names: policy.validating_domains.domain_names.unwrap_or_default(),
        })
    }

    /// Whether security defaults are on.
    pub async fn security_defaults(&self) -> Result<bool> {
        let policy: WireDefaults = self.policy("identitySecurityDefaultsEnforcementPolicy").await?;
        Ok(policy.is_enabled)
    }

    /// Whether administrators may reset their own password at Microsoft; Graph does not say whether
    /// everybody else may.
    pub async fn self_reset(&self) -> Result<bool> {
        Ok(self.policy::<WireAuthorization>("authorizationPolicy").await?.self_reset)
    }

    /// The state of the registration campaign: `default`, `enabled` or `disabled`.
    pub async fn registration_campaign(&self) -> Result<String> {
        let policy: WireMethods = self.policy("authenticationMethodsPolicy").await?;
        let campaign = policy
            .registration_enforcement
            .and_then(|it| it.authentication_methods_registration_campaign);
        Ok(campaign.and_then(|it| it.state).unwrap_or_else(|| "default".to_owned()))
    }

    /// The policies of Conditional Access.
    pub async fn access_policies(&self) -> Result<Vec<AccessPolicy>> {
        let url = self.url(&["identity", "conditionalAccess", "policies"], &[]);
        let policies: Vec<WirePolicy> = self.list(Call::get(url, READ_POLICIES)).await?;
        Ok(policies.into_iter().map(WirePolicy::into_noun).collect())
    }

    /// Whether per-user MFA is enabled or enforced for somebody; only beta says so.
    pub async fn has_per_user_mfa(&self, id: &ObjectId) -> Result<bool> {
        let id = id.to_string();
        let url = self.beta_url(&["users", &id, "authentication", "requirements"], &[]);
        let found: WireRequirement = self.read(Call::get(url, READ_POLICIES)).await?;
        Ok(found.per_user_mfa_state.is_some_and(|state| state != "disabled"))
    }

    async fn policy<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T> {
        self.read(Call::get(self.url(&["policies", name], &[]), READ_POLICIES)).await
    }
}

impl WirePerson {
    fn into_noun(self) -> DirectoryPerson {
        let guest = self.user_type.is_some_and(|kind| kind.eq_ignore_ascii_case("guest"));
        DirectoryPerson {
            id: ObjectId(self.id),
            upn: self.user_principal_name.to_lowercase(),
            immutable_id: self.on_premises_immutable_id.filter(|id| !id.is_empty()),
            // What can't be read opens no door.
            enabled: self.account_enabled.unwrap_or(false),
            guest,
            synchronised: self.on_premises_sync_enabled.unwrap_or(false),
        }
    }
}

impl WirePolicy {
    fn into_noun(self) -> AccessPolicy {
        let grant = self.grant_controls;
        let strength = grant.as_ref().and_then(|grant| grant.authentication_strength.as_ref());
        let frequency = self.session_controls.and_then(|session| session.sign_in_frequency);
        AccessPolicy {
            enforced: self.state.as_deref() == Some("enabled"),
            wants_factor: strength.is_some()
                || grant.as_ref().is_some_and(|grant| {
                    grant.built_in_controls.iter().any(|control| control == "mfa")
                }),
            strength_beyond_us: strength
                .filter(|strength| !strength.takes_ours())
                .map(|it| it.display_name.clone().unwrap_or_else(|| it.id.clone())),
            every_time: frequency.is_some_and(|it| {
                it.is_enabled.unwrap_or(true)
                    && it.frequency_interval.as_deref() == Some("everyTime")
            }),
            name: self.display_name.unwrap_or_default(),
        }
    }
}

impl WireStrength {
    /// A second factor of a federated identity provider is enough for it.
    fn takes_ours(&self) -> bool {
        match &self.allowed_combinations {
            Some(ways) if !ways.is_empty() => {
                ways.iter().any(|way| way.split(',').any(|it| it.trim() == "federatedMultiFactor"))
            }
            _ => self.id == MFA_STRENGTH,
        }
    }
}
