//! What attackers send to every door, and what must come of each. The messages and the list of what
//! is expected lie in `crates/federation/tests/hostile`. The server runs as a process of its own, so
//! that its time and its memory are measured and nobody else's; whatever is not refused would get a
//! token, as every message comes with a live session. Somebody listens where the messages want to
//! lure us, and nobody may call there.

mod collected;
mod large;
mod metadata;
pub(crate) mod process;
mod saml2;
pub(crate) mod sets;
mod stored;
mod wire;
mod wsfed;
mod wstrust;
