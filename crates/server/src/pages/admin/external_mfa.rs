//! Being the external MFA provider of the tenant.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Fact, Link, Problem, Tone, Verdict},
};

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct ExternalMfa {
    /// How it stands, in a sentence.
    pub verdict: Verdict,
    /// Entra is answered.
    pub is_on: bool,
    /// What the app registration needs.
    pub reply: Vec<Fact>,
    /// What the authentication method needs.
    pub values: Vec<Fact>,
    /// The call of Graph that does the second step, once the app is known.
    pub call: Option<GraphCall>,
    /// The app registration's id, as stored or typed.
    pub app_id: String,
    /// Where to confirm that it is you before anything can be changed; `None` once done.
    pub confirm: Option<Link>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// A call of Graph.
#[derive(Debug, Clone, Serialize)]
pub struct GraphCall {
    /// Where to, by POST.
    pub url: String,
    /// Its body.
    pub body: String,
}

impl Page for ExternalMfa {
    const TEMPLATE: &'static str = "admin/external_mfa.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let on = Self::sample();
        let confirm = Some(Link::new("Confirm that it is you", "/admin/step-up"));
        let must_confirm = Self { confirm, ..on.clone() };
        let problem = Problem::of_field("app_id", "That is no id.", "Copy it from Entra.");
        let off = Self {
            verdict: Verdict::new(
                Tone::Neutral,
                "Off: requests of Microsoft's for a second factor are refused.",
            ),
            is_on: false,
            call: None,
            app_id: "Gatehouse".to_owned(),
            problems: vec![problem],
            ..on.clone()
        };
        vec![("", on), ("off", off), ("confirm", must_confirm)]
    }
}

impl ExternalMfa {
    /// Contoso's is on.
    #[must_use]
    pub fn sample() -> Self {
        let app = "11111111-2222-4333-8444-555555555555";
        let base = "https://sts.contoso.com/eam";
        Self {
            verdict: Verdict::new(Tone::Ok, "On: Contoso may have second factors proved here."),
            is_on: true,
            reply: vec![Fact::id("Redirect URI", &format!("{base}/authorize"))],
            values: vec![
                Fact::text("Name", "Gatehouse"),
                Fact::id("Client ID", "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11"),
                Fact::id("Discovery Endpoint", &format!("{base}/.well-known/openid-configuration")),
                Fact::id("App ID", app),
            ],
            call: Some(GraphCall {
                url: "https://graph.microsoft.com/v1.0/policies/authenticationMethodsPolicy"
                    .to_owned(),
                body: "{\n  \"displayName\": \"Gatehouse\"\n}".to_owned(),
            }),
            app_id: app.to_owned(),
            confirm: None,
            problems: Vec::new(),
        }
    }
}
