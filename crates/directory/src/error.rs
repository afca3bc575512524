//! What is wrong with the settings of a directory, before it is asked anything.

use ldap3::{ldap_escape, parse_filter};
use model::directory::{Directory, LOCAL_NAME, NAME};

use crate::tls;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The host is no host.
    #[error("Give the host alone, such as dc1.contoso.com, without ldaps:// and without a port.")]
    Host,
    /// The certificates can't be read.
    #[error(
        "That is no certificate in PEM form. Paste everything from BEGIN CERTIFICATE to END CERTIFICATE."
    )]
    Authority,
    /// The filter names nobody.
    #[error("The filter must hold {NAME} or {LOCAL_NAME}, which stands for whoever signs in.")]
    NobodyNamed,
    /// The filter is none.
    #[error("That is no LDAP filter. A filter begins and ends with a bracket: (mail={NAME}).")]
    Filter,
}

/// Whether a directory could be asked with these settings.
pub fn check(directory: &Directory) -> Result<(), Error> {
    let is_host = |text: &str| {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        !text.is_empty() && text.len() <= 253 && text.chars().all(part)
    };
    let host = directory.host.as_str();
    // An IPv6 address has no place in the names that TLS compares here (ldap3 hands it on in brackets).
    if !is_host(host) {
        return Err(Error::Host);
    }
    if !directory.authority.is_empty() && tls::roots(&directory.authority).is_none() {
        return Err(Error::Authority);
    }
    if !directory.filter.contains(NAME) && !directory.filter.contains(LOCAL_NAME) {
        return Err(Error::NobodyNamed);
    }
    let filter = directory.filter_for("somebody@example.com", escaped);
    parse_filter(filter).map(|_| ()).map_err(|()| Error::Filter)
}

/// A value as it stands in a filter.
pub(crate) fn escaped(value: &str) -> String {
    ldap_escape(value).into_owned()
}
