//! Vouches for people, in bytes the relying party accepts.
