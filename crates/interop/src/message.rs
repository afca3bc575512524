//! What samael has no function for: putting a logout message into an address, and saying that a
//! message in a form is to be signed with SHA-256.

use std::{error::Error, io::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::DeflateEncoder};
use openssl::pkey::{PKey, Private};
use samael::{
    crypto::{CertificateDer, sign_url},
    signature::{DigestAlgorithm, Signature},
};
use url::Url;

/// A message in the query of a signed address; samael signs the query.
pub(crate) fn signed_address(
    to: &str,
    (field, xml): (&str, &str),
    relay_state: Option<&str>,
    key: &PKey<Private>,
) -> Result<Url, Box<dyn Error>> {
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
    deflated.write_all(xml.as_bytes())?;
    let mut address: Url = to.parse()?;
    address.query_pairs_mut().append_pair(field, &STANDARD.encode(deflated.finish()?));
    if let Some(state) = relay_state {
        address.query_pairs_mut().append_pair("RelayState", state);
    }
    Ok(sign_url(address, key)?)
}

/// samael's own template digests with SHA-1, which we refuse.
pub(crate) fn signature(id: &str, certificate: &CertificateDer) -> Signature {
    let mut template = Signature::template(id, certificate);
    for reference in &mut template.signed_info.reference {
        reference.digest_method.algorithm = DigestAlgorithm::Sha256;
    }
    template
}

/// The XML of a field of a form.
pub(crate) fn xml(field: &str) -> Result<String, Box<dyn Error>> {
    Ok(String::from_utf8(STANDARD.decode(field)?)?)
}
