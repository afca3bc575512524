//! The planner by scenarios and properties, the applier against a directory that fails.

// Clippy's leave to unwrap in tests is bound to this attribute.
#[cfg(test)]
mod adoption;
#[cfg(test)]
mod applier;
#[cfg(test)]
mod given;
#[cfg(test)]
mod leavers;
#[cfg(test)]
mod mapping;
#[cfg(test)]
mod matches;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod tenant;
