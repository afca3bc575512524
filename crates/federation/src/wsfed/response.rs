//! The token response that carries an assertion (WS-Trust of February 2005), in AD FS's form: every
//! consumer was built against it. No white space between its elements (`federation.md` 1.4, 13).

use crate::{Stamp, assertion::SignedAssertion, claims::Statement, uris, xml::write::Writer};

/// The text of `wresult`.
#[must_use]
pub fn token_response(assertion: &SignedAssertion, statement: &Statement, stamp: &Stamp) -> String {
    let mut writer = Writer::with_capacity(assertion.xml.len() + 3_000);
    writer.start("t:RequestSecurityTokenResponse").declare("xmlns:t", uris::TRUST_2005).open();
    lifetime(&mut writer, stamp);
    applies_to(&mut writer, &statement.audience);
    writer.start("t:RequestedSecurityToken").open();
    writer.embed(&assertion.xml);
    writer.end();
    reference(&mut writer, "t:RequestedAttachedReference", &assertion.token_id);
    reference(&mut writer, "t:RequestedUnattachedReference", &assertion.token_id);
    writer.leaf("t:TokenType", uris::SAML11);
    writer.leaf("t:RequestType", uris::ISSUE_2005);
    writer.leaf("t:KeyType", uris::NO_PROOF_KEY);
    writer.end();
    writer.finish().expect("the assertion holds the same audience, so it can be written")
}

fn lifetime(writer: &mut Writer, stamp: &Stamp) {
    writer.start("t:Lifetime").open();
    let moments = [("wsu:Created", stamp.now), ("wsu:Expires", stamp.not_on_or_after())];
    for (name, at) in moments {
        writer.start(name).declare("xmlns:wsu", uris::WSU).text(&at.to_xml());
    }
    writer.end();
}

fn applies_to(writer: &mut Writer, audience: &str) {
    writer.start("wsp:AppliesTo").declare("xmlns:wsp", uris::POLICY).open();
    writer.start("wsa:EndpointReference").declare("xmlns:wsa", uris::ADDRESSING).open();
    writer.leaf("wsa:Address", audience);
    writer.end();
    writer.end();
}

fn reference(writer: &mut Writer, name: &'static str, token_id: &str) {
    writer.start(name).open();
    writer
        .start("o:SecurityTokenReference")
        .declare("xmlns:k", uris::WSSE11)
        .declare("xmlns:o", uris::WSSE)
        .attribute("k:TokenType", uris::WSS_SAML11)
        .open();
    writer.start("o:KeyIdentifier").attribute("ValueType", uris::WSS_ASSERTION_ID).text(token_id);
    writer.end();
    writer.end();
}
