//! The console: one file per screen.

pub mod alarms;
pub mod applications;
pub mod audit;
pub mod campaign;
pub mod domain;
pub mod explain;
pub mod groups;
pub mod home;
pub mod import;
pub mod imports;
pub mod keys;
pub mod matches;
pub mod microsoft365;
pub mod party_secret;
pub mod policy;
pub mod protocols;
pub mod relying_parties;
pub mod step_up;
pub mod sync_run;
pub mod sync_runs;
pub mod tokens;
pub mod user;
pub mod user_edit;
pub mod user_new;
pub mod users;
