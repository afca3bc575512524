//! The only place of the simulator that draws chance: ids, blobs and cookies.
//! It plays someone else's machine, so chance is not passed in as it is in the product.

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Fills an array with random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut drawn = [0; N];
    rand::fill(&mut drawn).expect("the operating system has entropy once it has booted");
    drawn
}

/// A new GUID in the form that Microsoft prints.
pub(crate) fn guid() -> String {
    uuid::Builder::from_random_bytes(bytes()).into_uuid().to_string()
}

/// Text that looks like the compressed blobs of the login host: `N` random bytes as base64url.
pub(crate) fn blob<const N: usize>() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<N>())
}
