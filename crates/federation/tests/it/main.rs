//! What leaves this room, judged by others: xmlsec1, xmllint, another canonicaliser and verifier,
//! a PowerShell grammar, a shell.

mod applications;
mod metadata;
mod oidc;
mod pkcs11;
mod requests;
mod run_sh;
mod saml2;
mod scripts;
mod support;
mod tokens;
mod trust;
