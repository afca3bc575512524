//! The signature of an assertion: first the profile, then the mathematics, by bergshamra.
//! Only keys of the domain's registered certificates count; what `KeyInfo` carries does not.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bergshamra_dsig::{DsigContext, VerifyResult, verify::verify_document_with_source};
use bergshamra_keys::KeysManager;
use uppsala::NodeId;

use super::Denial;
use super::assertion::Assertion;
use super::shape::{DSIG, Tree};

const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// Judges the signature; afterwards `node` is the element that was signed.
pub(super) fn verify(
    tree: &Tree<'_>,
    xml: &str,
    (node, assertion): (NodeId, &Assertion),
    certificates: &[String],
) -> Result<(), Denial> {
    let carried = profile(tree, assertion).ok_or_else(|| {
        Denial::new(50008, "The SAML token is invalid: its signature does not follow the profile.")
    })?;
    if !certificates.contains(&carried) {
        return Err(Denial::new(
            5_000_811,
            "Unable to verify token signature. The signing key identifier does not match any \
             valid registered keys.",
        ));
    }
    let mut keys = KeysManager::new();
    for certificate in certificates {
        let der = STANDARD.decode(certificate).ok();
        let key = der.and_then(|der| bergshamra_keys::loader::load_x509_cert_der(&der).ok());
        keys.add_keys(key);
    }
    let invalid = || Denial::new(50006, "The signature of the SAML token is invalid.");
    let context = DsigContext::new(keys);
    match verify_document_with_source(&context, &tree.doc, Some(xml)) {
        Ok(VerifyResult::Valid { signature_node, references, .. }) => {
            let is_ours = signature_node == assertion.signature
                && references.len() == 1
                && references.iter().all(|r| r.digest_verified && r.resolved_node == Some(node));
            if is_ours { Ok(()) } else { Err(invalid()) }
        }
        Ok(VerifyResult::Invalid { .. }) | Err(_) => Err(invalid()),
    }
}

/// The certificate that `KeyInfo` carries, when everything about the signature is as agreed.
fn profile(tree: &Tree<'_>, assertion: &Assertion) -> Option<String> {
    if tree.count(DSIG, "Signature") != 1 {
        return None;
    }
    let [info, _, key_info] = tree.exactly(
        assertion.signature,
        [(DSIG, "SignedInfo"), (DSIG, "SignatureValue"), (DSIG, "KeyInfo")],
    )?;
    let [canonicalization, method, reference] = tree.exactly(
        info,
        [(DSIG, "CanonicalizationMethod"), (DSIG, "SignatureMethod"), (DSIG, "Reference")],
    )?;
    let [transforms, digest, _] = tree.exactly(
        reference,
        [(DSIG, "Transforms"), (DSIG, "DigestMethod"), (DSIG, "DigestValue")],
    )?;
    let [first, second] = tree.exactly(transforms, [(DSIG, "Transform"), (DSIG, "Transform")])?;
    let is_plain = |node: NodeId, wanted: &str| {
        tree.attribute(node, "Algorithm") == Some(wanted)
            && tree.elements(node).is_some_and(|inner| inner.is_empty())
    };
    let fits = is_plain(canonicalization, EXCLUSIVE_C14N)
        && is_plain(method, RSA_SHA256)
        && is_plain(first, ENVELOPED)
        && is_plain(second, EXCLUSIVE_C14N)
        && is_plain(digest, SHA256)
        && tree.attribute(reference, "URI") == Some(format!("#{}", assertion.id).as_str());
    let [data] = tree.exactly(key_info, [(DSIG, "X509Data")])?;
    let [certificate] = tree.exactly(data, [(DSIG, "X509Certificate")])?;
    let text = tree.text(certificate)?;
    fits.then(|| text.split_whitespace().collect())
}
