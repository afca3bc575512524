//! Keys in memory.

use aws_lc_rs::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use secrecy::{ExposeSecret, SecretSlice};

use super::Signs;
use crate::{Error, Result};

/// A parsed key.
pub(crate) struct KeyInMemory {
    pair: KeyPair,
    random: SystemRandom,
}

impl KeyInMemory {
    /// Parses PKCS#8 DER.
    pub(crate) fn parse(pkcs8: &SecretSlice<u8>) -> Result<Self> {
        let pair = KeyPair::from_pkcs8(pkcs8.expose_secret())
            .map_err(|_| Error::UnusableKey("the private key is damaged"))?;
        Ok(Self { pair, random: SystemRandom::new() })
    }
}

impl Signs for KeyInMemory {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature)
            .map_err(|_| Error::Signing)?;
        Ok(signature)
    }
}
