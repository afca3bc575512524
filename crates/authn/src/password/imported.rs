//! Password hashes that people bring along from another system: read, bounded in what checking them
//! costs, and checked until their first right password, which is then hashed in our own way.
//!
//! Known forms: bcrypt (`$2a$`, `$2b$`, `$2y$`); PBKDF2 of Django (`pbkdf2_sha256$…`) and of LDAP
//! servers (`{PBKDF2-SHA256}…`, `{PBKDF2-SHA512}…`); `{SSHA512}…`; Argon2id and Argon2i (PHC). An
//! LDAP server's `{CRYPT}` or `{ARGON2}` before one of these is nothing.

use std::num::NonZeroU32;

use argon2::{Algorithm, Argon2, Version, password_hash::phc};
use aws_lc_rs::{
    digest,
    pbkdf2::{self, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA512},
};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use subtle::ConstantTimeEq;

/// The longest text of a hash, in bytes.
const MAX_TEXT: usize = 1_024;
/// Each step doubles the work; this one takes about half a second.
const BCRYPT: std::ops::RangeInclusive<u32> = 4..=13;
/// What bcrypt reads of a password.
const BCRYPT_BYTES: usize = 72;
/// Django asks for a million and a little more.
const ITERATIONS: u32 = 2_000_000;
/// 64 MiB: each place of hashing may hold so much beside our own memory.
const ARGON2_KIB: u32 = 64 * 1024;
/// Memory times passes: as much as eight passes over the most memory.
const ARGON2_WORK: u64 = 8 * ARGON2_KIB as u64;
/// More lanes than any core.
const ARGON2_LANES: u32 = 16;

/// Base 64 with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A hash of another system, which one password fits.
pub struct Imported(Kind);

enum Kind {
    Bcrypt(String),
    Pbkdf2 { algorithm: pbkdf2::Algorithm, iterations: NonZeroU32, salt: Vec<u8>, hash: Vec<u8> },
    SaltedSha512 { hash: Vec<u8>, salt: Vec<u8> },
    Argon2 { algorithm: Algorithm, params: argon2::Params, salt: Vec<u8>, hash: Vec<u8> },
}

/// Why a hash is not taken; the text never holds the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It has none of the forms that are known.
    #[error(
        "This is no password hash that is known here: bcrypt, PBKDF2 (Django or LDAP), SSHA512 and \
         Argon2 are. Leave the cell empty; the person gets a first password"
    )]
    Unknown,
    /// It has a known form and can't be read.
    #[error("This password hash is damaged or cut off. Export it again, or leave the cell empty")]
    Damaged,
    /// Whoever types a password would keep the server busy for too long.
    #[error(
        "Checking this password hash costs too much: bcrypt up to 13, PBKDF2 up to 2,000,000 \
         rounds and Argon2 up to 64 MiB are taken. Leave the cell empty"
    )]
    TooCostly,
}

impl Imported {
    /// Reads a hash.
    pub fn read(text: &str) -> Result<Self, Unusable> {
        let text = text.trim();
        if text.len() > MAX_TEXT {
            return Err(Unusable::Damaged);
        }
        let text = ["{CRYPT}", "{ARGON2}", "{BCRYPT}"]
            .iter()
            .find_map(|scheme| prefixed(text, scheme))
            .unwrap_or(text);
        if ["$2a$", "$2b$", "$2y$"].iter().any(|begin| text.starts_with(begin)) {
            return bcrypt(text);
        }
        if text.starts_with("$argon2") {
            return argon2(text);
        }
        if let Some(rest) = text.strip_prefix("pbkdf2_sha256$") {
            return django(rest);
        }
        for (scheme, algorithm) in
            [("{PBKDF2-SHA256}", PBKDF2_HMAC_SHA256), ("{PBKDF2-SHA512}", PBKDF2_HMAC_SHA512)]
        {
            if let Some(rest) = prefixed(text, scheme) {
                return ldap(rest, algorithm);
            }
        }
        match prefixed(text, "{SSHA512}") {
            Some(rest) => salted_sha512(rest),
            None => Err(Unusable::Unknown),
        }
    }

    /// Whether a password, in its normal form, fits.
    #[must_use]
    pub fn fits(&self, password: &str) -> bool {
        let password = password.as_bytes();
        match &self.0 {
            // It reads no further: a longer password would fit whatever stands behind, and become
            // the lasting one. The work is done all the same, so that the time tells nothing.
            Kind::Bcrypt(text) => {
                bcrypt::verify(password, text).unwrap_or(false) && password.len() <= BCRYPT_BYTES
            }
            Kind::Pbkdf2 { algorithm, iterations, salt, hash } => {
                pbkdf2::verify(*algorithm, *iterations, salt, password, hash).is_ok()
            }
            Kind::SaltedSha512 { hash, salt } => {
                let salted = digest::digest(&digest::SHA512, &[password, salt].concat());
                salted.as_ref().ct_eq(hash).into()
            }
            Kind::Argon2 { algorithm, params, salt, hash } => {
                let argon2 = Argon2::new(*algorithm, Version::V0x13, params.clone());
                let mut output = vec![0; hash.len()];
                let hashed = argon2.hash_password_into(password, salt, &mut output);
                hashed.is_ok_and(|()| output.ct_eq(hash).into())
            }
        }
    }
}

