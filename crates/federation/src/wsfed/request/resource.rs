//! `resource_params`: what a computer asks for that joins by itself, as JSON in base64url
//! (`federation.md` 1.1). It stands beside `wauth`, and whatever can't be read asks for nothing.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::uris;

/// Longer than any that was seen.
const LONGEST: usize = 4 * 1024;

/// Whether a second factor is asked for. Windows Integrated Authentication, which may stand in for it,
/// there is none here.
pub(super) fn wants_mfa(text: &str) -> bool {
    contexts(text).is_some_and(|wanted| wanted.iter().any(|it| is_mfa(it)))
}

/// The values under the key `acr`.
fn contexts(text: &str) -> Option<Vec<String>> {
    if text.len() > LONGEST {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    let read: Value = serde_json::from_slice(&bytes).ok()?;
    let properties = read.get("Properties")?.as_array()?;
    let acr = properties.iter().filter(|it| it.get("Key").is_some_and(|key| key == "acr"));
    Some(acr.filter_map(|it| it.get("Value")?.as_str().map(str::to_owned)).collect())
}

/// The short names, and the addresses that `wauth` has for them.
fn is_mfa(context: &str) -> bool {
    matches!(
        context,
        "multipleauthn" | "wiaormultiauthn" | uris::MULTIPLE_AUTHN | uris::WIA_OR_MULTIPLE_AUTHN
    )
}
