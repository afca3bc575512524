//! A draft of accounts of a tenant: what would happen to each.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Fact, Link, Pager, Tone, Verdict},
};

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct AccountImport {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What would happen, in a sentence.
    pub verdict: Verdict,
    /// How many of what.
    pub facts: Vec<Fact>,
    /// What to know beforehand, each once.
    pub warnings: Vec<String>,
    /// The judgement that is shown (`seen`).
    pub seen: String,
    /// What the button says; empty when there is nothing to import.
    pub button: String,
    /// Why this admin can't press it, or empty.
    pub not_you: String,
    /// Where to confirm that it is you before it can be imported; `None` once done.
    pub confirm: Option<Link>,
    /// The list in which the ticks are, for whoever set them.
    pub list: Option<Link>,
    /// The accounts on this page, those that are left out first.
    pub rows: Vec<Row>,
    /// Where in the list this page is.
    pub pager: Pager,
}

/// What would happen to an account.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// What it is called at Microsoft.
    pub upn: String,
    /// What happens, in a word or two.
    pub what: Badge,
    /// The person, if they are here.
    pub person: Option<Link>,
    /// What is done, a line each.
    pub does: Vec<String>,
    /// What to know of it, a line each.
    pub notes: Vec<String>,
}

impl Page for AccountImport {
    const TEMPLATE: &'static str = "admin/account_import.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let confirm = Link::new("Confirm it is you", "/admin/step-up?back=/admin/imports/1");
        let stale = Self { confirm: Some(confirm), ..page.clone() };
        let other = Self {
            not_you: "Taking accounts over takes a security admin.".to_owned(),
            ..page.clone()
        };
        let none = Self { rows: Vec::new(), button: String::new(), ..page.clone() };
        vec![("", page), ("confirm", stale), ("not_you", other), ("nothing", none)]
    }
}

impl AccountImport {
    /// Three accounts of Contoso.
    #[must_use]
    pub fn sample() -> Self {
        let row = |upn: &str, what: Badge, does: &[&str], notes: &[&str]| Row {
            upn: upn.to_owned(),
            what,
            person: None,
            does: does.iter().map(|line| (*line).to_owned()).collect(),
            notes: notes.iter().map(|line| (*line).to_owned()).collect(),
        };
        let mut bob = row(
            "bob@contoso.com",
            Badge::new(Tone::Ok, "Bound"),
            &["Their account is taken over by the next plan"],
            &[],
        );
        bob.person = Some(Link::new("Bob Baker", "/admin/users/bob"));
        Self {
            id: "1".to_owned(),
            name: "Microsoft 365: Contoso".to_owned(),
            verdict: Verdict::new(Tone::Warn, "2 accounts would be imported; 1 is left out."),
            facts: vec![Fact::text("New people", "1"), Fact::text("People here", "1")],
            warnings: vec!["1 account is blocked at Microsoft, and stays so.".to_owned()],
            seen: "0a1b".to_owned(),
            button: "Import 2 accounts, leave out 1".to_owned(),
            not_you: String::new(),
            confirm: None,
            list: Some(Link::new("Change the ticks", "/admin/tenant-people?show=ticked")),
            rows: vec![
                row(
                    "info@contoso.com",
                    Badge::new(Tone::Warn, "Left out"),
                    &[],
                    &["More than one person or account fits. Choose whose it is."],
                ),
                row(
                    "mia@contoso.com",
                    Badge::new(Tone::Neutral, "New person"),
                    &["Mia Möller is made", "May sign in through Gatehouse"],
                    &["It is blocked at Microsoft, and stays so."],
                ),
                bob,
            ],
            pager: Pager { first: 1, last: 3, total: 3, previous: None, next: None },
        }
    }
}