/// What stands after a scheme, in any case.
fn prefixed<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(scheme.len())?;
    head.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// `$2b$12$` and 53 characters.
fn bcrypt(text: &str) -> Result<Imported, Unusable> {
    let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/');
    let cost = text.get(4..6).filter(|_| text.len() == 60 && text.as_bytes()[6] == b'$');
    let cost: u32 = cost.and_then(|cost| cost.parse().ok()).ok_or(Unusable::Damaged)?;
    if !text.bytes().skip(7).all(known) {
        return Err(Unusable::Damaged);
    }
    if cost > *BCRYPT.end() {
        return Err(Unusable::TooCostly);
    }
    if !BCRYPT.contains(&cost) {
        return Err(Unusable::Damaged);
    }
    Ok(Imported(Kind::Bcrypt(text.to_owned())))
}

/// `iterations$salt$hash`: the salt is taken as it stands, the hash is base 64.
fn django(text: &str) -> Result<Imported, Unusable> {
    let [iterations, salt, hash] = parts(text)?;
    let hash = BASE64.decode(hash).map_err(|_| Unusable::Damaged)?;
    stretched(PBKDF2_HMAC_SHA256, iterations, salt.as_bytes().to_vec(), hash)
}

/// `iterations$salt$hash`: both in base 64 with a dot for the plus.
fn ldap(text: &str, algorithm: pbkdf2::Algorithm) -> Result<Imported, Unusable> {
    let [iterations, salt, hash] = parts(text)?;
    let decode = |text: &str| BASE64.decode(text.replace('.', "+")).map_err(|_| Unusable::Damaged);
    stretched(algorithm, iterations, decode(salt)?, decode(hash)?)
}

fn parts(text: &str) -> Result<[&str; 3], Unusable> {
    let parts: Vec<&str> = text.split('$').collect();
    parts.try_into().map_err(|_| Unusable::Damaged)
}

fn stretched(
    algorithm: pbkdf2::Algorithm,
    iterations: &str,
    salt: Vec<u8>,
    hash: Vec<u8>,
) -> Result<Imported, Unusable> {
    let iterations: u64 = iterations.parse().map_err(|_| Unusable::Damaged)?;
    let bounded = u32::try_from(iterations).ok().filter(|n| *n <= ITERATIONS);
    let bounded = bounded.ok_or(Unusable::TooCostly)?;
    let iterations = NonZeroU32::new(bounded).ok_or(Unusable::Damaged)?;
    // The beginning of a longer hash would fit as well: one that is cut off opens nothing.
    let whole = if algorithm == PBKDF2_HMAC_SHA256 { 32 } else { 64 };
    if salt.is_empty() || hash.len() != whole {
        return Err(Unusable::Damaged);
    }
    Ok(Imported(Kind::Pbkdf2 { algorithm, iterations, salt, hash }))
}

/// 64 bytes of hash and then the salt, in base 64.
fn salted_sha512(text: &str) -> Result<Imported, Unusable> {
    let mut hash = BASE64.decode(text).map_err(|_| Unusable::Damaged)?;
    if hash.len() <= digest::SHA512_OUTPUT_LEN {
        return Err(Unusable::Damaged);
    }
    let salt = hash.split_off(digest::SHA512_OUTPUT_LEN);
    Ok(Imported(Kind::SaltedSha512 { hash, salt }))
}

fn argon2(text: &str) -> Result<Imported, Unusable> {
    let read = phc::PasswordHash::new(text).map_err(|_| Unusable::Damaged)?;
    let known = [Algorithm::Argon2id, Algorithm::Argon2i];
    let algorithm = known.into_iter().find(|known| known.ident() == read.algorithm);
    let algorithm = algorithm.ok_or(Unusable::Unknown)?;
    if read.version != Some(Version::V0x13.into()) {
        return Err(Unusable::Unknown);
    }
    let params = argon2::Params::try_from(&read).map_err(|_| Unusable::Damaged)?;
    let (memory, passes) = (params.m_cost(), params.t_cost());
    if memory > ARGON2_KIB
        || u64::from(memory) * u64::from(passes) > ARGON2_WORK
        || params.p_cost() > ARGON2_LANES
    {
        return Err(Unusable::TooCostly);
    }
    let (Some(salt), Some(hash)) = (read.salt, read.hash) else { return Err(Unusable::Damaged) };
    let (salt, hash) = (salt.as_ref().to_vec(), hash.as_bytes().to_vec());
    if hash.len() < 16 {
        return Err(Unusable::Damaged);
    }
    Ok(Imported(Kind::Argon2 { algorithm, params, salt, hash }))
}

#[cfg(test)]
mod tests;
