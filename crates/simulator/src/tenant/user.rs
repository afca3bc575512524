//! A person in the tenant: Graph's properties as they were written, and what Entra adds.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A person in the tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// The object id.
    pub id: String,
    /// Graph properties that were written, by their Graph names.
    pub properties: Map<String, Value>,
    /// Licences assigned directly.
    pub licenses: Vec<License>,
    /// When the object was made, in Unix microseconds.
    pub created_at: i64,
    /// From when on other replicas see it.
    pub visible_at: i64,
    /// From when on the licence engine sees the usage location.
    pub usage_location_seen_at: i64,
    /// Sessions that began before are over.
    pub sessions_valid_from: i64,
    /// When it was put into the bin.
    pub deleted_at: Option<i64>,
}

/// A product assigned to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct License {
    /// The product.
    pub sku_id: String,
    /// Parts of it that are switched off.
    pub disabled_plans: Vec<String>,
    /// When it was last changed.
    pub updated_at: i64,
}

impl User {
    /// A Graph property as text.
    pub fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property).and_then(Value::as_str)
    }

    /// The sign-in name.
    pub fn upn(&self) -> &str {
        self.text("userPrincipalName").unwrap_or_default()
    }

    /// The name that people read.
    pub fn display_name(&self) -> &str {
        self.text("displayName").unwrap_or_default()
    }

    /// `onPremisesImmutableId`.
    pub fn immutable_id(&self) -> Option<&str> {
        self.text("onPremisesImmutableId")
    }

    /// The primary mail address.
    pub fn mail(&self) -> Option<&str> {
        self.text("mail")
    }

    /// Two letters, once set.
    pub fn usage_location(&self) -> Option<&str> {
        self.text("usageLocation")
    }

    /// Whether sign-in is allowed.
    pub fn account_enabled(&self) -> bool {
        self.properties.get("accountEnabled").and_then(Value::as_bool).unwrap_or_default()
    }

    /// The licence for a product.
    pub fn license(&self, sku_id: &str) -> Option<&License> {
        self.licenses.iter().find(|license| license.sku_id.eq_ignore_ascii_case(sku_id))
    }

    /// Mail and proxy addresses in lower case, without `smtp:`.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let proxies = self.properties.get("proxyAddresses").and_then(Value::as_array);
        let proxies = proxies.into_iter().flatten().filter_map(Value::as_str);
        self.mail()
            .into_iter()
            .chain(proxies)
            .map(|address| address.to_lowercase().trim_start_matches("smtp:").to_owned())
            .collect()
    }
}
