//! What the house does: sign someone in, issue a token, assign, sync.
//!
//! This is the one room that knows all experts. Each use case is a verb on [`House`]; it reads
//! and writes through one transaction closure, and never holds a transaction across a call to
//! Microsoft. It knows no HTTP request, no cookie and no page.

pub mod accounts;
pub mod alarms;
pub mod assign;
pub mod audit;
pub mod campaign;
pub mod clock;
pub mod directories;
pub mod enroll;
pub mod entra;
pub mod error;
pub mod explain;
pub mod external_mfa;
pub mod groups;
pub mod guide;
pub mod house;
pub mod imports;
pub mod issue;
pub mod keys;
pub mod leavers;
pub mod letters;
pub mod mailed_codes;
pub mod mapping;
pub mod master_key;
pub mod matches;
pub mod microsoft_accounts;
pub mod office365;
pub mod old_clients;
pub mod passkeys;
mod passwords;
pub mod policy;
pub mod portal;
pub mod preflight;
mod premises;
pub mod programs;
mod queue;
pub mod recent_sign_ins;
pub mod registrations;
pub mod rehearsal;
pub mod relying_parties;
pub mod remembered;
pub mod reset;
pub mod roles;
pub mod sample;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod sync;
pub mod tenant_people;
#[cfg(feature = "testing")]
pub mod testing;
mod typed;
pub mod visitor;
pub mod webhooks;

pub use clock::{Clock, Random, SystemClock, SystemRandom};
pub use error::{Error, Kind};
pub use house::House;
pub use settings::{Mode, Settings};
pub use visitor::{Admin, Employee, Visitor};

/// What a use case gives back.
pub type Result<T> = std::result::Result<T, Error>;
