//! Looking at everybody in a tenant with what may tell whose an object is, and giving one its person's
//! immutable id (`graph.md` 2.4, 2.5).

use std::collections::HashSet;

use model::{
    ids::ObjectId,
    matches::{OffLimits, SeenObject},
    tenant_people::Account,
    user::Profile,
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::{
    client::{Call, Graph},
    error::{Error, Result},
    users::READ,
};

const SELECT: &str = "id,userPrincipalName,displayName,mail,proxyAddresses,onPremisesImmutableId,\
    onPremisesSyncEnabled,userType,accountEnabled,assignedLicenses,givenName,surname,department,\
    jobTitle,country";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireObject {
    id: Uuid,
    user_principal_name: String,
    display_name: Option<String>,
    mail: Option<String>,
    proxy_addresses: Option<Vec<String>>,
    on_premises_immutable_id: Option<String>,
    on_premises_sync_enabled: Option<bool>,
    user_type: Option<String>,
    account_enabled: Option<bool>,
    assigned_licenses: Option<Vec<serde::de::IgnoredAny>>,
    given_name: Option<String>,
    surname: Option<String>,
    department: Option<String>,
    job_title: Option<String>,
    country: Option<String>,
}

/// Everybody in a tenant, as one look finds them.
#[derive(Debug)]
pub struct Everybody {
    /// Who is there.
    pub accounts: Vec<Account>,
    /// Who is in the bin.
    pub bin: Vec<SeenObject>,
}

impl Everybody {
    /// The objects of all of them.
    #[must_use]
    pub fn objects(&self) -> Vec<SeenObject> {
        let there = self.accounts.iter().map(|account| account.object.clone());
        there.chain(self.bin.iter().cloned()).collect()
    }
}

impl Graph {
    /// Every user object of the tenant, those in the bin included, or an error and nothing (Y22).
    pub async fn seen_objects(&self) -> Result<Vec<SeenObject>> {
        Ok(self.everybody().await?.objects())
    }

    /// The same, with everything that a person can be made of.
    pub async fn everybody(&self) -> Result<Everybody> {
        let protected = self.protected_ids().await?;
        let url = self.url(&["users"], &[("$select", SELECT), ("$top", "999")]);
        let users: Vec<WireObject> = self.list(Call::get(url, READ)).await?;
        let mut seen = HashSet::new();
        if !users.iter().all(|user| seen.insert(user.id)) {
            return Err(Error::PartialRead("a user came twice"));
        }
        let mut accounts: Vec<Account> =
            users.into_iter().map(|user| user.into_noun(&protected)).collect();
        let mut bin = Vec::new();
        for deleted in self.deleted_users().await? {
            // Somebody deleted between the two readings is seen in both.
            accounts.retain(|account| account.object.id != deleted.user.id);
            bin.push(SeenObject {
                id: deleted.user.id,
                upn: deleted.user.upn,
                display_name: deleted.user.attributes.display_name().to_owned(),
                mail: None,
                proxy_addresses: Vec::new(),
                immutable_id: deleted.user.immutable_id,
                off_limits: Some(OffLimits::Deleted),
            });
        }
        Ok(Everybody { accounts, bin })
    }

    /// Gives an object its immutable id. Entra refuses one that another object has, and another one
    /// for somebody of a federated domain.
    pub async fn set_immutable_id(&self, id: &ObjectId, immutable_id: &str) -> Result<()> {
        self.patch(id, &json!({"onPremisesImmutableId": immutable_id})).await
    }
}

impl WireObject {
    fn into_noun(self, protected: &HashSet<ObjectId>) -> Account {
        let id = ObjectId(self.id);
        let guest = self.user_type.is_some_and(|kind| kind.eq_ignore_ascii_case("guest"));
        let synchronised = self.on_premises_sync_enabled.unwrap_or(false);
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        let display_name = self.display_name.unwrap_or_default();
        let profile = Profile {
            display_name: display_name.clone(),
            given_name: text(self.given_name),
            surname: text(self.surname),
            department: text(self.department),
            job_title: text(self.job_title),
            country: text(self.country),
            ..Profile::default()
        };
        let object = SeenObject {
            id,
            upn: self.user_principal_name,
            display_name,
            mail: text(self.mail),
            proxy_addresses: self.proxy_addresses.unwrap_or_default(),
            immutable_id: text(self.on_premises_immutable_id),
            off_limits: match () {
                () if protected.contains(&id) => Some(OffLimits::Administrator),
                () if guest => Some(OffLimits::Guest),
                () if synchronised => Some(OffLimits::Synchronised),
                () => None,
            },
        };
        Account {
            object,
            enabled: self.account_enabled.unwrap_or(true),
            licensed: self.assigned_licenses.is_some_and(|held| !held.is_empty()),
            profile,
        }
    }
}
