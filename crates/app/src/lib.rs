//! What the house does: use cases and transactions.
