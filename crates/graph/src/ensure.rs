//! Creating a user so that it may be repeated: Graph's own create may not (Y11, Y28).

use std::time::Duration;

use model::{
    entra::{EntraUser, NewEntraUser, Origin},
    ids::ObjectId,
};
use secrecy::SecretString;

use crate::{
    client::Graph,
    error::{Error, Result},
};

/// How long to look for an object that Entra says is there and doesn't show yet.
const LOOKS: [u64; 4] = [1, 2, 4, 8];

impl Graph {
    /// The user with this immutable id: found, restored from the bin, or created. Only the answer to
    /// our create proves that we made it: what is found may be an attempt before's or somebody's.
    pub async fn ensure_user(
        &self,
        new: &NewEntraUser,
        one_time_password: SecretString,
    ) -> Result<(EntraUser, Origin)> {
        if let Some(user) = self.user_by_immutable_id(&new.immutable_id).await? {
            return Ok((user, Origin::Found));
        }
        if let Some(id) = self.in_bin(&new.immutable_id).await? {
            self.restore_user(&id).await?;
            let user = self.user_by_id(&id).await?.ok_or(Error::NotFound)?;
            return Ok((user, Origin::Found));
        }
        match self.create_user(new, one_time_password).await {
            Err(error @ Error::Refused { taken: Some(_), .. }) => {
                Ok((self.look_again(new, error).await?, Origin::Found))
            }
            made => Ok((made?, Origin::Made)),
        }
    }

    async fn in_bin(&self, immutable_id: &str) -> Result<Option<ObjectId>> {
        let deleted = self.deleted_users().await?;
        let same = |user: &EntraUser| user.immutable_id.as_deref() == Some(immutable_id);
        Ok(deleted.into_iter().find(|deleted| same(&deleted.user)).map(|deleted| deleted.user.id))
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
            self.sleep(Duration::from_secs(seconds)).await;
        }
        Err(refusal)
    }
}
