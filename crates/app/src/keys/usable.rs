//! Whether the next key could take its turn. One that could not, because it is damaged, another's than
//! its certificate says, in a token that is away, or sealed with a master key that is not here, is shown
//! to nobody: whoever trusted its certificate would trust whoever exchanged it.

use std::{sync::RwLock, time::Duration};

use model::{Ts, ids::SigningKeyId, signing_key::SigningKey};
use store::{Tx, signing_keys};

use crate::{House, Result};

/// How long a trial holds: metadata is anybody's to ask for, and a trial signs.
const HOLDS: Duration = Duration::from_mins(1);

/// How the last trial of a next key ended.
#[derive(Debug, Default)]
pub(crate) struct Tried(RwLock<Option<(SigningKeyId, Ts, bool)>>);

impl Tried {
    /// What is known of a key since a moment ago.
    fn known(&self, id: SigningKeyId, now: Ts) -> Option<bool> {
        let kept = *self.0.read().ok()?;
        let (of, at, is_usable) = kept?;
        (of == id && at <= now && now.since(at) < HOLDS).then_some(is_usable)
    }

    fn keep(&self, id: SigningKeyId, now: Ts, is_usable: bool) {
        if let Ok(mut kept) = self.0.write() {
            *kept = Some((id, now, is_usable));
        }
    }
}

impl House {
    /// The next key, if it can sign for its certificate. Why it can not is an alarm (R093).
    pub(crate) fn usable_next(&self, tx: &mut Tx) -> Result<Option<SigningKey>> {
        let Some(key) = signing_keys::next(tx)? else { return Ok(None) };
        let now = self.now();
        let is_usable = self.next_key_tried().known(key.id, now).unwrap_or_else(|| {
            let is_usable = self.vault().signer(&key).is_ok();
            self.next_key_tried().keep(key.id, now, is_usable);
            is_usable
        });
        Ok(is_usable.then_some(key))
    }
}
