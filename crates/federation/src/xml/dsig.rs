//! Enveloped XML signatures over documents that are their own canonical form (XML-Signature 1.1,
//! xml-exc-c14n): RSA-SHA256, one reference to the document element. A signature that was made is
//! checked on the finished bytes before anybody gets them (R093).

use std::ops::Range;

use aws_lc_rs::digest::{Context, SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    read::{Node, Tree},
    write::Writer,
};
use crate::{Error, Result, keyring::Signer, uris};

mod received;

pub(crate) use received::verify_received;
pub use received::{Sha1, TrustedKeys};

const SIGNED_INFO: &str = "<ds:SignedInfo>";
/// The start tag as it is signed: canonical form brings the inherited declaration down to it.
const SIGNED_INFO_ALONE: &str = "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">";

/// Puts a signature at byte `at` of a canonical document whose document element has this id.
pub(crate) fn sign(mut xml: String, at: usize, id: &str, signer: &Signer) -> Result<String> {
    let signed_info = signed_info(id, digest(&SHA256, xml.as_bytes()).as_ref())?;
    let value = signer.sign(signed_info.as_bytes())?;
    let inner = signed_info.strip_prefix(SIGNED_INFO_ALONE).ok_or(Error::Signing)?;
    let mut writer = Writer::with_capacity(3_000);
    writer.start("ds:Signature").declare("xmlns:ds", uris::DSIG).open();
    writer.embed(SIGNED_INFO);
    writer.embed(inner);
    writer.leaf("ds:SignatureValue", &STANDARD.encode(value));
    key_info(&mut writer, signer.certificate_base64());
    writer.end();
    xml.insert_str(at, &writer.finish()?);
    Ok(xml)
}

/// The certificate that a document names; also used in metadata.
pub(crate) fn key_info(writer: &mut Writer, certificate: &str) {
    writer.start("ds:KeyInfo").open();
    certificate_data(writer, certificate);
    writer.end();
}

/// The certificate inside a `KeyInfo`.
pub(crate) fn certificate_data(writer: &mut Writer, certificate: &str) {
    writer.start("ds:X509Data").open();
    writer.leaf("ds:X509Certificate", certificate);
    writer.end();
}

fn signed_info(id: &str, digest: &[u8]) -> Result<String> {
    let mut writer = Writer::with_capacity(1_000);
    writer.start("ds:SignedInfo").declare("xmlns:ds", uris::DSIG).open();
    writer.start("ds:CanonicalizationMethod").attribute("Algorithm", uris::EXC_C14N).empty();
    writer.start("ds:SignatureMethod").attribute("Algorithm", uris::RSA_SHA256).empty();
    writer.start("ds:Reference").attribute("URI", &format!("#{id}")).open();
    writer.start("ds:Transforms").open();
    writer.start("ds:Transform").attribute("Algorithm", uris::ENVELOPED).empty();
    writer.start("ds:Transform").attribute("Algorithm", uris::EXC_C14N).empty();
    writer.end();
    writer.start("ds:DigestMethod").attribute("Algorithm", uris::SHA256).empty();
    writer.leaf("ds:DigestValue", &STANDARD.encode(digest));
    writer.end();
    writer.end();
    writer.finish()
}

/// What a signature says, after its form was found to be the one and only that is allowed (R105).
struct Read<'t> {
    place: Range<usize>,
    signed_info: Range<usize>,
    reference: &'t str,
    digest: &'t str,
    value: &'t str,
}

/// Checks the signature `node` of our own document `xml`, whose document element has this id, and
/// gives the SHA-256 of the whole document.
pub(crate) fn verify(
    xml: &str,
    tree: &Tree<'_>,
    node: Node<'_, '_>,
    id: &str,
    signer: &Signer,
) -> Result<[u8; 32]> {
    let read = read(node)?;
    if read.reference.strip_prefix('#') != Some(id) || tree.root()?.range()? != (0..xml.len()) {
        return Err(Error::Unverified("it refers to something else"));
    }
    let bytes = xml.as_bytes();
    let mut covered = Context::new(&SHA256);
    covered.update(&bytes[..read.place.start]);
    let mut whole = covered.clone();
    covered.update(&bytes[read.place.end..]);
    if STANDARD.encode(covered.finish()) != read.digest {
        return Err(Error::Unverified("the digest is of other bytes"));
    }
    let inner = xml[read.signed_info].strip_prefix(SIGNED_INFO);
    let inner = inner.ok_or(Error::Unverified("SignedInfo is not canonical"))?;
    let value = STANDARD.decode(read.value).map_err(|_| Error::Unverified("it is not base64"))?;
    signer.verify([SIGNED_INFO_ALONE, inner].concat().as_bytes(), &value)?;
    whole.update(&bytes[read.place.start..]);
    whole.finish().as_ref().try_into().map_err(|_| Error::Signing)
}

fn read<'t>(node: Node<'t, '_>) -> Result<Read<'t>> {
    let mut parts = node.elements();
    let signed_info = parts.expect(uris::DSIG, "SignedInfo")?;
    let value = parts.expect(uris::DSIG, "SignatureValue")?.text()?;
    parts.expect(uris::DSIG, "KeyInfo")?;
    parts.finish()?;
    let mut info = signed_info.elements();
    algorithm(info.expect(uris::DSIG, "CanonicalizationMethod")?, uris::EXC_C14N)?;
    algorithm(info.expect(uris::DSIG, "SignatureMethod")?, uris::RSA_SHA256)?;
    let reference = info.expect(uris::DSIG, "Reference")?;
    info.finish()?;
    Ok(Read {
        place: node.range()?,
        signed_info: signed_info.range()?,
        reference: reference.attribute("URI")?,
        digest: digest_of(reference)?,
        value,
    })
}

fn digest_of<'t>(reference: Node<'t, '_>) -> Result<&'t str> {
    let mut parts = reference.elements();
    let mut transforms = parts.expect(uris::DSIG, "Transforms")?.elements();
    algorithm(transforms.expect(uris::DSIG, "Transform")?, uris::ENVELOPED)?;
    algorithm(transforms.expect(uris::DSIG, "Transform")?, uris::EXC_C14N)?;
    transforms.finish()?;
    algorithm(parts.expect(uris::DSIG, "DigestMethod")?, uris::SHA256)?;
    let digest = parts.expect(uris::DSIG, "DigestValue")?.text()?;
    parts.finish()?;
    Ok(digest)
}

fn algorithm(node: Node<'_, '_>, wanted: &str) -> Result<()> {
    node.elements().finish()?;
    if node.attribute("Algorithm")? == wanted {
        return Ok(());
    }
    Err(Error::Unverified("it uses another algorithm"))
}
