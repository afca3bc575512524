//! The applications, and how *Office 365* is provisioned.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Choice, Fact, Link, Problem, Tone, Verdict, When},
};

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct Applications {
    /// How they stand, in a sentence.
    pub verdict: Verdict,
    /// The applications.
    pub rows: Vec<Row>,
}

/// One application.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// What it connects to ("contoso.onmicrosoft.com").
    pub tenant: String,
    /// How many people are assigned.
    pub people: String,
    /// How it stands.
    pub state: Badge,
}

/// The settings of *Office 365*. Its fields are sent under the names of this struct.
#[derive(Debug, Clone, Serialize)]
pub struct Office365 {
    /// How it stands, in a sentence.
    pub verdict: Verdict,
    /// The tenant, who may use it, how many people are assigned.
    pub facts: Vec<Fact>,
    /// Where the first plan is looked at and confirmed; `None` once it was (Y06).
    pub first_plan: Option<Link>,
    /// Country for people who have none of their own (ISO 3166, two letters).
    pub usage_location: String,
    /// `block` or `keep`.
    pub on_unassign: Vec<Choice>,
    /// Days until licences are taken away.
    pub licence_grace_days: String,
    /// Days until the account is deleted; empty is never.
    pub delete_days: String,
    /// The same two for people who are blocked here.
    pub blocked_licence_days: String,
    /// Days until their account is deleted; empty is never.
    pub blocked_delete_days: String,
    /// What is taken from whom in the next days.
    pub due: Vec<DueRow>,
    /// How many more there are.
    pub more_due: u32,
    /// Share of Graph's write quota, in percent.
    pub quota_percent: String,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// Something that will be taken from somebody.
#[derive(Debug, Clone, Serialize)]
pub struct DueRow {
    /// The person's page.
    pub href: String,
    /// Their full name.
    pub name: String,
    /// Their sign-in name.
    pub upn: String,
    /// What ("Licences", "Account").
    pub what: Badge,
    /// When.
    pub at: When,
}

impl Page for Applications {
    const TEMPLATE: &'static str = "admin/applications.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let none =
            Self { verdict: Verdict::new(Tone::Neutral, "No application yet."), rows: Vec::new() };
        vec![("", page), ("none", none)]
    }
}

impl Applications {
    /// Office 365 alone.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            verdict: Verdict::new(Tone::Ok, "One application; its 9 people are in step."),
            rows: vec![Row {
                href: "/admin/applications/office365".to_owned(),
                name: "Office 365".to_owned(),
                tenant: "contoso.onmicrosoft.com".to_owned(),
                people: "9".to_owned(),
                state: Badge::new(Tone::Ok, "In step"),
            }],
        }
    }
}

impl Page for Office365 {
    const TEMPLATE: &'static str = "admin/office365.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let problem = Problem::of_field(
            "licence_grace_days",
            "The grace time must be between 0 and 365 days.",
            "Type a number such as 30.",
        );
        let wrong = Self {
            licence_grace_days: "9999".to_owned(),
            problems: vec![problem],
            first_plan: None,
            verdict: Verdict::new(Tone::Ok, "9 people are assigned and in step."),
            ..page.clone()
        };
        vec![("", page), ("wrong", wrong)]
    }
}

impl Office365 {
    /// Before the first plan is confirmed.
    #[must_use]
    pub fn sample() -> Self {
        let nothing_yet = "Nothing is written to the tenant until you confirm the first plan.";
        Self {
            verdict: Verdict::new(Tone::Warn, nothing_yet),
            facts: vec![
                Fact::text("Tenant", "contoso.onmicrosoft.com"),
                Fact::text("User access", "Only people who are assigned"),
                Fact::text("Assigned", "9 people"),
            ],
            first_plan: Some(Link::new("Preview the first plan", "/admin/sync-runs")),
            usage_location: "DE".to_owned(),
            on_unassign: vec![
                Choice::new("block", "Block sign-in and revoke sessions at once", "block"),
                Choice::new("keep", "Leave the account as it is", "block"),
            ],
            licence_grace_days: "30".to_owned(),
            delete_days: "90".to_owned(),
            blocked_licence_days: String::new(),
            blocked_delete_days: String::new(),
            due: vec![
                DueRow::sample("Erin Ellis", "erin", "Licences"),
                DueRow::sample("Gil Gomez", "gil", "Account"),
            ],
            more_due: 0,
            quota_percent: "80".to_owned(),
            problems: Vec::new(),
        }
    }
}

impl DueRow {
    fn sample(name: &str, local: &str, what: &str) -> Self {
        let tone = if what == "Account" { Tone::Danger } else { Tone::Warn };
        Self {
            href: format!("/admin/users/{local}"),
            name: name.to_owned(),
            upn: format!("{local}@contoso.com"),
            what: Badge::new(tone, what),
            at: When::new("in 6 days", "1 Dec 2026, 09:14 UTC", "2026-12-01T09:14:00Z"),
        }
    }
}
