//! The matrix: the steps of a run, the faults, and at which step each strikes.

/// A step of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The lease is taken.
    P0,
    /// What we want is read.
    P1,
    /// What is there is read.
    P2,
    /// The plan is committed.
    P3,
    /// What is about to be sent is committed.
    P4,
    /// The call is on the wire.
    P5,
    /// The answer has arrived and isn't read.
    P6,
    /// What was done is read back: in the next run's listing.
    P7,
    /// The outcome is committed.
    P8,
    /// The run's end is committed.
    P9,
}

use Step::{P0, P1, P2, P3, P4, P5, P6, P7, P8, P9};

impl Step {
    /// Each, in order.
    pub const ALL: [Self; 10] = [P0, P1, P2, P3, P4, P5, P6, P7, P8, P9];
}

/// A fault of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Its number: 1 is F01.
    pub number: u8,
    /// What happens.
    pub what: &'static str,
    /// Where it strikes.
    pub at: &'static [Step],
    /// In how many ways it is played.
    pub ways: u8,
}

const fn fault(number: u8, ways: u8, at: &'static [Step], what: &'static str) -> Fault {
    Fault { number, what, at, ways }
}

const COMMITS: &[Step] = &[P3, P4, P8, P9];
const CALLS: &[Step] = &[P2, P5, P7];

/// Each, in order.
pub const FAULTS: [Fault; 38] = [
    fault(1, 1, &Step::ALL, "the process is killed"),
    fault(2, 1, COMMITS, "the power fails, and of the last commit half reached the disk"),
    fault(3, 1, COMMITS, "the database refuses a statement"),
    fault(4, 1, COMMITS, "nobody hears whether a commit was made"),
    fault(5, 1, COMMITS, "the disk is full: the transaction is lost"),
    fault(6, 1, &Step::ALL, "the database refuses every change until the run is over"),
    fault(7, 1, CALLS, "the call never arrives"),
    fault(8, 1, &[P5, P6], "the call is done and its answer is lost"),
    fault(9, 1, CALLS, "half of the answer arrives"),
    fault(10, 1, &[P5], "the call is delivered twice"),
    fault(11, 1, &[P5], "the call is delivered ten minutes later"),
    fault(12, 2, CALLS, "429 with Retry-After"),
    fault(13, 1, CALLS, "429 without Retry-After"),
    fault(14, 1, CALLS, "nine of ten calls are answered with 429 for half an hour"),
    fault(15, 4, CALLS, "503, 504 or 500, done or not"),
    fault(16, 1, &[P2, P5], "a batch of mixed answers"),
    fault(17, 1, CALLS, "the token has ended and no other is to be had"),
    fault(18, 1, CALLS, "the permission was withdrawn"),
    fault(19, 1, &[P0, P2], "the client secret has expired"),
    fault(20, 1, &[P5, P7], "what was made is not visible for a while"),
    fault(21, 2, &[P2, P7], "the listing omits an object or shows it as it was"),
    fault(22, 3, &[P2], "the listing breaks off, goes in circles, or has an empty page"),
    fault(23, 1, &[P2], "the delta token has expired"),
    fault(24, 1, &[P5], "somebody else has the name or the immutable id"),
    fault(25, 1, &[P5, P7], "somebody deleted the object"),
    fault(26, 1, &[P5, P7], "somebody changed the object by hand"),
    fault(27, 1, &[P5], "the person got a directory role"),
    fault(28, 1, &[P5], "there are no seats any more"),
    fault(29, 1, &Step::ALL, "it was paused for five minutes, and another house ran"),
    fault(30, 4, &Step::ALL, "the clock is set"),
    fault(31, 2, &[P1], "what we want is lost, all or most of it"),
    fault(32, 1, &[P0, P2], "the connection leads to another tenant"),
    fault(33, 1, &[P1, P3, P5], "an admin changes their mind"),
    fault(34, 1, &[P3, P4, P8], "another version wrote the rows"),
    fault(35, 1, &[P2, P6], "answers have unknown fields, nulls and new words"),
    fault(36, 1, &[P7], "a call is answered as done and wasn't"),
    fault(37, 1, &Step::ALL, "the process is told to end"),
    fault(38, 1, &[P3, P9], "the mail server is down"),
];
