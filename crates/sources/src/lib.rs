//! Reads lists of people that other systems wrote. Bytes come in and cells go out: who is here
//! already, and what may be done with a row, is decided elsewhere.

mod columns;
mod table;

pub use columns::{guess, secrets};
pub use table::{MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_ROWS, Row, Table, Unreadable, read};
