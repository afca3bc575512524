//! What is posted to the relying party: the token response of WS-Trust of February 2005, without a
//! SOAP envelope (`federation.md` 1.4, 13).

use crate::{
    Stamp,
    assertion::SignedToken,
    claims::Statement,
    wstrust::{
        Version,
        response::{Form, write_token_response},
    },
    xml::write::Writer,
};

/// The text of `wresult`.
#[must_use]
pub fn token_response(assertion: &SignedToken, statement: &Statement, stamp: &Stamp) -> String {
    let mut writer = Writer::with_capacity(assertion.text.len() + 3_000);
    let form = Form { version: Version::Feb2005, context: None };
    write_token_response(&mut writer, form, assertion, &statement.audience, stamp);
    writer.finish().expect("the assertion holds the same audience, so it can be written")
}
