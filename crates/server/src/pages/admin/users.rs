//! The list of people.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Choice, Pager, Tone, Verdict},
};

/// People, found by search, a page at a time.
#[derive(Debug, Clone, Serialize)]
pub struct Users {
    /// How many there are and how they stand, in a sentence.
    pub verdict: Verdict,
    /// What was searched for (`q`).
    pub q: String,
    /// Everybody, assigned, not assigned, blocked (`show`).
    pub show: Vec<Choice>,
    /// The people on this page.
    pub rows: Vec<Row>,
    /// Where in the list this is.
    pub pager: Pager,
}

/// One person.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Their page.
    pub href: String,
    /// Their sign-in name.
    pub upn: String,
    /// Their full name.
    pub name: String,
    /// Their role in the console, or empty.
    pub role: String,
    /// Their department, or empty.
    pub department: String,
    /// Active or blocked.
    pub state: Badge,
    /// The product they are assigned, in plain words, or empty.
    pub licence: String,
    /// Whether a second factor is enrolled.
    pub mfa: Badge,
}

impl Page for Users {
    const TEMPLATE: &'static str = "admin/users.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let pager = Pager { first: 0, last: 0, total: 0, previous: None, next: None };
        let none = Self { q: "zzz".to_owned(), rows: Vec::new(), pager, ..page.clone() };
        vec![("", page), ("none_found", none)]
    }
}

impl Users {
    /// Some of Contoso.
    #[must_use]
    pub fn sample() -> Self {
        let premium = "Microsoft 365 Business Premium";
        let show = |value, label| Choice::new(value, label, "everybody");
        Self {
            verdict: Verdict::new(Tone::Ok, "12 people: 9 assigned to Office 365, 1 blocked."),
            q: String::new(),
            show: vec![
                show("everybody", "Everybody"),
                show("assigned", "Assigned to Office 365"),
                show("unassigned", "Not assigned"),
                show("blocked", "Blocked"),
            ],
            rows: vec![
                Row::sample("Alice Adams", "Sales", "Active", premium, "Enrolled"),
                Row::sample("Bob Baker", "Engineering", "Active", "", "None"),
                Row::sample("Carol Castellanos-Montgomery", "Sales", "Active", premium, "None"),
                Row::sample("Dan Dorsey", "Engineering", "Blocked", "", "Enrolled"),
                Row::sample("Erin Ellis", "", "Active", "Exchange Online (Plan 1)", "Enrolled"),
            ],
            pager: Pager {
                first: 1,
                last: 5,
                total: 12,
                previous: None,
                next: Some("/admin/users?page=2".to_owned()),
            },
        }
    }
}

impl Row {
    fn sample(name: &str, department: &str, state: &str, licence: &str, mfa: &str) -> Self {
        let first = name.split(' ').next().unwrap_or(name).to_lowercase();
        let state_tone = if state == "Active" { Tone::Ok } else { Tone::Danger };
        let mfa_tone = if mfa == "Enrolled" { Tone::Ok } else { Tone::Neutral };
        Self {
            href: format!("/admin/users/{first}"),
            upn: format!("{first}@contoso.com"),
            name: name.to_owned(),
            role: if first == "alice" { "Owner".to_owned() } else { String::new() },
            department: department.to_owned(),
            state: Badge::new(state_tone, state),
            licence: licence.to_owned(),
            mfa: Badge::new(mfa_tone, mfa),
        }
    }
}
