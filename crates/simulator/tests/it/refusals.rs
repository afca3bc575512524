//! What `login.srf` refuses, each with its AADSTS code (ruling 31), and what it lets in.

use reqwest::Response;

use crate::signer::{Signer, Token, envelope};
use crate::support::Bench;

const ISSUER: &str = "https://idp.example.com/d/7f3k/adfs/services/trust/";
const ADA: &str = "7BVXb2y0RkmXv3pQ9sYq1w==";
const RECORDED: &str = include_str!("../data/wsfed-wresult-mfa.xml");
const RECORDED_ISSUER: &str = "https://sts.contoso.com/trust/contoso.com";

/// A federated contoso.com with Ada in it.
struct Stage {
    bench: Bench,
    signer: Signer,
}

impl Stage {
    async fn new() -> Self {
        let (bench, signer) = (Bench::start().await, Signer::new());
        bench.federate("contoso.com", ISSUER, &signer.certificate).await;
        bench.create("ada@contoso.com", Some(ADA)).await;
        Self { bench, signer }
    }

    /// The stage on which the recorded token is good.
    async fn recorded() -> Bench {
        let pem = include_str!("../data/idp-signing-cert.pem");
        let certificate: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let bench = Bench::start().await;
        bench.federate("contoso.com", RECORDED_ISSUER, &certificate).await;
        bench.create("ada@contoso.com", Some(ADA)).await;
        bench
    }

    async fn judge(&self, token: &Token) -> String {
        judge(&self.bench, &token.wresult(&self.signer)).await
    }
}

/// A token with nothing wrong.
fn good() -> Token {
    Token::new("_0123456789abcdef0123456789abcdef", ISSUER, ADA)
}

pub(crate) async fn context(bench: &Bench) -> String {
    let address = format!("{}/outlook", bench.simulator.url());
    let form = [("username", "ada@contoso.com")];
    let response = bench.http.post(address).form(&form).send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap();
    let address = url::Url::parse(location).unwrap();
    let found = address.query_pairs().find(|(name, _)| name == "wctx");
    found.unwrap().1.into_owned()
}

pub(crate) async fn post(bench: &Bench, wresult: &str, wctx: &str) -> Response {
    let form = [("wa", "wsignin1.0"), ("wresult", wresult), ("wctx", wctx)];
    let address = format!("{}/login.srf", bench.simulator.url());
    bench.http.post(address).form(&form).send().await.unwrap()
}

