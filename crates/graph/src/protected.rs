//! Whom we never write: everybody with a directory role (Y07), directly or through a group.

use std::collections::HashSet;

use model::ids::ObjectId;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    client::{Call, Graph},
    error::Result,
};

const READ_ROLES: &str = "RoleManagement.Read.Directory";
const READ_GROUPS: &str = "GroupMember.Read.All";

#[derive(Deserialize)]
struct Held {
    id: Uuid,
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
}

impl Graph {
    /// The objects that hold a directory role.
    pub async fn protected_ids(&self) -> Result<HashSet<ObjectId>> {
        let roles = self.url(&["directoryRoles"], &[("$select", "id")]);
        let roles: Vec<Held> = self.list(Call::get(roles, READ_ROLES)).await?;
        let mut protected = HashSet::new();
        for role in roles {
            let id = role.id.to_string();
            let members = self.url(&["directoryRoles", &id, "members"], &[("$select", "id")]);
            let members: Vec<Held> = self.list(Call::get(members, READ_ROLES)).await?;
            for member in members {
                if member.kind.as_deref() == Some("#microsoft.graph.group") {
                    protected.extend(self.people_of_group(member.id).await?);
                }
                protected.insert(ObjectId(member.id));
            }
        }
        Ok(protected)
    }

    async fn people_of_group(&self, group: Uuid) -> Result<Vec<ObjectId>> {
        let id = group.to_string();
        let url = self.url(&["groups", &id, "transitiveMembers"], &[("$select", "id")]);
        let members: Vec<Held> = self.list(Call::get(url, READ_GROUPS)).await?;
        Ok(members.into_iter().map(|member| ObjectId(member.id)).collect())
    }
}
