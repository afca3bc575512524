//! The console's first page: is everything in step, and if not, what is?

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{AuditRow, Link, Tone, Verdict},
};

/// The overview.
#[derive(Debug, Clone, Serialize)]
pub struct Home {
    /// How things stand, in a sentence.
    pub verdict: Verdict,
    /// People, assigned, last sync run, open problems.
    pub tiles: Vec<Tile>,
    /// What needs somebody, worst first.
    pub open_problems: Vec<OpenProblem>,
    /// The last few things that happened.
    pub recent: Vec<AuditRow>,
}

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub struct Tile {
    /// What is counted ("People").
    pub label: String,
    /// The figure ("12"), or a few words ("3 minutes ago").
    pub value: String,
    /// What to know about it ("1 blocked").
    pub note: String,
    /// How it is.
    pub tone: Tone,
    /// The page with the evidence.
    pub href: String,
}

/// Something that needs somebody.
#[derive(Debug, Clone, Serialize)]
pub struct OpenProblem {
    /// How bad it is.
    pub tone: Tone,
    /// One sentence in the reader's words.
    pub text: String,
    /// Where to mend it.
    pub link: Link,
}

impl Page for Home {
    const TEMPLATE: &'static str = "admin/home.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let quiet = Self {
            verdict: Verdict::new(Tone::Ok, "Everything is in step with Microsoft 365."),
            open_problems: Vec::new(),
            recent: Vec::new(),
            ..page.clone()
        };
        vec![("", page), ("quiet", quiet)]
    }
}

impl Home {
    /// A morning with two problems.
    #[must_use]
    pub fn sample() -> Self {
        let tile = |label: &str, value: &str, note: &str, tone, href: &str| Tile {
            label: label.to_owned(),
            value: value.to_owned(),
            note: note.to_owned(),
            tone,
            href: href.to_owned(),
        };
        let problem = |tone, text: &str, label: &str, href: &str| OpenProblem {
            tone,
            text: text.to_owned(),
            link: Link::new(label, href),
        };
        Self {
            verdict: Verdict::new(Tone::Warn, "Two things need you; nobody is locked out."),
            tiles: vec![
                tile("People", "12", "1 blocked", Tone::Neutral, "/admin/users"),
                tile(
                    "Assigned to Office 365",
                    "9",
                    "of 35 seats",
                    Tone::Neutral,
                    "/admin/applications/office365",
                ),
                tile(
                    "Last sync run",
                    "3 minutes ago",
                    "4 steps, none failed",
                    Tone::Ok,
                    "/admin/sync-runs",
                ),
                tile("Open problems", "2", "worst: needs a look soon", Tone::Warn, "#problems"),
            ],
            open_problems: vec![
                problem(
                    Tone::Warn,
                    "contoso.com isn't federated yet: its people still sign in at Microsoft.",
                    "Show the script",
                    "/admin/domains/contoso-com",
                ),
                problem(
                    Tone::Warn,
                    "The client secret of the tenant connection expires in 14 days.",
                    "Renew it",
                    "/admin/microsoft365",
                ),
            ],
            recent: AuditRow::samples(),
        }
    }
}
