//! WS-Federation passive requestor profile (WS-Federation 1.2 section 13), as Entra uses it.

pub mod request;
pub mod response;
pub mod rp_metadata;
