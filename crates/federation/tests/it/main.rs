//! What leaves this room, judged by others: xmlsec1, xmllint, another canonicaliser and verifier,
//! a PowerShell grammar, a shell.

mod applications;
mod hostile_values;
mod metadata;
mod oidc;
mod pkcs11;
mod requests;
mod run_sh;
mod saml2;
mod scripts;
// Clippy's leave to unwrap in tests is bound to this attribute.
#[cfg(test)]
mod second_opinion;
mod support;
mod tokens;
mod trust;
