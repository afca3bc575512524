//! One person: who they are, what they may use, how they prove it, and what happened.

mod access_pass;
mod assignment;
mod departure;
mod exemption;
mod password;

use serde::Serialize;

use crate::pages::{
    Page,
    admin::old_clients::Line,
    parts::{AuditRow, Badge, Choice, Fact, Problem, Tone, Verdict, When},
    portal::Linked,
};
pub use access_pass::AccessPassPanel;
pub use assignment::{Assignment, Product, ServicePlan, Through};
pub use departure::{Departure, Hold};
pub use exemption::ExemptionPanel;
pub use password::PasswordPanel;

/// The person's page.
#[derive(Debug, Clone, Serialize)]
pub struct User {
    /// Our id; part of the forms' addresses.
    pub id: String,
    /// Their full name.
    pub name: String,
    /// Their sign-in name.
    pub upn: String,
    /// How they stand, in a sentence ("Alice can sign in and has her mailbox").
    pub verdict: Verdict,
    /// Active or blocked.
    pub state: Badge,
    /// They are blocked: the page offers to unblock instead.
    pub blocked: bool,
    /// UPN, immutable id, object id in Entra, department, country, created.
    pub identity: Vec<Fact>,
    /// What they may do in the console.
    pub role: RolePanel,
    /// The Office 365 assignment.
    pub assignment: Assignment,
    /// What will be taken away, and when.
    pub departure: Departure,
    /// Their second factors.
    pub factors: Vec<Factor>,
    /// The Microsoft accounts that sign them in.
    pub linked: Vec<Linked>,
    /// Recovery codes that are left.
    pub recovery_codes_left: u32,
    /// What lets them do without a second factor for a while.
    pub exemption: ExemptionPanel,
    /// What they were given in place of a factor that is not at hand.
    pub access_pass: AccessPassPanel,
    /// An enrolment code that was just made; shown once.
    pub enrollment_code: Option<OneTimeSecret>,
    /// Where their password is checked.
    pub password: PasswordPanel,
    /// An initial password that was just made; shown once.
    pub new_password: Option<OneTimeSecret>,
    /// Where they are signed in.
    pub live_sessions: u32,
    /// Programs of theirs that were refused lately.
    pub old_clients: Vec<Line>,
    /// How many browsers there are in which they are asked for no second factor.
    pub remembered: u32,
    /// The last tokens issued about them.
    pub tokens: Vec<Token>,
    /// What happened to them lately.
    pub recent: Vec<AuditRow>,
    /// What was wrong with the last form.
    pub problems: Vec<Problem>,
}

/// What a person may do in the console.
#[derive(Debug, Clone, Serialize)]
pub struct RolePanel {
    /// Their role, or "None".
    pub label: String,
    /// What it is for.
    pub purpose: String,
    /// The roles that the admin may give; none where the admin may not change this person's.
    pub choices: Vec<Choice>,
}

/// A second factor.
#[derive(Debug, Clone, Serialize)]
pub struct Factor {
    /// What it is called ("Authenticator app", "Work laptop").
    pub name: String,
    /// What it is worth and when it was last used, in sentences; empty for an app.
    pub note: String,
    /// When it was confirmed.
    pub added: When,
}

/// A secret that is shown this once.
#[derive(Debug, Clone, Serialize)]
pub struct OneTimeSecret {
    /// What it is ("Enrolment code").
    pub label: String,
    /// The secret.
    pub value: String,
    /// How to hand it over and how long it is good.
    pub note: String,
}

/// A token that was issued.
#[derive(Debug, Clone, Serialize)]
pub struct Token {
    /// When.
    pub at: When,
    /// For whom ("Microsoft 365").
    pub relying_party: String,
    /// On what grounds ("password, authenticator app").
    pub grounds: String,
    /// Whether it says that MFA was done.
    pub mfa: Badge,
    /// From which address.
    pub address: String,
    /// The token's own id.
    pub token_id: String,
}

