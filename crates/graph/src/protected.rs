//! Who holds a directory role, directly or through a group: whom we never write (Y07).

use std::collections::HashSet;

use model::{ids::ObjectId, tenant_state::RoleHolder};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    client::{Call, Graph},
    error::Result,
};

const READ_ROLES: &str = "RoleManagement.Read.Directory";
const READ_GROUPS: &str = "GroupMember.Read.All";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRole {
    id: Uuid,
    role_template_id: Option<String>,
    display_name: Option<String>,
}

#[derive(Deserialize)]
struct Held {
    id: Uuid,
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
}

impl Graph {
    /// The objects that hold a directory role.
    pub async fn protected_ids(&self) -> Result<HashSet<ObjectId>> {
        Ok(self.role_holders().await?.into_iter().map(|held| held.object).collect())
    }

    /// Who holds which directory role; a group stands beside its people.
    pub async fn role_holders(&self) -> Result<Vec<RoleHolder>> {
        let select = [("$select", "id,roleTemplateId,displayName")];
        let roles: Vec<WireRole> =
            self.list(Call::get(self.url(&["directoryRoles"], &select), READ_ROLES)).await?;
        let mut holders = Vec::new();
        for role in roles {
            let objects = self.holders_of(role.id).await?;
            let template = role.role_template_id.unwrap_or_default();
            let name = role.display_name.unwrap_or_default();
            holders.extend(objects.into_iter().map(|object| RoleHolder {
                object,
                template: template.clone(),
                role: name.clone(),
            }));
        }
        Ok(holders)
    }

    async fn holders_of(&self, role: Uuid) -> Result<Vec<ObjectId>> {
        let id = role.to_string();
        let members = self.url(&["directoryRoles", &id, "members"], &[("$select", "id")]);
        let members: Vec<Held> = self.list(Call::get(members, READ_ROLES)).await?;
        let mut holders = Vec::new();
        for member in members {
            if member.kind.as_deref() == Some("#microsoft.graph.group") {
                holders.extend(self.people_of_group(member.id).await?);
            }
            holders.push(ObjectId(member.id));
        }
        Ok(holders)
    }

    async fn people_of_group(&self, group: Uuid) -> Result<Vec<ObjectId>> {
        let id = group.to_string();
        let url = self.url(&["groups", &id, "transitiveMembers"], &[("$select", "id")]);
        let members: Vec<Held> = self.list(Call::get(url, READ_GROUPS)).await?;
        Ok(members.into_iter().map(|member| ObjectId(member.id)).collect())
    }
}
