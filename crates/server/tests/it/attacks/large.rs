//! Messages of many megabytes, made where they are sent.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::form_urlencoded::byte_serialize;

use super::{
    saml2::REALM,
    sets::{Report, SENT, Stage, Vector, vectors},
    wire::Request,
};
use crate::wsfed::DOOR;

/// A gigabyte of one letter, deflated: one stored letter, and then copies of it without end. A block
/// of fixed codes by hand, as the tests need no library for what a machine would do.
fn deflated_gigabyte() -> Vec<u8> {
    let mut bits = Bits::default();
    // The only block, with fixed codes: 1, then 01 from its low end.
    bits.low_first(0b011, 3);
    bits.high_first(0x30 + u32::from(b'A'), 8);
    for _ in 0..1_000_000_000 / 258 {
        // Code 285 is a copy of 258 bytes; distance code 0 is one byte back.
        bits.high_first(0b1100_0101, 8);
        bits.high_first(0, 5);
    }
    bits.high_first(0, 7);
    bits.bytes
}

/// RFC 1951, 3.1.1: bytes are filled from their low end.
#[derive(Debug, Default)]
struct Bits {
    bytes: Vec<u8>,
    filled: u32,
}

impl Bits {
    fn push(&mut self, bit: u32) {
        if self.filled.is_multiple_of(8) {
            self.bytes.push(0);
        }
        let last = self.bytes.last_mut().unwrap();
        *last |= u8::try_from(bit & 1).unwrap() << (self.filled % 8);
        self.filled += 1;
    }

    fn low_first(&mut self, value: u32, count: u32) {
        (0..count).for_each(|at| self.push(value >> at));
    }

    fn high_first(&mut self, code: u32, count: u32) {
        (0..count).rev().for_each(|at| self.push(code >> at));
    }
}

fn head() -> String {
    format!(
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_x\" Version=\"2.0\" \
         IssueInstant=\"{SENT}\""
    )
}

fn document(attributes: &str, issuer: &str, rest: &str) -> String {
    let head = head();
    format!("{head}{attributes}><saml:Issuer>{issuer}</saml:Issuer>{rest}</samlp:AuthnRequest>")
}

fn numbered(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

/// Two thousand references, ten times over, in a signature that would not hold.
fn references() -> String {
    let one = "<ds:Reference URI=\"#_x\"><ds:Transforms><ds:Transform \
               Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>\
               <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\
               <ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>";
    format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
         <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>{}\
         </ds:SignedInfo><ds:SignatureValue>AAAA</ds:SignatureValue></ds:Signature>",
        one.repeat(20_000)
    )
}

fn message(id: &str) -> String {
    let nested = |levels: usize| {
        let inside = ["<a>".repeat(levels), "</a>".repeat(levels)].concat();
        format!("{}>{inside}</samlp:AuthnRequest>", head())
    };
    match id {
        "X01" => nested(1_430_000),
        "X02" => nested(2_000),
        "X03" => document(&numbered(80_000, |n| format!(" a{n}=\"1\"")), REALM, ""),
        "X04" => document(&numbered(100_000, |n| format!(" xmlns:n{n}=\"u\"")), REALM, ""),
        "X05" => document(&format!(" ProviderName=\"{}\"", "A".repeat(9_000_000)), REALM, ""),
        "X06" => document("", &"A".repeat(9_000_000), ""),
        "X07" => document("", REALM, &references()),
        "X08" => document("", &"<!---->".repeat(1_000_000), ""),
        "X09" => document("", &"&#65;".repeat(1_000_000), ""),
        "X11" => {
            let children = "<a/>".repeat(500_000);
            document("", REALM, &format!("<samlp:Extensions>{children}</samlp:Extensions>"))
        }
        other => panic!("{other} is not known"),
    }
}

fn request(vector: &Vector) -> Request {
    let escaped =
        |bytes: &[u8]| byte_serialize(STANDARD.encode(bytes).as_bytes()).collect::<String>();
    if vector.id == "X10" {
        return Request::get(&format!("{DOOR}?SAMLRequest={}", escaped(&deflated_gigabyte())));
    }
    let body = format!("SAMLRequest={}", escaped(message(&vector.id).as_bytes()));
    Request::post(DOOR, "application/x-www-form-urlencoded", body.into_bytes())
}

/// R101, R102, R103
#[tokio::test(flavor = "multi_thread")]
async fn large_messages_are_refused_before_they_cost_anything() {
    let stage = Stage::begin().await;
    let mut report = Report::of("large messages");
    for vector in vectors("X") {
        let request = request(&vector);
        let before = stage.marks().await;
        let (answer, cost) = stage.send(&request);
        let mut wrongs = Vec::new();
        if !vector.http.contains(&answer.status) || answer.sets_a_session() {
            wrongs.push(format!("{} {}", answer.status, answer.head));
        }
        let after = stage.marks().await;
        // An address that is too long is not even looked at.
        let written = i64::from(vector.id != "X10");
        if (after.tokens, after.refusals) != (before.tokens, before.refusals + written) {
            wrongs.push(format!("{before:?} became {after:?}"));
        }
        report.count(&vector, wrongs, cost);
    }
    report.finish(11);
    stage.canary.assert_silent();
}
