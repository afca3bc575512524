//! The tests of the front door, and of the whole house from outside.

// Clippy's leave to unwrap in tests is bound to this attribute.
#[cfg(test)]
mod audit;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod house;
#[cfg(test)]
mod listener;
#[cfg(test)]
mod master_key;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod rehearse;
#[cfg(test)]
mod serve;
