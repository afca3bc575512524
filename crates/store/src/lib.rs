//! Remembers: one module per table, plain functions inside a transaction, on SQLite and on
//! PostgreSQL. diesel, SQL and the sealing of secrets stay in here; clocks, randomness and ids come
//! in.

pub mod access_passes;
pub mod adoptions;
pub mod alarms;
pub mod applications;
pub mod assignments;
pub mod audit_log;
pub mod campaign;
mod connection;
pub mod credentials;
pub mod entitlements;
pub mod entra_links;
mod error;
pub mod exemptions;
pub mod factors;
pub mod federated_domains;
pub mod former_names;
pub mod groups;
pub mod guess_counters;
#[cfg(test)]
mod hot_path;
pub mod import_rows;
pub mod imports;
pub mod issued_tokens;
pub mod known_addresses;
pub mod known_devices;
pub mod leases;
pub mod legal_holds;
pub mod letters;
mod master_key;
pub mod match_decisions;
mod migrations;
pub mod oidc_grants;
pub mod outbox;
mod page;
pub mod passkey_ceremonies;
pub mod passkeys;
pub mod pending_requests;
pub mod peppers;
pub mod policy_versions;
mod pool;
pub mod preflights;
pub mod relying_parties;
pub mod remembered_devices;
pub mod reset_links;
pub mod revision;
mod schema;
mod seal;
pub mod sealed_columns;
pub mod sessions;
pub mod settings;
pub mod signing_keys;
mod store;
pub mod subscribed_skus;
pub mod sync_runs;
mod target;
pub mod tenant_admins;
pub mod tenant_looks;
pub mod tenants;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
pub mod unexplained_sign_ins;
pub mod used_messages;
pub mod users;
pub mod watches;
pub mod webhooks;
mod writer;
pub mod wstrust_permits;

pub use connection::Tx;
pub use error::Error;
pub use master_key::{MasterKey, MasterKeys};
pub use page::Page;
pub use store::Store;
pub use target::{Database, Settings};
