//! Devices that join by themselves.

use serde::Serialize;

use super::policy::tabs;
use crate::pages::{
    Page,
    parts::{Check, Problem, Tab, Tone, Verdict, When},
};

/// The rules for Windows computers, what stands in their way, and which came.
#[derive(Debug, Clone, Serialize)]
pub struct Devices {
    /// How it stands, in a sentence.
    pub verdict: Verdict,
    /// The views of the policy.
    pub tabs: Vec<Tab>,
    /// There are no rules yet, and the form adds them.
    pub may_add: bool,
    /// How far the rules have come.
    pub rules: String,
    /// The role may change the policy.
    pub may_change: bool,
    /// The networks, as typed.
    pub networks: String,
    /// Whether each domain's permit lets Windows in.
    pub doors: Vec<Check>,
    /// What came in the last 30 days.
    pub seen: Vec<Seen>,
    /// What was wrong with the form.
    pub problems: Vec<Problem>,
}

/// Sign-ins to computers of somebody at one address.
#[derive(Debug, Clone, Serialize)]
pub struct Seen {
    /// Who.
    pub name: String,
    /// Their sign-in name, or empty.
    pub upn: String,
    /// Their tokens.
    pub href: String,
    /// From which address.
    pub address: String,
    /// How many tokens.
    pub times: String,
    /// The first of them.
    pub first: When,
    /// The last.
    pub last: When,
}

impl Page for Devices {
    const TEMPLATE: &'static str = "admin/devices.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let sample = Self::sample();
        let problem = Problem::of_field("networks", "Type the networks.", "At least one.");
        let none = Self {
            verdict: Verdict::new(Tone::Neutral, "Windows computers are not let in."),
            may_add: true,
            rules: "There are no such rules.".to_owned(),
            seen: Vec::new(),
            doors: Vec::new(),
            problems: vec![problem],
            ..sample.clone()
        };
        vec![("", sample), ("none", none)]
    }
}

impl Devices {
    /// A laptop in the office.
    #[must_use]
    pub fn sample() -> Self {
        let seen = Seen {
            name: "Alice Adams".to_owned(),
            upn: "alice@contoso.com".to_owned(),
            href: "/admin/users/x/tokens".to_owned(),
            address: "203.0.113.24".to_owned(),
            times: "41 tokens".to_owned(),
            first: When::sample_earlier(),
            last: When::sample(),
        };
        Self {
            verdict: Verdict::new(Tone::Ok, "Windows signed people in from 1 place."),
            tabs: tabs(4),
            may_add: false,
            rules: "The rules are published and count.".to_owned(),
            may_change: true,
            networks: String::new(),
            doors: vec![Check::new(Tone::Ok, "contoso.com", "Permitted until 31 Dec 2026.")],
            seen: vec![seen],
            problems: Vec::new(),
        }
    }
}
