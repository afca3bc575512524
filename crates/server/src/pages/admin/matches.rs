//! *Sync users*: who of the tenant is who of ours.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Choice, Link, Pager, Problem, Tone, Verdict, When},
};

/// The table with its filters, and the form that answers it (`pair`, `reject`, `reopen`).
#[derive(Debug, Clone, Serialize)]
pub struct Matches {
    /// What waits for an answer, in a sentence.
    pub verdict: Verdict,
    /// A tenant is connected.
    pub connected: bool,
    /// When the tenant was looked at; `None` before the first look.
    pub looked: Option<When>,
    /// What was searched for (`q`).
    pub q: String,
    /// Which rows are shown (`show`), each with how many there are.
    pub show: Vec<Choice>,
    /// The chosen one of them; the forms carry it.
    pub shown: String,
    /// The rows on this page.
    pub rows: Vec<Row>,
    /// A row on this page can be ticked.
    pub may_tick: bool,
    /// A row could be ticked by a security admin, which this one is not.
    pub only_looks: bool,
    /// Where in the list this is.
    pub pager: Pager,
    /// What was confirmed and waits for a plan, in a sentence, or empty.
    pub waiting: String,
    /// Where to confirm that it is you before rows can be confirmed; `None` once done.
    pub confirm: Option<Link>,
    /// What was wrong with the form.
    pub problems: Vec<Problem>,
}

/// A person and an account, or one of the two alone.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The pair, as the forms name it; empty when there are not two.
    pub pair: String,
    /// The person.
    pub person: Option<Side>,
    /// The account.
    pub account: Option<Side>,
    /// How the two stand to each other.
    pub state: Badge,
    /// How sure it is, in a word, or empty.
    pub score: String,
    /// What speaks for it, a line each.
    pub evidence: Vec<String>,
    /// What else to know or to do, or empty.
    pub note: String,
    /// It can be ticked and rejected.
    pub may_accept: bool,
    /// It was ticked.
    pub ticked: bool,
    /// What was said of it can be taken back.
    pub may_reopen: bool,
}

/// A person or an account.
#[derive(Debug, Clone, Serialize)]
pub struct Side {
    /// The full name.
    pub name: String,
    /// The sign-in name.
    pub upn: String,
    /// The page, if there is one.
    pub href: Option<String>,
}

impl Page for Matches {
    const TEMPLATE: &'static str = "admin/matches.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let cause = "Nobody is ticked. Tick the rows that are right.";
        let problem = Problem::of_field("pair", cause, "Change it and try again.");
        let wrong = Self { problems: vec![problem], ..page.clone() };
        let confirm = Link::new("Confirm it is you", "/admin/step-up?back=/admin/matches");
        let looks = Self { may_tick: false, only_looks: true, ..page.clone() };
        let stale = Self { confirm: Some(confirm), ..page.clone() };
        let pager = Pager { first: 0, last: 0, total: 0, previous: None, next: None };
        let text = "Nobody has looked at the tenant yet.";
        let first = Self {
            verdict: Verdict::new(Tone::Neutral, text),
            looked: None,
            rows: Vec::new(),
            may_tick: false,
            only_looks: false,
            waiting: String::new(),
            pager,
            ..page.clone()
        };
        let none = Self { looked: page.looked.clone(), q: "zzz".to_owned(), ..first.clone() };
        let apart = Self {
            verdict: Verdict::new(Tone::Neutral, "No tenant is connected yet."),
            connected: false,
            ..first.clone()
        };
        vec![
            ("", page),
            ("wrong", wrong),
            ("stale", stale),
            ("looks", looks),
            ("first", first),
            ("none", none),
            ("apart", apart),
        ]
    }
}

impl Matches {
    /// A table with a row of each kind.
    #[must_use]
    pub fn sample() -> Self {
        let show = |value, label| Choice::new(value, label, "all");
        Self {
            verdict: Verdict::new(Tone::Warn, "1 suggestion and 1 ambiguous row wait for you."),
            connected: true,
            looked: Some(When::sample()),
            q: String::new(),
            show: vec![show("suggested", "Suggested (1)"), show("all", "All (6)")],
            shown: "all".to_owned(),
            rows: Row::samples(),
            may_tick: true,
            only_looks: false,
            pager: Pager {
                first: 1,
                last: 6,
                total: 60,
                previous: None,
                next: Some("/admin/matches?show=all&page=2".to_owned()),
            },
            waiting: "1 account is confirmed and waits for the next plan.".to_owned(),
            confirm: None,
            problems: Vec::new(),
        }
    }
}

impl Row {
    fn samples() -> Vec<Self> {
        let ours = |name: &str| Some(Side::sample(name, Some("/admin/users/bob")));
        let theirs = |name: &str| Some(Side::sample(name, None));
        let plain = Self {
            pair: "bob_bob".to_owned(),
            person: ours("Bob Baker"),
            account: theirs("Bob Baker"),
            state: Badge::new(Tone::Ok, "Suggested"),
            score: "Certain".to_owned(),
            evidence: vec!["Same sign-in name".to_owned(), "Same name".to_owned()],
            note: String::new(),
            may_accept: true,
            ticked: false,
            may_reopen: false,
        };
        let done = Self { may_accept: false, evidence: Vec::new(), ..plain.clone() };
        let alone = Self { pair: String::new(), score: String::new(), ..done.clone() };
        vec![
            plain.clone(),
            Self {
                pair: "carol_cc".to_owned(),
                person: ours("Carol Castellanos-Montgomery"),
                account: theirs("Carol Castellanos-Montgomery"),
                state: Badge::new(Tone::Warn, "Ambiguous"),
                score: "Likely".to_owned(),
                evidence: vec!["carol@contoso.com is one of its other addresses".to_owned()],
                note: "More than one account fits. Choose one.".to_owned(),
                ticked: true,
                ..plain
            },
            Self {
                pair: "dan_dan".to_owned(),
                state: Badge::new(Tone::Neutral, "Confirmed"),
                may_reopen: true,
                ..done
            },
            Self {
                account: None,
                state: Badge::new(Tone::Neutral, "Only here"),
                note: "Nobody in the tenant fits. Assigning creates an account.".to_owned(),
                ..alone.clone()
            },
            Self { person: None, state: Badge::new(Tone::Neutral, "Only there"), ..alone.clone() },
            Self {
                person: None,
                state: Badge::new(Tone::Danger, "Excluded"),
                note: "Holds an admin role at Microsoft. Gatehouse never writes to administrators."
                    .to_owned(),
                ..alone
            },
        ]
    }
}

impl Side {
    fn sample(name: &str, href: Option<&str>) -> Self {
        let first = name.split(' ').next().unwrap_or(name).to_lowercase();
        Self {
            name: name.to_owned(),
            upn: format!("{first}@contoso.com"),
            href: href.map(str::to_owned),
        }
    }
}
