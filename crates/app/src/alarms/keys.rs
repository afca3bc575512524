//! Signing keys that can't sign, or that are not those of their certificates (R093). The round tries
//! both keys, whatever a node keeps in memory; and a token that was not made for that reason rings at once.

use std::error::Error as _;

use federation::keyring;
use model::{
    alarm::Cause,
    signing_key::{SigningKey, SigningKeyState},
};
use store::{Tx, alarms, signing_keys};

use super::{Finding, raise};
use crate::{Error, House, Result};

impl House {
    /// What a look at the keys that sign or will finds: each is opened and tried anew.
    pub(super) async fn look_at_keys(&self) -> Result<Vec<Finding>> {
        let house = self.clone();
        self.store().read(move |tx| house.unusable_keys(tx)).await
    }

    fn unusable_keys(&self, tx: &mut Tx) -> Result<Vec<Finding>> {
        let keys = signing_keys::all(tx)?;
        let alive = keys.iter().filter(|key| key.state != SigningKeyState::Retired);
        Ok(alive.filter_map(|key| self.trouble_with(key)).collect())
    }

    /// What is the matter with a key, if anything is.
    fn trouble_with(&self, key: &SigningKey) -> Option<Finding> {
        let error = self.vault().signer(key).err()?;
        let subject = keyring::thumbprint(&key.certificate);
        let (why, away) = (error.to_string(), error.is_out_of_reach());
        Some(Finding { subject, cause: Cause::KeyUnusable { key: key.state, why, away } })
    }

    /// Rings when it was a key that kept a token from being made.
    pub(crate) async fn ring_for_key(&self, trouble: &Error) {
        if is_of_a_key(trouble)
            && let Err(error) = self.ring_for_unusable_keys().await
        {
            tracing::error!(cause = ?error, "the alarm about a signing key can't be written");
        }
    }

    async fn ring_for_unusable_keys(&self) -> Result<()> {
        let mut found = self.look_at_keys().await?;
        let open = self.store().read(|tx| Ok::<_, Error>(alarms::open(tx)?)).await?;
        // Everybody who asks for a token comes by here.
        found.retain(|finding| !open.iter().any(|alarm| finding.is(alarm)));
        if found.is_empty() {
            return Ok(());
        }
        let house = self.clone();
        self.store()
            .write(move |tx| found.into_iter().try_for_each(|finding| raise(tx, &house, finding)))
            .await
    }
}

fn is_of_a_key(trouble: &Error) -> bool {
    use federation::Error::{OutOfReach, Signing, Token, UnusableKey, Unverified};
    let cause = trouble.source().and_then(|cause| cause.downcast_ref());
    matches!(cause, Some(UnusableKey(_) | OutOfReach(_) | Unverified(_) | Signing | Token(_)))
}
