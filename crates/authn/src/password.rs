//! Passwords: hashing with Argon2id, checking, and the rules for new ones.
//!
//! What is hashed is HMAC-SHA-256 of the NFC form under a pepper that the database doesn't hold
//! (R003), so the password itself never reaches Argon2's memory. Follows OWASP's Argon2id floor
//! (R001) and `PRECIS` `OpaqueString` in its one change, NFC (R006).

pub mod imported;
mod listed;
mod memory;
mod params;
mod pattern;
mod rules;

use argon2::{Algorithm, Argon2, Version, password_hash::phc};
use aws_lc_rs::hmac;
use model::credential::Credential;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use self::{imported::Imported, memory::Memory};
pub use self::{
    listed::{PasswordList, encode, fingerprint},
    params::Params,
    rules::{Rules, Weakness, check_new, context_words, fold},
};
use crate::{Error, lockout::Permit};

/// The longest password, in characters.
pub const MAX_CHARS: usize = 128;
/// The longest password, in bytes of its normal form.
pub const MAX_BYTES: usize = 512;
/// More than this is refused unread: the normal form may be shorter than what was typed.
const MAX_TYPED_BYTES: usize = 4 * MAX_BYTES;
const HASH_BYTES: usize = 32;

/// A key that goes into every hash and lives outside the database (or sealed in it).
#[derive(Debug, Clone)]
pub struct Pepper {
    /// Stored beside each hash.
    pub id: String,
    /// At least 32 bytes.
    pub key: SecretSlice<u8>,
}

/// A new hash, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashed {
    /// The PHC string.
    pub phc: String,
    /// The pepper that went in.
    pub pepper_id: String,
}

/// How a given password fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// It is the right one.
    pub matches: bool,
    /// It is right, but was hashed with other parameters or an older pepper: hash it again in the
    /// same transaction (R002).
    pub rehash: bool,
}

impl Check {
    const WRONG: Self = Self { matches: false, rehash: false };
}

/// Hashes and checks passwords. One hash takes tens of milliseconds and 19 MiB: never inline.
#[derive(Debug)]
pub struct Hasher {
    params: Params,
    current: Pepper,
    older: Vec<Pepper>,
    memory: Memory,
}

impl Hasher {
    /// Hashes with `params` and the current pepper; checks with the older ones as well.
    pub fn new(params: Params, current: Pepper, older: Vec<Pepper>) -> Result<Self, Error> {
        params.floor()?.argon2()?;
        let weak = std::iter::once(&current)
            .chain(&older)
            .find(|pepper| pepper.key.expose_secret().len() < 32);
        match weak {
            Some(pepper) => Err(Error::WeakPepper { id: pepper.id.clone() }),
            None => Ok(Self { params, current, older, memory: Memory::default() }),
        }
    }

    /// The parameters of new hashes.
    #[must_use]
    pub fn params(&self) -> Params {
        self.params
    }

    /// Whether it can check hashes made with this pepper.
    #[must_use]
    pub fn knows(&self, pepper_id: &str) -> bool {
        self.pepper(pepper_id).is_some()
    }

    /// Hashes a new password with a fresh random salt.
    pub fn hash(&self, password: &SecretString, salt: [u8; 16]) -> Result<Hashed, Error> {
        let text = normal_form(password).ok_or(Error::PasswordTooLong)?;
        let output = self.derive(self.params, &self.current, &text, &salt)?;
        Ok(Hashed { phc: self.phc(&salt, &output)?, pepper_id: self.current.id.clone() })
    }

