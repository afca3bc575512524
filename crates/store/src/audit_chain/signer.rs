//! What signs the end of the chain: an Ed25519 key, sealed like every secret, that never leaves this
//! crate.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use model::audit_chain::{Checkpoint, Head, Purpose};
use secrecy::ExposeSecret as _;

use super::{ChainRow, PLACE};
use crate::{Error, Tx, error::unavailable};

pub(super) struct Signer {
    key: Ed25519KeyPair,
}

impl Signer {
    pub(super) fn from_seed(seed: &[u8]) -> Result<Self, Error> {
        let key = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|error| unavailable(&error))?;
        Ok(Self { key })
    }

    pub(super) fn open(tx: &Tx, chain: &ChainRow) -> Result<Self, Error> {
        let seed = tx.seal.open(PLACE, &chain.key)?;
        Self::from_seed(seed.expose_secret()).map_err(|_| PLACE.corrupt())
    }

    /// In hex.
    pub(super) fn public_key(&self) -> String {
        hex::encode(self.key.public_key())
    }

    pub(super) fn sign(&self, head: &Head, purpose: Purpose) -> String {
        hex::encode(self.key.sign(head.statement(purpose).as_bytes()))
    }

    /// Whether the end of the chain is ours.
    pub(super) fn has_signed(&self, chain: &ChainRow) -> bool {
        self.is_ours(&chain.head(), Purpose::Head, &chain.signature)
    }

    /// Whether a checkpoint is ours.
    pub(super) fn has_made(&self, checkpoint: &Checkpoint) -> bool {
        let Checkpoint { audit_checkpoint: head, key, signature } = checkpoint;
        *key == self.public_key() && self.is_ours(head, Purpose::Checkpoint, signature)
    }

    fn is_ours(&self, head: &Head, purpose: Purpose, signature: &str) -> bool {
        let Ok(signature) = hex::decode(signature) else { return false };
        UnparsedPublicKey::new(&ED25519, self.key.public_key())
            .verify(head.statement(purpose).as_bytes(), &signature)
            .is_ok()
    }
}
