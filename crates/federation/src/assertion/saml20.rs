//! SAML 2.0 assertions (`federation.md` 2.3; SAML 2.0 core 2, profiles 4.1.4.2). As with SAML 1.1,
//! what is meant becomes a `Content`, and the finished token is read back into another one; the two
//! must be equal before the token leaves (R092).

use std::time::Duration;

use model::issued_token::{Reason, SaidClaim};

use crate::{
    Error, Result, Stamp,
    assertion::{Attribute, Description, SignedToken},
    claims::{Moments, Statement},
    keyring::Signer,
    saml2::context::{self, Vocabulary},
    uris::SAML20,
    xml::{
        dsig,
        read::{Kind, parse},
    },
};

mod content;

use content::Content;

/// A browser hands the token in at once (R089).
const CONFIRMED_FOR: Duration = Duration::from_mins(5);

/// What a SAML 2.0 token says beyond the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The registered address that takes it.
    pub recipient: String,
    /// The request that it answers; `None` when nobody asked.
    pub in_response_to: Option<String>,
    /// What is said of the person.
    pub about: Description,
    /// The contexts that the party takes; any when empty.
    pub acceptable: Vec<String>,
    /// In which words it is told about two factors.
    pub vocabulary: Vocabulary,
}

/// Vouches for a statement: writes, signs, verifies with the published certificate, reads back.
pub fn issue(
    statement: &Statement,
    envelope: &Envelope,
    stamp: &Stamp,
    signer: &Signer,
) -> Result<SignedToken> {
    let token_id = stamp.id();
    let moments = Moments::of(&statement.proof, stamp);
    let confirmed = (stamp.now + CONFIRMED_FOR).min(stamp.not_on_or_after());
    let times =
        [stamp.now, stamp.not_before(), stamp.not_on_or_after(), confirmed].map(model::Ts::to_xml);
    let class = context::stated(&envelope.acceptable, &statement.proof, envelope.vocabulary)
        .ok_or(Error::ReadBack("no context that was asked for is true"))?;
    let (name_id_format, name_id) = envelope.about.subject.name_id(&token_id);
    let content = Content {
        id: &token_id,
        issuer: &statement.issuer,
        issued_at: &times[0],
        not_before: &times[1],
        not_on_or_after: &times[2],
        audience: &statement.audience,
        name_id_format,
        name_id: &name_id,
        in_response_to: envelope.in_response_to.as_deref(),
        recipient: &envelope.recipient,
        confirmed_until: &times[3],
        authenticated_at: &moments.first_factor,
        context: class,
        attributes: envelope.about.attributes.iter().map(content::Said::of).collect(),
    };
    let (xml, digest) = sealed(&content, signer)?;
    Ok(SignedToken { text: xml, token_id, digest, says_mfa: context::says_mfa(class) })
}

/// What a token of this statement says and why, for the journal.
#[must_use]
pub fn said(statement: &Statement, envelope: &Envelope, stamp: &Stamp) -> Vec<SaidClaim> {
    let claim = |name: &str, value: &str, reason| SaidClaim {
        name: name.to_owned(),
        values: vec![value.to_owned()],
        reason,
    };
    let moments = Moments::of(&statement.proof, stamp);
    let (_, name_id) = envelope.about.subject.name_id(&stamp.id());
    let class = context::stated(&envelope.acceptable, &statement.proof, envelope.vocabulary);
    let mut said = vec![
        claim("NameID", &name_id, envelope.about.subject.reason()),
        claim("AuthnInstant", &moments.first_factor, Reason::FirstFactor),
        claim("AuthnContextClassRef", class.unwrap_or_default(), Reason::Factors),
    ];
    said.extend(envelope.about.attributes.iter().map(Attribute::said));
    said
}

/// Writes and signs `content`, and lets it out, with its SHA-256, only if it verifies and reads back
/// the same.
fn sealed(content: &Content<'_>, signer: &Signer) -> Result<(String, [u8; 32])> {
    let (unsigned, at) = content.write()?;
    let xml = dsig::sign(unsigned, at, content.id, signer)?;
    let digest = checked(content, &xml, signer)?;
    Ok((xml, digest))
}

/// Verifies and reads the finished token as a stranger would, and compares it with what was meant.
fn checked(content: &Content<'_>, xml: &str, signer: &Signer) -> Result<[u8; 32]> {
    let tree = parse(xml, Kind::Message)?;
    let root = tree.root()?;
    if !root.is(SAML20, "Assertion") {
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
            name_id: text,
            in_response_to: Some(text),
            recipient: text,
            confirmed_until: text,
            authenticated_at: text,
            context: text,
            attributes: vec![
                content::Said { name: text, name_format: Some(text), values: vec![text, text] },
                content::Said { name: "empty", name_format: None, values: vec![""] },
            ],
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
    fn markup_line_ends_and_very_long_values_read_back_the_same() {
        let long = "<&>\"'\r\n😀\u{202e}שלום".repeat(64 * 1024 / 24);
        let texts = ["&<>\"'\r\n\t", "]]>&#xD;", "\r", " a  b ", "😀\u{202e}שלום\u{85}\u{2028}"];
        for text in texts {
            assert!(sealed(&content(text), &signer()).is_ok(), "{text:?}");
        }
        let mut one = content("a");
        one.attributes[0].values = vec![&long];
        assert!(sealed(&one, &signer()).is_ok(), "{} bytes", long.len());
    }

    /// R092
    #[test]
    fn a_token_that_says_something_else_is_found_out() {
        let signer = signer();
        let (xml, digest) = sealed(&content("a"), &signer).expect("a token");
        for (from, to) in [
            (">a</saml:Audience>", ">b</saml:Audience>"),
            (">a</saml:NameID>", ">b</saml:NameID>"),
            ("Recipient=\"a\"", "Recipient=\"b\""),
            ("InResponseTo=\"a\"", "InResponseTo=\"b\""),
            ("</saml:Conditions>", "</saml:Conditions><saml:Advice></saml:Advice>"),
            (uris::RSA_SHA256, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
            ("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"),
            ("Version=\"2.0\"", "Version=\"1.0\""),
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
