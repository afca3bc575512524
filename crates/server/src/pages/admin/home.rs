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
    /// Alarms that nobody has acknowledged, the worst first.
    pub alarms: Vec<OpenProblem>,
    /// People, assigned, last sync run, open problems.
    pub tiles: Vec<Tile>,
    /// What needs somebody, worst first.
    pub open_problems: Vec<OpenProblem>,
    /// The guided path is not walked to its end.
    pub guide: bool,
    /// No tenant is connected: it begins with the guide.
    pub begin: bool,
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
            alarms: Vec::new(),
            open_problems: Vec::new(),
            recent: Vec::new(),
            guide: true,
            begin: true,
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
        Self {
            verdict: Verdict::new(Tone::Danger, "4 things need you; at least one can't wait."),
            guide: true,
            begin: false,
            alarms: OpenProblem::sample_alarms(),
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
                tile("Open problems", "4", "see below", Tone::Danger, "#problems"),
            ],
            open_problems: vec![
                OpenProblem::new(
                    Tone::Warn,
                    "contoso.com isn't federated yet: its people still sign in at Microsoft.",
                    "Show the script",
                    "/admin/domains/contoso-com",
                ),
                OpenProblem::new(
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

impl OpenProblem {
    fn new(tone: Tone, text: &str, label: &str, href: &str) -> Self {
        Self { tone, text: text.to_owned(), link: Link::new(label, href) }
    }

    /// Two alarms.
    fn sample_alarms() -> Vec<Self> {
        vec![
            Self::new(
                Tone::Danger,
                "Microsoft does not trust the key that signs for contoso.com: nobody can sign \
                     in. Run the script that swaps the keys now.",
                "Show the swap script",
                "/admin/domains/contoso-com/swap",
            ),
            Self::new(
                Tone::Warn,
                "The certificate of the active signing key ends on 24 Dec 2026. Roll the keys \
                     over: hand the next key to Microsoft and promote it.",
                "Signing keys",
                "/admin/keys",
            ),
        ]
    }
}