    /// Checks a password. Without a credential, or with one that can't be read, it does the same
    /// work against a hash that nothing matches (R023); too long a text is refused before any
    /// hashing (R005).
    #[must_use]
    pub fn verify(
        &self,
        credential: Option<&Credential>,
        password: &SecretString,
        _: &Permit,
    ) -> Check {
        let Some(text) = normal_form(password) else { return Check::WRONG };
        if let Some(credential) = credential.filter(|credential| credential.is_imported()) {
            return self.verify_imported(&credential.phc, &text);
        }
        let known = credential.and_then(|credential| {
            Some((Stored::read(&credential.phc)?, self.pepper(&credential.pepper_id)?))
        });
        let is_known = known.is_some();
        let (stored, pepper) =
            known.unwrap_or_else(|| (Stored::nobody(self.params), &self.current));
        let output = self.derive(stored.params, pepper, &text, &stored.salt);
        let equal = output.is_ok_and(|output| output.ct_eq(&stored.hash).into());
        let matches = equal && is_known;
        let is_current = stored.params == self.params && pepper.id == self.current.id;
        Check { matches, rehash: matches && !is_current }
    }

    /// Checks against the hash of another system, after the work that is done for everybody: it
    /// takes at least as long as for a name that nobody has (R023).
    fn verify_imported(&self, hash: &str, text: &str) -> Check {
        let nobody = Stored::nobody(self.params);
        let as_long = self.derive(self.params, &self.current, text, &nobody.salt);
        let fits = as_long.is_ok() && Imported::read(hash).is_ok_and(|hash| hash.fits(text));
        Check { matches: fits, rehash: fits }
    }

    fn pepper(&self, id: &str) -> Option<&Pepper> {
        std::iter::once(&self.current).chain(&self.older).find(|pepper| pepper.id == id)
    }

    fn derive(
        &self,
        params: Params,
        pepper: &Pepper,
        text: &str,
        salt: &[u8],
    ) -> Result<[u8; HASH_BYTES], Error> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, pepper.key.expose_secret());
        let peppered = hmac::sign(&key, text.as_bytes());
        let params = params.argon2()?;
        let blocks = params.block_count();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut output = [0; HASH_BYTES];
        let hashed = self.memory.lend(blocks, |memory| {
            argon2.hash_password_into_with_memory(peppered.as_ref(), salt, &mut output, memory)
        });
        hashed.unwrap_or(Err(argon2::Error::OutOfMemory)).map_err(Error::Hash)?;
        Ok(output)
    }

    fn phc(&self, salt: &[u8; 16], output: &[u8; HASH_BYTES]) -> Result<String, Error> {
        let format = || -> Option<String> {
            let hash = phc::PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: phc::ParamsString::try_from(self.params.argon2().ok()?).ok()?,
                salt: Some(phc::Salt::new(salt).ok()?),
                hash: Some(phc::Output::new(output).ok()?),
            };
            Some(hash.to_string())
        };
        format().ok_or(Error::Hash(argon2::Error::AlgorithmInvalid))
    }
}

/// A stored hash, read.
struct Stored {
    params: Params,
    salt: Vec<u8>,
    hash: [u8; HASH_BYTES],
}

impl Stored {
    fn read(text: &str) -> Option<Self> {
        let read = phc::PasswordHash::new(text).ok()?;
        let is_argon2id = read.algorithm == Algorithm::Argon2id.ident()
            && read.version == Some(Version::V0x13.into());
        if !is_argon2id {
            return None;
        }
        let argon2 = argon2::Params::try_from(&read).ok()?;
        let params = Params { m_kib: argon2.m_cost(), t: argon2.t_cost(), p: argon2.p_cost() };
        let hash = read.hash?.as_bytes().try_into().ok()?;
        Some(Self { params, salt: read.salt?.as_ref().to_vec(), hash })
    }

    fn nobody(params: Params) -> Self {
        Self { params, salt: vec![0; 16], hash: [0; HASH_BYTES] }
    }
}

/// The form that is hashed and judged; `None` when it is too long (R005).
fn normal_form(password: &SecretString) -> Option<Zeroizing<String>> {
    let typed = password.expose_secret();
    if typed.len() > MAX_TYPED_BYTES {
        return None;
    }
    // Room for everything at once: a growing string would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(3 * typed.len()));
    text.extend(typed.nfc());
    (text.len() <= MAX_BYTES && text.chars().count() <= MAX_CHARS).then_some(text)
}

#[cfg(test)]
mod tests;
