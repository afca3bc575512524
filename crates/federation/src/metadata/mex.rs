//! The description of the WS-Trust addresses that rich clients read first (WS-MetadataExchange,
//! WSDL 1.1). It is constant but for the two addresses (R121): prefixes, names and even the order of
//! attributes are AD FS's, since some clients search the text (`federation.md` 3.3).

use crate::{endpoints::Endpoints, wstrust::Version};

const DOCUMENT: &str = include_str!("mex.xml");

/// The document for the domain with these addresses.
#[must_use]
pub fn document(endpoints: &Endpoints) -> String {
    // Of what XML escapes, an address in its plain spelling can hold only this.
    let address = |version| endpoints.trust_uri(version).replace('&', "&amp;");
    DOCUMENT
        .trim_end()
        .replace("{2005}", &address(Version::Feb2005))
        .replace("{13}", &address(Version::V13))
}
