//! Deleting and what comes back: the bin keeps people for 30 days (`graph.md` 2.10). Nothing here
//! empties it, and no app may.

use std::collections::HashSet;

use model::{
    Ts,
    entra::{DeletedUser, EntraUser},
    ids::ObjectId,
};
use reqwest::Method;
use serde::Deserialize;

use crate::{
    client::{Call, Graph},
    error::{Error, Result},
    users::{READ, WRITE, WireUser, described::select},
};

/// The type cast is mandatory.
const BIN: [&str; 3] = ["directory", "deletedItems", "microsoft.graph.user"];

/// What is known of a deleted user besides the describing attributes.
const OWN: &str = "id,userPrincipalName,onPremisesImmutableId,accountEnabled,usageLocation,\
    onPremisesSyncEnabled,userType,deletedDateTime";

#[derive(Deserialize)]
struct Anything {}

impl Graph {
    /// Everybody in the bin, or an error and nothing (Y22).
    pub async fn deleted_users(&self) -> Result<Vec<DeletedUser>> {
        let url = self.url(&BIN, &[("$select", select(OWN).as_str()), ("$top", "999")]);
        let users: Vec<WireUser> = self.list(Call::get(url, READ)).await?;
        users.into_iter().map(deleted_user).collect()
    }

    /// Whether this object is in the bin.
    pub async fn is_deleted(&self, id: &ObjectId) -> Result<bool> {
        let url = self.url(&["directory", "deletedItems", &id.to_string()], &[]);
        match self.read::<Anything>(Call::get(url, READ)).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Brings a deleted user back.
    pub async fn restore_user(&self, id: &ObjectId) -> Result<()> {
        let url = self.url(&["directory", "deletedItems", &id.to_string(), "restore"], &[]);
        self.send(Call::action(url, WRITE).about(*id)).await.map(drop)
    }

    /// Puts a user into the bin. One who isn't there any more is an error like any other.
    pub async fn delete_user(&self, id: &ObjectId) -> Result<()> {
        let url = self.url(&["users", &id.to_string()], &[]);
        let call = Call { method: Method::DELETE, ..Call::get(url, WRITE) };
        self.send(call.about(*id)).await?;
        // From now on its absence is no lag.
        self.gone(*id);
        Ok(())
    }
}

/// As it will be once it is back: with its old name, and without licences, whose seats are free.
fn deleted_user(wire: WireUser) -> Result<DeletedUser> {
    let at = wire.deleted_date_time.as_deref().and_then(Ts::from_rfc3339);
    let deleted_at = at.ok_or_else(|| Error::Unexpected("no time of a deletion".to_owned()))?;
    // Roles ended with the deletion; who is restored is looked at anew.
    let user = wire.into_noun(&HashSet::new());
    let upn = former_name(&user).to_owned();
    Ok(DeletedUser { user: EntraUser { upn, licences: Vec::new(), ..user }, deleted_at })
}

/// The bin puts the id, without its dashes, before the sign-in name.
fn former_name(user: &EntraUser) -> &str {
    let mark = user.id.to_string().replace('-', "");
    let is_marked = user.upn.get(..mark.len()).is_some_and(|m| m.eq_ignore_ascii_case(&mark));
    if is_marked { user.upn.get(mark.len()..).unwrap_or_default() } else { &user.upn }
}
