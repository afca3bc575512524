//! Documents that tell others how to reach and trust us, and what theirs say.

pub mod document;
pub mod federation_metadata;
pub mod mex;
pub mod party;
pub mod saml_metadata;