/// `signed in`, or the AADSTS code of the page.
async fn verdict(response: Response) -> String {
    if response.status() == 303 {
        assert_eq!(response.headers()["location"], "/outlook/mailbox");
        return "signed in".to_owned();
    }
    let page = response.text().await.unwrap();
    let (_, rest) = page.split_once("AADSTS").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

async fn judge(bench: &Bench, wresult: &str) -> String {
    let wctx = context(bench).await;
    verdict(post(bench, wresult, &wctx).await).await
}

/// F033
#[tokio::test]
async fn a_computer_is_set_up_by_a_second_factor_alone() {
    let stage = Stage::new().await;
    let alone = Token::new("_another", ISSUER, ADA).with_password_only();
    for (token, judged) in [(alone, "50076"), (good(), "/windows/ready")] {
        let address = format!("{}/windows/setup", stage.bench.simulator.url());
        let form = [("username", "ada@contoso.com")];
        let sent = stage.bench.http.post(address).form(&form).send().await.unwrap();
        let location = url::Url::parse(sent.headers()["location"].to_str().unwrap()).unwrap();
        let value = |wanted: &str| {
            let found = location.query_pairs().find(|(name, _)| name == wanted);
            found.unwrap().1.into_owned()
        };
        assert_eq!(value("wauth"), "http://schemas.microsoft.com/claims/multipleauthn");
        let answer = post(&stage.bench, &token.wresult(&stage.signer), &value("wctx")).await;
        match answer.headers().get("location") {
            Some(location) => assert_eq!(location, judged),
            None => assert_eq!(verdict(answer).await, judged),
        }
    }
}

#[tokio::test]
async fn a_good_token_signs_in() {
    let stage = Stage::new().await;
    assert_eq!(stage.judge(&good()).await, "signed in");
}

#[tokio::test]
async fn the_recorded_token_signs_in() {
    assert_eq!(judge(&Stage::recorded().await, RECORDED).await, "signed in");
}

#[tokio::test]
async fn one_flipped_bit_is_50006() {
    let flipped = RECORDED.replacen("ada@contoso.com", "adb@contoso.com", 1);
    assert_eq!(judge(&Stage::recorded().await, &flipped).await, "50006");
    let flipped = RECORDED.replacen("<ds:SignatureValue>fH", "<ds:SignatureValue>fG", 1);
    assert_eq!(judge(&Stage::recorded().await, &flipped).await, "50006");
}

#[tokio::test]
async fn statements_in_another_order_are_50008() {
    let stage = Stage::new().await;
    let token = Token { swaps_statements: true, ..good() };
    assert_eq!(stage.judge(&token).await, "50008");
    let token = Token { swaps_conditions: true, ..good() };
    assert_eq!(stage.judge(&token).await, "50008");
}

#[tokio::test]
async fn another_case_in_the_issuer_is_50107() {
    let stage = Stage::new().await;
    let token = Token { issuer: ISSUER.replace("idp", "IDP"), ..good() };
    assert_eq!(stage.judge(&token).await, "50107");
}

#[tokio::test]
async fn an_old_token_and_an_early_one_are_500133() {
    let stage = Stage::new().await;
    let early = Token { not_before: "2026-11-22T09:06:01.000Z".to_owned(), ..good() };
    assert_eq!(stage.judge(&early).await, "500133");
    // Ten minutes of life and five of skew: the last second is good, the next is not.
    stage.bench.advance(14 * 60 - 1);
    assert_eq!(stage.judge(&good()).await, "signed in");
    stage.bench.advance(1);
    let late = Token { id: "_late".to_owned(), ..good() };
    assert_eq!(stage.judge(&late).await, "500133");
}

#[tokio::test]
async fn an_authentication_in_the_future_is_50008() {
    let stage = Stage::new().await;
    let token = Token { authenticated_at: "2026-11-22T09:01:01.000Z".to_owned(), ..good() };
    assert_eq!(stage.judge(&token).await, "50008");
}

#[tokio::test]
async fn a_missing_immutable_id_is_90020() {
    let stage = Stage::new().await;
    let token = Token { immutable_id: None, ..good() };
    assert_eq!(stage.judge(&token).await, "90020");
}

#[tokio::test]
async fn an_unknown_immutable_id_is_51004() {
    let stage = Stage::new().await;
    // The same letters in another case are another person.
    let token = Token { immutable_id: Some(ADA.to_lowercase()), ..good() };
    assert_eq!(stage.judge(&token).await, "51004");
}

#[tokio::test]
async fn a_second_assertion_is_50008() {
    let stage = Stage::new().await;
    let evil = Token { id: "_evil".to_owned(), ..good() };
    let both = evil.assertion(&stage.signer) + &good().assertion(&stage.signer);
    assert_eq!(judge(&stage.bench, &envelope(&good().id, &both)).await, "50008");
}

#[tokio::test]
async fn a_signed_assertion_hidden_in_another_is_refused() {
    let stage = Stage::new().await;
    let inner = good().assertion(&stage.signer);
    let evil = inner
        .replace(&good().id, "_evil")
        .replace("</ds:KeyInfo>", &format!("</ds:KeyInfo><ds:Object>{inner}</ds:Object>"));
    assert_eq!(judge(&stage.bench, &envelope("_evil", &evil)).await, "50008");
}

#[tokio::test]
async fn a_token_for_another_domain_is_5000820() {
    let stage = Stage::new().await;
    stage.bench.simulator.add_domain("fabrikam.com");
    let other = Signer::new();
    let issuer = "https://idp.example.com/d/9k2m/adfs/services/trust/";
    stage.bench.federate("fabrikam.com", issuer, &other.certificate).await;
    let token = Token { issuer: issuer.to_owned(), ..good() };
    assert_eq!(judge(&stage.bench, &token.wresult(&other)).await, "5000820");
}

#[tokio::test]
async fn an_issuer_does_not_vouch_for_break_glass_admins() {
    let stage = Stage::new().await;
    let admin = simulator::sample::BREAK_GLASS[0];
    let change = serde_json::json!({"onPremisesImmutableId": "stolen"});
    stage.bench.admin("PATCH", &format!("/users/{admin}"), change).await;
    let token = Token { immutable_id: Some("stolen".to_owned()), ..good() };
    assert_eq!(stage.judge(&token).await, "5000820");
}

#[tokio::test]
async fn another_key_is_5000811_even_with_its_own_certificate_inside() {
    let stage = Stage::new().await;
    assert_eq!(judge(&stage.bench, &good().wresult(&Signer::new())).await, "5000811");
    // Claiming the registered certificate does not help the other key.
    let stranger = Signer::new();
    let forged =
        good().wresult(&stranger).replace(&stranger.certificate, &stage.signer.certificate);
    assert_eq!(judge(&stage.bench, &forged).await, "50006");
}

#[tokio::test]
async fn the_next_certificate_is_trusted_once_it_is_registered() {
    let stage = Stage::new().await;
    let next = Signer::new();
    let configuration = "/domains/contoso.com/federationConfiguration";
    let (_, body) = stage.bench.get(configuration).await;
    let path = format!("{configuration}/{}", body["value"][0]["id"].as_str().unwrap());
    let change = serde_json::json!({"nextSigningCertificate": next.certificate});
    assert_eq!(stage.bench.admin("PATCH", &path, change).await.0, 204);
    assert_eq!(judge(&stage.bench, &good().wresult(&next)).await, "signed in");
}

#[tokio::test]
async fn a_blocked_person_is_50057() {
    let stage = Stage::new().await;
    let change = serde_json::json!({"accountEnabled": false});
    assert_eq!(stage.bench.app("PATCH", "/users/ada@contoso.com", change).await.0, 204);
    assert_eq!(stage.judge(&good()).await, "50057");
}

#[tokio::test]
async fn another_audience_is_50008() {
    let stage = Stage::new().await;
    let token = Token { audience: "urn:federation:SomeoneElse".to_owned(), ..good() };
    assert_eq!(stage.judge(&token).await, "50008");
}

#[tokio::test]
async fn an_assertion_works_once_and_a_context_works_once() {
    let stage = Stage::new().await;
    let wctx = context(&stage.bench).await;
    let wresult = good().wresult(&stage.signer);
    assert_eq!(verdict(post(&stage.bench, &wresult, &wctx).await).await, "signed in");
    assert_eq!(judge(&stage.bench, &wresult).await, "50008");
    let again = Token { id: "_again".to_owned(), ..good() }.wresult(&stage.signer);
    assert_eq!(verdict(post(&stage.bench, &again, &wctx).await).await, "50089");
}

#[tokio::test]
async fn a_context_changed_by_one_byte_is_50089() {
    let stage = Stage::new().await;
    let wctx = context(&stage.bench).await.replace("estsredirect=2", "estsredirect=3");
    let wresult = good().wresult(&stage.signer);
    assert_eq!(verdict(post(&stage.bench, &wresult, &wctx).await).await, "50089");
}

#[tokio::test]
async fn other_shapes_have_their_codes() {
    let stage = Stage::new().await;
    let right = good().wresult(&stage.signer);
    let saml2 = right.replace("<t:RequestedSecurityToken>", "<t:RequestedSecurityToken><saml2:Assertion xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>");
    let none = envelope("_none", "");
    let fault = "<S:Fault xmlns:S=\"http://www.w3.org/2003/05/soap-envelope\"/>";
    let doctype = format!("<!DOCTYPE x [<!ENTITY e \"e\">]>{right}");
    let comment = right.replace("ada@contoso.com", "ada@<!-- -->contoso.com");
    let reordered = right.replace("<t:TokenType>", "<t:KeyType>x</t:KeyType><t:TokenType>");
    for (wresult, code) in [
        (saml2.as_str(), "50008"),
        (none.as_str(), "500082"),
        (fault, "20001"),
        ("<a/>", "20012"),
        ("<a", "90107"),
        (doctype.as_str(), "90107"),
        (comment.as_str(), "90107"),
        (reordered.as_str(), "20012"),
    ] {
        assert_eq!(judge(&stage.bench, wresult).await, code, "{wresult}");
    }
}

#[tokio::test]
async fn a_weaker_signature_profile_is_50008() {
    let stage = Stage::new().await;
    let right = good().wresult(&stage.signer);
    let sha1 = right.replace("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha1");
    let inclusive = right.replace(
        "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">",
        "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\">",
    );
    let whole = right.replace(&format!("URI=\"#{}\"", good().id), "URI=\"\"");
    for wresult in [sha1, inclusive, whole] {
        assert_eq!(judge(&stage.bench, &wresult).await, "50008");
    }
}

#[tokio::test]
async fn exactly_three_fields_are_taken() {
    let stage = Stage::new().await;
    let wctx = context(&stage.bench).await;
    let wresult = good().wresult(&stage.signer);
    let address = format!("{}/login.srf", stage.bench.simulator.url());
    let fields =
        [("wa", "wsignin1.0"), ("wresult", &*wresult), ("wctx", &*wctx), ("username", "ada")];
    for form in [&fields[..2], &fields[..]] {
        let response = stage.bench.http.post(&address).form(form).send().await.unwrap();
        assert_eq!(verdict(response).await, "20012");
    }
}

#[tokio::test]
async fn enforced_mfa_is_asked_for_once_and_then_is_50079() {
    let stage = Stage::new().await;
    let configuration = "/domains/contoso.com/federationConfiguration";
    let (_, body) = stage.bench.get(configuration).await;
    let path = format!("{configuration}/{}", body["value"][0]["id"].as_str().unwrap());
    let change = serde_json::json!({"federatedIdpMfaBehavior": "enforceMfaByFederatedIdp"});
    assert_eq!(stage.bench.admin("PATCH", &path, change).await.0, 204);

    let first = good().with_password_only().wresult(&stage.signer);
    let response = post(&stage.bench, &first, &context(&stage.bench).await).await;
    assert_eq!(response.status(), 302);
    let location = response.headers()["location"].to_str().unwrap();
    assert!(
        location.contains("&wauth=http%3a%2f%2fschemas.microsoft.com%2fclaims%2fmultipleauthn")
    );
    let address = url::Url::parse(location).unwrap();
    let wctx = address.query_pairs().find(|(name, _)| name == "wctx").unwrap().1.into_owned();

    let second = Token { id: "_second".to_owned(), ..good().with_password_only() };
    let response = post(&stage.bench, &second.wresult(&stage.signer), &wctx).await;
    assert_eq!(verdict(response).await, "50079");
    let third = Token { id: "_third".to_owned(), ..good() };
    let response = post(&stage.bench, &third.wresult(&stage.signer), &wctx).await;
    assert_eq!(verdict(response).await, "signed in");
}

#[tokio::test]
async fn of_many_posts_of_one_assertion_at_once_one_signs_in() {
    let stage = Stage::new().await;
    let wresult = good().wresult(&stage.signer);
    let (address, mut posts) = (format!("{}/login.srf", stage.bench.simulator.url()), Vec::new());
    for _ in 0..20 {
        let wctx = context(&stage.bench).await;
        let form = [("wa", "wsignin1.0".to_owned()), ("wresult", wresult.clone()), ("wctx", wctx)];
        posts.push(tokio::spawn(stage.bench.http.post(&address).form(&form).send()));
    }
    let mut signed_in = 0;
    for post in posts {
        signed_in += usize::from(post.await.unwrap().unwrap().status() == 303);
    }
    assert_eq!(signed_in, 1);
}
