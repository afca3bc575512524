//! What a check of the chain can find, in a sentence.

use std::fmt;

use crate::Ts;

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A row does not fit its hash, or the hash not the row before.
    Changed {
        /// Which.
        number: i64,
    },
    /// Rows are gone from the middle.
    Missing {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// Rows are gone from the end.
    Cut {
        /// The last that is there.
        last: i64,
        /// The last that was written.
        head: i64,
    },
    /// There are rows that the end of the chain knows nothing of.
    Beyond {
        /// The first of them.
        number: i64,
    },
    /// The end of the chain is another than the last row says.
    Ends {
        /// The row.
        number: i64,
    },
    /// The end of the chain does not carry our signature.
    Forged,
    /// There is a chain, and its end is gone.
    Endless,
    /// The key of the chain can't be opened.
    Keyless,
    /// The end of the chain was found forged before this row was added.
    Broken {
        /// The row.
        number: i64,
    },
    /// A line of a file is no checkpoint.
    Unreadable {
        /// Which line.
        line: usize,
    },
    /// A checkpoint was not signed by the key of this chain.
    Foreign {
        /// Which line.
        line: usize,
    },
    /// A row is another than the one that a checkpoint was made of.
    Rewritten {
        /// The row.
        number: i64,
        /// When the checkpoint was made.
        signed_at: Ts,
    },
    /// A checkpoint was made of a row that is not there.
    Lost {
        /// The row.
        number: i64,
        /// When the checkpoint was made.
        signed_at: Ts,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { number } => {
                write!(f, "row {number} is not as it was written, or not in its place")
            }
            Self::Missing { from, to } if from == to => write!(f, "row {from} is gone"),
            Self::Missing { from, to } => write!(f, "rows {from} to {to} are gone"),
            Self::Cut { last, head } => {
                write!(f, "the log ends at row {last}, but row {head} was written")
            }
            Self::Beyond { number } => write!(f, "row {number} was not added by Gatehouse"),
            Self::Ends { number } => {
                write!(f, "row {number} is not the one that the chain ended with")
            }
            Self::Forged => f.write_str("the end of the chain was not signed by Gatehouse"),
            Self::Endless => f.write_str("rows are numbered, but the end of the chain is gone"),
            Self::Keyless => f.write_str("the key that signs the chain can't be opened"),
            Self::Broken { number } => write!(
                f,
                "before row {number} was added, the end of the chain had been forged: any row \
                 before it may be"
            ),
            Self::Unreadable { line } => write!(f, "line {line} of the file is no checkpoint"),
            Self::Foreign { line } => {
                write!(f, "the checkpoint in line {line} was not signed by this chain's key")
            }
            Self::Rewritten { number, signed_at } => write!(
                f,
                "row {number} is not the one that was signed at {signed_at}: rows up to it were \
                 rewritten"
            ),
            Self::Lost { number, signed_at } => {
                write!(f, "row {number} was signed at {signed_at} and is gone")
            }
        }
    }
}
