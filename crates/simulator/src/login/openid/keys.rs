//! The keys that sign ID tokens. They are made when they are first needed, and can be replaced.

use std::sync::{Arc, Mutex};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::{locked, random, sample};

/// A key with its name.
pub(super) struct Key {
    pub(super) id: String,
    pair: RsaKeyPair,
}

/// The key that signs, and one that is another directory's alone.
pub(super) struct Ring {
    pub(super) own: Key,
    pub(super) foreign: Key,
    /// Signs and is published nowhere.
    pub(super) hidden: Key,
}

#[derive(Default)]
pub(crate) struct Keys(Mutex<Option<Arc<Ring>>>);

impl Key {
    fn make() -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key can be made");
        Self { id: random::blob::<20>(), pair }
    }

    pub(super) fn sign(&self, text: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        let signed = self.pair.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature);
        signed.expect("a key of this size signs");
        signature
    }

    /// The public half as bytes that everybody knows, for those who take it for a shared secret.
    pub(super) fn public_der(&self) -> Vec<u8> {
        self.pair.public_key().as_der().map(|der| der.as_ref().to_vec()).unwrap_or_default()
    }

    fn published(&self, issuer: &str) -> Value {
        let public = self.pair.public_key();
        json!({
            "kty": "RSA", "use": "sig", "kid": self.id, "issuer": issuer,
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        })
    }
}

impl Keys {
    /// The keys, made now if nobody needed them before.
    pub(super) fn ring(&self) -> Arc<Ring> {
        let mut kept = locked(&self.0);
        let made =
            || Arc::new(Ring { own: Key::make(), foreign: Key::make(), hidden: Key::make() });
        kept.get_or_insert_with(made).clone()
    }

    /// New keys from now on.
    pub(crate) fn replace(&self) {
        *locked(&self.0) = None;
    }

    pub(super) fn published(&self, login: &str) -> Value {
        let ring = self.ring();
        let foreign = format!("{login}/{}/v2.0", sample::ADATUM_ID);
        json!({"keys": [
            ring.own.published(&format!("{login}/{{tenantid}}/v2.0")),
            ring.foreign.published(&foreign),
        ]})
    }
}
