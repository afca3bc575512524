//! Remembering whose object is in Entra's bin, whoever put it there or took it out: a run that broke
//! right after a deletion didn't write it down.

use std::collections::HashMap;

use model::{
    Ts,
    ids::{ObjectId, TenantId, UserId},
};
use provisioning::Observed;
use store::entra_links;

use crate::{Error, House, Result};

/// The links whose object is seen elsewhere than they say; what wasn't seen at all stays as it is.
pub(super) fn changes(observed: &Observed) -> Vec<(UserId, Option<Ts>)> {
    let live = observed.users.iter().map(|user| (user.id, None));
    let deleted = observed.bin.iter().map(|deleted| (deleted.user.id, Some(deleted.deleted_at)));
    let seen: HashMap<ObjectId, Option<Ts>> = deleted.chain(live).collect();
    let differs = |link: &model::entra::EntraLink| {
        let now = *seen.get(&link.object_id)?;
        (now.is_some() != link.deleted_at.is_some()).then_some((link.user_id, now))
    };
    observed.links.iter().filter_map(differs).collect()
}

impl House {
    pub(super) async fn keep_bin(
        &self,
        tenant: TenantId,
        changes: &[(UserId, Option<Ts>)],
    ) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let changes = changes.to_vec();
        self.store()
            .write(move |tx| {
                for (user, deleted_at) in changes {
                    entra_links::set_deleted(tx, tenant, user, deleted_at)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }
}
