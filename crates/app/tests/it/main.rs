//! The use cases against real parts: both databases, the simulator over HTTP, and a clock that the
//! test moves.

// Clippy's leave to unwrap in tests is bound to this attribute.
#[cfg(test)]
mod access_pass;
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod addresses;
#[cfg(test)]
mod adoption;
#[cfg(test)]
mod alarm_letters;
#[cfg(test)]
mod alarms;
#[cfg(test)]
mod any_order;
#[cfg(test)]
mod assign;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod authenticator;
#[cfg(test)]
mod broken_off;
#[cfg(test)]
mod campaign;
#[cfg(test)]
mod certificate;
#[cfg(test)]
mod damaged_keys;
#[cfg(test)]
mod directories;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod ecp;
#[cfg(test)]
mod elsewhere;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod guide;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod issue;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod leavers;
#[cfg(test)]
mod leaving_settings;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod mailed_codes;
#[cfg(test)]
mod mapping;
#[cfg(test)]
mod mapping_guards;
#[cfg(test)]
mod mapping_meanwhile;
#[cfg(test)]
mod master_key;
#[cfg(test)]
mod matches;
#[cfg(test)]
mod networks;
#[cfg(test)]
mod no_token;
#[cfg(test)]
mod oidc;
#[cfg(test)]
mod old_clients;
#[cfg(test)]
mod parties;
#[cfg(test)]
mod passkeys;
#[cfg(test)]
mod passwords;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod preflight;
#[cfg(test)]
mod premises;
#[cfg(test)]
mod profile;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod recent_sign_ins;
#[cfg(test)]
mod recover;
#[cfg(test)]
mod remembered;
#[cfg(test)]
mod rename;
#[cfg(test)]
mod reset;
#[cfg(test)]
mod revocations;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod support;
#[cfg(test)]
mod sync;
#[cfg(test)]
mod tenant_people;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod wstrust;
