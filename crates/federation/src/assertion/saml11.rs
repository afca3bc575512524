//! SAML 1.1 assertions, as AD FS writes them and Entra wants them (`federation.md` 1.4; SAML 1.1
//! core, XML-Signature). What is meant becomes a [`Content`]; the finished token is read back into
//! another one, and the two must be equal before the token leaves (R092).

use aws_lc_rs::digest::{SHA256, digest};

use crate::{
    Error, Result, Stamp,
    claims::{self, Claim, Moments, Statement},
    keyring::Signer,
    uris::SAML11,
    xml::{dsig, read::parse},
};

mod content;

use content::Content;

/// A token that verified and read back as it was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAssertion {
    /// The assertion, canonical and signed.
    pub xml: String,
    /// Its id.
    pub token_id: String,
    /// SHA-256 of `xml`, for the journal.
    pub digest: [u8; 32],
    /// Whether it says that two factors were verified.
    pub says_mfa: bool,
}

/// Vouches for a statement: writes, signs, verifies with the published certificate, reads back.
pub fn issue(statement: &Statement, stamp: &Stamp, signer: &Signer) -> Result<SignedAssertion> {
    let token_id = stamp.id();
    let moments = Moments::of(&statement.proof, stamp);
    let times = [stamp.now, stamp.not_before(), stamp.not_on_or_after()].map(model::Ts::to_xml);
    let content = Content {
        id: &token_id,
        issuer: &statement.issuer,
        issued_at: &times[0],
        not_before: &times[1],
        not_on_or_after: &times[2],
        audience: &statement.audience,
        subject: statement.immutable_id.as_str(),
        claims: claims::all(statement, &moments),
        authenticated_at: &moments.first_factor,
        method: claims::authentication_method(&statement.proof),
    };
    let xml = sealed(&content, signer)?;
    let hash = digest(&SHA256, xml.as_bytes());
    let digest = hash.as_ref().try_into().map_err(|_| Error::Signing)?;
    let says_mfa = says_mfa(&content.claims);
    Ok(SignedAssertion { xml, token_id, digest, says_mfa })
}

/// Writes and signs `content`, and lets it out only if it verifies and reads back the same.
fn sealed(content: &Content<'_>, signer: &Signer) -> Result<String> {
    let unsigned = content.write()?;
    let last = unsigned.len() - "</saml:Assertion>".len();
    let xml = dsig::sign(unsigned, last, content.id, signer)?;
    let tree = parse(&xml, crate::xml::read::Kind::Message)?;
    let root = tree.root()?;
    if !root.is(SAML11, "Assertion") {
        return Err(Error::ReadBack("it is not an assertion"));
    }
    let (read, signature) = Content::read(root)?;
    dsig::verify(&xml, &tree, signature, content.id, signer)?;
    content.compare(&read)?;
    drop(tree);
    Ok(xml)
}

/// Looks at what the token really says, not at what was asked for.
fn says_mfa(claims: &[Claim<'_>]) -> bool {
    claims.iter().any(|claim| claim.values.contains(&crate::uris::MULTIPLE_AUTHN))
}
