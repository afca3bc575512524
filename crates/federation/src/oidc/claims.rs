//! What is said of the sign-in itself, and which names an admin may therefore not pick (R094).

use model::{Proof, amr::Method};

use crate::{
    saml2::context::{self, Vocabulary},
    uris,
};

/// The names that the protocol gives a meaning of its own (Core 2, RFC 7519 4.1).
const RESERVED: [&str; 16] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
];

/// Names of claims that would say of a value that we checked it, and of other tokens.
const MISLEADING: [&str; 9] = [
    "email_verified",
    "phone_number_verified",
    "verified_claims",
    "cnf",
    "act",
    "scope",
    "client_id",
    "_claim_names",
    "_claim_sources",
];

/// Whether no admin may pick a claim of this name.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    RESERVED.iter().chain(&MISLEADING).any(|known| known.eq_ignore_ascii_case(name))
}

/// Which class of sign-in it was: the same words as in SAML 2.0.
#[must_use]
pub fn class(proof: &Proof) -> &'static str {
    context::stated(&[], proof, Vocabulary::General).unwrap_or(uris::AC_UNSPECIFIED)
}

/// How it was proved (RFC 8176). Nothing says whether a key is of hardware: nobody asks for that.
#[must_use]
pub fn methods(proof: &Proof) -> Vec<&'static str> {
    let mut methods = Vec::with_capacity(3);
    if proof.has(Method::Password) {
        methods.push("pwd");
    }
    let one_time = [Method::Totp, Method::RecoveryCode, Method::AccessPass];
    if one_time.into_iter().any(|method| proof.has(method)) {
        methods.push("otp");
    }
    if proof.has(Method::Passkey) || proof.has(Method::SecurityKey) {
        methods.push("pop");
    }
    if proof.mfa().is_some() {
        methods.push("mfa");
    }
    methods
}

#[cfg(test)]
mod tests {
    use model::{FactorEvent, Ts};

    use super::*;

    #[test]
    fn the_words_follow_from_what_was_proved_and_from_nothing_else() {
        use Method::{AccessPass, MailedCode, Passkey, Password, RecoveryCode, SecurityKey, Totp};
        for (proved, said) in [
            (&[Password][..], &["pwd"][..]),
            (&[Password, Totp], &["pwd", "otp", "mfa"]),
            (&[Password, RecoveryCode], &["pwd", "otp", "mfa"]),
            (&[Password, AccessPass], &["pwd", "otp", "mfa"]),
            (&[Password, MailedCode], &["pwd"]),
            (&[Totp, RecoveryCode], &["otp"]),
            (&[Passkey], &["pop", "mfa"]),
            (&[Password, SecurityKey], &["pwd", "pop", "mfa"]),
            (&[SecurityKey], &["pop"]),
        ] {
            let events = proved.iter().map(|&method| FactorEvent { method, at: Ts(1) }).collect();
            let proof = Proof::from_events(events).expect("not empty");
            assert_eq!(methods(&proof), said, "{proved:?}");
            let [mfa, password] = ["mfa", "pwd"].map(|word| said.contains(&word));
            assert_eq!(class(&proof) == uris::REFEDS_MFA, mfa, "{proved:?}");
            let says_password = class(&proof) == uris::AC_PASSWORD_PROTECTED;
            assert_eq!(says_password, password && !mfa, "{proved:?}");
        }
    }

    #[test]
    fn no_admin_picks_what_the_protocol_says_itself() {
        for name in ["sub", "AMR", "acr", "auth_time", "sid", "Email_Verified", "_claim_names"] {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["email", "name", "department", "preferred_username", ""] {
            assert!(!is_reserved(name), "{name}");
        }
    }
}
