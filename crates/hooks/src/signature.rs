//! The signature by which the other side knows that news is ours, and when it was sent: an HMAC over
//! the time and the body, so that neither an old body nor another one passes.

use aws_lc_rs::hmac;
use model::Ts;
use secrecy::{ExposeSecret as _, SecretString};

/// The header's value: `t=1764147600,v1=…`.
pub(crate) fn header(secret: &SecretString, body: &str, at: Ts) -> String {
    let seconds = at.0.div_euclid(1_000_000);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let signature = hmac::sign(&key, format!("{seconds}.{body}").as_bytes());
    format!("t={seconds},v1={}", hex::encode(signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `printf '1764147600.{}' | openssl dgst -sha256 -hmac key` says.
    #[test]
    fn others_compute_the_same_and_time_and_body_count() {
        let sign = |body: &str, at: i64| header(&"key".into(), body, Ts(at * 1_000_000));
        let known =
            "t=1764147600,v1=49f5008b4ebc3184dd2f93d88e929c5941a9fa8d567939edee1c400d69cb5338";
        assert_eq!(sign("{}", 1_764_147_600), known);
        let tail = |text: String| text.split_once("v1=").unwrap().1.to_owned();
        assert_ne!(tail(sign("{}", 1_764_147_601)), tail(sign("{}", 1_764_147_600)));
        assert_ne!(sign("{ }", 1_764_147_600), known);
    }
}
