//! Every table and every promise of the store, on both databases.

mod alarms;
mod audit_chain;
mod campaign;
mod delegated;
mod directory;
mod federation;
mod former_names;
mod imports;
mod leavers;
mod limits;
mod mapping;
mod matches;
mod microsoft;
mod migrations;
mod oidc;
mod policy;
mod provisioning;
mod races;
mod remembered;
mod revisions;
mod samples;
mod sealed_columns;
mod sealing;
mod sign_in;
mod transactions;
mod webhooks;
