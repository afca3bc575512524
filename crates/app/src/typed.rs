//! Lists that people type into one field.

use model::network::Network;

use crate::{Error, Result};

/// What people typed into a list: one a line, or separated by commas or blanks.
pub(crate) fn entries(typed: &str) -> Vec<&str> {
    typed.split([',', ';', ' ', '\t', '\r', '\n']).filter(|entry| !entry.is_empty()).collect()
}

/// The networks that were typed into a field, each once.
pub(crate) fn read_networks(typed: &str, field: &'static str) -> Result<Vec<Network>> {
    let mut networks = Vec::new();
    for entry in entries(typed) {
        let public = format!("{entry} is no network; type it as 203.0.113.0/24 or 2001:db8::/32.");
        let network = entry.parse().map_err(|_| Error::invalid(field, public))?;
        if !networks.contains(&network) {
            networks.push(network);
        }
    }
    Ok(networks)
}
