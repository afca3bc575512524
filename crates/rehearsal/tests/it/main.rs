//! Rehearsals as they are played: with the sample, with a copy of a tenant, and with something broken.

// Clippy's leave to unwrap in tests is bound to this attribute.
#[cfg(test)]
mod broken;
#[cfg(test)]
mod copied;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod sample;
