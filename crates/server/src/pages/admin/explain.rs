//! What Microsoft's codes mean: a search box, and what was found.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Check, Fact, Link, Tone, Verdict},
};

/// The page. The form's fields are sent under the names of this struct.
#[derive(Debug, Clone, Serialize)]
pub struct Explain {
    /// What was asked, as typed or pasted.
    pub q: String,
    /// Whose sign-in it is about, as typed beside it.
    pub person: String,
    /// What came of it, in a sentence.
    pub verdict: Verdict,
    /// What was explained.
    pub entries: Vec<Entry>,
    /// Further cases of a code that stands for many.
    pub cases: Vec<Link>,
    /// Entries that hold the words.
    pub alike: Vec<Link>,
    /// Codes that nobody has explained.
    pub unknown: Vec<Unknown>,
    /// Whom and what the message names: what finds it in Microsoft's logs.
    pub clues: Vec<Fact>,
    /// What is known here of the person, the domains, the connection.
    pub known: Vec<Known>,
}

/// Something that is known here of what the message is about.
#[derive(Debug, Clone, Serialize)]
pub struct Known {
    /// What the heading is called in the page.
    pub key: String,
    /// Who or what.
    pub title: String,
    /// Values of it.
    pub facts: Vec<Fact>,
    /// How it is.
    pub checks: Vec<Check>,
    /// Where more is, and where it is mended.
    pub link: Link,
}

/// One code, explained.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// What the heading is called in the page.
    pub key: String,
    /// The code.
    pub code: String,
    /// The part of the message that tells this case; empty when the code tells it all.
    pub says: String,
    /// The case in a few words.
    pub title: String,
    /// What it means.
    pub means: String,
    /// The likely cause here.
    pub cause: String,
    /// What to do.
    pub fix: String,
    /// Who can.
    pub who: String,
    /// Where.
    pub place: Place,
    /// What Microsoft says of the number.
    pub microsoft: Option<String>,
}

/// Where something is mended.
#[derive(Debug, Clone, Serialize)]
pub struct Place {
    /// What people read.
    pub label: String,
    /// Where it leads; a page of another cloud's admin center has no address here.
    pub href: Option<String>,
}

/// A code that nobody has explained.
#[derive(Debug, Clone, Serialize)]
pub struct Unknown {
    /// The code.
    pub code: String,
    /// Where Microsoft may explain it.
    pub microsoft: Option<String>,
}

impl Page for Explain {
    const TEMPLATE: &'static str = "admin/explain.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("", Self::sample()),
            ("start", Self::sample_start()),
            ("words", Self::sample_words()),
            ("unknown", Self::sample_unknown()),
        ]
    }
}

impl Explain {
    /// A message about a person.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            q: "AADSTS51004: The user account q1aTzT0yTkeJwS3Pj1n0Xg== does not exist in the \
                directory. Correlation ID: fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7"
                .to_owned(),
            person: "bob@contoso.com".to_owned(),
            verdict: Verdict::new(Tone::Neutral, "AADSTS51004: The person isn't in the directory."),
            entries: vec![Entry::sample(), Entry::sample_case()],
            cases: Vec::new(),
            alike: Vec::new(),
            unknown: Vec::new(),
            clues: vec![
                Fact::text("Sign-in name", "bob@contoso.com"),
                Fact::id("Correlation id", "fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7"),
                Fact::text("Time", "2026-11-09 02:02:12Z"),
            ],
            known: vec![Known::sample()],
        }
    }

    /// Before anything was asked.
    #[must_use]
    pub fn sample_start() -> Self {
        Self {
            q: String::new(),
            verdict: Verdict::new(Tone::Neutral, "317 errors of Microsoft are explained here."),
            person: String::new(),
            entries: Vec::new(),
            clues: Vec::new(),
            known: Vec::new(),
            ..Self::sample()
        }
    }

    /// Found by words.
    #[must_use]
    pub fn sample_words() -> Self {
        let link = |label: &str| Link::new(label, "/admin/explain?q=AADSTS7000222");
        Self {
            q: "secret".to_owned(),
            verdict: Verdict::new(Tone::Neutral, "2 errors have all of these words."),
            alike: vec![
                link("AADSTS7000222: The client secret has expired"),
                link("AADSTS7000215: The client secret is wrong"),
            ],
            ..Self::sample_start()
        }
    }

    /// A code that isn't in the catalogue.
    #[must_use]
    pub fn sample_unknown() -> Self {
        Self {
            q: "AADSTS99999999".to_owned(),
            verdict: Verdict::new(Tone::Warn, "AADSTS99999999 isn't explained here."),
            unknown: vec![Unknown {
                code: "AADSTS99999999".to_owned(),
                microsoft: Some("https://login.microsoftonline.com/error?code=99999999".to_owned()),
            }],
            ..Self::sample_start()
        }
    }
}

impl Known {
    fn sample() -> Self {
        let detail = "bob@contoso.com has the immutable id 7hLwM0kq3UyQ1nB2Zt8E5g==; we send \
                      q1aTzT0yTkeJwS3Pj1n0Xg==.";
        Self {
            key: "known-person".to_owned(),
            title: "Bob Baker".to_owned(),
            facts: vec![Fact::id("We send the immutable id", "q1aTzT0yTkeJwS3Pj1n0Xg==")],
            checks: vec![
                Check::new(Tone::Ok, "Here", "Assigned, and not blocked."),
                Check::new(Tone::Danger, "In Entra", detail),
            ],
            link: Link::new("Look at the person", "/admin/users/0199d1a4"),
        }
    }
}

impl Entry {
    fn sample() -> Self {
        Self {
            key: "AADSTS51004".to_owned(),
            code: "AADSTS51004".to_owned(),
            says: String::new(),
            title: "The person isn't in the directory".to_owned(),
            means: "Nobody in the tenant has the immutable id that is in the token.".to_owned(),
            cause: "The person hasn't been brought to Entra yet.".to_owned(),
            fix: "Assign them and run a sync.".to_owned(),
            who: "An admin here".to_owned(),
            place: Place {
                label: "Console: People".to_owned(),
                href: Some("/admin/users".to_owned()),
            },
            microsoft: Some("https://login.microsoftonline.com/error?code=51004".to_owned()),
        }
    }

    fn sample_case() -> Self {
        Self {
            key: "Request_BadRequest".to_owned(),
            code: "Request_BadRequest".to_owned(),
            says: "does not have any available licenses".to_owned(),
            title: "No seat is left".to_owned(),
            means: "All seats of the product are in use.".to_owned(),
            cause: "More people are assigned to the product than seats were bought.".to_owned(),
            fix: "Buy seats, or take the product from somebody.".to_owned(),
            who: "An admin of the tenant at Microsoft".to_owned(),
            place: Place { label: "Microsoft 365 admin center: Licenses".to_owned(), href: None },
            microsoft: None,
        }
    }
}
