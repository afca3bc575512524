//! The certificate with which the tenant is reached.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Fact, Link, Problem, Tone, Verdict},
};

/// The certificate in use, and the one that waits until Microsoft knows it.
#[derive(Debug, Clone, Serialize)]
pub struct ClientCertificate {
    /// How the tenant is reached, in a sentence.
    pub verdict: Verdict,
    /// The app registration's id, by which an admin finds it at Microsoft.
    pub application: String,
    /// The certificate in use; none where a secret is.
    pub in_use: Vec<Fact>,
    /// The thumbprint of the certificate that waits, if one does.
    pub thumbprint: Option<String>,
    /// What there is to say about it.
    pub waiting: Vec<Fact>,
    /// Where to confirm that it is you before anything can be changed; `None` once done.
    pub confirm: Option<Link>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

impl Page for ClientCertificate {
    const TEMPLATE: &'static str = "admin/client-certificate.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let none = Self {
            verdict: Verdict::new(Tone::Neutral, "Contoso is reached with a client secret."),
            in_use: Vec::new(),
            thumbprint: None,
            waiting: Vec::new(),
            problems: Vec::new(),
            ..Self::sample()
        };
        let confirm = Some(Link::new("Confirm that it is you", "/admin/step-up"));
        let must_confirm = Self { confirm, ..Self::sample() };
        vec![("", Self::sample()), ("none", none), ("confirm", must_confirm)]
    }
}

impl ClientCertificate {
    /// One in use, and the next one refused.
    #[must_use]
    pub fn sample() -> Self {
        let facts = |thumbprint: &str, ends: &str| {
            let sha256 = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08";
            vec![
                Fact::id("Thumbprint (SHA-1)", thumbprint),
                Fact::id("SHA-256", sha256),
                Fact::text("Ends", ends),
            ]
        };
        let next = "4A3C1F0E9B2D8C7A6F5E4D3C2B1A09F8E7D6C5B4";
        let text = "Contoso is reached with a certificate that is good until 30 Nov 2028.";
        let refused = Problem::of_form(
            "Microsoft 365 answered: AADSTS700027: The certificate is not registered.",
            "Upload the certificate to the app registration, wait a minute, and try again.",
        );
        Self {
            verdict: Verdict::new(Tone::Ok, text),
            application: "11111111-2222-4333-8444-555555555555".to_owned(),
            in_use: facts("0D1E2F3A4B5C6D7E8F9A0B1C2D3E4F5A6B7C8D9E", "30 Nov 2028"),
            thumbprint: Some(next.to_owned()),
            waiting: facts(next, "29 Nov 2030"),
            confirm: None,
            problems: vec![refused],
        }
    }
}
