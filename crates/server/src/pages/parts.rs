//! Small views that several pages are made of; each has a component in `web/templates/ui`.

use serde::Serialize;

/// How good or bad something is; always shown as a shape and a word beside the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// As it should be.
    Ok,
    /// Needs a look soon.
    Warn,
    /// Needs action now.
    Danger,
    /// Neither good nor bad.
    Neutral,
}

/// The sentence that a console page begins with.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// Its tone.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
}

/// A state in one or two words.
#[derive(Debug, Clone, Serialize)]
pub struct Badge {
    /// Its tone.
    pub tone: Tone,
    /// The words.
    pub text: String,
}

/// A point in time, said twice.
#[derive(Debug, Clone, Serialize)]
pub struct When {
    /// "3 minutes ago".
    pub relative: String,
    /// "25 Nov 2026, 09:14:02 UTC".
    pub absolute: String,
    /// For machines: `2026-11-25T09:14:02Z`.
    pub iso: String,
}

/// What is wrong with what was just sent.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// The id (and name) of the input that it is about; `None` when it is about the whole form.
    pub field: Option<String>,
    /// One sentence of cause.
    pub cause: String,
    /// One sentence of what to do.
    pub action: String,
    /// What explains it, when it came from Microsoft.
    pub link: Option<Link>,
}

/// A labelled value.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// The value; an empty one is shown as a dash.
    pub value: String,
    /// An identifier: set in the fixed-width face, with a copy button.
    pub copy: bool,
}

/// One option of a select or a set of radio buttons.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What people read.
    pub label: String,
    /// It is the chosen one.
    pub selected: bool,
}

/// Where in a long list this page is.
#[derive(Debug, Clone, Serialize)]
pub struct Pager {
    /// Number of the first row shown (from 1; 0 when there are none).
    pub first: u64,
    /// Number of the last row shown.
    pub last: u64,
    /// How many there are in all.
    pub total: u64,
    /// Address of the page before, filters included.
    pub previous: Option<String>,
    /// Address of the page after, filters included.
    pub next: Option<String>,
}

/// A link in a sentence or a list.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    /// What people read.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// One of several views of the same thing.
#[derive(Debug, Clone, Serialize)]
pub struct Tab {
    /// What people read.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// It is the one in view.
    pub active: bool,
}

/// Something that was looked at, and what was found.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// How it is.
    pub tone: Tone,
    /// What was looked at.
    pub label: String,
    /// What was found, and how to mend it if it is bad.
    pub detail: String,
    /// What explains it, when it came from Microsoft.
    pub link: Option<Link>,
}

/// A row of the audit log.
#[derive(Debug, Clone, Serialize)]
pub struct AuditRow {
    /// When it happened.
    pub at: When,
    /// Who did it ("Olivia Owens", "the scheduler").
    pub actor: String,
    /// What, in words ("Assigned to Office 365").
    pub what: String,
    /// The dotted name of the catalogue (`assignment.added`).
    pub kind: String,
    /// Whom or what it was done to.
    pub subject: String,
    /// Done or refused.
    pub outcome: Badge,
    /// Why, or what changed.
    pub detail: String,
    /// From which address.
    pub client_address: String,
    /// The correlation id.
    pub correlation_id: String,
}

impl Verdict {
    /// A verdict from its parts.
    #[must_use]
    pub fn new(tone: Tone, text: &str) -> Self {
        Self { tone, text: text.to_owned() }
    }
}

impl Badge {
    /// A badge from its parts.
    #[must_use]
    pub fn new(tone: Tone, text: &str) -> Self {
        Self { tone, text: text.to_owned() }
    }
}

impl When {
    /// A time from its parts.
    #[must_use]
    pub fn new(relative: &str, absolute: &str, iso: &str) -> Self {
        Self { relative: relative.to_owned(), absolute: absolute.to_owned(), iso: iso.to_owned() }
    }

    /// A quarter past nine on a Wednesday in November.
    #[must_use]
    pub fn sample() -> Self {
        Self::new("3 minutes ago", "25 Nov 2026, 09:14 UTC", "2026-11-25T09:14:02Z")
    }

    /// A week earlier.
    #[must_use]
    pub fn sample_earlier() -> Self {
        Self::new("7 days ago", "18 Nov 2026, 16:40 UTC", "2026-11-18T16:40:00Z")
    }

    /// Two years later.
    #[must_use]
    pub fn sample_later() -> Self {
        Self::new("in 2 years", "24 Nov 2028, 00:00 UTC", "2028-11-24T00:00:00Z")
    }
}

impl Problem {
    /// A problem with one input.
    #[must_use]
    pub fn of_field(field: &str, cause: &str, action: &str) -> Self {
        let field = Some(field.to_owned());
        Self { field, cause: cause.to_owned(), action: action.to_owned(), link: None }
    }

    /// A problem with the form as a whole.
    #[must_use]
    pub fn of_form(cause: &str, action: &str) -> Self {
        Self { field: None, cause: cause.to_owned(), action: action.to_owned(), link: None }
    }
}

impl Fact {
    /// A value that people read.
    #[must_use]
    pub fn text(label: &str, value: &str) -> Self {
        Self { label: label.to_owned(), value: value.to_owned(), copy: false }
    }

    /// A value that people copy.
    #[must_use]
    pub fn id(label: &str, value: &str) -> Self {
        Self { label: label.to_owned(), value: value.to_owned(), copy: true }
    }
}

impl Choice {
    /// An option from its parts; it is selected when its value is the chosen one.
    #[must_use]
    pub fn new(value: &str, label: &str, chosen: &str) -> Self {
        let selected = value == chosen;
        Self { value: value.to_owned(), label: label.to_owned(), selected }
    }
}

impl Link {
    /// A link from its parts.
    #[must_use]
    pub fn new(label: &str, href: &str) -> Self {
        Self { label: label.to_owned(), href: href.to_owned() }
    }
}

impl Check {
    /// A check from its parts.
    #[must_use]
    pub fn new(tone: Tone, label: &str, detail: &str) -> Self {
        Self { tone, label: label.to_owned(), detail: detail.to_owned(), link: None }
    }
}

impl AuditRow {
    /// Three things that happened this morning.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let row = |actor: &str, what: &str, kind: &str, outcome: Badge, detail: &str| Self {
            at: When::sample(),
            actor: actor.to_owned(),
            what: what.to_owned(),
            kind: kind.to_owned(),
            subject: "bob@contoso.com".to_owned(),
            outcome,
            detail: detail.to_owned(),
            client_address: "203.0.113.24".to_owned(),
            correlation_id: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11".to_owned(),
        };
        let done = || Badge::new(Tone::Ok, "Done");
        let refused = Badge::new(Tone::Danger, "Refused");
        let licence = "Microsoft 365 Business Premium without Yammer";
        vec![
            row("The scheduler", "Step carried out", "sync.step", done(), "Set licences"),
            row("Olivia Owens", "Assigned to Office 365", "assignment.added", done(), licence),
            row("Bob Baker", "Password checked", "sign_in.password", refused, "Wrong password"),
        ]
    }
}
