//! Fault campaigns against the sync: the real engine on the real store, and the simulator over HTTP, in
//! virtual time. What is tried is in `case`, what must hold in `rules`.

pub mod campaign;
pub mod case;
pub mod clock;
pub mod dice;
pub mod fault;
pub mod op;
pub mod play;
pub mod prepared;
pub mod rules;
pub mod schedule;
pub mod script;
pub mod single;
pub mod wire;
