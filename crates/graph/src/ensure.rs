//! Creating a user so that it may be repeated: Graph's own create may not (Y11, Y28).

use std::time::Duration;

use model::entra::{EntraUser, NewEntraUser};
use secrecy::SecretString;
use tokio::time::sleep;

use crate::{
    client::Graph,
    error::{Error, Result},
};

/// How long to look for an object that Entra says is there and doesn't show yet.
const LOOKS: [u64; 4] = [1, 2, 4, 8];

impl Graph {
    /// The user with this immutable id: found, restored from the bin, or created.
    pub async fn ensure_user(
        &self,
        new: &NewEntraUser,
        one_time_password: SecretString,
    ) -> Result<EntraUser> {
        if let Some(user) = self.user_by_immutable_id(&new.immutable_id).await? {
            return Ok(user);
        }
        if let Some(deleted) = self.deleted_user_by_immutable_id(&new.immutable_id).await? {
            return self.restore_user(&deleted.id).await;
        }
        match self.create_user(new, one_time_password).await {
            Err(error @ Error::Refused { taken: Some(_), .. }) => self.look_again(new, error).await,
            other => other,
        }
    }

    /// Somebody has the name or the immutable id: is it this person, from an attempt whose answer
    /// was lost?
    async fn look_again(&self, new: &NewEntraUser, refusal: Error) -> Result<EntraUser> {
        for seconds in LOOKS {
            if let Some(user) = self.user_by_immutable_id(&new.immutable_id).await? {
                self.written(user.id);
                return Ok(user);
            }
            if self.user_by_upn(&new.upn).await?.is_some() {
                return Err(refusal);
            }
            sleep(Duration::from_secs(seconds)).await;
        }
        Err(refusal)
    }
}
