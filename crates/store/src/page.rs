//! A part of a long list.

/// Some rows of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows that were asked for.
    pub rows: Vec<T>,
    /// How many there are in all.
    pub total: i64,
}
