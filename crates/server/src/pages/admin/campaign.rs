//! How far everybody has come with their second factor, and until when they may put it off.

use serde::Serialize;

use super::{home::Tile, policy::tabs};
use crate::pages::{
    Page,
    parts::{Badge, Pager, Problem, Tab, Tone, Verdict},
};

/// The board of the campaign.
#[derive(Debug, Clone, Serialize)]
pub struct Campaign {
    /// How it stands, in a sentence.
    pub verdict: Verdict,
    /// The views of the policy.
    pub tabs: Vec<Tab>,
    /// How many have which.
    pub tiles: Vec<Tile>,
    /// The last day, as a browser's date field takes it; empty: enrolling takes a code.
    pub last_day: String,
    /// It may be put off until then.
    pub may_put_off: bool,
    /// The role may change the campaign.
    pub may_change: bool,
    /// Everybody may be written to now.
    pub may_invite: bool,
    /// Codes by e-mail.
    pub mailed_codes: MailedCodes,
    /// When everybody was written to, or why they can't be, in a sentence.
    pub invited: String,
    /// What was searched for (`q`).
    pub q: String,
    /// Who has no second factor yet.
    pub rows: Vec<Row>,
    /// Where in the list this is.
    pub pager: Pager,
    /// What was wrong with the last form.
    pub problems: Vec<Problem>,
}

/// Whether a code by e-mail may stand in for a second factor.
#[derive(Debug, Clone, Serialize)]
pub struct MailedCodes {
    /// It may.
    pub allowed: bool,
    /// There is a mail server to send them with.
    pub can_be_sent: bool,
}

/// Somebody who has none.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Their page.
    pub href: String,
    /// Their full name.
    pub name: String,
    /// Their sign-in name.
    pub upn: String,
    /// Their department, or empty.
    pub department: String,
    /// How they get in meanwhile.
    pub state: Badge,
    /// Until when and why, in a sentence; empty where nothing lets them do without.
    pub note: String,
}

impl Page for Campaign {
    const TEMPLATE: &'static str = "admin/campaign.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let pager = Pager { first: 0, last: 0, total: 0, previous: None, next: None };
        let done = Self { rows: Vec::new(), pager, ..page.clone() };
        let problem =
            Problem::of_field("last_day", "That day is past.", "Choose today or a later one.");
        let wrong = Self { problems: vec![problem], ..page.clone() };
        let mailed_codes = MailedCodes { allowed: true, can_be_sent: true };
        let mail = Self { mailed_codes, ..page.clone() };
        vec![("", page), ("done", done), ("mail", mail), ("wrong", wrong)]
    }
}

impl Campaign {
    /// Contoso, half-way.
    #[must_use]
    pub fn sample() -> Self {
        let tile = |label: &str, value: &str, note: &str| Tile {
            label: label.to_owned(),
            value: value.to_owned(),
            note: note.to_owned(),
            tone: Tone::Neutral,
            href: "/admin/policy/second-factors".to_owned(),
        };
        let row = |name: &str, state: Badge, note: &str| Row {
            href: "/admin/users/bob".to_owned(),
            name: name.to_owned(),
            upn: "bob@contoso.com".to_owned(),
            department: "Engineering".to_owned(),
            state,
            note: note.to_owned(),
        };
        Self {
            verdict: Verdict::new(
                Tone::Warn,
                "9 of 11 people have a second factor. The others set one up by 31 Jan 2027.",
            ),
            tabs: tabs(3),
            tiles: vec![
                tile("With a second factor", "82 %", "9 of 11 people"),
                tile("With a passkey or key", "2", "nothing they can be tricked out of"),
                tile("Doing without for now", "1", "by an exemption, or put off"),
            ],
            last_day: "2027-01-31".to_owned(),
            may_put_off: true,
            may_change: true,
            may_invite: true,
            mailed_codes: MailedCodes { allowed: false, can_be_sent: true },
            invited: "Nobody was written to yet.".to_owned(),
            q: String::new(),
            rows: vec![
                row("Bob Baker", Badge::new(Tone::Neutral, "At the next sign-in"), ""),
                row(
                    "Carol Castellanos-Montgomery",
                    Badge::new(Tone::Warn, "Exempt"),
                    "Until 31 Jan 2027: on leave, new phone on her return",
                ),
            ],
            pager: Pager { first: 1, last: 2, total: 2, previous: None, next: None },
            problems: Vec::new(),
        }
    }
}
