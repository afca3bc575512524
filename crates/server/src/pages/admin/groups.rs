//! The groups, and one of them.

use serde::Serialize;

use crate::pages::{
    Page,
    admin::user::Product,
    parts::{Badge, Pager, Problem, Tone, Verdict},
};

/// The list, with the form that makes one.
#[derive(Debug, Clone, Serialize)]
pub struct Groups {
    /// How many there are, in a sentence.
    pub verdict: Verdict,
    /// Every group, by name.
    pub rows: Vec<Row>,
    /// The name of a new one, as typed.
    pub name: String,
    /// What was wrong with the form.
    pub problems: Vec<Problem>,
}

/// One group of the list.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// How many people are in it.
    pub members: String,
    /// The other system that brought it, or empty.
    pub brought_by: String,
    /// What it gives them, in plain words, or empty.
    pub gives: String,
}

/// One group.
#[derive(Debug, Clone, Serialize)]
pub struct GroupPage {
    /// Our id; part of the forms' addresses.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its new name, as typed.
    pub new_name: String,
    /// How many people are in it and what follows from that, in a sentence.
    pub verdict: Verdict,
    /// The members on this page.
    pub members: Vec<Member>,
    /// Where in the list of members this is.
    pub pager: Pager,
    /// Addresses of new members, as typed.
    pub people: String,
    /// It is assigned to Office 365.
    pub assigned: bool,
    /// What it gives its people, in plain words, one line each.
    pub gives: Vec<String>,
    /// All products of the tenant; those that it gives are `chosen`.
    pub products: Vec<Product>,
    /// What unassigning does to somebody, in a sentence.
    pub consequence: String,
    /// The other system that brought it, or empty.
    pub brought_by: String,
    /// The rules and permits that name it, in words, or empty.
    pub named_by: String,
    /// What was wrong with the last form.
    pub problems: Vec<Problem>,
}

/// Somebody in it.
#[derive(Debug, Clone, Serialize)]
pub struct Member {
    /// Our id of them.
    pub id: String,
    /// Their full name.
    pub name: String,
    /// Their sign-in name.
    pub upn: String,
    /// Their department, or empty.
    pub department: String,
    /// Active or blocked.
    pub state: Badge,
}

impl Page for Groups {
    const TEMPLATE: &'static str = "admin/groups.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let cause = "There is a group Sales already.";
        let problem = Problem::of_field("name", cause, "Change it and try again.");
        let wrong = Self { name: "sales".to_owned(), problems: vec![problem], ..page.clone() };
        let none = Self { rows: Vec::new(), ..page.clone() };
        vec![("", page), ("wrong", wrong), ("none", none)]
    }
}

impl Page for GroupPage {
    const TEMPLATE: &'static str = "admin/group.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let cause = "Nobody has the address zed@contoso.com.";
        let problem = Problem::of_field("people", cause, "Change it and try again.");
        let wrong = Self {
            people: "alice@contoso.com\nzed@contoso.com".to_owned(),
            problems: vec![problem],
            ..page.clone()
        };
        let pager = Pager { first: 0, last: 0, total: 0, previous: None, next: None };
        let empty = Self {
            members: Vec::new(),
            assigned: false,
            gives: Vec::new(),
            brought_by: String::new(),
            named_by: String::new(),
            pager,
            ..page.clone()
        };
        vec![("", page), ("wrong", wrong), ("empty", empty)]
    }
}

impl Groups {
    /// Contoso's.
    #[must_use]
    pub fn sample() -> Self {
        let row = |name: &str, members: &str, gives: &str| Row {
            href: format!("/admin/groups/{}", name.to_lowercase()),
            name: name.to_owned(),
            members: members.to_owned(),
            brought_by: if name == "Sales" { "HR" } else { "" }.to_owned(),
            gives: gives.to_owned(),
        };
        Self {
            verdict: Verdict::new(Tone::Neutral, "3 groups, 1 of them assigned to Office 365."),
            rows: vec![
                row("Engineering", "6", ""),
                row("Everyone", "12", ""),
                row("Sales", "6", "Microsoft 365 Business Premium, without Viva Engage Core"),
            ],
            name: String::new(),
            problems: Vec::new(),
        }
    }
}

impl GroupPage {
    /// Sales, which gives a product and is named by a rule.
    #[must_use]
    pub fn sample() -> Self {
        let member = |name: &str, upn: &str, state: Badge| Member {
            id: upn.to_owned(),
            name: name.to_owned(),
            upn: upn.to_owned(),
            department: "Sales".to_owned(),
            state,
        };
        let text = "2 people, who are assigned to Office 365 by being in it.";
        Self {
            id: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b12".to_owned(),
            name: "Sales".to_owned(),
            new_name: "Sales".to_owned(),
            verdict: Verdict::new(Tone::Neutral, text),
            members: vec![
                member("Alice Adams", "alice@contoso.com", Badge::new(Tone::Ok, "Active")),
                member("Dan Dorsey", "dan@contoso.com", Badge::new(Tone::Danger, "Blocked")),
            ],
            pager: Pager { first: 1, last: 2, total: 2, previous: None, next: None },
            people: String::new(),
            assigned: true,
            gives: vec!["Microsoft 365 Business Premium, without Viva Engage Core".to_owned()],
            products: Product::samples(),
            consequence:
                "Sign-in is blocked and sessions are revoked at once; the licence is taken \
                          away after 30 days."
                    .to_owned(),
            brought_by: "HR".to_owned(),
            named_by: "the rule \"Sales from the road\"".to_owned(),
            problems: Vec::new(),
        }
    }
}
