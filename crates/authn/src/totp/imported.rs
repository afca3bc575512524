//! Seeds that people bring along from another system, as base 32 or as the `otpauth:` address of an
//! app. Codes are SHA-1, six digits, thirty seconds here; a seed for others would never fit.

use secrecy::SecretSlice;
use url::Url;
use zeroize::Zeroizing;

/// The fewest bits: RFC 4226 §4 R6 asks for 128. Ours have 160; a shorter one is guessed sooner.
const FEWEST_BYTES: usize = 16;
/// The most: a block of SHA-1 is 64 bytes, and no app makes more.
const MOST_BYTES: usize = 64;
/// The longest text.
const MAX_TEXT: usize = 1_024;

/// Why a seed is not taken; the text never holds the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnusableSeed {
    /// It can't be read.
    #[error(
        "This is no seed of an authenticator app: base 32 or an otpauth address is. Leave the cell \
         empty; the person sets up a new one"
    )]
    Unreadable,
    /// It is too short or too long.
    #[error(
        "This seed has fewer than 128 or more than 512 bits. Leave the cell empty; the person sets up \
         a new one"
    )]
    Length,
    /// Its codes are of another kind.
    #[error(
        "The codes of this app are of another kind: SHA-1, six digits and thirty seconds are taken. \
         Leave the cell empty; the person sets up a new one"
    )]
    OtherKind,
}

/// Reads a seed.
pub fn read(text: &str) -> Result<SecretSlice<u8>, UnusableSeed> {
    let text = text.trim();
    if text.len() > MAX_TEXT {
        return Err(UnusableSeed::Unreadable);
    }
    let is_address = text.get(..8).is_some_and(|begin| begin.eq_ignore_ascii_case("otpauth:"));
    let seed = if is_address { of_address(text)? } else { Zeroizing::new(text.to_owned()) };
    let bytes = base32(&seed).ok_or(UnusableSeed::Unreadable)?;
    if !(FEWEST_BYTES..=MOST_BYTES).contains(&bytes.len()) {
        return Err(UnusableSeed::Length);
    }
    Ok(SecretSlice::from(bytes.to_vec()))
}

/// The seed of an address for codes of our kind.
fn of_address(text: &str) -> Result<Zeroizing<String>, UnusableSeed> {
    let address = Url::parse(text).map_err(|_| UnusableSeed::Unreadable)?;
    if address.host_str() != Some("totp") {
        return Err(UnusableSeed::OtherKind);
    }
    let mut seed = None;
    for (name, value) in address.query_pairs() {
        let ours = match &*name {
            "secret" => {
                seed = Some(Zeroizing::new(value.into_owned()));
                true
            }
            "algorithm" => value.eq_ignore_ascii_case("SHA1"),
            "digits" => value == "6",
            "period" => value == "30",
            _ => true,
        };
        if !ours {
            return Err(UnusableSeed::OtherKind);
        }
    }
    seed.ok_or(UnusableSeed::Unreadable)
}

/// RFC 4648 §6 in either case, with or without padding; blanks and dashes between groups are nothing.
fn base32(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let (mut bits, mut count) = (0_u32, 0);
    for c in text.trim_end_matches('=').bytes().filter(|b| !matches!(b, b' ' | b'-')) {
        let value = match c.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5 | u32::from(value)) & 0xfff;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn bytes(text: &str) -> Result<Vec<u8>, UnusableSeed> {
        read(text).map(|seed| seed.expose_secret().to_vec())
    }

    /// R025
    #[test]
    fn a_seed_is_read_as_apps_and_exports_write_it() {
        let wanted = Ok(b"12345678901234567890".to_vec());
        for text in [
            SEED,
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
            " GEZDGNBV-GY3TQOJQ-GEZDGNBV-GY3TQOJQ==== ",
            "otpauth://totp/Old:mia?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Old",
            "OTPAUTH://totp/mia?algorithm=SHA1&digits=6&period=30&secret=gezdgnbvgy3tqojqgezdgnbvgy3tqojq",
        ] {
            assert_eq!(bytes(text), wanted, "{text}");
        }
        assert_eq!(bytes("AAAAAAAAAAAAAAAAAAAAAAAAAA").map(|seed| seed.len()), Ok(16));
    }

    /// R025
    #[test]
    fn a_seed_that_is_too_short_or_for_other_codes_is_refused() {
        for (text, why) in [
            ("", UnusableSeed::Length),
            ("GEZDGNBVGY3TQOJQ", UnusableSeed::Length),
            ("AAAAAAAAAAAAAAAAAAAAAAAA", UnusableSeed::Length),
            ("GEZDGNBVGY3TQOJQ1", UnusableSeed::Unreadable),
            ("=1+1", UnusableSeed::Unreadable),
            ("otpauth://totp/mia", UnusableSeed::Unreadable),
            ("otpauth://hotp/mia?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", UnusableSeed::OtherKind),
        ] {
            assert_eq!(bytes(text), Err(why), "{text}");
        }
        for other in ["algorithm=SHA256", "digits=8", "period=60"] {
            let text = format!("otpauth://totp/mia?secret={SEED}&{other}");
            assert_eq!(bytes(&text), Err(UnusableSeed::OtherKind), "{text}");
        }
        assert_eq!(bytes(&"A".repeat(200)), Err(UnusableSeed::Length));
        assert_eq!(bytes(&"A".repeat(2_000)), Err(UnusableSeed::Unreadable));
    }
}
