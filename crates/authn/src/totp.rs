//! Time-based one-time codes (RFC 6238): SHA-1, six digits, thirty seconds, as every app reads them.
//!
//! The loop over time steps is ours, because the accepted step must be known and kept: a step is
//! good once (R026). Whoever stores it does so with a condition, so that of two only one wins.

pub mod imported;

use model::Ts;
use secrecy::{ExposeSecret, SecretSlice};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use totp_rs::{Builder, Secret, Totp};

pub use crate::qr::Qr;
use crate::{Error, lockout::Permit};

/// Seconds that a code lasts.
pub const STEP: u64 = 30;
const DIGITS: usize = 6;

/// How a typed code fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeCheck {
    /// It is right; this step must be kept and never accepted again.
    Accepted {
        /// The time step that the code belongs to.
        step: u64,
    },
    /// It is right, but its step was used before; say "wrong", log "replay" (R028).
    Replayed,
    /// It is wrong.
    Wrong,
}

/// A secret of 160 bits from the caller's randomness.
#[must_use]
pub fn secret(random: [u8; 20]) -> SecretSlice<u8> {
    SecretSlice::from(random.to_vec())
}

/// The secret as people type it: base 32 in groups of four.
#[must_use]
pub fn key_text(secret: &SecretSlice<u8>) -> String {
    let text = Secret::from(secret.expose_secret().to_vec()).to_base32();
    let symbols: Vec<char> = text.chars().collect();
    let groups: Vec<String> = symbols.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

/// The `otpauth:` address that an app scans. A colon separates issuer and account, so neither may
/// hold one.
#[must_use]
pub fn provisioning_uri(issuer: &str, account: &str, secret: &SecretSlice<u8>) -> String {
    let plain = |text: &str| text.replace(':', " ").trim().to_owned();
    let (issuer, mut account) = (plain(issuer), plain(account));
    if account.is_empty() {
        "account".clone_into(&mut account);
    }
    let named = generator(secret).with_account_name(account);
    let named = if issuer.is_empty() { named } else { named.with_issuer(Some(issuer)) };
    let totp = named.build_noncompliant();
    totp.to_url().expect("the account is not empty and holds no colon")
}

/// Draws a provisioning address as a QR code.
pub fn qr(uri: &str) -> Result<Qr, Error> {
    crate::qr::draw(uri)
}

/// Checks a typed code against the current step and the one before (R027).
#[must_use]
pub fn check(
    secret: &SecretSlice<u8>,
    typed: &str,
    (now, last_step): (Ts, Option<u64>),
    _: &Permit,
) -> CodeCheck {
    let Some(typed) = digits(typed) else { return CodeCheck::Wrong };
    let totp = generator(secret).build_noncompliant();
    match matching_step(&totp, typed, step_at(now)) {
        None => CodeCheck::Wrong,
        Some(step) if last_step.is_some_and(|last| step <= last) => CodeCheck::Replayed,
        Some(step) => CodeCheck::Accepted { step },
    }
}

/// The code that an app shows at this time; for the demo's and the tests' people.
#[must_use]
pub fn code_at(secret: &SecretSlice<u8>, now: Ts) -> String {
    generator(secret).build_noncompliant().generate(step_at(now) * STEP).to_string()
}

/// The time step at this time.
#[must_use]
pub fn step_at(now: Ts) -> u64 {
    u64::try_from(now.secs()).unwrap_or(0) / STEP
}

/// Looks at every step of the window, whichever matches, and compares in constant time (R030).
fn matching_step(totp: &Totp, typed: [u8; DIGITS], current: u64) -> Option<u64> {
    let (mut found, mut step) = (Choice::from(0), 0);
    for candidate in [current.saturating_sub(1), current] {
        let code = totp.generate(candidate * STEP).to_string();
        let hit = code.as_bytes().ct_eq(&typed);
        step.conditional_assign(&candidate, hit);
        found |= hit;
    }
    bool::from(found).then_some(step)
}

/// The six digits of a typed code; apps show them in groups, so spaces are nothing.
fn digits(typed: &str) -> Option<[u8; DIGITS]> {
    if typed.len() > 64 {
        return None;
    }
    let kept: Vec<u8> = typed.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let digits: [u8; DIGITS] = kept.try_into().ok()?;
    digits.iter().all(u8::is_ascii_digit).then_some(digits)
}

fn generator(secret: &SecretSlice<u8>) -> Builder {
    Builder::new().with_secret(secret.expose_secret().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockout::PERMIT;

    /// The key of RFC 6238, appendix B.
    fn rfc_key() -> SecretSlice<u8> {
        secret(*b"12345678901234567890")
    }

    /// R025
    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        for (secs, eight_digits) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let now = Ts::from_secs(secs);
            let six = &eight_digits[2..];
            assert_eq!(code_at(&rfc_key(), now), six);
            let step = u64::try_from(secs).unwrap() / 30;
            assert_eq!(check(&rfc_key(), six, (now, None), &PERMIT), CodeCheck::Accepted { step });
        }
    }

    /// R027
    #[test]
    fn the_window_is_this_step_and_the_one_before() {
        let now = Ts::from_secs(1_234_567_890);
        for (offset, accepted) in [(-60, false), (-30, true), (0, true), (30, false), (60, false)] {
            let code = code_at(&rfc_key(), Ts::from_secs(now.secs() + offset));
            let outcome = check(&rfc_key(), &code, (now, None), &PERMIT);
            assert_eq!(matches!(outcome, CodeCheck::Accepted { .. }), accepted, "{offset}");
        }
    }

    /// R026
    #[test]
    fn a_step_passes_once_and_never_after_a_later_one() {
        let now = Ts::from_secs(1_234_567_890);
        let code = code_at(&rfc_key(), now);
        let CodeCheck::Accepted { step } = check(&rfc_key(), &code, (now, None), &PERMIT) else {
            panic!("the first use passes")
        };
        assert_eq!(check(&rfc_key(), &code, (now, Some(step)), &PERMIT), CodeCheck::Replayed);
        let before = code_at(&rfc_key(), Ts::from_secs(now.secs() - 30));
        assert_eq!(check(&rfc_key(), &before, (now, Some(step)), &PERMIT), CodeCheck::Replayed);
        let next = Ts::from_secs(now.secs() + 30);
        let code = code_at(&rfc_key(), next);
        assert_eq!(
            check(&rfc_key(), &code, (next, Some(step)), &PERMIT),
            CodeCheck::Accepted { step: step + 1 }
        );
    }

    /// R030
    #[test]
    fn leading_zeros_count_and_spaces_do_not() {
        // 07081804 begins with zero in its six digits: 081804.
        let now = Ts::from_secs(1_111_111_109);
        let accepted = CodeCheck::Accepted { step: 37_037_036 };
        assert_eq!(check(&rfc_key(), "081804", (now, None), &PERMIT), accepted);
        assert_eq!(check(&rfc_key(), " 081 804 ", (now, None), &PERMIT), accepted);
        for typed in ["81804", "0081804", "", "08180a", "٠٨١٨٠٤"] {
            assert_eq!(check(&rfc_key(), typed, (now, None), &PERMIT), CodeCheck::Wrong, "{typed}");
        }
        assert_eq!(
            check(&rfc_key(), &"0".repeat(1_000_000), (now, None), &PERMIT),
            CodeCheck::Wrong
        );
    }

    #[test]
    fn the_key_is_shown_in_groups_of_four() {
        assert_eq!(key_text(&rfc_key()), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }

    #[test]
    fn the_address_names_issuer_account_and_secret() {
        assert_eq!(
            provisioning_uri("Contoso: Ltd", "alice@contoso.com", &rfc_key()),
            "otpauth://totp/Contoso%20%20Ltd:alice%40contoso.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Contoso%20%20Ltd"
        );
        assert!(provisioning_uri("", "", &rfc_key()).starts_with("otpauth://totp/account?"));
        assert!(qr(&provisioning_uri("Gatehouse", "a@b.example", &rfc_key())).is_ok());
    }
}
