//! Users: reading, creating, changing (`graph.md` 2).

pub(crate) mod described;

use std::collections::HashSet;

use model::{
    application::Licence,
    attribute::Attribute,
    entra::{AttributeChanges, EntraAttributes, EntraUser, NewEntraUser},
    ids::{ObjectId, ServicePlanId, SkuId},
};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{
    client::{Call, Graph},
    error::{Error, Result},
    users::described::{Described, select},
};

/// What is known of a user besides the describing attributes.
const OWN: &str = "id,userPrincipalName,onPremisesImmutableId,accountEnabled,usageLocation,\
    assignedLicenses,licenseAssignmentStates,onPremisesSyncEnabled,userType";
pub(crate) const READ: &str = "User.Read.All";
pub(crate) const WRITE: &str = "User.ReadWrite.All";
const REVOKE: &str = "User.RevokeSessions.All";

/// Whether an account may be signed in to (`accountEnabled`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It may.
    Open,
    /// It may not.
    Blocked,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireUser {
    id: Uuid,
    user_principal_name: String,
    on_premises_immutable_id: Option<String>,
    account_enabled: Option<bool>,
    usage_location: Option<String>,
    assigned_licenses: Option<Vec<WireLicence>>,
    license_assignment_states: Option<Vec<WireLicence>>,
    on_premises_sync_enabled: Option<bool>,
    user_type: Option<String>,
    #[serde(flatten)]
    described: Described,
    /// Only on what was deleted.
    pub(crate) deleted_date_time: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireLicence {
    sku_id: Uuid,
    #[serde(default)]
    disabled_plans: Vec<Uuid>,
    assigned_by_group: Option<String>,
}

#[derive(Deserialize)]
struct Created {
    id: Uuid,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireNewUser<'a> {
    account_enabled: bool,
    user_principal_name: &'a str,
    mail_nickname: &'a str,
    on_premises_immutable_id: &'a str,
    usage_location: &'a str,
    password_profile: serde_json::Value,
    #[serde(flatten)]
    attributes: serde_json::Map<String, serde_json::Value>,
}

impl Graph {
    /// All users of the tenant, or an error and nothing (Y22).
    pub async fn list_users(&self) -> Result<Vec<EntraUser>> {
        let protected = self.protected_ids().await?;
        let url = self.url(&["users"], &[("$select", select(OWN).as_str()), ("$top", "999")]);
        let users: Vec<WireUser> = self.list(Call::get(url, READ)).await?;
        let mut seen = HashSet::new();
        if !users.iter().all(|user| seen.insert(user.id)) {
            return Err(Error::PartialRead("a user came twice"));
        }
        Ok(users.into_iter().map(|user| user.into_noun(&protected)).collect())
    }

    /// The user with this id.
    pub async fn user_by_id(&self, id: &ObjectId) -> Result<Option<EntraUser>> {
        let url = self.url(&["users", &id.to_string()], &[("$select", select(OWN).as_str())]);
        match self.read::<WireUser>(Call::get(url, READ).about(*id)).await {
            Ok(user) => Ok(Some(user.into_noun(&self.protected_ids().await?))),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The user who carries this immutable id.
    pub async fn user_by_immutable_id(&self, immutable_id: &str) -> Result<Option<EntraUser>> {
        let found = self.user_where("onPremisesImmutableId", immutable_id).await?;
        // Filters may fold case; immutable ids don't.
        Ok(found.filter(|user| user.immutable_id.as_deref() == Some(immutable_id)))
    }

    /// The user with this sign-in name.
    pub async fn user_by_upn(&self, upn: &str) -> Result<Option<EntraUser>> {
        self.user_where("userPrincipalName", upn).await
    }

    /// Creates a user. The password is never used while the domain is federated, and never kept.
    /// Not to be repeated blindly: `ensure_user` looks first.
    pub async fn create_user(
        &self,
        new: &NewEntraUser,
        one_time_password: SecretString,
    ) -> Result<EntraUser> {
        let body = WireNewUser {
            account_enabled: true,
            user_principal_name: &new.upn,
            mail_nickname: &new.mail_nickname,
            on_premises_immutable_id: &new.immutable_id,
            usage_location: &new.usage_location,
            password_profile: json!({
                "forceChangePasswordNextSignIn": false,
                "password": one_time_password.expose_secret(),
            }),
            attributes: described::written(of_new(&new.attributes)),
        };
        let call = Call::write(Method::POST, self.url(&["users"], &[]), WRITE, &body);
        let created: Created = self.read(call).await?;
        let id = ObjectId(created.id);
        self.written(id);
        Ok(as_created(id, new))
    }

    /// Sets or empties describing attributes; what isn't named stays.
    pub async fn update_attributes(&self, id: &ObjectId, changes: &AttributeChanges) -> Result<()> {
        let changes = changes.0.iter().map(|(attribute, value)| (*attribute, value.as_deref()));
        self.patch(id, &described::written(changes)).await
    }

    /// Gives the account another sign-in name.
    pub async fn rename(&self, id: &ObjectId, upn: &str) -> Result<()> {
        self.patch(id, &json!({"userPrincipalName": upn})).await
    }

    /// Blocks or opens sign-in.
    pub async fn set_account_enabled(&self, id: &ObjectId, access: Access) -> Result<()> {
        self.patch(id, &json!({"accountEnabled": access == Access::Open})).await
    }

    /// Sets where licences are used.
    pub async fn set_usage_location(&self, id: &ObjectId, country: &str) -> Result<()> {
        self.patch(id, &json!({"usageLocation": country})).await
    }

    /// Ends all refresh tokens and session cookies at Microsoft.
    pub async fn revoke_sessions(&self, id: &ObjectId) -> Result<()> {
        let url = self.url(&["users", &id.to_string(), "revokeSignInSessions"], &[]);
        self.send(Call::action(url, REVOKE).about(*id)).await.map(drop)
    }

    pub(crate) async fn patch(&self, id: &ObjectId, body: &impl Serialize) -> Result<()> {
        let url = self.url(&["users", &id.to_string()], &[]);
        self.send(Call::write(Method::PATCH, url, WRITE, body).about(*id)).await.map(drop)
    }

    async fn user_where(&self, property: &str, value: &str) -> Result<Option<EntraUser>> {
        let filter = format!("{property} eq '{}'", value.replace('\'', "''"));
        let url = self.url(&["users"], &[("$filter", filter.as_str()), ("$select", &select(OWN))]);
        let mut users: Vec<WireUser> = self.list(Call::get(url, READ)).await?;
        match (users.pop(), users.is_empty()) {
            (None, _) => Ok(None),
            (Some(user), true) => Ok(Some(user.into_noun(&self.protected_ids().await?))),
            (Some(_), false) => Err(Error::Unexpected(format!("two users have one {property}"))),
        }
    }
}

impl WireUser {
    pub(crate) fn into_noun(self, protected: &HashSet<ObjectId>) -> EntraUser {
        let id = ObjectId(self.id);
        let held = self.license_assignment_states.or(self.assigned_licenses).unwrap_or_default();
        EntraUser {
            id,
            upn: self.user_principal_name,
            immutable_id: self.on_premises_immutable_id.filter(|text| !text.is_empty()),
            account_enabled: self.account_enabled.unwrap_or(true),
            usage_location: self.usage_location.filter(|text| !text.is_empty()),
            licences: own_licences(&held),
            synced_from_elsewhere: self.on_premises_sync_enabled.unwrap_or(false),
            guest: self.user_type.is_some_and(|kind| kind.eq_ignore_ascii_case("guest")),
            protected: protected.contains(&id),
            attributes: self.described.into_noun(),
        }
    }
}

/// A licence that a group gave isn't ours to take (`graph.md` 3.4).
fn own_licences(held: &[WireLicence]) -> Vec<Licence> {
    let mut own: Vec<Licence> = held
        .iter()
        .filter(|licence| licence.assigned_by_group.is_none())
        .map(|licence| Licence {
            sku_id: SkuId(licence.sku_id),
            disabled_plans: licence.disabled_plans.iter().copied().map(ServicePlanId).collect(),
        })
        .collect();
    own.sort();
    own
}

fn as_created(id: ObjectId, new: &NewEntraUser) -> EntraUser {
    EntraUser {
        id,
        upn: new.upn.clone(),
        immutable_id: Some(new.immutable_id.clone()),
        account_enabled: true,
        usage_location: Some(new.usage_location.clone()),
        licences: Vec::new(),
        synced_from_elsewhere: false,
        guest: false,
        protected: false,
        attributes: new.attributes.clone(),
    }
}

fn of_new(attributes: &EntraAttributes) -> impl Iterator<Item = (Attribute, Option<&str>)> {
    attributes.iter().map(|(attribute, value)| (attribute, Some(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> std::result::Result<WireUser, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// Y27
    #[test]
    fn a_licence_from_a_group_is_not_the_persons_own() {
        let user = read(
            r#"{"id":"00000000-0000-0000-0000-000000000001","userPrincipalName":"a@contoso.com",
            "assignedLicenses":[{"skuId":"00000000-0000-0000-0000-00000000000a"},{"skuId":"00000000-0000-0000-0000-00000000000b"}],
            "licenseAssignmentStates":[{"skuId":"00000000-0000-0000-0000-00000000000a","disabledPlans":[],"assignedByGroup":null},
              {"skuId":"00000000-0000-0000-0000-00000000000b","disabledPlans":[],"assignedByGroup":"g"}]}"#,
        )
        .unwrap()
        .into_noun(&HashSet::new());
        let own: Vec<u128> = user.licences.iter().map(|l| l.sku_id.0.as_u128()).collect();
        assert_eq!(own, [10]);
    }

    /// Y24
    #[test]
    fn nulls_are_survived_and_ids_must_be_guids() {
        let nulls = r#"{"id":"00000000-0000-0000-0000-000000000001","userPrincipalName":"a@b.c",
            "accountEnabled":null,"displayName":null,"userType":null,"unknown":{"x":1}}"#;
        assert!(read(nulls).unwrap().into_noun(&HashSet::new()).account_enabled);
        assert!(read(r#"{"id":"../../me","userPrincipalName":"a@b.c"}"#).is_err());
    }
}
