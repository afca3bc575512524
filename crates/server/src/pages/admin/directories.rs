//! Directories that check passwords.

use serde::Serialize;

use super::policy::tabs;
use crate::pages::{
    Page,
    parts::{Badge, Check, Choice, Problem, Tab, Tone, Verdict},
};

/// Every directory.
#[derive(Debug, Clone, Serialize)]
pub struct Directories {
    /// How it stands, in a sentence.
    pub verdict: Verdict,
    /// The views of the policy.
    pub tabs: Vec<Tab>,
    /// The role may add one.
    pub may_add: bool,
    /// The directories, by name.
    pub rows: Vec<DirectoryRow>,
}

/// A directory in the list.
#[derive(Debug, Clone, Serialize)]
pub struct DirectoryRow {
    /// What it is called.
    pub name: String,
    /// Its page.
    pub href: String,
    /// Host and port.
    pub place: String,
    /// Whose passwords it checks.
    pub people: String,
    /// Whether it answers, as far as is known.
    pub state: Badge,
    /// Why not.
    pub note: String,
}

/// One directory, or a new one.
#[derive(Debug, Clone, Serialize)]
pub struct DirectoryPage {
    /// What it is called; empty for a new one.
    pub title: String,
    /// How it stands, in a sentence.
    pub verdict: Verdict,
    /// Where its forms go; empty for a new one.
    pub path: String,
    /// The role may change it.
    pub may_change: bool,
    /// The role may try it out.
    pub may_try: bool,
    /// Whose passwords it checks.
    pub people: String,
    /// What is typed of it.
    pub fields: Fields,
    /// The name that is tried.
    pub who: String,
    /// How a try went, step by step.
    pub tried: Vec<Check>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// What an owner types of a directory. A password is never shown.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Fields {
    /// What it is called.
    pub name: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: String,
    /// How it is encrypted.
    pub encryption: Vec<Choice>,
    /// Certificates.
    pub authority: String,
    /// The account by which people are looked up.
    pub account: String,
    /// Below what people are looked for.
    pub base: String,
    /// By what they are found.
    pub filter: String,
    /// For how many days a password opens while it is away.
    pub keep_days: String,
    /// Where people change their password.
    pub help: String,
    /// Whose people it knows.
    pub domains: String,
}

impl Page for Directories {
    const TEMPLATE: &'static str = "admin/directories.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let sample = Self::sample();
        let verdict = Verdict::new(Tone::Neutral, "Every password is checked here.");
        let none = Self { verdict, rows: Vec::new(), ..sample.clone() };
        vec![("", sample), ("none", none)]
    }
}

impl Page for DirectoryPage {
    const TEMPLATE: &'static str = "admin/directory.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let sample = Self::sample();
        let problem = Problem::of_field("host", "Give the host alone.", "Correct it.");
        let new = Self {
            title: String::new(),
            verdict: Verdict::new(Tone::Neutral, "Nothing is asked of it until it is saved."),
            path: String::new(),
            tried: Vec::new(),
            problems: vec![problem],
            ..sample.clone()
        };
        vec![("", sample), ("new", new)]
    }
}

impl Directories {
    /// One that answers and one that is away.
    #[must_use]
    pub fn sample() -> Self {
        let row = |name: &str, state: Badge, note: &str| DirectoryRow {
            name: name.to_owned(),
            href: "/admin/directories/x".to_owned(),
            place: "dc1.contoso.com:636".to_owned(),
            people: "Everybody of contoso.com, and 2 people by name".to_owned(),
            state,
            note: note.to_owned(),
        };
        Self {
            verdict: Verdict::new(Tone::Danger, "1 directory is away."),
            tabs: tabs(6),
            may_add: true,
            rows: vec![
                row("Berlin", Badge::new(Tone::Ok, "Answers"), ""),
                row("Paris", Badge::new(Tone::Danger, "Away"), "It can't be reached."),
            ],
        }
    }
}

impl DirectoryPage {
    /// One whose certificate is not believed.
    #[must_use]
    pub fn sample() -> Self {
        let fields = Fields {
            name: "Berlin".to_owned(),
            host: "dc1.contoso.com".to_owned(),
            port: "636".to_owned(),
            encryption: vec![
                Choice::new("tls", "TLS from the first byte (LDAPS)", "tls"),
                Choice::new("start_tls", "StartTLS", "tls"),
            ],
            authority: String::new(),
            account: "CN=gatehouse,OU=Service,DC=contoso,DC=com".to_owned(),
            base: "DC=contoso,DC=com".to_owned(),
            filter: "(userPrincipalName={name})".to_owned(),
            keep_days: "3".to_owned(),
            help: "Press Ctrl+Alt+Del on your computer and choose Change a password.".to_owned(),
            domains: "contoso.com".to_owned(),
        };
        let tried = vec![
            Check::new(Tone::Ok, "Look up the host's name", "10.1.2.3"),
            Check::new(Tone::Danger, "Connect", "10.1.2.3:636 did not answer within 2 s"),
            Check::new(Tone::Neutral, "Encrypt, and check the certificate", "Not come to."),
        ];
        Self {
            title: "Berlin".to_owned(),
            verdict: Verdict::new(Tone::Danger, "The directory is away: it can't be reached."),
            path: "/admin/directories/x".to_owned(),
            may_change: true,
            may_try: true,
            people: "Everybody of contoso.com".to_owned(),
            fields,
            who: "alice@contoso.com".to_owned(),
            tried,
            problems: Vec::new(),
        }
    }
}
