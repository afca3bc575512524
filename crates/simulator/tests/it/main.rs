//! Protocol tests of the simulator, all over real HTTP.
#![expect(clippy::unwrap_used, reason = "a test may fail at the line that is wrong")]

mod audit_logs;
mod batch;
mod bearer;
mod binary;
mod domains;
mod faults;
mod licenses;
mod openapi;
mod outlook;
mod persistence;
mod product;
mod realm;
mod refusals;
mod signer;
mod support;
mod token_endpoint;
mod users;
