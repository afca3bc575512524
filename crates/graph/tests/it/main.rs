//! The client against the simulator, and against a server that answers nonsense.

// Clippy's leave to unwrap in tests is bound to this attribute.
#[cfg(test)]
mod canned;
#[cfg(test)]
mod deleted;
#[cfg(test)]
mod licences;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod matches;
#[cfg(test)]
mod people;
#[cfg(test)]
mod preflight;
#[cfg(test)]
mod sign_ins;
#[cfg(test)]
mod tenant;
#[cfg(test)]
mod weather;
#[cfg(test)]
mod world;
