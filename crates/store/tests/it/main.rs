//! Every table and every promise of the store, on both databases.
