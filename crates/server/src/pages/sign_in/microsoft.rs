//! Signing in with Microsoft, as pages offer it.

use serde::Serialize;

/// A button that leads to Microsoft.
#[derive(Debug, Clone, Serialize)]
pub struct MicrosoftOffer {
    /// Through which registration.
    pub id: String,
    /// What the button says.
    pub label: String,
}

impl MicrosoftOffer {
    /// Two registrations.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let offer = |id: &str, alias: &str| Self {
            id: id.to_owned(),
            label: format!("Sign in with Microsoft: {alias}"),
        };
        vec![offer("01", "Contoso"), offer("02", "Fabrikam partners")]
    }
}
