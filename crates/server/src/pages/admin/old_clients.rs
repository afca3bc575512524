//! Why old programs keep asking for the password.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Check, Link, Tab, Tone, Verdict, When},
};

/// What the doors for programs refused, one line for each person, program and reason.
#[derive(Debug, Clone, Serialize)]
pub struct OldClients {
    /// How many programs, in a sentence.
    pub verdict: Verdict,
    /// How far back is looked.
    pub spans: Vec<Tab>,
    /// The programs, the latest first.
    pub lines: Vec<Line>,
    /// That there are more; empty when there are not.
    pub left_out: String,
    /// Whether each domain lets such programs in at all.
    pub doors: Vec<Check>,
}

/// A program of a person that was refused for one reason.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Whose program it is and which ("Alice Adams: Outlook 2013").
    pub title: String,
    /// The name that came with the request.
    pub name: String,
    /// How often, and by which way.
    pub times: String,
    /// When it began, as far as was looked.
    pub first: When,
    /// When it was seen last.
    pub last: When,
    /// The cause in a sentence.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// What was sent back.
    pub sent: String,
    /// What the program said of itself.
    pub said: String,
    /// From which addresses.
    pub from: String,
    /// Where it is mended.
    pub mend: Link,
}

impl Page for OldClients {
    const TEMPLATE: &'static str = "admin/old_clients.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let quiet = Self {
            verdict: Verdict::new(Tone::Ok, "No program was refused in the last 7 days."),
            lines: Vec::new(),
            left_out: String::new(),
            ..Self::sample()
        };
        vec![("", Self::sample()), ("quiet", quiet)]
    }
}

impl OldClients {
    /// A phone with an old password.
    #[must_use]
    pub fn sample() -> Self {
        let tab = |label: &str, days: &str, active| Tab {
            label: label.to_owned(),
            href: format!("/admin/old-clients?days={days}"),
            active,
        };
        let door = "Open until 31 Dec 2026 for whom its permit names, by WS-Trust alone.";
        let closed = Check::new(Tone::Neutral, "fabrikam.com", "Closed: nothing is written down.");
        Self {
            verdict: Verdict::new(Tone::Warn, "2 programs were refused in the last 7 days."),
            spans: vec![tab("Last 7 days", "7", true), tab("Last 30 days", "30", false)],
            lines: vec![Line::sample(), Line::sample()],
            left_out: "41 more are not shown.".to_owned(),
            doors: vec![Check::new(Tone::Warn, "contoso.com", door), closed],
        }
    }
}

impl Line {
    /// A phone with an old password.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            title: "Alice Adams: Mail on an iPhone, through Exchange Online".to_owned(),
            name: "alice@contoso.com".to_owned(),
            times: "Refused 214 times by SAML ECP".to_owned(),
            first: When::sample_earlier(),
            last: When::sample(),
            why: "The password is wrong.".to_owned(),
            fix: "Type the password of today into the program.".to_owned(),
            sent: "HTTP 401".to_owned(),
            said: "Microsoft.Exchange.ActiveSync Apple-iPhone12C1/1805.84".to_owned(),
            from: "203.0.113.24, 198.51.100.7".to_owned(),
            mend: Link::new("Open the person’s page", "/admin/users/x"),
        }
    }
}
