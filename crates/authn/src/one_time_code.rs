//! Printed codes of 120 bits: how they are written, read and hashed.
//!
//! With that many bits a plain SHA-256 is enough (R031). The purpose is part of what is hashed, so
//! that a code of one kind is worth nothing as another (R046).

use aws_lc_rs::digest::{SHA256, digest as sha};

/// Crockford's base 32: no I, L, O or U, so that it survives being read aloud.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SYMBOLS: usize = 24;
const GROUP: usize = 4;

/// What a code is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Recovery,
    Enrollment,
    Access,
}

/// The code as it is shown, and what is stored of it. Of the 128 random bits 120 are used.
pub(crate) fn from_random(purpose: Purpose, random: [u8; 16]) -> (String, [u8; 32]) {
    let bits = random.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let symbol = |i: usize| char::from(ALPHABET[(bits >> (5 * i)) as usize & 31]);
    let symbols: Vec<char> = (0..SYMBOLS).map(symbol).collect();
    let shown: Vec<String> = symbols.chunks(GROUP).map(|group| group.iter().collect()).collect();
    let canonical: String = symbols.iter().collect();
    (shown.join("-"), hash(purpose, &canonical))
}

/// What is stored of a typed code; `None` when it has not the form of one.
pub(crate) fn digest(purpose: Purpose, typed: &str) -> Option<[u8; 32]> {
    if typed.len() > 4 * SYMBOLS {
        return None;
    }
    let kept = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let canonical: String = kept.map(canonical_symbol).collect::<Option<_>>()?;
    (canonical.len() == SYMBOLS).then(|| hash(purpose, &canonical))
}

fn canonical_symbol(typed: char) -> Option<char> {
    let upper = match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    (upper.is_ascii() && ALPHABET.contains(&(upper as u8))).then_some(upper)
}

fn hash(purpose: Purpose, canonical: &str) -> [u8; 32] {
    let label = match purpose {
        Purpose::Recovery => "recovery code",
        Purpose::Enrollment => "enrolment code",
        Purpose::Access => "access pass",
    };
    let hashed = sha(&SHA256, format!("{label}\n{canonical}").as_bytes());
    hashed.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: [u8; 16] = [0xA5; 16];

    #[test]
    fn a_code_is_read_however_it_was_typed() {
        let (shown, stored) = from_random(Purpose::Recovery, RANDOM);
        assert_eq!(shown.len(), 29);
        for typed in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', " "),
            shown.replace('-', ""),
            format!("  {shown}\n"),
        ] {
            assert_eq!(digest(Purpose::Recovery, &typed), Some(stored), "{typed}");
        }
    }

    #[test]
    fn letters_that_look_like_digits_are_taken_for_them() {
        let (shown, stored) = from_random(Purpose::Recovery, [0; 16]);
        assert_eq!(shown, "0000-0000-0000-0000-0000-0000");
        assert_eq!(digest(Purpose::Recovery, &shown.replace('0', "o")), Some(stored));
    }

    /// R046
    #[test]
    fn a_code_is_worth_nothing_for_another_purpose() {
        let (shown, stored) = from_random(Purpose::Recovery, RANDOM);
        assert_ne!(digest(Purpose::Enrollment, &shown), Some(stored));
        assert_ne!(digest(Purpose::Access, &shown), Some(stored));
    }

    #[test]
    fn what_has_not_the_form_of_a_code_is_none() {
        for typed in ["", "0000", "0000-0000-0000-0000-0000-000U", "é"] {
            assert_eq!(digest(Purpose::Recovery, typed), None, "{typed}");
        }
        assert_eq!(digest(Purpose::Recovery, &"0".repeat(1_000_000)), None);
        assert_eq!(digest(Purpose::Recovery, &"0".repeat(23)), None);
    }

    #[test]
    fn every_bit_that_counts_changes_the_code() {
        let (plain, _) = from_random(Purpose::Recovery, [0; 16]);
        for bit in 0..120 {
            let random = (1_u128 << bit).to_be_bytes();
            assert_ne!(from_random(Purpose::Recovery, random).0, plain, "bit {bit}");
        }
    }
}
