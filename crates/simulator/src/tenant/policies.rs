//! What the tenant demands at sign-in: policies with Graph's shapes (graph.md 8.9, 9.4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::login::external_mfa::ExternalMethod;

/// The policies of the tenant, each as Graph shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Policies {
    pub(crate) security_defaults: Value,
    pub(crate) token_validation: Value,
    pub(crate) authorization: Value,
    pub(crate) authentication_methods: Value,
    pub(crate) conditional_access: Vec<Value>,
    /// Object ids and their state; whoever is not in it is `disabled`.
    pub(crate) per_user_mfa: BTreeMap<String, String>,
    /// External methods for the second factor.
    pub(crate) external_methods: Vec<ExternalMethod>,
}

impl Default for Policies {
    /// As a careful administrator leaves them: nothing stands in the way of a federation.
    fn default() -> Self {
        Self {
            security_defaults: json!({
                "id": "00000000-0000-0000-0000-000000000005",
                "displayName": "Security Defaults",
                "description": "Security defaults is a set of basic identity security mechanisms.",
                "isEnabled": false,
            }),
            token_validation: json!({
                "id": "federatedTokenValidationPolicy",
                "deletedDateTime": null,
                "validatingDomains": {
                    "@odata.type": "#microsoft.graph.allDomains", "rootDomains": "all",
                },
            }),
            authorization: json!({
                "id": "authorizationPolicy", "displayName": "Authorization Policy",
                "allowInvitesFrom": "everyone", "allowedToUseSSPR": false,
            }),
            authentication_methods: json!({
                "id": "authenticationMethodsPolicy",
                "displayName": "Authentication Methods Policy",
                "registrationEnforcement": {
                    "authenticationMethodsRegistrationCampaign": {
                        "snoozeDurationInDays": 1, "state": "disabled",
                        "excludeTargets": [], "includeTargets": [],
                    },
                },
            }),
            conditional_access: Vec::new(),
            per_user_mfa: BTreeMap::new(),
            external_methods: Vec::new(),
        }
    }
}
