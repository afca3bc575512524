//! Where private keys are, and how they sign: here in memory, or in a PKCS#11 token which they never
//! leave (R127). Whoever signs does not see the difference.

pub(crate) mod aws_lc;
pub mod pkcs11;

use std::{sync::Arc, time::Duration};

use model::{
    Ts,
    ids::SigningKeyId,
    signing_key::{PrivateKey, SigningKey},
};

use crate::{
    Result,
    keyring::{self, RsaSize, Signer},
};
use pkcs11::Token;

/// A private key that signs (RSA PKCS#1 v1.5, SHA-256).
pub(crate) trait Signs: Send + Sync {
    /// Signs a message.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>>;
}

/// Where new keys are made. Keys that were made elsewhere go on to sign as long as they can be
/// reached.
#[derive(Debug, Clone)]
pub enum Vault {
    /// In memory; sealed in the database.
    Here,
    /// In a token.
    Token(Arc<Token>),
}

impl Vault {
    /// The vault that the settings name.
    pub fn open(settings: Option<&pkcs11::Settings>) -> Result<Self> {
        settings
            .map_or(Ok(Self::Here), |settings| Ok(Self::Token(Arc::new(Token::open(settings)?))))
    }

    /// Makes a key pair and its certificate; the key is the *next* one. Takes a good part of a
    /// second: call it on a blocking thread.
    pub fn new_signing_key(
        &self,
        id: SigningKeyId,
        (common_name, size): (&str, RsaSize),
        dates: (Ts, Duration),
        serial: [u8; 16],
    ) -> Result<SigningKey> {
        match self {
            Self::Here => keyring::new_signing_key(id, (common_name, size), dates, serial),
            Self::Token(token) => token.new_signing_key((id, common_name, serial), size, dates),
        }
    }

    /// The signer of a key, wherever it is, after it was tried with its certificate.
    pub fn signer(&self, key: &SigningKey) -> Result<Signer> {
        match (self, &key.private_key) {
            (Self::Token(token), PrivateKey::InToken(id)) => {
                Signer::new(Box::new(token.key(id)?), &key.certificate)
            }
            _ => Signer::from_key(key),
        }
    }
}
