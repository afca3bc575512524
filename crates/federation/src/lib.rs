//! Vouches for people, in bytes the relying party accepts.
//!
//! Claims become a signed SAML 1.1 or 2.0 assertion or an ID token, an assertion becomes a
//! WS-Federation, SAML or WS-Trust answer, a domain becomes signed metadata and a script that federates it. Pure: no clock,
//! no randomness, no I/O (but to a PKCS#11 token), no SQL, no HTTP (WS-Federation 1.2 section 13,
//! WS-Trust, SAML core, XML-Signature, exclusive C14N).

pub mod assertion;
pub mod claims;
pub mod endpoints;
pub mod error;
pub mod external_mfa;
pub mod keyring;
pub mod loop_guard;
pub mod metadata;
pub mod oidc;
mod query;
pub mod saml2;
pub mod script;
pub mod signer;
pub mod stamp;
pub mod uris;
pub mod wsfed;
pub mod wstrust;
mod xml;

pub use error::{Error, Result};
pub use stamp::Stamp;
