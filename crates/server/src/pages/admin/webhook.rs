//! Alarms for another system.

use serde::Serialize;

use super::user::OneTimeSecret;
use crate::pages::{
    Page,
    parts::{Badge, Fact, Problem, Tone, Verdict, When},
};

/// Where alarms go besides mail, and what became of each.
#[derive(Debug, Clone, Serialize)]
pub struct Webhook {
    /// How it stands, in a sentence.
    pub verdict: Verdict,
    /// The address and who set it; none where there is none.
    pub facts: Vec<Fact>,
    /// The role may change it.
    pub may_change: bool,
    /// The address, as typed.
    pub url: String,
    /// The secret that was just drawn; shown once.
    pub secret: Option<OneTimeSecret>,
    /// What waits or was sent lately, the newest first.
    pub deliveries: Vec<DeliveryRow>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// One piece of news.
#[derive(Debug, Clone, Serialize)]
pub struct DeliveryRow {
    /// What it is about.
    pub title: String,
    /// When it was written.
    pub made: When,
    /// How often it was tried.
    pub attempts: u32,
    /// Taken, waits or given up.
    pub state: Badge,
    /// How the last try ended.
    pub answer: String,
    /// When it is tried next.
    pub next: Option<When>,
    /// By which the other side knows it.
    pub id: String,
}

impl Page for Webhook {
    const TEMPLATE: &'static str = "admin/webhook.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let sample = Self::sample();
        let problem = Problem::of_field("url", "The address must begin with https.", "Correct it.");
        let none = Self {
            verdict: Verdict::new(Tone::Neutral, "Alarms go to no other system."),
            facts: Vec::new(),
            secret: None,
            deliveries: Vec::new(),
            problems: vec![problem],
            ..sample.clone()
        };
        vec![("", sample), ("none", none)]
    }
}

impl Webhook {
    /// Just set, with one that waits.
    #[must_use]
    pub fn sample() -> Self {
        let delivery = DeliveryRow {
            title: "alarm.raised: contoso.com".to_owned(),
            made: When::sample(),
            attempts: 2,
            state: Badge::new(Tone::Warn, "Waits"),
            answer: "the host answered 503".to_owned(),
            next: Some(When::sample()),
            id: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11".to_owned(),
        };
        Self {
            verdict: Verdict::new(Tone::Ok, "Alarms go to another system, too."),
            facts: vec![Fact::id("Address", "https://alarms.contoso.com/in")],
            may_change: true,
            url: String::new(),
            secret: Some(OneTimeSecret::sample()),
            deliveries: vec![delivery],
            problems: Vec::new(),
        }
    }
}