impl Page for User {
    const TEMPLATE: &'static str = "admin/user.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let access_pass = AccessPassPanel::sample_waiting();
        let assignment = Assignment::sample_through();
        let password = PasswordPanel::sample_elsewhere();
        let waiting = Self { assignment, access_pass, password, ..Self::sample() };
        let unassigned = Self::sample_unassigned();
        let exemption = ExemptionPanel::sample_exempt();
        let exempt = Self { enrollment_code: None, exemption, ..unassigned.clone() };
        let pages = [("", Self::sample()), ("pass", waiting), ("unassigned", unassigned)];
        pages.into_iter().chain([("exempt", exempt)]).collect()
    }
}

impl User {
    /// Alice: assigned, enrolled.
    #[must_use]
    pub fn sample() -> Self {
        let token = Token {
            at: When::sample(),
            relying_party: "Microsoft 365".to_owned(),
            grounds: "Password, authenticator app".to_owned(),
            mfa: Badge::new(Tone::Ok, "MFA"),
            address: "203.0.113.24".to_owned(),
            token_id: "_3f0a51c2b76e4d0a9a3d1c5be7f24610".to_owned(),
        };
        Self {
            id: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11".to_owned(),
            name: "Alice Adams".to_owned(),
            upn: "alice@contoso.com".to_owned(),
            verdict: Verdict::new(Tone::Ok, "Alice can sign in and has a mailbox."),
            state: Badge::new(Tone::Ok, "Active"),
            blocked: false,
            identity: Self::sample_identity(),
            role: RolePanel::sample(),
            assignment: Assignment::sample(),
            departure: Departure::sample(),
            factors: vec![Factor {
                name: "Authenticator app".to_owned(),
                note: String::new(),
                added: When::sample_earlier(),
            }],
            linked: Linked::samples(),
            recovery_codes_left: 10,
            exemption: ExemptionPanel::default(),
            access_pass: AccessPassPanel::sample(),
            enrollment_code: None,
            password: PasswordPanel::sample(),
            new_password: None,
            live_sessions: 2,
            old_clients: vec![Line::sample()],
            remembered: 1,
            tokens: vec![token],
            recent: AuditRow::samples(),
            problems: Vec::new(),
        }
    }

    /// Bob: not assigned yet, blocked, with a new enrolment code.
    #[must_use]
    pub fn sample_unassigned() -> Self {
        Self {
            name: "Bob Baker".to_owned(),
            upn: "bob@contoso.com".to_owned(),
            verdict: Verdict::new(Tone::Danger, "Bob can't sign in: an admin has blocked him."),
            state: Badge::new(Tone::Danger, "Blocked"),
            blocked: true,
            assignment: Assignment::sample_unassigned(),
            departure: Departure::sample_held(),
            factors: Vec::new(),
            exemption: ExemptionPanel::sample(),
            recovery_codes_left: 0,
            enrollment_code: Some(OneTimeSecret::sample()),
            live_sessions: 0,
            old_clients: Vec::new(),
            remembered: 0,
            tokens: Vec::new(),
            recent: Vec::new(),
            ..Self::sample()
        }
    }

    fn sample_identity() -> Vec<Fact> {
        vec![
            Fact::id("Sign-in name (UPN)", "alice@contoso.com"),
            Fact::id("Immutable id", "yUtbtCvIQUmXhZp0J9nWqg=="),
            Fact::id("Object id in Entra", "8f2c1b7e-64c1-4d0f-8a55-3b8f0f1f7d21"),
            Fact::text("Department", "Sales"),
            Fact::text("Job title", "Account manager"),
            Fact::text("Country", "Germany (DE)"),
            Fact::text("Created", "18 Nov 2026, 16:40 UTC"),
        ]
    }
}

impl RolePanel {
    /// No role, and an owner looks.
    #[must_use]
    pub fn sample() -> Self {
        let choice = |value: &str, label: &str| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            selected: value == "none",
        };
        Self {
            label: "None".to_owned(),
            purpose: "no console".to_owned(),
            choices: vec![
                choice("none", "None: no console"),
                choice("help_desk", "Help desk: helps people who can't sign in"),
                choice("owner", "Owner: everything"),
            ],
        }
    }
}

impl OneTimeSecret {
    /// An enrolment code.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            label: "Enrolment code".to_owned(),
            value: "hx6p-3wdr-8ncy-q27k".to_owned(),
            note: "Read it to Bob on the phone. It works once, for the next 24 hours.".to_owned(),
        }
    }
}
