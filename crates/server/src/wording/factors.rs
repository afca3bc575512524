//! Second factors in words.

use app::accounts::{Factor, FactorKind};
use model::Ts;

use super::times;

/// What it is called.
pub(crate) fn name(kind: &FactorKind) -> String {
    match kind {
        FactorKind::App => "Authenticator app".to_owned(),
        FactorKind::Passkey(name) | FactorKind::SecurityKey(name) => name.clone(),
    }
}

/// What it is worth and when it was last used, in sentences.
pub(crate) fn note(factor: &Factor, now: Ts) -> String {
    let worth = match factor.kind {
        FactorKind::App => return String::new(),
        FactorKind::Passkey(_) => "Passkey, signs in by itself.",
        FactorKind::SecurityKey(_) => "Security key, needs the password too.",
    };
    match factor.used {
        Some(at) => format!("{worth} Last used {}.", times::exact(at.min(now))),
        None => format!("{worth} Never used yet."),
    }
}
