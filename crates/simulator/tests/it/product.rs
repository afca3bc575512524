//! What Gatehouse's own writer makes (its golden files, read as bytes, no code of it), judged here.

use crate::refusals::{context, post};
use crate::support::{Bench, START};

const RESPONSE: &str = include_str!("../../../federation/tests/golden/response-mfa.xml");
const CERTIFICATE: &str = include_str!("../../../federation/tests/data/test-certificate.pem");

/// The value of the first attribute with this name.
fn attribute(name: &str) -> &'static str {
    let (_, rest) = RESPONSE.split_once(&format!(" {name}=\"")).unwrap();
    rest.split('"').next().unwrap()
}

/// The text of the first element with this name.
fn text(name: &str) -> &'static str {
    let (_, rest) = RESPONSE.split_once(&format!("<{name}")).unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    rest.split('<').next().unwrap()
}

#[tokio::test]
async fn the_products_golden_token_signs_in() {
    let certificate: String = CERTIFICATE.lines().filter(|line| !line.starts_with('-')).collect();
    let issued_at = chrono::DateTime::parse_from_rfc3339(attribute("IssueInstant")).unwrap();
    let bench = Bench::start().await;
    bench.federate("contoso.com", attribute("Issuer"), &certificate).await;
    bench.create("ada@contoso.com", Some(text("saml:NameIdentifier"))).await;
    bench.advance((issued_at.timestamp_micros() - START) / 1_000_000 + 1);
    let response = post(&bench, RESPONSE.trim_end(), &context(&bench).await).await;
    assert_eq!(response.status(), 303, "{}", response.text().await.unwrap());
}
