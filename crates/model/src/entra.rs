//! What Entra holds, as far as we look: users, products, domains and their federation.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    Ts,
    application::Licence,
    attribute::Attribute,
    ids::{ObjectId, ServicePlanId, SkuId, UserId},
};

/// A user object in Entra.
#[expect(clippy::struct_excessive_bools, reason = "each is a property of the same name at Graph")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntraUser {
    /// Entra's id.
    pub id: ObjectId,
    /// Its sign-in name there.
    pub upn: String,
    /// `onPremisesImmutableId`.
    pub immutable_id: Option<String>,
    /// `accountEnabled`.
    pub account_enabled: bool,
    /// `usageLocation`.
    pub usage_location: Option<String>,
    /// Licences that it has itself, less the ones inherited from a group.
    pub licences: Vec<Licence>,
    /// Whether it was made by a synchronisation from elsewhere (`onPremisesSyncEnabled`).
    pub synced_from_elsewhere: bool,
    /// `userType` is Guest.
    pub guest: bool,
    /// It holds a directory role: never written by us (Y07).
    pub protected: bool,
    /// The describing attributes.
    pub attributes: EntraAttributes,
}

/// The describing attributes of an Entra user; no value is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "BTreeMap<Attribute, Option<String>>")]
pub struct EntraAttributes(BTreeMap<Attribute, String>);

impl EntraAttributes {
    /// An attribute, if it has a value.
    #[must_use]
    pub fn get(&self, attribute: Attribute) -> Option<&str> {
        self.0.get(&attribute).map(String::as_str)
    }

    /// `displayName`, which every account has.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.get(Attribute::DisplayName).unwrap_or_default()
    }

    /// Sets an attribute, or empties it.
    pub fn set(&mut self, attribute: Attribute, value: Option<String>) {
        match value.filter(|value| !value.is_empty()) {
            Some(value) => self.0.insert(attribute, value),
            None => self.0.remove(&attribute),
        };
    }

    /// The same after some changes.
    #[must_use]
    pub fn after(mut self, changes: &AttributeChanges) -> Self {
        for (attribute, value) in &changes.0 {
            self.set(*attribute, value.clone());
        }
        self
    }

    /// Everything that has a value.
    pub fn iter(&self) -> impl Iterator<Item = (Attribute, &str)> {
        self.0.iter().map(|(attribute, value)| (*attribute, value.as_str()))
    }
}

impl From<BTreeMap<Attribute, Option<String>>> for EntraAttributes {
    fn from(values: BTreeMap<Attribute, Option<String>>) -> Self {
        let mut attributes = Self::default();
        for (attribute, value) in values {
            attributes.set(attribute, value);
        }
        attributes
    }
}

impl<T: Into<String>> FromIterator<(Attribute, T)> for EntraAttributes {
    fn from_iter<I: IntoIterator<Item = (Attribute, T)>>(values: I) -> Self {
        let mut attributes = Self::default();
        for (attribute, value) in values {
            attributes.set(attribute, Some(value.into()));
        }
        attributes
    }
}

/// Attributes that are given another value, or none; what isn't named stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttributeChanges(pub BTreeMap<Attribute, Option<String>>);

/// What is sent to create a user in Entra.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntraUser {
    /// `userPrincipalName`.
    pub upn: String,
    /// `mailNickname`.
    pub mail_nickname: String,
    /// `onPremisesImmutableId`.
    pub immutable_id: String,
    /// `usageLocation`.
    pub usage_location: String,
    /// The describing attributes.
    pub attributes: EntraAttributes,
}

/// A product of the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscribedSku {
    /// Microsoft's id of the product.
    pub sku_id: SkuId,
    /// Microsoft's short name (`SPB`).
    pub sku_part_number: String,
    /// Seats that can be used.
    pub enabled: u32,
    /// Seats in use.
    pub consumed: u32,
    /// The product is usable (`capabilityStatus` is Enabled or Warning).
    pub usable: bool,
    /// Its parts.
    pub service_plans: Vec<ServicePlan>,
}

/// A part of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePlan {
    /// Microsoft's id of the part.
    pub id: ServicePlanId,
    /// Microsoft's short name (`EXCHANGE_S_STANDARD`).
    pub name: String,
    /// It applies to users (and not to the whole company).
    pub per_user: bool,
}

/// A domain of the tenant.
#[expect(clippy::struct_excessive_bools, reason = "each is a property of the same name at Graph")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntraDomain {
    /// The DNS name.
    pub name: String,
    /// Ownership is proved.
    pub verified: bool,
    /// New users get it; it can't be federated.
    pub default: bool,
    /// `*.onmicrosoft.com`; it can't be federated.
    pub initial: bool,
    /// `isRoot`: it has a federation of its own; a sub-domain follows its root.
    pub root: bool,
    /// `authenticationType` is Federated.
    pub federated: bool,
}

/// A domain's federation object (`internalDomainFederation`); each field is Graph's property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FederationConfiguration {
    /// `displayName`.
    pub display_name: String,
    /// `issuerUri`.
    pub issuer_uri: String,
    /// `passiveSignInUri`.
    pub passive_sign_in_uri: String,
    /// `activeSignInUri`; absent while WS-Trust is off.
    pub active_sign_in_uri: Option<String>,
    /// `metadataExchangeUri`; absent while WS-Trust is off.
    pub metadata_exchange_uri: Option<String>,
    /// `signOutUri`.
    pub sign_out_uri: String,
    /// `signingCertificate`: base64 DER without line breaks.
    pub signing_certificate: String,
    /// `nextSigningCertificate`.
    pub next_signing_certificate: Option<String>,
    /// `preferredAuthenticationProtocol`: `wsFed` or `saml`.
    pub preferred_authentication_protocol: String,
    /// `federatedIdpMfaBehavior`.
    pub federated_idp_mfa_behavior: String,
    /// `promptLoginBehavior`.
    pub prompt_login_behavior: String,
    /// `isSignedAuthenticationRequestRequired`: Entra signs its requests of SAML 2.0.
    #[serde(default)]
    pub is_signed_authentication_request_required: bool,
}

/// A user object that was deleted and can be restored for 30 days: as it will be once it is back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedUser {
    /// The object, with the sign-in name that it had and without licences: its seats are free.
    pub user: EntraUser,
    /// When it was deleted.
    pub deleted_at: Ts,
}

/// How long Entra keeps what was deleted (`graph.md` 2.10).
pub const KEPT_IN_BIN: Duration = Duration::from_hours(30 * 24);

/// Our person and their Entra object, joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntraLink {
    /// Our person.
    pub user_id: UserId,
    /// Entra's object.
    pub object_id: ObjectId,
    /// Where the object comes from.
    pub origin: Origin,
    /// Since when it is in Entra's bin, if it is.
    pub deleted_at: Option<Ts>,
}

/// Where a linked object comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// We created it.
    Made,
    /// It was there already, or nobody knows: never deleted by us.
    Found,
}

/// Somebody got in at Entra by an assertion, as its sign-in log tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntraSignIn {
    /// The entry's id.
    pub id: String,
    /// When.
    pub at: Ts,
    /// Their object.
    pub object_id: Option<ObjectId>,
    /// Their sign-in name there, in lower case.
    pub upn: String,
    /// To which application.
    pub app: String,
    /// From which address.
    pub address: String,
}

/// A part of Entra's sign-in log, or why there is none to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInLog {
    /// What it says.
    Read(Vec<EntraSignIn>),
    /// The app registration may not read it.
    NotPermitted,
    /// The tenant's licence does not include it.
    NoLicence,
}
