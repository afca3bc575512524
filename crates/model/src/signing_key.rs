//! A token-signing key and its life.

use secrecy::SecretSlice;
use serde::{Deserialize, Serialize};

use crate::{Ts, ids::SigningKeyId};

/// A key that signs, signed or will sign tokens.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// Our id.
    pub id: SigningKeyId,
    /// Where it stands in its life.
    pub state: SigningKeyState,
    /// The private key, or where it is.
    pub private_key: PrivateKey,
    /// The self-signed certificate, DER.
    pub certificate: Vec<u8>,
    /// Not before this time.
    pub not_before: Ts,
    /// Not after this time.
    pub not_after: Ts,
    /// When metadata first showed it.
    pub published_at: Option<Ts>,
    /// When Entra was first seen to trust it.
    pub seen_by_entra_at: Option<Ts>,
}

/// Where a key stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SigningKeyState {
    /// It signs tokens after the next promotion.
    Next,
    /// It signs tokens now.
    Active,
    /// It signs nothing any more.
    Retired,
}

/// A private key, or where it is.
#[derive(Debug, Clone)]
pub enum PrivateKey {
    /// Here, as PKCS#8 DER.
    Here(SecretSlice<u8>),
    /// In a PKCS#11 token, which it never leaves; the token knows it by this id (`CKA_ID`).
    InToken(Vec<u8>),
    /// Sealed with a master key that this node does not have: another node may well sign with it.
    Locked,
    /// What lies there does not open: somebody changed it, or it is another key's. It signs nothing.
    Damaged,
}

impl PrivateKey {
    /// The key itself, PKCS#8 DER, if it is here.
    #[must_use]
    pub const fn here(&self) -> Option<&SecretSlice<u8>> {
        match self {
            Self::Here(key) => Some(key),
            Self::InToken(_) | Self::Locked | Self::Damaged => None,
        }
    }
}

impl From<Vec<u8>> for PrivateKey {
    fn from(pkcs8: Vec<u8>) -> Self {
        Self::Here(pkcs8.into())
    }
}
