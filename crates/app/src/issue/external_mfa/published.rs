//! What Entra reads of us: what we speak, and the keys of answers. Nothing is there as long as no
//! tenant asks.

use std::time::Duration;

use federation::{
    external_mfa::{discovery, issuer},
    oidc::keys,
};

use super::super::oidc::KeySet;
use crate::{Error, House, Result};

/// Entra keeps keys for a day, so one that has retired stays for two (`graph.md` 12.3).
const KEPT: Duration = Duration::from_hours(48);

impl House {
    /// What answers say as their issuer.
    pub(crate) fn external_mfa_issuer(&self) -> String {
        issuer(&self.settings().public_url)
    }

    /// The discovery document.
    pub async fn external_mfa_discovery(&self) -> Result<String> {
        let house = self.clone();
        let premises = self.store().read_briefly(move |tx| house.premises(tx)).await?;
        if !premises.is_asked() {
            return Err(Error::not_found("page"));
        }
        Ok(discovery::document(&self.external_mfa_issuer()))
    }

    /// The keys that answers may be signed with: those of every other protocol.
    pub async fn external_mfa_keys(&self) -> Result<KeySet> {
        let (house, now) = (self.clone(), self.now());
        self.store()
            .read(move |tx| {
                if !house.premises(tx)?.is_asked() {
                    return Err(Error::not_found("page"));
                }
                let keys = house.shown(tx, |retired| now.since(retired) < KEPT)?;
                Ok(KeySet(keys::document(keys.iter().map(|key| &*key.certificate))))
            })
            .await
    }
}
