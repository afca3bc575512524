//! A pretend Entra ID with a real HTTP face.
