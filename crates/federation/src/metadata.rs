//! Documents that describe us to the other side.

pub mod federation_metadata;
