//! Proves who someone is, and says what is still missing.
