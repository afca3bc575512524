//! The protocols of a domain: WS-Trust, which is off until somebody grants an exception, and the
//! networks that tokens speak of.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Choice, Fact, Problem, Tab, Tone, Verdict},
};

/// The protocols tab of a domain. The form's fields are sent under the names of this struct.
#[derive(Debug, Clone, Serialize)]
pub struct Protocols {
    /// The domain.
    pub name: String,
    /// The path segment; part of the forms' addresses.
    pub slug: String,
    /// How it stands, in a sentence.
    pub verdict: Verdict,
    /// The domain's tabs.
    pub tabs: Vec<Tab>,
    /// The exception that holds, or the one that has run out; empty without one.
    pub permit: Vec<Fact>,
    /// Where clients find it.
    pub addresses: Vec<Fact>,
    /// Whether clients get tokens now.
    pub on: bool,
    /// Whether the public address allows it at all.
    pub possible: bool,
    /// The organisation's own networks, as typed.
    pub corporate_networks: String,
    /// From where, as typed.
    pub networks: String,
    /// Who, as typed.
    pub people: String,
    /// Whose members, too.
    pub groups: Vec<Choice>,
    /// Whether old mail programs may come by SAML ECP, too.
    pub ecp: bool,
    /// The last day, as typed.
    pub until: String,
    /// Why, as typed.
    pub reason: String,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

impl Page for Protocols {
    const TEMPLATE: &'static str = "admin/protocols.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let off = Self::sample();
        let problem = Problem::of_field(
            "networks",
            "203.0.113.7/24 is no network.",
            "Type it as 203.0.113.0/24 or 2001:db8::/32.",
        );
        let wrong = Self {
            networks: "203.0.113.7/24".to_owned(),
            people: "alice@contoso.com".to_owned(),
            problems: vec![problem],
            ..off.clone()
        };
        let impossible = Self { possible: false, ..off.clone() };
        vec![("", off), ("on", Self::sample_on()), ("wrong", wrong), ("http", impossible)]
    }
}

impl Protocols {
    /// Off, as it is at first.
    #[must_use]
    pub fn sample() -> Self {
        let base = "https://sts.contoso.com/d/contoso-com/adfs/services/trust";
        Self {
            name: "contoso.com".to_owned(),
            slug: "contoso-com".to_owned(),
            verdict: Verdict::new(Tone::Ok, "WS-Trust is off for contoso.com."),
            tabs: vec![
                Tab {
                    label: "Overview".to_owned(),
                    href: "/admin/domains/contoso-com".to_owned(),
                    active: false,
                },
                Tab {
                    label: "Protocols".to_owned(),
                    href: "/admin/domains/contoso-com/protocols".to_owned(),
                    active: true,
                },
            ],
            permit: Vec::new(),
            addresses: vec![
                Fact::id("Description (MEX)", &format!("{base}/mex")),
                Fact::id("WS-Trust 1.3", &format!("{base}/13/usernamemixed")),
                Fact::id("WS-Trust 2005", &format!("{base}/2005/usernamemixed")),
                Fact::id("SAML ECP", "https://sts.contoso.com/d/contoso-com/saml/ecp"),
            ],
            on: false,
            possible: true,
            corporate_networks: String::new(),
            networks: String::new(),
            people: String::new(),
            groups: vec![
                Choice::new("0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11", "Engineering (4)", ""),
                Choice::new("0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b12", "Sales (3)", ""),
            ],
            ecp: false,
            until: String::new(),
            reason: String::new(),
            problems: Vec::new(),
        }
    }

    /// On for one person.
    #[must_use]
    pub fn sample_on() -> Self {
        let text = "WS-Trust is on: the people named below sign in with a password alone.";
        Self {
            verdict: Verdict::new(Tone::Warn, text),
            permit: vec![
                Fact::text("Until", "1 Jan 2027, 00:00 UTC"),
                Fact::text("From", "203.0.113.0/24"),
                Fact::text("People", "alice@contoso.com"),
                Fact::text("Groups", "Sales"),
                Fact::text("Old mail programs", "No"),
                Fact::text("Why", "Sign-in to Windows on the laptops of the sales team"),
                Fact::text("Granted by", "olivia@contoso.com on 25 Nov 2026"),
            ],
            on: true,
            corporate_networks: "203.0.113.0/24 2001:db8::/32".to_owned(),
            networks: "203.0.113.0/24".to_owned(),
            people: "alice@contoso.com".to_owned(),
            until: "2026-12-31".to_owned(),
            reason: "Sign-in to Windows on the laptops of the sales team".to_owned(),
            ..Self::sample()
        }
    }
}
