//! What the rules would have said of the sign-ins of the last days.

use serde::Serialize;

use super::tabs;
use crate::pages::{
    Page,
    parts::{Tab, Tone, Verdict},
};

/// Each rule with what it would have decided.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyReplay {
    /// How much was looked at, and what the draft changes of it.
    pub verdict: Verdict,
    /// The views of the policy.
    pub tabs: Vec<Tab>,
    /// There was more than was looked at.
    pub is_cut: bool,
    /// The rules in their order, and what none fits.
    pub rows: Vec<ReplayRow>,
}

/// What one rule would have decided.
#[derive(Debug, Clone, Serialize)]
pub struct ReplayRow {
    /// The rule's name.
    pub name: String,
    /// It is switched off.
    pub is_off: bool,
    /// How many, by the kind of program.
    pub counts: String,
    /// How many more it may have been, in a sentence, or empty.
    pub perhaps: String,
    /// Some of them, each on a line.
    pub sample: Vec<String>,
}

impl Page for PolicyReplay {
    const TEMPLATE: &'static str = "admin/policy_replay.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        vec![("", page.clone()), ("cut", Self { is_cut: true, ..page })]
    }
}

impl PolicyReplay {
    /// A draft that changes something.
    #[must_use]
    pub fn sample() -> Self {
        let row = |name: &str, counts: &str, perhaps: &str, sample: &[&str]| ReplayRow {
            name: name.to_owned(),
            is_off: sample.is_empty(),
            counts: counts.to_owned(),
            perhaps: perhaps.to_owned(),
            sample: sample.iter().map(|line| (*line).to_owned()).collect(),
        };
        let text = "3120 tokens of the last 30 days, asked of the rules as people are now. Not \
                    counted: 12 tokens of people who are gone. With the draft, 214 would be denied \
                    or let in otherwise than now, or take another second factor, or may.";
        let alice = "alice@contoso.com at Microsoft 365 from 203.0.113.7, by \"Firefox\": 12 times, \
                     last 25 Nov 2026, 09:00 UTC";
        let perhaps = "8 more depend on whether the application asked for a second factor, which is \
                       not written down.";
        Self {
            verdict: Verdict::new(Tone::Warn, text),
            tabs: tabs(5),
            is_cut: false,
            rows: vec![
                row("No old programs", "None", "", &[]),
                row("Sales in the office", "214 with a browser or modern app", perhaps, &[alice]),
                row(
                    "No rule fits",
                    "2895 with a browser or modern app, 3 with WS-Trust",
                    "",
                    &[alice],
                ),
            ],
        }
    }
}
