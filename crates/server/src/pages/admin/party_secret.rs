//! The secret of a client of OpenID Connect, shown this once.

use serde::Serialize;

use super::{
    relying_parties::{ClaimField, PartyForm},
    user::OneTimeSecret,
};
use crate::pages::{
    Page,
    parts::{Choice, Fact},
};

/// A client has a secret, or another one.
#[derive(Debug, Clone, Serialize)]
pub struct PartySecret {
    /// What people call it.
    pub name: String,
    /// Its page.
    pub href: String,
    /// What goes into its settings beside the secret.
    pub facts: Vec<Fact>,
    /// The secret.
    pub secret: OneTimeSecret,
}

impl PartySecret {
    /// The page of a client's secret.
    #[must_use]
    pub fn new(name: &str, client_id: &str, href: String, secret: &str) -> Self {
        let note = "Put it into the application's settings now; when it is lost, make another one \
                    on the application's page.";
        Self {
            name: name.to_owned(),
            href,
            facts: vec![Fact::id("Client id", client_id)],
            secret: OneTimeSecret {
                label: "Client secret".to_owned(),
                value: secret.to_owned(),
                note: note.to_owned(),
            },
        }
    }

    /// A ticket system's.
    #[must_use]
    pub fn sample() -> Self {
        let (id, secret) =
            ("019b0c5e-8d7a-7cc3-98a5-3c5a54a8e9b2", "8f14e45fceea167a5a36dedd4bea2543");
        Self::new("Tickets", id, "/admin/relying-parties/3".to_owned(), &secret.repeat(2))
    }
}

impl Page for PartySecret {
    const TEMPLATE: &'static str = "admin/party_secret.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample())]
    }
}

impl PartyForm {
    /// A ticket system that speaks OpenID Connect.
    #[must_use]
    pub fn sample_client() -> Self {
        let claim = |field: &str, label: &str, name: &str| ClaimField {
            field: field.to_owned(),
            label: label.to_owned(),
            name: name.to_owned(),
        };
        let reply = "https://tickets.contoso.com/oidc/callback".to_owned();
        Self {
            protocol: "openid-connect".to_owned(),
            is_saml: false,
            is_client: true,
            proof: vec![
                Choice::new("secret", "It keeps a secret: it runs on a server", "secret"),
                Choice::new("public", "It can't keep one: it runs in a browser", "secret"),
            ],
            after_sign_out: "https://tickets.contoso.com/".to_owned(),
            back_channel: "https://tickets.contoso.com/oidc/signed-out".to_owned(),
            pushes: vec![
                Choice::new("no", "It may send them along with the browser", "no"),
                Choice::new("yes", "It must bring them beforehand (PAR)", "no"),
            ],
            name: "Tickets".to_owned(),
            replies: reply,
            claims: vec![
                claim("claim_upn", "Sign-in name", "preferred_username"),
                claim("claim_mail", "Mail address", "email"),
                claim("claim_department", "Department", ""),
            ],
            ..Self::sample()
        }
    }
}
