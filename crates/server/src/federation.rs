//! The protocol doors of a federated domain, below `/d/{slug}`.

pub(crate) mod metadata;
pub(crate) mod wsfed;
