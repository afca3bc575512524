//! The use cases against real parts: both databases, the simulator over HTTP, and a clock that the
//! test moves.

mod accounts;
mod assign;
mod issue;
mod limits;
mod sign_in;
mod support;
mod sync;
