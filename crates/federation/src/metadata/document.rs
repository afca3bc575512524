//! A metadata document that is signed once and kept, whatever roles it describes (SAML 2.0 metadata).
//!
//! Everything in it follows from what it describes and from the week it is written in; its own id is
//! a digest of the rest. So every node writes the same bytes, and they stay the same until something
//! changes.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use model::Ts;

use crate::{
    Error, Result,
    keyring::Signer,
    stamp::xml_id,
    uris,
    xml::{
        dsig,
        read::{Kind, parse},
        write::Writer,
    },
};

/// A document is good until the end of the next week: between 7 and 14 days.
const WEEK: Duration = Duration::from_hours(7 * 24);
/// How often whoever keeps a copy asks again, so that a new certificate is seen in time.
const ASK_AGAIN: &str = "P1D";

/// A document that is not signed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    id: String,
    entity_id: String,
    unsigned: String,
    /// The byte at which the signature belongs.
    at: usize,
}

/// A signed document, as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id. Another document has another one.
    pub id: String,
    /// The XML.
    pub xml: String,
    /// SHA-256 of `xml`.
    pub digest: [u8; 32],
}

impl Draft {
    /// The document of an entity; `roles` writes what is inside its `EntityDescriptor`.
    pub(crate) fn new(entity_id: &str, now: Ts, roles: impl Fn(&mut Writer)) -> Result<Self> {
        let (nameless, _) = write("_", entity_id, now, &roles)?;
        let mut name = [0; 16];
        name.copy_from_slice(&digest(&SHA256, nameless.as_bytes()).as_ref()[..16]);
        let id = xml_id(name);
        let (unsigned, at) = write(&id, entity_id, now, &roles)?;
        Ok(Self { id, entity_id: entity_id.to_owned(), unsigned, at })
    }

    /// The id that the document will have.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Signs it, and checks it as a token is checked.
    pub fn sign(self, signer: &Signer) -> Result<Document> {
        let xml = dsig::sign(self.unsigned, self.at, &self.id, signer)?;
        let tree = parse(&xml, Kind::Metadata)?;
        let root = tree.root()?;
        if root.attribute("entityID")? != self.entity_id {
            return Err(Error::ReadBack("issuer"));
        }
        let signature = root.elements().expect(uris::DSIG, "Signature")?;
        dsig::verify(&xml, &tree, signature, &self.id, signer)?;
        drop(tree);
        let xml = with_type_prefix(xml);
        let whole = digest(&SHA256, xml.as_bytes());
        let digest = whole.as_ref().try_into().map_err(|_| Error::Signing)?;
        Ok(Document { id: self.id, xml, digest })
    }
}

/// The document without signature, and the byte at which the signature belongs.
fn write(
    id: &str,
    entity_id: &str,
    now: Ts,
    roles: impl Fn(&mut Writer),
) -> Result<(String, usize)> {
    let mut writer = Writer::with_capacity(12 * 1024);
    writer
        .start("md:EntityDescriptor")
        .declare("xmlns:md", uris::SAML_METADATA)
        .attribute("ID", id)
        .attribute("cacheDuration", ASK_AGAIN)
        .attribute("entityID", entity_id)
        .attribute("validUntil", &valid_until(now).to_xml())
        .open();
    let at = writer.position();
    roles(&mut writer);
    writer.end();
    Ok((writer.finish()?, at))
}

fn valid_until(now: Ts) -> Ts {
    let week = i64::try_from(WEEK.as_secs()).unwrap_or(i64::MAX);
    Ts::from_secs((now.secs().div_euclid(week) + 2) * week)
}

/// `xsi:type="fed:…"` needs its prefix in scope, yet exclusive canonical form leaves it out there,
/// as no name uses it. So it joins after the signature was made, and the signature still holds.
fn with_type_prefix(mut canonical: String) -> String {
    const ROLE: &str = "<md:RoleDescriptor";
    if let Some(at) = canonical.find(ROLE) {
        let declaration = format!(" xmlns:fed=\"{}\"", uris::WS_FEDERATION);
        canonical.insert_str(at + ROLE.len(), &declaration);
    }
    canonical
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(entity_id: &str, now: &str) -> Draft {
        let now = Ts::from_rfc3339(now).expect("a time");
        Draft::new(entity_id, now, |writer| writer.leaf("md:Organization", "x")).expect("a draft")
    }

    #[test]
    fn a_document_changes_with_what_it_says_and_with_the_week() {
        let monday = draft("urn:a", "2026-11-23T09:00:00Z");
        assert_eq!(monday, draft("urn:a", "2026-11-25T23:59:59Z"));
        assert!(monday.unsigned.contains("validUntil=\"2026-12-03T00:00:00.000Z\""));
        let thursday = draft("urn:a", "2026-11-26T00:00:00Z");
        assert!(thursday.unsigned.contains("validUntil=\"2026-12-10T00:00:00.000Z\""));
        assert_ne!(monday.id(), thursday.id());
        assert_ne!(monday.id(), draft("urn:b", "2026-11-23T09:00:00Z").id());
    }
}
