//! The people of a tenant, to be ticked and imported.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Choice, Link, Problem, Tone, Verdict, When},
};

/// The list with its filters, and the form that keeps the ticks (`shown`, `sync`, `sso`, `bind`, `go`).
#[derive(Debug, Clone, Serialize)]
pub struct TenantPeople {
    /// How many there are and how many are left over, in a sentence.
    pub verdict: Verdict,
    /// The connections whose directory can be read (`tenant`); empty when none is connected.
    pub tenants: Vec<Choice>,
    /// When the tenant was looked at; `None` before the first look.
    pub looked: Option<When>,
    /// What was searched for (`q`).
    pub q: String,
    /// The filters, each a list of choices.
    pub filters: Vec<Filter>,
    /// The values that the forms carry along.
    pub carried: Vec<Carried>,
    /// The accounts on this page.
    pub rows: Vec<Row>,
    /// How many fit, in words.
    pub total: String,
    /// Whether there is a page before, and one after.
    pub around: Around,
    /// The draft, once something is ticked.
    pub draft: Option<Link>,
    /// What came of ticking all that match, in a sentence; empty otherwise.
    pub said: String,
    /// What was wrong with the form.
    pub problems: Vec<Problem>,
}

/// A filter of the list.
#[derive(Debug, Clone, Serialize)]
pub struct Filter {
    /// Its name in the address.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What can be chosen.
    pub choices: Vec<Choice>,
}

/// A value that a form carries along unseen.
#[derive(Debug, Clone, Serialize)]
pub struct Carried {
    /// Its name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// Which neighbours a page has.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Around {
    /// There is a page before.
    pub previous: bool,
    /// There is a page after.
    pub next: bool,
}

/// An account.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its id, as the form names it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its sign-in name.
    pub upn: String,
    /// Licence, block, kind.
    pub about: Vec<Badge>,
    /// Whose it is, or may be.
    pub whose: Badge,
    /// The person, if one is meant.
    pub person: Option<Link>,
    /// Why, a line each.
    pub why: Vec<String>,
    /// Whose it can be said to be (`bind`); empty when nothing can be chosen.
    pub choices: Vec<Choice>,
    /// *Sync user*.
    pub sync: Tick,
    /// *SSO enabled*.
    pub sso: Tick,
}

/// One of the two ticks of a row.
#[derive(Debug, Clone, Serialize)]
pub struct Tick {
    /// It can be set.
    pub open: bool,
    /// It is set.
    pub set: bool,
    /// What stands there where it can't be set.
    pub says: String,
}

impl Tick {
    /// One that can be set.
    #[must_use]
    pub const fn open(set: bool) -> Self {
        Self { open: true, set, says: String::new() }
    }

    /// One that can't.
    #[must_use]
    pub fn closed(says: &str) -> Self {
        Self { open: false, set: false, says: says.to_owned() }
    }
}

impl Page for TenantPeople {
    const TEMPLATE: &'static str = "admin/tenant_people.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let cause = "One import takes up to 20,000 accounts.";
        let problem = Problem::of_field("all", cause, "Filter the list, for example by domain.");
        let wrong = Self { problems: vec![problem], ..page.clone() };
        let none = Self { rows: Vec::new(), q: "zzz".to_owned(), ..page.clone() };
        let new = Self {
            verdict: Verdict::new(Tone::Neutral, "Nobody has looked at the tenant yet."),
            looked: None,
            q: String::new(),
            draft: None,
            ..none.clone()
        };
        let unconnected = Self { tenants: Vec::new(), ..new.clone() };
        vec![
            ("", page),
            ("wrong", wrong),
            ("none_found", none),
            ("not_looked", new),
            ("unconnected", unconnected),
        ]
    }
}

impl TenantPeople {
    /// Some of Contoso.
    #[must_use]
    pub fn sample() -> Self {
        let choice = |value: &str, label: &str| Choice::new(value, label, "");
        let filter = |name: &str, label: &str, choices: &[(&str, &str)]| Filter {
            name: name.to_owned(),
            label: label.to_owned(),
            choices: choices.iter().map(|(value, label)| choice(value, label)).collect(),
        };
        let text = "418 accounts; 3 are left over: nobody here has them.";
        Self {
            verdict: Verdict::new(Tone::Warn, text),
            tenants: vec![Choice::new("1", "Contoso", "1")],
            looked: Some(When::sample()),
            q: String::new(),
            filters: vec![
                filter("show", "Show", &[("", "All"), ("left-over", "Left over")]),
                filter("licence", "Licence", &[("", "Any"), ("yes", "Licensed"), ("no", "None")]),
            ],
            carried: vec![Carried { name: "show".to_owned(), value: String::new() }],
            rows: Row::samples(),
            total: "418 accounts".to_owned(),
            around: Around { previous: false, next: true },
            draft: Some(Link::new("2 accounts are ticked", "/admin/imports/1")),
            said: "The ticks of 2 accounts changed.".to_owned(),
            problems: Vec::new(),
        }
    }
}

impl Row {
    fn samples() -> Vec<Self> {
        let row = |name: &str, whose: Badge, why: &[&str], choices: Vec<Choice>| Self {
            id: name.to_owned(),
            name: name.to_owned(),
            upn: format!("{}@contoso.com", name.to_lowercase().replace(' ', ".")),
            about: vec![Badge::new(Tone::Ok, "Licensed")],
            whose,
            person: None,
            why: why.iter().map(|line| (*line).to_owned()).collect(),
            choices,
            sync: Tick::open(true),
            sso: Tick::open(false),
        };
        let ways = |id: &str| {
            vec![
                Choice::new(&format!("{id}:suggested"), "As suggested", ""),
                Choice::new(&format!("{id}:ignore"), "Ignore it", ""),
            ]
        };
        let new = Badge::new(Tone::Neutral, "New person");
        let mut bob = row(
            "Bob Baker",
            Badge::new(Tone::Ok, "Same person"),
            &["Same sign-in name"],
            ways("Bob Baker"),
        );
        bob.person = Some(Link::new("Bob Baker", "/admin/users/bob"));
        let mut ada = row("Ada Admin", Badge::new(Tone::Danger, "Left alone"), &[], Vec::new());
        ada.why = vec!["Holds an admin role at Microsoft.".to_owned()];
        ada.sync = Tick::closed("not possible");
        ada.sso = Tick::closed("not possible");
        vec![
            row("Mia Möller", new, &["Nobody here has its addresses"], ways("Mia Möller")),
            bob,
            ada,
        ]
    }
}
