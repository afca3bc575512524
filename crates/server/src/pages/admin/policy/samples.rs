//! The policy's pages in the states that the gallery shows.

use super::{
    AnswerView, AskedRow, ChangeRow, Ending, LockedOut, Policy, PolicyHistory, PolicyReview,
    RulePage, RuleRow, VersionView, WhatIf,
};
use crate::pages::{
    admin::domain::Property,
    parts::{Badge, Choice, Problem, Tab, Tone, Verdict, When},
};

const TABS: [(&str, &str); 7] = [
    ("Rules", "/admin/policy"),
    ("What if", "/admin/policy/what-if"),
    ("History", "/admin/policy/history"),
    ("Second factors", "/admin/policy/second-factors"),
    ("Devices", "/admin/policy/devices"),
    ("Last 30 days", "/admin/policy/replay"),
    ("Directories", "/admin/directories"),
];
const FALLBACK: &str = "Everybody else: a second factor at every sign-in, but for who has a permit for a program without a browser, or an exemption.";
const OFFICE: &str = "People in Sales, signing in to Microsoft 365 from 203.0.113.0/24";

/// The views of the policy, one of them in view.
pub(crate) fn tabs(active: usize) -> Vec<Tab> {
    let tab = |(at, (label, href)): (usize, &(&str, &str))| Tab {
        label: (*label).to_owned(),
        href: (*href).to_owned(),
        active: at == active,
    };
    TABS.iter().enumerate().map(tab).collect()
}

fn row(id: &str, name: &str, when: &str, then: Badge, is_on: bool) -> RuleRow {
    let [id, name, when] = [id, name, when].map(str::to_owned);
    RuleRow { id, name, when, then, is_on }
}

impl Policy {
    /// Two published rules.
    #[must_use]
    pub fn sample() -> Self {
        let anew = Badge::new(Tone::Ok, "Second factor, anew after 8 hours");
        Self {
            verdict: Verdict::new(Tone::Ok, "2 rules count, since 25 Nov 2026."),
            tabs: tabs(0),
            is_draft: false,
            rules: vec![
                row(
                    "1",
                    "No old programs",
                    "Everybody, with WS-Trust or SAML ECP",
                    Badge::new(Tone::Danger, "Denied"),
                    true,
                ),
                row("2", "Sales in the office", OFFICE, anew, true),
            ],
            fallback: FALLBACK.to_owned(),
            problems: Vec::new(),
        }
    }

    /// A draft that switches one of them off.
    #[must_use]
    pub fn sample_draft() -> Self {
        let text = "This is a draft: nothing of it counts until it is published.";
        let mut draft = Self::sample();
        draft.verdict = Verdict::new(Tone::Warn, text);
        draft.is_draft = true;
        draft.rules[1].is_on = false;
        draft
    }

    /// No rules at all.
    #[must_use]
    pub fn sample_empty() -> Self {
        let verdict = Verdict::new(Tone::Ok, "No rule counts: everybody needs a second factor.");
        Self { verdict, rules: Vec::new(), ..Self::sample() }
    }
}

impl RulePage {
    /// A stored rule.
    #[must_use]
    pub fn sample() -> Self {
        let choices = |all: &[(&str, &str)], chosen: &str| {
            all.iter().map(|(value, label)| Choice::new(value, label, chosen)).collect()
        };
        Self {
            id: "2".to_owned(),
            name: "Sales in the office".to_owned(),
            targets: choices(
                &[
                    ("party:1", "Microsoft 365"),
                    ("portal", "The portal"),
                    ("console", "The console"),
                ],
                "party:1",
            ),
            groups: choices(&[("1", "Engineering"), ("2", "Sales")], "2"),
            roles: choices(&[("owner", "Owner"), ("auditor", "Auditor")], ""),
            place: choices(
                &[
                    ("anywhere", "From anywhere"),
                    ("inside", "From these networks"),
                    ("outside", "From anywhere but these networks"),
                ],
                "inside",
            ),
            networks: "203.0.113.0/24".to_owned(),
            clients: choices(
                &[("browser", "Browsers and modern apps"), ("ws_trust", "WS-Trust")],
                "",
            ),
            agent: String::new(),
            asked: choices(
                &[("either", "Whether or not"), ("yes", "Only if"), ("no", "Only if not")],
                "either",
            ),
            then: choices(
                &[
                    ("phishing-resistant", "A passkey"),
                    ("always", "A password and a second factor"),
                    ("when-asked", "A password"),
                    ("deny", "Denied"),
                ],
                "always",
            ),
            hours: "8".to_owned(),
            remember: "14".to_owned(),
            problems: Vec::new(),
        }
    }

