//! An authenticator in software, for tests: as honest as it is told to be.

use std::sync::Arc;

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};

/// One authenticator with one credential. A clone of it is a copy of the credential.
#[derive(Debug, Clone)]
pub struct Authenticator {
    /// The key pair of the credential.
    pub key: Arc<EcdsaKeyPair>,
    /// Its id of the credential.
    pub id: Vec<u8>,
    /// Whom the credential was made for; it tells at every use, unless this is `None`.
    pub handle: Option<Vec<u8>>,
    /// How often it was used; it counts on unless this is 0.
    pub counter: u32,
    /// It verifies its person.
    pub verifies: bool,
    /// The origin that the browser says it is at.
    pub origin: String,
    /// The RP id that it signs for in the place of the one that was asked for.
    pub rp_id: Option<String>,
    /// The purpose that the browser states in the place of the true one.
    pub purpose: Option<&'static str>,
}

impl Authenticator {
    /// One whose browser is at this origin.
    #[must_use]
    pub fn at(origin: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let id = digest::digest(&digest::SHA256, key.public_key().as_ref()).as_ref().to_vec();
        Self {
            key: Arc::new(key),
            id,
            handle: None,
            counter: 1,
            verifies: true,
            origin: origin.to_owned(),
            rp_id: None,
            purpose: None,
        }
    }

    /// Makes its credential and answers.
    pub fn register(&mut self, question: &str) -> String {
        let asked: Value = serde_json::from_str(question).expect("a question is JSON");
        let handle = asked["user"]["id"].as_str().expect("a holder");
        self.handle = Some(BASE64.decode(handle).expect("base64"));
        let mut data = self.data(asked["rp"]["id"].as_str().expect("a site"), 0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend(&self.id);
        let point = self.key.public_key().as_ref();
        data.extend(b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20");
        data.extend(&point[1..33]);
        data.extend(b"\x22\x58\x20");
        data.extend(&point[33..]);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).expect("short").to_be_bytes());
        object.extend(data);
        self.answer(&json!({
            "clientDataJSON": BASE64.encode(self.client(&asked, "webauthn.create")),
            "attestationObject": BASE64.encode(object),
        }))
    }

    /// Proves that it has its credential.
    pub fn prove(&mut self, question: &str) -> String {
        let asked: Value = serde_json::from_str(question).expect("a question is JSON");
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.data(asked["rpId"].as_str().expect("a site"), 0);
        let client = self.client(&asked, "webauthn.get");
        let mut signed = data.clone();
        signed.extend(digest::digest(&digest::SHA256, &client).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("a signature");
        self.answer(&json!({
            "clientDataJSON": BASE64.encode(client),
            "authenticatorData": BASE64.encode(data),
            "signature": BASE64.encode(signature.as_ref()),
            "userHandle": self.handle.as_ref().map(|handle| BASE64.encode(handle)),
        }))
    }

    fn data(&self, rp_id: &str, flags: u8) -> Vec<u8> {
        let rp_id = self.rp_id.as_deref().unwrap_or(rp_id);
        let mut data = digest::digest(&digest::SHA256, rp_id.as_bytes()).as_ref().to_vec();
        let verified = if self.verifies { 0x04 } else { 0 };
        data.push(0x01 | verified | flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client(&self, asked: &Value, purpose: &str) -> Vec<u8> {
        let client = json!({
            "type": self.purpose.unwrap_or(purpose),
            "challenge": asked["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        client.to_string().into_bytes()
    }

    fn answer(&self, response: &Value) -> String {
        let id = BASE64.encode(&self.id);
        json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": response,
        })
        .to_string()
    }
}
