//! Binds a code to whoever asked for it (RFC 7636). Only `S256` is spoken: `plain` would show the
//! verifier to everybody who sees the request.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;

/// Whether a text can be the challenge of a verifier: base64url of 32 bytes, without padding.
pub(super) fn is_challenge(text: &str) -> bool {
    text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// Whether the verifier belongs to the challenge. Where none was given, there must be no verifier
/// either: a client that sends one believes that it protects the code (RFC 9700 4.8.2).
#[must_use]
pub fn fits(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) if is_verifier(verifier) => {
            let hashed = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
            hashed.as_bytes().ct_eq(challenge.as_bytes()).into()
        }
        _ => false,
    }
}

fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn only_the_verifier_of_a_challenge_fits() {
        assert!(is_challenge(CHALLENGE) && !is_challenge(&CHALLENGE[1..]));
        assert!(!is_challenge(&CHALLENGE.replace('-', "+")));
        assert!(fits(Some(CHALLENGE), Some(VERIFIER)));
        assert!(fits(None, None));
        for (challenge, verifier) in [
            (Some(CHALLENGE), None),
            (Some(CHALLENGE), Some("")),
            (Some(CHALLENGE), Some(CHALLENGE)),
            (Some(CHALLENGE), Some(&*format!("{VERIFIER}A"))),
            (None, Some(VERIFIER)),
        ] {
            assert!(!fits(challenge, verifier), "{challenge:?} {verifier:?}");
        }
    }

    #[test]
    fn a_short_verifier_fits_nothing() {
        let hashed = URL_SAFE_NO_PAD.encode(digest(&SHA256, b"short"));
        assert!(!fits(Some(&hashed), Some("short")));
    }
}
