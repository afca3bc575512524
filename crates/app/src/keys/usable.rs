//! Whether the next key could take its turn. One that could not, because it is damaged, another's than
//! its certificate says, in a token that is away, or sealed with a master key that is not here, is shown
//! to nobody: whoever trusted its certificate would trust whoever exchanged it.

use std::{
    sync::{Mutex, RwLock},
    time::Duration,
};

use model::{Ts, ids::SigningKeyId, signing_key::SigningKey};
use sha2::{Digest, Sha256};
use store::{Tx, signing_keys};

use crate::{House, Result};

/// How long a trial holds: metadata is anybody's to ask for, and a trial signs.
const HOLDS: Duration = Duration::from_mins(1);

/// A key, as far as a trial can tell it from another one.
type Tested = (SigningKeyId, [u8; 32]);

/// How the last trial of a next key ended.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    last: RwLock<Option<(Tested, Ts, bool)>>,
    /// Whoever tries. A token that hangs must not hold everybody who asks.
    turn: Mutex<()>,
}

impl Tried {
    /// What the last trial of this key said, and whether that was a moment ago.
    fn known(&self, key: Tested, now: Ts) -> Option<(bool, bool)> {
        let kept = *self.last.read().ok()?;
        let (of, at, is_usable) = kept?;
        (of == key).then_some((is_usable, at <= now && now.since(at) < HOLDS))
    }

    fn keep(&self, key: Tested, now: Ts, is_usable: bool) {
        if let Ok(mut kept) = self.last.write() {
            *kept = Some((key, now, is_usable));
        }
    }
}

impl House {
    /// The next key, if it can sign for its certificate. Why it can not is an alarm (R093).
    pub(crate) fn usable_next(&self, tx: &mut Tx) -> Result<Option<SigningKey>> {
        let next = signing_keys::next(tx)?;
        Ok(next.filter(|key| self.can_take_its_turn(key)))
    }

    /// Tries a next key, unless that was done a moment ago. While its token or its master key is away it
    /// is worth what it was worth before.
    pub(crate) fn can_take_its_turn(&self, key: &SigningKey) -> bool {
        let (tried, now) = (self.next_key_tried(), self.now());
        let this = (key.id, Sha256::digest(&key.certificate).into());
        let known = tried.known(this, now);
        if let Some((is_usable, true)) = known {
            return is_usable;
        }
        let before = known.is_some_and(|(is_usable, _)| is_usable);
        let Ok(_turn) = tried.turn.try_lock() else { return before };
        let is_usable = match self.vault().signer(key) {
            Ok(_) => true,
            Err(error) => before && error.is_out_of_reach(),
        };
        tried.keep(this, now, is_usable);
        is_usable
    }
}
