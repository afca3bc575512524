//! The sign-in policy: its rules, one of them, what a draft changes, what if, and what was before.

mod replay;
mod samples;

use serde::Serialize;

pub use replay::{PolicyReplay, ReplayRow};
pub(crate) use samples::tabs;

use super::domain::Property;
use crate::pages::{
    Page,
    parts::{Badge, Choice, Problem, Tab, Verdict, When},
};

/// The rules, of the draft if there is one.
#[derive(Debug, Clone, Serialize)]
pub struct Policy {
    /// Whether a draft waits, in a sentence.
    pub verdict: Verdict,
    /// The views of the policy.
    pub tabs: Vec<Tab>,
    /// It is a draft.
    pub is_draft: bool,
    /// The rules in their order.
    pub rules: Vec<RuleRow>,
    /// What holds where none fits.
    pub fallback: String,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// One rule of the list.
#[derive(Debug, Clone, Serialize)]
pub struct RuleRow {
    /// Its id, for the forms' addresses.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Which sign-ins it fits, in words.
    pub when: String,
    /// What holds for these.
    pub then: Badge,
    /// It is asked at all.
    pub is_on: bool,
}

/// The form of a rule. Its fields are sent under the names of this struct.
#[derive(Debug, Clone, Serialize)]
pub struct RulePage {
    /// Its id; empty for a new one.
    pub id: String,
    /// What admins call it.
    pub name: String,
    /// For what somebody signs in.
    pub targets: Vec<Choice>,
    /// People in one of these groups.
    pub groups: Vec<Choice>,
    /// People with one of these roles.
    pub roles: Vec<Choice>,
    /// `anywhere`, `inside` or `outside`.
    pub place: Vec<Choice>,
    /// Networks, as typed.
    pub networks: String,
    /// By what kind of program.
    pub clients: Vec<Choice>,
    /// A part of what the program calls itself.
    pub agent: String,
    /// `either`, `yes` or `no`.
    pub asked: Vec<Choice>,
    /// `deny`, `phishing-resistant`, `always` or `when-asked`.
    pub then: Vec<Choice>,
    /// After how many hours it is proved anew.
    pub hours: String,
    /// For how many days a browser may be remembered.
    pub remember: String,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// What the draft changes, before it is published.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyReview {
    /// For how many people something changes, in a sentence.
    pub verdict: Verdict,
    /// The moment of the draft that is shown; sent back, so that no other one is published.
    pub seen: String,
    /// The rules that are new, changed or gone.
    pub rules: Vec<Property>,
    /// Whom it locks out for want of a passkey.
    pub locked_out: Option<LockedOut>,
    /// Rules that let old programs in with a password alone, and more of them than need be.
    pub broad: Vec<String>,
    /// What ends otherwise.
    pub changes: Vec<ChangeRow>,
    /// How many more there are than are shown.
    pub more: usize,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// People whom a draft locks out of something until they have a passkey.
#[derive(Debug, Clone, Serialize)]
pub struct LockedOut {
    /// How many, in a sentence.
    pub summary: String,
    /// What becomes of them, and what to do about it.
    pub way: String,
    /// Their sign-in names.
    pub names: Vec<String>,
    /// How many more there are than are named.
    pub more: usize,
}

/// Sign-ins that would end in another way.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeRow {
    /// "12 people: alice@contoso.com, bob@contoso.com and more".
    pub people: String,
    /// For what.
    pub target: String,
    /// By what program and from where.
    pub way: String,
    /// How it ends now.
    pub before: Ending,
    /// How it would end.
    pub after: Ending,
}

/// How a sign-in ends.
#[derive(Debug, Clone, Serialize)]
pub struct Ending {
    /// What it takes.
    pub badge: Badge,
    /// The rule that decides, or that none does.
    pub rule: String,
}

/// The what-if form and its answers.
#[derive(Debug, Clone, Serialize)]
pub struct WhatIf {
    /// The views of the policy.
    pub tabs: Vec<Tab>,
    /// Whose sign-in.
    pub person: String,
    /// For what.
    pub target: Vec<Choice>,
    /// From which address.
    pub address: String,
    /// By what kind of program.
    pub client: Vec<Choice>,
    /// What the program calls itself.
    pub agent: String,
    /// Whether the application asks for a second factor.
    pub asked: Vec<Choice>,
    /// What the published policy says, and the draft.
    pub answers: Vec<AnswerView>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// What one version of the policy says.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerView {
    /// "The published policy".
    pub title: String,
    /// For the heading's id.
    pub key: String,
    /// What it comes to.
    pub verdict: Verdict,
    /// Every rule.
    pub rules: Vec<AskedRow>,
}

/// One rule that was asked.
#[derive(Debug, Clone, Serialize)]
pub struct AskedRow {
    /// Its name.
    pub name: String,
    /// Decides, fits too late, or does not fit.
    pub badge: Badge,
    /// Why.
    pub why: String,
}

/// What was published.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyHistory {
    /// The views of the policy.
    pub tabs: Vec<Tab>,
    /// The versions, the newest first.
    pub versions: Vec<VersionView>,
}

/// One published version.
#[derive(Debug, Clone, Serialize)]
pub struct VersionView {
    /// Its id, for the form's address.
    pub id: String,
    /// Since when it counts or counted.
    pub published: When,
    /// Who made it.
    pub by: String,
    /// It counts now.
    pub is_current: bool,
    /// Its rules in words.
    pub rules: Vec<String>,
}

impl Page for Policy {
    const TEMPLATE: &'static str = "admin/policy.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample()), ("draft", Self::sample_draft()), ("empty", Self::sample_empty())]
    }
}

impl Page for RulePage {
    const TEMPLATE: &'static str = "admin/policy_rule.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample()), ("wrong", Self::sample_wrong())]
    }
}

impl Page for PolicyReview {
    const TEMPLATE: &'static str = "admin/policy_review.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("", Self::sample()),
            ("passkeys", Self::sample_passkeys()),
            ("nothing", Self::sample_nothing()),
        ]
    }
}

impl Page for WhatIf {
    const TEMPLATE: &'static str = "admin/policy_what_if.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample()), ("answered", Self::sample_answered())]
    }
}

impl Page for PolicyHistory {
    const TEMPLATE: &'static str = "admin/policy_history.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample())]
    }
}
