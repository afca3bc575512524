//! The walks of `docs/walks.md` with a browser, over the demo.

mod console;
mod employee;
mod refusals;
