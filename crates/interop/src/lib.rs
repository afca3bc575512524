//! Nothing but tests: samael reads what our tests keep as golden files.
