//! Seals secrets at rest (R123 to R125): AES-256-GCM, bound to the place where they lie.
//!
//! Envelope: version (1 byte) | master key id (8) | nonce (12) | ciphertext and tag. The associated
//! data is `table|row id|column|version`: a value moved to another row or column doesn't open (R124).
//! Values are closed with the current master key, and open with it and with additional ones: the
//! former and the next one while they change (R130).

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand,
};
use secrecy::{ExposeSecret, SecretSlice};
use zeroize::Zeroizing;

use crate::{
    Error, MasterKey, MasterKeys, error::unavailable, master_key::KEY_ID_LEN,
    sealed_columns::SealedColumn,
};

const VERSION: u8 = 1;
const HEAD_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

/// Opens and closes sealed columns.
pub(crate) struct Seal {
    current: Key,
    /// They open only.
    additional: Vec<Key>,
}

struct Key {
    cipher: LessSafeKey,
    id: [u8; KEY_ID_LEN],
}

/// Where a sealed value lies.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) column: SealedColumn,
    pub(crate) row: &'a str,
}

impl Key {
    fn new(master: &MasterKey) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, master.bytes())
            .expect("a master key has the 32 bytes that AES-256 takes");
        Self { cipher: LessSafeKey::new(key), id: master.id_bytes() }
    }
}

impl Seal {
    pub(crate) fn new(keys: &MasterKeys) -> Self {
        let additional = keys.additional.iter().map(Key::new).collect();
        Self { current: Key::new(&keys.current), additional }
    }

    /// Seals `secret` for `place`.
    pub(crate) fn close(&self, place: Place<'_>, secret: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|error| unavailable(&error))?;
        let mut text = Zeroizing::new(secret.to_vec());
        let tag = self
            .current
            .cipher
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.aad()),
                &mut text,
            )
            .map_err(|error| unavailable(&error))?;
        let mut sealed = vec![VERSION];
        for part in [&self.current.id[..], &nonce, &text, tag.as_ref()] {
            sealed.extend_from_slice(part);
        }
        Ok(sealed)
    }

    /// Opens what was sealed for `place`.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<SecretSlice<u8>, Error> {
        let corrupt = || place.corrupt();
        let (head, text) = sealed.split_at_checked(HEAD_LEN).ok_or_else(corrupt)?;
        let (version, head) = head.split_first().ok_or_else(corrupt)?;
        if *version != VERSION {
            return Err(corrupt());
        }
        let (id, nonce) = head.split_at(KEY_ID_LEN);
        let key = std::iter::once(&self.current).chain(&self.additional).find(|key| key.id == id);
        let key = key.ok_or_else(|| place.unknown_key())?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| corrupt())?;
        let mut text = Zeroizing::new(text.to_vec());
        let secret = key.cipher.open_in_place(nonce, Aad::from(place.aad()), &mut text);
        Ok(SecretSlice::from(secret.map_err(|_| corrupt())?.to_vec()))
    }

    /// Whether a value was closed with the current key.
    pub(crate) fn is_current(&self, sealed: &[u8]) -> bool {
        sealed.get(1..=KEY_ID_LEN).is_some_and(|id| id == self.current.id)
    }

    /// Seals a secret that is kept as a secret in memory.
    pub(crate) fn close_secret(
        &self,
        place: Place<'_>,
        secret: &SecretSlice<u8>,
    ) -> Result<Vec<u8>, Error> {
        self.close(place, secret.expose_secret())
    }
}

impl Place<'_> {
    fn aad(&self) -> Vec<u8> {
        let (table, column) = (self.column.table(), self.column.column());
        format!("{table}|{}|{column}|{VERSION}", self.row).into_bytes()
    }

    /// That what lies here is not what was put here.
    pub(crate) fn corrupt(&self) -> Error {
        Error::Corrupt { table: self.column.table(), id: self.row.to_owned() }
    }

    fn unknown_key(&self) -> Error {
        Error::UnknownMasterKey { table: self.column.table(), id: self.row.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place<'_> = Place { column: SealedColumn::TotpSeed, row: "1" };

    fn seal(key: u8) -> Seal {
        Seal::new(&MasterKey::from_bytes([key; 32]).into())
    }

    #[test]
    fn the_envelope_is_the_one_that_databases_hold() {
        assert_eq!(HERE.aad(), b"totp_factors|1|secret|1");
        let sealed = seal(1).close(HERE, b"canary").expect("sealed");
        let id = MasterKey::from_bytes([1; 32]).id();
        assert_eq!(hex::encode(&sealed[..9]), format!("01{id}"));
        assert_eq!(sealed.len(), 1 + 8 + 12 + b"canary".len() + 16);
    }

    #[test]
    fn an_additional_key_opens_and_never_closes() {
        let [former, current, other] = [1, 2, 3].map(|key| MasterKey::from_bytes([key; 32]));
        let both = Seal::new(&MasterKeys { current, additional: vec![other, former] });
        let former = seal(1).close(HERE, b"canary").expect("sealed");
        assert_eq!(both.open(HERE, &former).expect("opened").expose_secret(), b"canary");
        assert!(!both.is_current(&former));
        let current = both.close(HERE, b"canary").expect("sealed");
        assert!(both.is_current(&current));
        assert!(seal(2).open(HERE, &current).is_ok());
        assert!(matches!(seal(1).open(HERE, &current), Err(Error::UnknownMasterKey { .. })));
        let pretended = [&current[..1], &former[1..9], &current[9..]].concat();
        assert!(matches!(both.open(HERE, &pretended), Err(Error::Corrupt { .. })));
    }

    /// R124
    #[test]
    fn a_sealed_value_opens_in_its_own_place_only() {
        let sealed = seal(1).close(HERE, b"canary").expect("sealed");
        assert_eq!(seal(1).open(HERE, &sealed).expect("opened").expose_secret(), b"canary");
        for place in [
            Place { row: "2", ..HERE },
            Place { column: SealedColumn::Pepper, ..HERE },
            Place { column: SealedColumn::ClientSecret, ..HERE },
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
