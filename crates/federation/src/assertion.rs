//! Assertions: signed statements about a person.

pub mod saml11;
