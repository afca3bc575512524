//! Seals secrets at rest (R123 to R125): AES-256-GCM, bound to the place where they lie.
//!
//! Envelope: version (1 byte) | master key id (8) | nonce (12) | ciphertext and tag. The associated
//! data is `table|row id|column|version`: a value moved to another row or column doesn't open (R124).

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand,
};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{Error, MasterKey, error::unavailable};

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 8;
const HEAD_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

/// Opens and closes sealed columns.
pub(crate) struct Seal {
    key: LessSafeKey,
    key_id: [u8; KEY_ID_LEN],
}

/// Where a sealed value lies.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) row: &'a str,
    pub(crate) column: &'static str,
}

impl Seal {
    pub(crate) fn new(master: &MasterKey) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, master.bytes())
            .expect("a master key has the 32 bytes that AES-256 takes");
        let digest =
            Sha256::new().chain_update(b"gatehouse master key id").chain_update(master.bytes());
        let mut key_id = [0; KEY_ID_LEN];
        key_id.copy_from_slice(&digest.finalize()[..KEY_ID_LEN]);
        Self { key: LessSafeKey::new(key), key_id }
    }

    /// Seals `secret` for `place`.
    pub(crate) fn close(&self, place: Place<'_>, secret: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|error| unavailable(&error))?;
        let mut text = Zeroizing::new(secret.to_vec());
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.aad()),
                &mut text,
            )
            .map_err(|error| unavailable(&error))?;
        let mut sealed = vec![VERSION];
        for part in [&self.key_id[..], &nonce, &text, tag.as_ref()] {
            sealed.extend_from_slice(part);
        }
        Ok(sealed)
    }

    /// Opens what was sealed for `place`.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<SecretSlice<u8>, Error> {
        self.try_open(place, sealed)
            .ok_or_else(|| Error::Corrupt { table: place.table, id: place.row.to_owned() })
    }

    /// Seals a secret that is kept as a secret in memory.
    pub(crate) fn close_secret(
        &self,
        place: Place<'_>,
        secret: &SecretSlice<u8>,
    ) -> Result<Vec<u8>, Error> {
        self.close(place, secret.expose_secret())
    }

    fn try_open(&self, place: Place<'_>, sealed: &[u8]) -> Option<SecretSlice<u8>> {
        let (head, text) = sealed.split_at_checked(HEAD_LEN)?;
        if head[0] != VERSION || head[1..=KEY_ID_LEN] != self.key_id {
            return None;
        }
        let nonce = Nonce::try_assume_unique_for_key(&head[1 + KEY_ID_LEN..]).ok()?;
        let mut text = Zeroizing::new(text.to_vec());
        let secret = self.key.open_in_place(nonce, Aad::from(place.aad()), &mut text).ok()?;
        Some(SecretSlice::from(secret.to_vec()))
    }
}

impl Place<'_> {
    fn aad(&self) -> Vec<u8> {
        format!("{}|{}|{}|{VERSION}", self.table, self.row, self.column).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place<'_> = Place { table: "totp_factors", row: "1", column: "secret" };

    fn seal(key: u8) -> Seal {
        Seal::new(&MasterKey::from_bytes([key; 32]))
    }

    #[test]
    fn a_sealed_value_opens_in_its_own_place_only() {
        let sealed = seal(1).close(HERE, b"canary").expect("sealed");
        assert_eq!(seal(1).open(HERE, &sealed).expect("opened").expose_secret(), b"canary");
        for place in [
            Place { row: "2", ..HERE },
            Place { column: "other", ..HERE },
            Place { table: "tenants", ..HERE },
        ] {
            assert!(seal(1).open(place, &sealed).is_err());
        }
        assert!(seal(2).open(HERE, &sealed).is_err());
    }

    #[test]
    fn one_flipped_bit_anywhere_and_it_does_not_open() {
        let sealed = seal(1).close(HERE, b"canary").expect("sealed");
        for index in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[index] ^= 1;
            assert!(seal(1).open(HERE, &bent).is_err(), "byte {index}");
            assert!(seal(1).open(HERE, &sealed[..index]).is_err(), "cut at {index}");
        }
    }

    #[test]
    fn the_same_secret_never_looks_the_same() {
        let once = seal(1).close(HERE, b"canary").expect("sealed");
        assert_ne!(once, seal(1).close(HERE, b"canary").expect("sealed"));
    }
}
