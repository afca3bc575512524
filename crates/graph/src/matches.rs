//! Looking at everybody in a tenant with what may tell whose an object is, and giving one its person's
//! immutable id (`graph.md` 2.4, 2.5).

use std::collections::HashSet;

use model::{
    ids::ObjectId,
    matches::{OffLimits, SeenObject},
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
    onPremisesSyncEnabled,userType";

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
}

impl Graph {
    /// Every user object of the tenant, those in the bin included, or an error and nothing (Y22).
    pub async fn seen_objects(&self) -> Result<Vec<SeenObject>> {
        let protected = self.protected_ids().await?;
        let url = self.url(&["users"], &[("$select", SELECT), ("$top", "999")]);
        let users: Vec<WireObject> = self.list(Call::get(url, READ)).await?;
        let mut seen = HashSet::new();
        if !users.iter().all(|user| seen.insert(user.id)) {
            return Err(Error::PartialRead("a user came twice"));
        }
        let mut objects: Vec<SeenObject> =
            users.into_iter().map(|user| user.into_noun(&protected)).collect();
        for deleted in self.deleted_users().await? {
            // Somebody deleted between the two readings is seen in both.
            objects.retain(|object| object.id != deleted.user.id);
            objects.push(SeenObject {
                id: deleted.user.id,
                upn: deleted.user.upn,
                display_name: deleted.user.attributes.display_name().to_owned(),
                mail: None,
                proxy_addresses: Vec::new(),
                immutable_id: deleted.user.immutable_id,
                off_limits: Some(OffLimits::Deleted),
            });
        }
        Ok(objects)
    }

    /// Gives an object its immutable id. Entra refuses one that another object has, and another one
    /// for somebody of a federated domain.
    pub async fn set_immutable_id(&self, id: &ObjectId, immutable_id: &str) -> Result<()> {
        self.patch(id, &json!({"onPremisesImmutableId": immutable_id})).await
    }
}

impl WireObject {
    fn into_noun(self, protected: &HashSet<ObjectId>) -> SeenObject {
        let id = ObjectId(self.id);
        let guest = self.user_type.is_some_and(|kind| kind.eq_ignore_ascii_case("guest"));
        let synchronised = self.on_premises_sync_enabled.unwrap_or(false);
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        SeenObject {
            id,
            upn: self.user_principal_name,
            display_name: self.display_name.unwrap_or_default(),
            mail: text(self.mail),
            proxy_addresses: self.proxy_addresses.unwrap_or_default(),
            immutable_id: text(self.on_premises_immutable_id),
            off_limits: match () {
                () if protected.contains(&id) => Some(OffLimits::Administrator),
                () if guest => Some(OffLimits::Guest),
                () if synchronised => Some(OffLimits::Synchronised),
                () => None,
            },
        }
    }
}
