//! The counter from outside: its pages, its routes, its walks.

// Clippy's leave to unwrap in tests is bound to this attribute.
#[cfg(test)]
mod access;
#[cfg(test)]
mod alarms;
#[cfg(test)]
mod applications;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod authenticator;
#[cfg(test)]
mod broken;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod client_certificate;
#[cfg(test)]
mod console;
#[cfg(test)]
mod defences;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod directories;
#[cfg(test)]
mod domains;
#[cfg(test)]
mod ecp;
#[cfg(test)]
mod enrolment;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod external_mfa;
#[cfg(test)]
mod html;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod leavers;
#[cfg(test)]
mod mapping;
#[cfg(test)]
mod matches;
#[cfg(test)]
mod metadata;
#[cfg(test)]
mod microsoft;
#[cfg(test)]
mod oidc;
#[cfg(test)]
mod outside;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod parties;
#[cfg(test)]
mod passkeys;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod preflight;
#[cfg(test)]
mod recent_sign_ins;
#[cfg(test)]
mod rehearsal;
#[cfg(test)]
mod remembered;
#[cfg(test)]
mod reset;
#[cfg(test)]
mod saml2;
#[cfg(test)]
mod scim;
#[cfg(test)]
mod second_factor;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod sign_ins;
#[cfg(test)]
mod support;
#[cfg(test)]
mod switching;
#[cfg(test)]
mod tenant_admins;
#[cfg(test)]
mod tenant_people;
#[cfg(test)]
mod timing;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod wsfed;
#[cfg(test)]
mod wstrust;
