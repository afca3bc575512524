//! The list of sync runs.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Pager, Tone, Verdict, When},
};

/// Runs, newest first.
#[derive(Debug, Clone, Serialize)]
pub struct SyncRuns {
    /// How the last ones went, in a sentence.
    pub verdict: Verdict,
    /// When the scheduler runs next, in words; empty when it is off.
    pub next: String,
    /// The runs on this page.
    pub rows: Vec<Row>,
    /// Where in the list this is.
    pub pager: Pager,
}

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// When it began.
    pub began: When,
    /// What it looked at ("Everybody", "bob@contoso.com").
    pub scope: String,
    /// What began it ("Schedule", "Olivia Owens").
    pub trigger: String,
    /// Steps done of steps planned ("4 of 4").
    pub steps: String,
    /// How it stands.
    pub state: Badge,
}

impl Page for SyncRuns {
    const TEMPLATE: &'static str = "admin/sync_runs.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let pager = Pager { first: 0, last: 0, total: 0, previous: None, next: None };
        let none = Self {
            verdict: Verdict::new(Tone::Neutral, "No run yet."),
            rows: Vec::new(),
            pager,
            ..page.clone()
        };
        vec![("", page), ("none", none)]
    }
}

impl SyncRuns {
    /// A good morning.
    #[must_use]
    pub fn sample() -> Self {
        let row = |n: u32, scope: &str, trigger: &str, steps: &str, state: Badge| Row {
            href: format!("/admin/sync-runs/{n}"),
            began: When::sample(),
            scope: scope.to_owned(),
            trigger: trigger.to_owned(),
            steps: steps.to_owned(),
            state,
        };
        Self {
            verdict: Verdict::new(Tone::Warn, "One plan waits for your approval."),
            next: "Next run at 09:30 UTC".to_owned(),
            rows: vec![
                row(4, "Everybody", "Schedule", "0 of 7", Badge::new(Tone::Warn, "Needs approval")),
                row(
                    3,
                    "bob@contoso.com",
                    "Olivia Owens",
                    "4 of 4",
                    Badge::new(Tone::Ok, "Finished"),
                ),
                row(2, "Everybody", "Schedule", "2 of 3", Badge::new(Tone::Danger, "Stopped")),
                row(
                    1,
                    "Everybody",
                    "Olivia Owens",
                    "3 planned",
                    Badge::new(Tone::Neutral, "Preview"),
                ),
            ],
            pager: Pager { first: 1, last: 4, total: 4, previous: None, next: None },
        }
    }
}
