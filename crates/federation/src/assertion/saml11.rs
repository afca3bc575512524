//! SAML 1.1 assertions, as AD FS writes them and Entra wants them (`federation.md` 1.4; SAML 1.1
//! core, XML-Signature). What is meant becomes a `Content`; the finished token is read back into
//! another one, and the two must be equal before the token leaves (R092).

use model::issued_token::SaidClaim;

use crate::{
    Error, Result, Stamp,
    assertion::{Attribute, Description, SignedToken},
    claims::{self, Claim, Moments, Statement},
    keyring::Signer,
    uris::SAML11,
    xml::{
        dsig,
        read::{Kind, parse},
    },
};

mod content;

use content::Content;

/// Vouches for a statement: writes, signs, verifies with the published certificate, reads back.
pub fn issue(
    statement: &Statement,
    about: &Description,
    stamp: &Stamp,
    signer: &Signer,
) -> Result<SignedToken> {
    let token_id = stamp.id();
    let moments = Moments::of(&statement.proof, stamp);
    let times = [stamp.now, stamp.not_before(), stamp.not_on_or_after()].map(model::Ts::to_xml);
    let (name_id_format, subject) = about.subject.name_id(&token_id);
    let mut claims = about.attributes.iter().map(claim).collect::<Result<Vec<_>>>()?;
    claims.extend(claims::of_sign_in(statement, &moments));
    let content = Content {
        id: &token_id,
        issuer: &statement.issuer,
        issued_at: &times[0],
        not_before: &times[1],
        not_on_or_after: &times[2],
        audience: &statement.audience,
        name_id_format,
        subject: &subject,
        claims,
        authenticated_at: &moments.first_factor,
        method: claims::authentication_method(&statement.proof),
    };
    let (xml, digest) = sealed(&content, signer)?;
    let says_mfa = claims::say_mfa(&content.claims);
    Ok(SignedToken { text: xml, token_id, digest, says_mfa })
}

/// Whether SAML 1.1 has a way to write this name of a claim: all up to its last slash is the
/// namespace (`federation.md` 1.4).
#[must_use]
pub fn is_claim_name(name: &str) -> bool {
    name.rsplit_once('/').is_some_and(|(namespace, last)| !namespace.is_empty() && !last.is_empty())
}

fn claim(attribute: &Attribute) -> Result<Claim<'_>> {
    let named = attribute.name.rsplit_once('/').filter(|_| is_claim_name(&attribute.name));
    let (namespace, name) = named.ok_or(Error::ReadBack("a claim's name is no URI"))?;
    let values = attribute.values.iter().map(String::as_str).collect();
    Ok(Claim { namespace, name, values })
}

/// What a token of this statement says and why, for the journal.
#[must_use]
pub fn said(statement: &Statement, about: &Description, stamp: &Stamp) -> Vec<SaidClaim> {
    let moments = Moments::of(&statement.proof, stamp);
    let (_, name) = about.subject.name_id(&stamp.id());
    let mut said = vec![SaidClaim {
        name: "NameIdentifier".to_owned(),
        values: vec![name],
        reason: about.subject.reason(),
    }];
    said.extend(about.attributes.iter().map(Attribute::said));
    said.extend(claims::said_of_sign_in(statement, &moments));
    said
}

/// Writes and signs `content`, and lets it out, with its SHA-256, only if it verifies and reads back
/// the same.
fn sealed(content: &Content<'_>, signer: &Signer) -> Result<(String, [u8; 32])> {
    let unsigned = content.write()?;
    let last = unsigned.len() - "</saml:Assertion>".len();
    let xml = dsig::sign(unsigned, last, content.id, signer)?;
    let digest = checked(content, &xml, signer)?;
    Ok((xml, digest))
}

/// Verifies and reads the finished token as a stranger would, and compares it with what was meant.
fn checked(content: &Content<'_>, xml: &str, signer: &Signer) -> Result<[u8; 32]> {
    let tree = parse(xml, Kind::Message)?;
    let root = tree.root()?;
    if !root.is(SAML11, "Assertion") {
        return Err(Error::ReadBack("it is not an assertion"));
    }
    let (read, signature) = Content::read(root)?;
    let digest = dsig::verify(xml, &tree, signature, content.id, signer)?;
    content.compare(&read)?;
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{assertion::tests::signer, uris};

    fn content(text: &str) -> Content<'_> {
        Content {
            id: "_0123456789abcdef0123456789abcdef",
            issuer: text,
            issued_at: "2026-11-25T09:00:00.000Z",
            not_before: text,
            not_on_or_after: text,
            audience: text,
            name_id_format: text,
            subject: text,
            claims: vec![
                Claim { namespace: text, name: text, values: vec![text, text] },
                Claim { namespace: "urn:n", name: "empty", values: vec![""] },
                Claim { namespace: "urn:n", name: "none", values: vec![] },
            ],
            authenticated_at: text,
            method: text,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_said_reads_back_the_same(text in "[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\u{fffe}\u{ffff}]{0,40}") {
            let content = content(&text);
            let (xml, _) = sealed(&content, &signer()).expect("a token");
            let tree = parse(&xml, Kind::Message).expect("well-formed");
            let (read, _) = Content::read(tree.root().expect("a root")).expect("the same shape");
            prop_assert_eq!(read, content);
        }
    }

    #[test]
    fn markup_and_line_ends_in_values_read_back_the_same() {
        for text in ["&<>\"'\r\n\t", "]]>&#xD;", "\r", " a  b ", "😀\u{202e}שלום\u{85}\u{2028}"]
        {
            assert!(sealed(&content(text), &signer()).is_ok(), "{text:?}");
        }
    }

    /// R092
    #[test]
    fn a_token_that_says_something_else_is_found_out() {
        let signer = signer();
        let (xml, digest) = sealed(&content("a"), &signer).expect("a token");
        for (from, to) in [
            (">a</saml:Audience>", ">b</saml:Audience>"),
            ("</saml:Conditions>", "</saml:Conditions><saml:Advice></saml:Advice>"),
            (uris::RSA_SHA256, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
            ("<ds:DigestValue>", "<ds:DigestValue>A"),
            ("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"),
            ("URI=\"#_0", "URI=\"#_1"),
            ("MinorVersion=\"1\"", "MinorVersion=\"0\""),
            ("<saml:Audience>", "<saml:Audience xml:lang=\"en\">"),
            ("</saml:Assertion>", "</saml:Assertion> "),
        ] {
            let changed = xml.replacen(from, to, 1);
            assert_ne!(changed, xml, "{from}");
            assert!(checked(&content("a"), &changed, &signer).is_err(), "{to}");
        }
        assert_eq!(checked(&content("a"), &xml, &signer), Ok(digest));
        assert_eq!(checked(&content("b"), &xml, &signer), Err(Error::ReadBack("issuer")));
    }
}
