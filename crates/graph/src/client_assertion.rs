//! What a certificate proves at the token endpoint: a JWT of a few minutes, signed with its key
//! (RFC 7523; `graph.md` 1.3). The key itself is never sent (R132).

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    rsa::KeyPair,
    signature::RSA_PSS_SHA256,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{Ts, ids::ClientId, tenant::ClientCertificate};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::error::{Error, Result};

/// What the form says a JWT is.
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion is good, in seconds; Entra takes up to ten minutes.
const LIFE: i64 = 300;
/// How far Microsoft's clock may be behind ours, in seconds.
const SKEW: i64 = 60;

/// Makes assertions for one app registration.
pub(crate) struct Assertions {
    client: ClientId,
    key: KeyPair,
    /// SHA-256 of the certificate: the name under which Entra finds it.
    thumbprint: String,
}

impl Assertions {
    /// Reads the key of a certificate.
    pub(crate) fn of(client: ClientId, held: &ClientCertificate) -> Result<Self> {
        let key = KeyPair::from_pkcs8(held.private_key.expose_secret())
            .map_err(|_| Error::Settings("the client certificate's key is damaged".to_owned()))?;
        let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &held.certificate));
        Ok(Self { client, key, thumbprint })
    }

    /// A new assertion for `endpoint`, with `id` as its own.
    pub(crate) fn sign(&self, endpoint: &Url, now: Ts, id: Uuid) -> Result<String> {
        let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint });
        let (client, seconds) = (self.client.to_string(), now.secs());
        let claims = json!({
            "aud": endpoint.as_str(), "iss": client, "sub": client, "jti": id.to_string(),
            "iat": seconds, "nbf": seconds - SKEW, "exp": seconds + LIFE,
        });
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PSS_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| Error::Settings("the client certificate's key can't sign".to_owned()))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
