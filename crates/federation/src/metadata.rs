//! Documents that tell others how to reach and trust us.

pub mod document;
pub mod federation_metadata;
pub mod mex;
pub mod saml_metadata;
