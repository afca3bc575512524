//! The audit log.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{AuditRow, Check, Choice, Pager, Tone, Verdict},
};

/// What happened, newest first. The filters are sent under the names of this struct.
#[derive(Debug, Clone, Serialize)]
pub struct Audit {
    /// How many rows the filters find, in a sentence.
    pub verdict: Verdict,
    /// Whether the log is as it was written.
    pub proof: Vec<Check>,
    /// A sign-in name, a domain or a correlation id.
    pub q: String,
    /// All kinds, with "Everything" first.
    pub kind: Vec<Choice>,
    /// Done, refused, or both.
    pub outcome: Vec<Choice>,
    /// The rows on this page.
    pub rows: Vec<AuditRow>,
    /// Where in the list this is.
    pub pager: Pager,
}

impl Page for Audit {
    const TEMPLATE: &'static str = "admin/audit.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let pager = Pager { first: 0, last: 0, total: 0, previous: None, next: None };
        let none = Self { rows: Vec::new(), pager, q: "nobody".to_owned(), ..page.clone() };
        vec![("", page), ("none_found", none)]
    }
}

impl Audit {
    /// This morning.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            verdict: Verdict::new(Tone::Neutral, "1,204 events in the last 30 days."),
            proof: vec![Check::new(
                Tone::Ok,
                "Proof against changes",
                "As it was written up to row 18,204, checked 12 minutes ago.",
            )],
            q: String::new(),
            kind: vec![
                Choice::new("", "Everything", ""),
                Choice::new("sign_in.password", "Password checked", ""),
                Choice::new("assignment.added", "Assigned", ""),
            ],
            outcome: vec![
                Choice::new("", "Done or refused", ""),
                Choice::new("done", "Done", ""),
                Choice::new("refused", "Refused", ""),
            ],
            rows: AuditRow::samples(),
            pager: Pager {
                first: 51,
                last: 53,
                total: 1204,
                previous: Some("/admin/audit?page=1".to_owned()),
                next: Some("/admin/audit?page=3".to_owned()),
            },
        }
    }
}
