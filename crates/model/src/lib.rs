//! The words of the house: nouns without I/O, clock, XML or SQL.
//!
//! Everything here is plain data with the few rules that make a wrong value impossible. Time,
//! randomness and ids are handed in by whoever builds a value.

pub mod actor;
pub mod alarm;
pub mod amr;
pub mod application;
pub mod attribute;
pub mod audit;
pub mod audit_chain;
pub mod campaign;
pub mod credential;
pub mod demand;
pub mod detail;
pub mod directory;
pub mod entitlement;
pub mod entra;
pub mod exemption;
pub mod explanation;
pub mod external_mfa;
pub mod factor;
pub mod federated_domain;
pub mod guess;
pub mod ids;
pub mod immutable_id;
pub mod import;
pub mod issued_token;
pub mod legal_hold;
pub mod letter;
pub mod line;
pub mod look;
pub mod mapping;
pub mod matches;
pub mod microsoft_account;
pub mod network;
pub mod oidc;
pub mod old_client;
pub mod passkey;
pub mod pending_request;
pub mod plan;
pub mod policy;
pub mod preflight;
pub mod program;
pub mod registration;
pub mod rehearsal;
pub mod relying_party;
pub mod remembered_device;
pub mod session;
pub mod signing_key;
pub mod tenant;
pub mod tenant_people;
pub mod tenant_state;
pub mod time;
pub mod trial;
pub mod upn;
pub mod user;
pub mod watch;
pub mod webhook;
pub mod wstrust;

pub use actor::{Actor, Role};
pub use amr::{FactorEvent, Method, MfaClaim, Proof};
pub use immutable_id::ImmutableId;
pub use time::Ts;
pub use upn::Upn;
