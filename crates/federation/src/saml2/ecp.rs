//! The SOAP envelopes of clients without a browser (SAML 2.0 profiles 4.2, ECP; SOAP 1.1;
//! `federation.md` 2.5): a mail server sends a request for a person whose name and password it has.

use super::{Refusal, binding::Received};
use crate::{
    Error, Result,
    uris::{ECP, SAMLP, SOAP11, SOAP11_NEXT},
    xml::{
        read::{Kind, Node, parse},
        write::Writer,
    },
};

/// Takes the request out of its envelope.
pub fn request(envelope: &str) -> std::result::Result<Received, Refusal> {
    body(envelope).map(Received::from_soap).map_err(|_| Refusal::Unreadable)
}

/// The only thing in the body of an envelope, in its exclusive canonical form: prefixes that the
/// envelope declares come along, and a signature holds as before.
fn body(envelope: &str) -> Result<String> {
    let tree = parse(envelope, Kind::Foreign)?;
    let root = tree.root()?;
    if !root.is(SOAP11, "Envelope") {
        return Err(Error::Unreadable("it is no SOAP 1.1 envelope"));
    }
    let mut parts = root.elements();
    if let Some(header) = parts.optional(SOAP11, "Header")? {
        check_header(header)?;
    }
    let mut inside = parts.expect(SOAP11, "Body")?.elements();
    parts.finish()?;
    let message = inside.expect(SAMLP, "AuthnRequest")?;
    inside.finish()?;
    let text = String::from_utf8(message.canonical(None)?);
    text.map_err(|_| Error::Unreadable("it is no text"))
}

/// A header block that must be understood and isn't refuses the message.
fn check_header(header: Node<'_, '_>) -> Result<()> {
    let mut blocks = header.elements();
    while let Some(block) = blocks.step()? {
        match block.attribute_of(Some(SOAP11), "mustUnderstand") {
            None | Some("0") => {}
            Some(_) => return Err(Error::Unreadable("a header block is not understood")),
        }
    }
    Ok(())
}

/// The envelope around a response, which tells the client where it may be sent: to that address and
/// to no other.
pub fn answer(response: &str, to: &str) -> Result<String> {
    let mut writer = Writer::with_capacity(response.len() + 1_000);
    writer.start("S:Envelope").declare("xmlns:S", SOAP11).open();
    writer.start("S:Header").open();
    writer
        .start("ecp:Response")
        .declare("xmlns:ecp", ECP)
        .attribute("AssertionConsumerServiceURL", to)
        .attribute("S:actor", SOAP11_NEXT)
        .attribute("S:mustUnderstand", "1")
        .empty();
    writer.end();
    writer.start("S:Body").open();
    writer.embed(response);
    writer.end();
    writer.end();
    writer.finish()
}

/// What goes back for a request that is refused: nothing that tells about people.
pub fn fault(sentence: &str) -> Result<String> {
    let mut writer = Writer::with_capacity(500);
    writer.start("S:Envelope").declare("xmlns:S", SOAP11).open();
    writer.start("S:Body").open();
    writer.start("S:Fault").open();
    writer.leaf("faultcode", "S:Client");
    writer.leaf("faultstring", sentence);
    for _ in ["S:Fault", "S:Body", "S:Envelope"] {
        writer.end();
    }
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_1\"></samlp:AuthnRequest>";

    fn envelope(header: &str, body: &str) -> String {
        format!("<S:Envelope xmlns:S=\"{SOAP11}\">{header}<S:Body>{body}</S:Body></S:Envelope>")
    }

    #[test]
    fn the_request_is_taken_out_and_stands_alone() {
        let block = "<S:Header><x:A xmlns:x=\"urn:x\" S:mustUnderstand=\"0\"/></S:Header>";
        for header in ["", block, "<S:Header/>"] {
            let received = request(&envelope(header, &format!(" {REQUEST}\n")));
            assert_eq!(received.map(|it| it.xml).as_deref(), Ok(REQUEST), "{header}");
        }
        let hoisted = format!(
            "<S:Envelope xmlns:S=\"{SOAP11}\" xmlns:samlp=\"{SAMLP}\"><S:Body>\
             <samlp:AuthnRequest ID=\"_1\"/></S:Body></S:Envelope>"
        );
        assert_eq!(request(&hoisted).map(|it| it.xml).as_deref(), Ok(REQUEST), "as pysaml2 does");
    }

    #[test]
    fn other_envelopes_are_refused() {
        let must = "<S:Header><x:A xmlns:x=\"urn:x\" S:mustUnderstand=\"1\"/></S:Header>";
        let soap12 = envelope("", REQUEST).replace(SOAP11, crate::uris::SOAP12);
        let response = REQUEST.replace("AuthnRequest", "Response");
        for wrong in [
            envelope(must, REQUEST),
            envelope("", &format!("{REQUEST}{REQUEST}")),
            envelope("", &format!("<x>{REQUEST}</x>")),
            envelope("", &response),
            envelope("", ""),
            soap12,
            REQUEST.to_owned(),
            String::new(),
        ] {
            assert_eq!(request(&wrong), Err(Refusal::Unreadable), "{wrong}");
        }
    }

    #[test]
    fn an_answer_names_the_only_address_for_it() {
        let to = "https://login.microsoftonline.com/login.srf?a=1&b=2";
        let xml = answer("<samlp:Response/>", to).expect("written");
        assert!(xml.contains("AssertionConsumerServiceURL=\"https://login.microsoftonline.com/login.srf?a=1&amp;b=2\""), "{xml}");
        assert!(xml.ends_with("<S:Body><samlp:Response/></S:Body></S:Envelope>"), "{xml}");
    }
}
