//! The code that is sent to a mailbox: eight digits, good for one sign-in of one person by one mailbox,
//! and nowhere else (R046).
//!
//! So few digits are guessed from what is stored, so what is stored hangs on the secret of the sign-in
//! that the browser alone holds; tries are counted elsewhere (R016).

use aws_lc_rs::digest::{SHA256, digest as sha};
use model::ids::UserId;

use crate::lockout::Permit;

const DIGITS: usize = 8;
/// How many codes there are.
const CODES: u128 = 100_000_000;

/// What a code is good for.
#[derive(Debug, Clone, Copy)]
pub struct For<'a> {
    /// The secret of the sign-in, which its browser has.
    pub sign_in: &'a str,
    /// Who signs in.
    pub person: UserId,
    /// Where the letter goes.
    pub mailbox: &'a str,
}

/// The code as it is shown, in two groups, and what is stored of it.
#[must_use]
pub fn from_random(random: [u8; 16], good_for: For<'_>) -> (String, [u8; 32]) {
    // Of 2^128 values the first 10^8 are no likelier than the others by anything that counts.
    let number = u128::from_be_bytes(random) % CODES;
    let code = format!("{number:0DIGITS$}");
    let (first, rest) = code.split_at(DIGITS / 2);
    (format!("{first} {rest}"), hash(&code, good_for))
}

/// What is stored of a typed code; `None` when it has not the form of one.
#[must_use]
pub fn digest(typed: &str, good_for: For<'_>, _: &Permit) -> Option<[u8; 32]> {
    if typed.len() > 4 * DIGITS {
        return None;
    }
    let code: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let is_code = code.len() == DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then(|| hash(&code, good_for))
}

fn hash(code: &str, For { sign_in, person, mailbox }: For<'_>) -> [u8; 32] {
    let text = format!("mailed code\n{sign_in}\n{person}\n{mailbox}\n{code}");
    let hashed = sha(&SHA256, text.as_bytes());
    hashed.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::lockout::PERMIT;

    const ALICE: For<'_> =
        For { sign_in: "handle", person: UserId(Uuid::from_u128(1)), mailbox: "a@example.net" };

    #[test]
    fn a_code_is_read_however_it_was_typed() {
        let (shown, stored) = from_random([0xA5; 16], ALICE);
        assert_eq!(shown.len(), 9);
        for typed in [shown.clone(), shown.replace(' ', ""), format!(" {shown}\n")] {
            assert_eq!(digest(&typed, ALICE, &PERMIT), Some(stored), "{typed}");
        }
        assert_eq!(from_random([0; 16], ALICE).0, "0000 0000");
    }

    /// R046
    #[test]
    fn a_code_is_worth_nothing_for_another_sign_in_person_or_mailbox() {
        let (shown, stored) = from_random([7; 16], ALICE);
        for other in [
            For { sign_in: "another", ..ALICE },
            For { person: UserId(Uuid::from_u128(2)), ..ALICE },
            For { mailbox: "b@example.net", ..ALICE },
        ] {
            assert_ne!(digest(&shown, other, &PERMIT), Some(stored), "{other:?}");
        }
    }

    #[test]
    fn what_has_not_the_form_of_a_code_is_none() {
        for typed in ["", "1234567", "123456789", "1234567a", "\u{661}2345678", "12345 67"] {
            assert_eq!(digest(typed, ALICE, &PERMIT), None, "{typed}");
        }
        assert_eq!(digest(&"0".repeat(1_000_000), ALICE, &PERMIT), None);
    }
}
