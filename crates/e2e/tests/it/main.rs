//! The walks of `docs/walks.md` with a browser, over the demo.

// Clippy's leave to unwrap in tests is bound to this attribute.
#[cfg(test)]
mod access_pass;
#[cfg(test)]
mod accessibility;
#[cfg(test)]
mod alarms;
#[cfg(test)]
mod applications;
#[cfg(test)]
mod campaign;
#[cfg(test)]
mod console;
#[cfg(test)]
mod employee;
#[cfg(test)]
mod first_sign_in;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod leavers;
#[cfg(test)]
mod mapping;
#[cfg(test)]
mod matches;
#[cfg(test)]
mod microsoft;
#[cfg(test)]
mod openid;
#[cfg(test)]
mod passkeys;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod preflight;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod remembered;
#[cfg(test)]
mod reset;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod saml2;
#[cfg(test)]
mod security_page;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod tenant_people;
