//! One sync run: its plan, and how each step ended.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Fact, Link, Problem, Tone, Verdict},
};

/// The run's page.
#[derive(Debug, Clone, Serialize)]
pub struct SyncRun {
    /// Our id; part of the forms' addresses.
    pub id: String,
    /// "Preview", or "Sync run of 25 Nov 2026, 09:14".
    pub title: String,
    /// How it stands, in a sentence.
    pub verdict: Verdict,
    /// What explains why it was stopped, when Microsoft said so.
    pub explain: Option<Link>,
    /// Scope, trigger, began, ended, plan hash.
    pub facts: Vec<Fact>,
    /// What the guard says, while it waits for an approval.
    pub guard: Option<Guard>,
    /// It is a preview with steps: the page offers to carry it out.
    pub may_apply: bool,
    /// SHA-256 of the plan; sent back with approve and apply, so that the shown plan is the one
    /// that is carried out.
    pub plan_hash: String,
    /// Where the plan is downloaded as a table.
    pub csv: String,
    /// The steps in their order.
    pub steps: Vec<Step>,
    /// What was wrong with the last form (field `confirmation`).
    pub problems: Vec<Problem>,
    /// People who can't be brought in step, and why.
    pub conflicts: Vec<Conflict>,
}

/// Why the guard stopped a plan.
#[derive(Debug, Clone, Serialize)]
pub struct Guard {
    /// One sentence: what is unusual ("This plan blocks 7 of 12 people; the limit is 5").
    pub cause: String,
    /// What must be typed to approve (`confirmation`), or `None` below the threshold.
    pub confirmation: Option<String>,
}

/// One step.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// `Create`, `Block sign-in`, ...
    pub action: String,
    /// Danger when it takes something away, Ok when it gives, Neutral otherwise.
    pub tone: Tone,
    /// Whom it is about.
    pub upn: String,
    /// Their page.
    pub href: String,
    /// Why.
    pub reason: String,
    /// What is there now.
    pub before: String,
    /// What will be there.
    pub after: String,
    /// Planned, done, skipped, failed.
    pub result: Badge,
    /// What Microsoft said, when it failed or was skipped; else empty.
    pub detail: String,
    /// What explains that.
    pub explain: Option<Link>,
}

/// Somebody who can't be brought in step.
#[derive(Debug, Clone, Serialize)]
pub struct Conflict {
    /// Who.
    pub upn: String,
    /// Their page.
    pub href: String,
    /// Why, and what to do about it.
    pub reason: String,
}

impl Page for SyncRun {
    const TEMPLATE: &'static str = "admin/sync_run.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            verdict: Verdict::new(Tone::Ok, "Nothing to do: everybody is in step."),
            guard: None,
            may_apply: false,
            steps: Vec::new(),
            conflicts: Vec::new(),
            ..Self::sample()
        };
        vec![
            ("", Self::sample()),
            ("preview", Self::sample_preview()),
            ("finished", Self::sample_finished()),
            ("empty", empty),
        ]
    }
}

impl SyncRun {
    /// A plan that the guard stopped.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            id: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11".to_owned(),
            title: "Sync run of 25 Nov 2026, 09:14".to_owned(),
            verdict: Verdict::new(Tone::Warn, "Stopped before the first write: it needs your yes."),
            explain: None,
            facts: vec![
                Fact::text("Scope", "Everybody"),
                Fact::text("Begun by", "Schedule"),
                Fact::text("Began", "25 Nov 2026, 09:14:02 UTC"),
                Fact::id("Plan", "3b2f7c9d51e0a4c8"),
            ],
            guard: Some(Guard {
                cause: "This plan blocks 7 of 12 people; more than 5 at once needs an approval."
                    .to_owned(),
                confirmation: Some("block 7 people".to_owned()),
            }),
            may_apply: false,
            plan_hash: "3b2f7c9d51e0a4c8".to_owned(),
            csv: "/admin/sync-runs/1/plan.csv".to_owned(),
            steps: Step::samples(),
            problems: Vec::new(),
            conflicts: vec![Conflict {
                upn: "grace@contoso.com".to_owned(),
                href: "/admin/users/grace".to_owned(),
                reason:
                    "Another account in Entra has this immutable id: look at both, then link one."
                        .to_owned(),
            }],
        }
    }

    /// A run that is over; one of its steps failed.
    #[must_use]
    pub fn sample_finished() -> Self {
        let mut steps = Step::samples();
        for step in &mut steps {
            step.result = Badge::new(Tone::Ok, "Done");
        }
        if let Some(last) = steps.last_mut() {
            last.result = Badge::new(Tone::Danger, "Failed");
            "No seat is free. Buy one, or unassign somebody.".clone_into(&mut last.detail);
        }
        let verdict = Verdict::new(Tone::Warn, "4 of 5 steps are done; one failed.");
        Self { verdict, guard: None, steps, ..Self::sample() }
    }

    /// A preview that may be carried out.
    #[must_use]
    pub fn sample_preview() -> Self {
        Self {
            title: "Preview".to_owned(),
            verdict: Verdict::new(Tone::Neutral, "4 steps for 3 people; nothing is written yet."),
            guard: None,
            may_apply: true,
            conflicts: Vec::new(),
            ..Self::sample()
        }
    }
}

impl Step {
    fn samples() -> Vec<Self> {
        let step = |action: &str, tone, who: &str, reason: &str, before: &str, after: &str| Self {
            action: action.to_owned(),
            tone,
            upn: format!("{who}@contoso.com"),
            href: format!("/admin/users/{who}"),
            reason: reason.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
            result: Badge::new(Tone::Neutral, "Planned"),
            detail: String::new(),
            explain: None,
        };
        let premium = "Microsoft 365 Business Premium";
        vec![
            step("Block sign-in", Tone::Danger, "erin", "No longer assigned", "enabled", "blocked"),
            step(
                "Revoke sessions",
                Tone::Danger,
                "erin",
                "No longer assigned",
                "2 sessions",
                "none",
            ),
            step(
                "Create",
                Tone::Ok,
                "bob",
                "Assigned, not in Entra yet",
                "",
                "bob@contoso.com, DE",
            ),
            step("Update", Tone::Neutral, "alice", "Department differs", "Sales", "Sales EMEA"),
            step("Set licences", Tone::Ok, "carol", "Assigned to Office 365", "none", premium),
        ]
    }
}
