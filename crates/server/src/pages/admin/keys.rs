//! The token-signing keys and their dates.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Tone, Verdict, When},
};

/// The keys.
#[derive(Debug, Clone, Serialize)]
pub struct Keys {
    /// How they stand, in a sentence.
    pub verdict: Verdict,
    /// There is no next key: the page offers to make one.
    pub may_make_next: bool,
    /// Next, active, retired.
    pub rows: Vec<Row>,
}

/// One key.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its state.
    pub state: Badge,
    /// SHA-256 of its certificate, in hex.
    pub thumbprint: String,
    /// Kind and size ("RSA 2048").
    pub kind: String,
    /// When it runs out.
    pub not_after: When,
    /// When metadata first showed it.
    pub published: Option<When>,
    /// When Entra was first seen to trust it.
    pub seen_by_entra: Option<When>,
    /// Where its certificate is downloaded.
    pub download: String,
}

impl Page for Keys {
    const TEMPLATE: &'static str = "admin/keys.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample())]
    }
}

impl Keys {
    /// An active key and the next one.
    #[must_use]
    pub fn sample() -> Self {
        let row = |state: Badge, thumbprint: &str, seen| Row {
            state,
            thumbprint: thumbprint.to_owned(),
            kind: "RSA 2048".to_owned(),
            not_after: When::sample_later(),
            published: Some(When::sample_earlier()),
            seen_by_entra: seen,
            download: "/admin/keys/0199d1a4/certificate.cer".to_owned(),
        };
        let active = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let next = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";
        Self {
            verdict: Verdict::new(
                Tone::Ok,
                "Tokens are signed with a key that is good until 2028.",
            ),
            may_make_next: true,
            rows: vec![
                row(Badge::new(Tone::Ok, "Active"), active, Some(When::sample_earlier())),
                row(Badge::new(Tone::Neutral, "Next"), next, None),
            ],
        }
    }
}
