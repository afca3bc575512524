//! SAML 2.0 web single sign-on: requests in, responses and logout messages out (SAML 2.0 core,
//! bindings 3.4 and 3.5, profiles 4.1 and 4.4). SOAP bindings, artifacts and encryption are not
//! spoken.

pub mod binding;
pub mod context;
pub mod ecp;
pub mod logout;
pub mod message;
mod refusal;
pub mod request;
pub mod response;
pub mod sp_metadata;

pub use crate::xml::dsig::{Sha1, TrustedKeys};
pub use refusal::Refusal;