    /// With a network that is none.
    #[must_use]
    pub fn sample_wrong() -> Self {
        let cause = "203.0.113.7/24 is no network; type it as 203.0.113.0/24 or 2001:db8::/32.";
        Self {
            id: String::new(),
            networks: "203.0.113.7/24".to_owned(),
            problems: vec![Problem::of_field("networks", cause, "Correct it and try again.")],
            ..Self::sample()
        }
    }
}

fn ending(badge: Badge, rule: &str) -> Ending {
    Ending { badge, rule: rule.to_owned() }
}

impl PolicyReview {
    /// A rule was added.
    #[must_use]
    pub fn sample() -> Self {
        let text = "Publishing this changes sign-ins of 4 of 12 people.";
        Self {
            verdict: Verdict::new(Tone::Warn, text),
            seen: "1795597200000000".to_owned(),
            rules: vec![Property::new("2. Sales in the office", "", &format!("{OFFICE}: denied"))],
            locked_out: None,
            broad: vec!["Sales in the office".to_owned()],
            changes: vec![ChangeRow {
                people: "4 people: alice@contoso.com, bob@contoso.com, carol@contoso.com and more"
                    .to_owned(),
                target: "Microsoft 365".to_owned(),
                way: "Browser, from 203.0.113.0".to_owned(),
                before: ending(Badge::new(Tone::Ok, "Second factor"), "No rule fits"),
                after: ending(Badge::new(Tone::Danger, "Denied"), "Sales in the office"),
            }],
            more: 3,
            problems: Vec::new(),
        }
    }

    /// Sales need a passkey, and two have none.
    #[must_use]
    pub fn sample_passkeys() -> Self {
        let rule = format!("{OFFICE}: passkey or security key");
        let mut page = Self::sample();
        page.rules = vec![Property::new("2. Sales in the office", "", &rule)];
        let badge = Badge::new(Tone::Ok, "Passkey or security key");
        page.changes[0].after = ending(badge, "Sales in the office");
        page.locked_out = Some(LockedOut {
            summary: "5 people have no passkey or security key.".to_owned(),
            way: "Who has an authenticator app adds one on the portal's security page.".to_owned(),
            names: ["alice@contoso.com", "bob@contoso.com"].map(str::to_owned).to_vec(),
            more: 3,
        });
        page
    }

    /// Only the words were changed.
    #[must_use]
    pub fn sample_nothing() -> Self {
        let text = "Publishing this changes no sign-in that was tried.";
        let verdict = Verdict::new(Tone::Ok, text);
        Self { verdict, changes: Vec::new(), more: 0, ..Self::sample() }
    }
}

impl WhatIf {
    /// Not asked yet.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            tabs: tabs(1),
            person: String::new(),
            target: vec![
                Choice::new("party:1", "Microsoft 365", ""),
                Choice::new("portal", "The portal", ""),
            ],
            address: "203.0.113.7".to_owned(),
            client: vec![Choice::new("browser", "Browsers and modern apps", "browser")],
            agent: String::new(),
            asked: vec![Choice::new("no", "No", "no"), Choice::new("yes", "Yes", "no")],
            answers: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Asked for Alice.
    #[must_use]
    pub fn sample_answered() -> Self {
        let asked = |name: &str, tone: Tone, word: &str, why: &str| AskedRow {
            name: name.to_owned(),
            badge: Badge::new(tone, word),
            why: why.to_owned(),
        };
        Self {
            person: "alice@contoso.com".to_owned(),
            answers: vec![AnswerView {
                title: "The published policy".to_owned(),
                key: "published".to_owned(),
                verdict: Verdict::new(Tone::Ok, "Alice needs a second factor, anew after 8 hours."),
                rules: vec![
                    asked(
                        "No old programs",
                        Tone::Neutral,
                        "Does not fit",
                        "It is for other kinds of programs.",
                    ),
                    asked("Sales in the office", Tone::Ok, "Decides", "It is the first that fits."),
                ],
            }],
            ..Self::sample()
        }
    }
}

impl PolicyHistory {
    /// Two versions.
    #[must_use]
    pub fn sample() -> Self {
        let version = |id: &str, published: When, is_current: bool, rules: &[&str]| VersionView {
            id: id.to_owned(),
            published,
            by: "olivia@contoso.com".to_owned(),
            is_current,
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
        };
        let office = format!("Sales in the office: {OFFICE}: second factor, anew after 8 hours");
        Self {
            tabs: tabs(2),
            versions: vec![
                version("2", When::sample(), true, &[&office]),
                version("1", When::sample_earlier(), false, &[]),
            ],
        }
    }
}
