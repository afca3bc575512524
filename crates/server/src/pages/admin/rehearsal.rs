//! The newest rehearsal of a domain, step by step.

use serde::Serialize;

use crate::pages::{
    Page,
    admin::domain::Domain,
    parts::{Badge, Tab, Tone, Verdict, When},
};

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct RehearsalPage {
    /// The DNS name.
    pub name: String,
    /// The path segment (`contoso-com`).
    pub slug: String,
    /// How it went, in a sentence.
    pub verdict: Verdict,
    /// The views of the domain.
    pub tabs: Vec<Tab>,
    /// Who asked for it; empty before the first.
    pub by: String,
    /// When; `None` before the first.
    pub when: Option<When>,
    /// It waits, or is under way.
    pub under_way: bool,
    /// The steps that ended, and those that are to come.
    pub steps: Vec<Played>,
}

/// One step.
#[derive(Debug, Clone, Serialize)]
pub struct Played {
    /// Passed, failed, not used, not tried, or to come.
    pub badge: Badge,
    /// What was done.
    pub label: String,
    /// What was seen, a sentence each.
    pub evidence: Vec<String>,
    /// How long it took; empty where nothing was done.
    pub took: String,
}

impl Page for RehearsalPage {
    const TEMPLATE: &'static str = "admin/rehearsal.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("", Self::sample()),
            ("under-way", Self::sample_under_way()),
            ("first", Self::sample_first()),
        ]
    }
}

impl RehearsalPage {
    /// One that failed.
    #[must_use]
    pub fn sample() -> Self {
        let step = |tone, word: &str, label: &str, evidence: &[&str], took: &str| Played {
            badge: Badge::new(tone, word),
            label: label.to_owned(),
            evidence: evidence.iter().map(|it| (*it).to_owned()).collect(),
            took: took.to_owned(),
        };
        let failed = "The script stopped.";
        let why = "stopped: contoso.com is the default domain of the tenant. Nothing was changed.";
        Self {
            verdict: Verdict::new(
                Tone::Danger,
                "The rehearsal of contoso.com failed: Federate the domain.",
            ),
            by: "Olivia Okafor".to_owned(),
            when: Some(When::sample()),
            steps: vec![
                step(Tone::Ok, "Passed", "Copy the tenant", &["Read and copied."], "1.4 s"),
                step(Tone::Danger, "Failed", "Federate the domain", &[failed, why], "0.9 s"),
                step(Tone::Neutral, "Not tried", "Take it all back", &[], ""),
            ],
            ..Self::sample_first()
        }
    }

    /// One that is being played.
    #[must_use]
    pub fn sample_under_way() -> Self {
        let text = "contoso.com is being rehearsed: 1 of 11 steps is over.";
        Self {
            verdict: Verdict::new(Tone::Neutral, text),
            under_way: true,
            steps: Self::sample().steps.into_iter().take(1).collect(),
            ..Self::sample()
        }
    }

    /// Before the first one.
    #[must_use]
    pub fn sample_first() -> Self {
        Self {
            name: "contoso.com".to_owned(),
            slug: "contoso-com".to_owned(),
            verdict: Verdict::new(Tone::Neutral, "contoso.com was not rehearsed yet."),
            tabs: Domain::sample().tabs,
            by: String::new(),
            when: None,
            under_way: false,
            steps: Vec::new(),
        }
    }
}
