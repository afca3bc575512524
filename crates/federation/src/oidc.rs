//! OpenID Connect: the code flow, with PKCE (Core 1.0, RFC 6749, RFC 7636, RFC 9207). Requests in,
//! ID tokens out. No token ever travels in an address or a form, so there is no implicit and no hybrid
//! flow; a client that is a page fetches its own.

pub mod answer;
pub mod claims;
pub mod discovery;
pub mod id_token;
pub(crate) mod jwt;
pub mod keys;
pub mod logout_token;
pub mod pkce;
pub mod pushed;
mod refusal;
pub mod request;
pub mod sign_out;
pub mod token_request;

pub use refusal::{Fault, Refusal};
