//! What a pre-flight of a domain found, area by area.

use serde::Serialize;

use crate::pages::{
    Page,
    admin::domain::Domain,
    parts::{Badge, Fact, Link, Tab, Tone, Verdict, When},
};

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct PreflightPage {
    /// The DNS name.
    pub name: String,
    /// The path segment (`contoso-com`).
    pub slug: String,
    /// Whether the domain can be federated, in a sentence.
    pub verdict: Verdict,
    /// The views of the domain.
    pub tabs: Vec<Tab>,
    /// When it was done; `None` before the first.
    pub when: Option<When>,
    /// `30 passed, 5 warnings, 2 failed, 1 not seen`.
    pub numbers: String,
    /// The checks, by area.
    pub parts: Vec<Part>,
    /// How the tenant stood.
    pub state: Vec<Fact>,
}

/// The checks of one area.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    /// For the heading.
    pub id: String,
    /// What they are about.
    pub title: String,
    /// The checks, the worst first.
    pub checks: Vec<Checked>,
}

/// One check.
#[derive(Debug, Clone, Serialize)]
pub struct Checked {
    /// Passed, a warning, failed, or not seen.
    pub badge: Badge,
    /// What was looked at.
    pub label: String,
    /// What was seen, or why nothing could be.
    pub evidence: String,
    /// How it is mended; empty where there is nothing to mend.
    pub fix: String,
    /// Where.
    pub link: Option<Link>,
}

impl Page for PreflightPage {
    const TEMPLATE: &'static str = "admin/preflight.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample()), ("first", Self::sample_first())]
    }
}

impl PreflightPage {
    /// A domain that lacks an emergency account.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            verdict: Verdict::new(
                Tone::Danger,
                "contoso.com must not be federated yet. Mend first: Two emergency accounts.",
            ),
            when: Some(When::sample()),
            numbers: "36 passed, 1 warning, 1 failed, 1 not seen".to_owned(),
            parts: Self::sample_parts(),
            state: vec![
                Fact::text("Sign-in of the domain", "Managed"),
                Fact::text("Security defaults", "off"),
            ],
            ..Self::sample_first()
        }
    }

    fn sample_parts() -> Vec<Part> {
        let check = |tone, word: &str, label: &str, evidence: &str| Checked {
            badge: Badge::new(tone, word),
            label: label.to_owned(),
            evidence: evidence.to_owned(),
            fix: String::new(),
            link: None,
        };
        let emergency = Checked {
            fix: "Make two Global Administrators on the onmicrosoft.com domain.".to_owned(),
            link: Some(Link::new(
                "Microsoft Entra admin center: Users",
                "https://entra.microsoft.com",
            )),
            ..check(
                Tone::Danger,
                "Failed",
                "Two emergency accounts",
                "There is only one emergency account, break.glass@contoso.onmicrosoft.com.",
            )
        };
        let defaults = check(
            Tone::Neutral,
            "Not seen",
            "Security defaults",
            "The app registration may not read this: grant it the permission Policy.Read.All.",
        );
        let verified = check(
            Tone::Ok,
            "Passed",
            "Verified in the tenant",
            "Microsoft has seen the DNS record of contoso.com.",
        );
        let missing = Checked {
            fix: "Match them with the people here, or assign them.".to_owned(),
            link: Some(Link::new("Sync users", "/admin/matches")),
            ..check(
                Tone::Warn,
                "Warning",
                "Second factors of the people here",
                "2 of 12 people who are assigned have no second factor: carol@contoso.com, \
                 frida.longlastname-withanother@contoso.com.",
            )
        };
        let part = |number: u8, title: &str, checks: Vec<Checked>| Part {
            id: format!("area-{number}"),
            title: title.to_owned(),
            checks,
        };
        vec![
            part(0, "The domain", vec![verified]),
            part(1, "The way back in", vec![emergency]),
            part(3, "What the tenant demands", vec![defaults]),
            part(4, "This house", vec![missing]),
        ]
    }

    /// Before the first one.
    #[must_use]
    pub fn sample_first() -> Self {
        Self {
            name: "contoso.com".to_owned(),
            slug: "contoso-com".to_owned(),
            verdict: Verdict::new(
                Tone::Neutral,
                "Nobody has looked yet whether contoso.com can be federated.",
            ),
            tabs: Domain::sample().tabs,
            when: None,
            numbers: String::new(),
            parts: Vec::new(),
            state: Vec::new(),
        }
    }
}
