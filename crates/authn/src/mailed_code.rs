//! The code that is sent to a mailbox: eight digits, good for one sign-in and nowhere else.
//!
//! So few digits are guessed from what is stored, so what is stored hangs on the secret of the sign-in
//! that the browser alone holds; tries are counted elsewhere (R016).

use aws_lc_rs::digest::{SHA256, digest as sha};

const DIGITS: usize = 8;

/// The code as it is shown, in two groups, and what is stored of it for the sign-in with this secret.
#[must_use]
pub fn from_random(random: [u8; 16], sign_in: &str) -> (String, [u8; 32]) {
    // Of 2^128 values the first 10^8 are no likelier than the others by anything that counts.
    let number = u128::from_be_bytes(random) % 10_u128.pow(DIGITS as u32);
    let code = format!("{number:0DIGITS$}");
    let (first, rest) = code.split_at(DIGITS / 2);
    (format!("{first} {rest}"), hash(&code, sign_in))
}

/// What is stored of a typed code; `None` when it has not the form of one.
#[must_use]
pub fn digest(typed: &str, sign_in: &str) -> Option<[u8; 32]> {
    if typed.len() > 4 * DIGITS {
        return None;
    }
    let code: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let is_code = code.len() == DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then(|| hash(&code, sign_in))
}

fn hash(code: &str, sign_in: &str) -> [u8; 32] {
    let hashed = sha(&SHA256, format!("mailed code\n{sign_in}\n{code}").as_bytes());
    hashed.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_was_typed() {
        let (shown, stored) = from_random([0xA5; 16], "handle");
        assert_eq!(shown.len(), 9);
        for typed in [shown.clone(), shown.replace(' ', ""), format!(" {shown}\n")] {
            assert_eq!(digest(&typed, "handle"), Some(stored), "{typed}");
        }
        let (zero, _) = from_random([0; 16], "handle");
        assert_eq!(zero, "0000 0000");
    }

    /// R046
    #[test]
    fn a_code_is_worth_nothing_in_another_sign_in() {
        let (shown, stored) = from_random([7; 16], "one");
        assert_ne!(digest(&shown, "another"), Some(stored));
    }

    #[test]
    fn what_has_not_the_form_of_a_code_is_none() {
        for typed in ["", "1234567", "123456789", "1234567a", "\u{661}2345678", "12345 67"] {
            assert_eq!(digest(typed, "handle"), None, "{typed}");
        }
        assert_eq!(digest(&"0".repeat(1_000_000), "handle"), None);
    }
}
