//! Every token about one person.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Fact, Pager, Tone, Verdict, When},
};

/// A page of the journal.
#[derive(Debug, Clone, Serialize)]
pub struct Tokens {
    /// Whom it is about.
    pub name: String,
    /// The address of their page.
    pub person: String,
    /// How many there are.
    pub verdict: Verdict,
    /// The tokens of this page, newest first.
    pub tokens: Vec<Token>,
    /// Where in the list this page is.
    pub pager: Pager,
}

/// One token.
#[derive(Debug, Clone, Serialize)]
pub struct Token {
    /// When it was issued.
    pub at: When,
    /// For whom ("Microsoft 365").
    pub relying_party: String,
    /// By which protocol.
    pub protocol: String,
    /// On what grounds ("Password, authenticator app").
    pub grounds: String,
    /// Whether it says that MFA was done.
    pub mfa: Badge,
    /// From which address it was asked for.
    pub address: String,
    /// Ids, domain, key, session.
    pub facts: Vec<Fact>,
    /// What it says; empty for tokens from before this was kept.
    pub claims: Vec<Claim>,
}

/// Something that a token says.
#[derive(Debug, Clone, Serialize)]
pub struct Claim {
    /// The last part of its name.
    pub name: String,
    /// All of its name.
    pub full_name: String,
    /// Its values.
    pub values: Vec<String>,
    /// Why, in a sentence.
    pub reason: String,
}

impl Page for Tokens {
    const TEMPLATE: &'static str = "admin/tokens.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample()), ("none", Self::sample_none())]
    }
}

impl Tokens {
    /// A token with its claims, and one from before they were kept.
    #[must_use]
    pub fn sample() -> Self {
        let claim = |full_name: &str, value: &str, reason: &str| Claim {
            name: full_name.rsplit('/').next().unwrap_or_default().to_owned(),
            full_name: full_name.to_owned(),
            values: vec![value.to_owned()],
            reason: reason.to_owned(),
        };
        let token = Token {
            at: When::sample(),
            relying_party: "Microsoft 365".to_owned(),
            protocol: "WS-Federation".to_owned(),
            grounds: "Password, authenticator app".to_owned(),
            mfa: Badge::new(Tone::Ok, "MFA"),
            address: "203.0.113.24".to_owned(),
            facts: vec![
                Fact::text("The request asked for", "a second factor (wauth or resource_params)"),
                Fact::id("Token id", "_5d5e0b8693f54a0aa5a03f1f0a7c5b11"),
                Fact::text("Issued for the domain", "contoso.com"),
                Fact::id("Signed with the key", "3F0A7C5B11D1A47C1E7B0A9F6E2F1F0A7C5B1199"),
            ],
            claims: vec![
                claim(
                    "http://schemas.xmlsoap.org/claims/UPN",
                    "bob@contoso.com",
                    "The person's sign-in name when the token was made.",
                ),
                claim(
                    "http://schemas.microsoft.com/claims/authnmethodsreferences",
                    "http://schemas.microsoft.com/claims/multipleauthn",
                    "What was proved: Password at 25 Nov 2026, 09:13 UTC; Authenticator app at \
                     25 Nov 2026, 09:14 UTC.",
                ),
            ],
        };
        let older = Token { at: When::sample_earlier(), claims: Vec::new(), ..token.clone() };
        Self {
            name: "Bob Baker".to_owned(),
            person: "/admin/users/0199d1a4".to_owned(),
            verdict: Verdict::new(Tone::Neutral, "52 tokens were issued about Bob Baker."),
            tokens: vec![token, older],
            pager: Pager {
                first: 1,
                last: 25,
                total: 52,
                previous: None,
                next: Some("/admin/users/0199d1a4/tokens?page=2".to_owned()),
            },
        }
    }

    /// Nothing yet.
    #[must_use]
    pub fn sample_none() -> Self {
        let verdict = Verdict::new(Tone::Neutral, "No token was ever issued about Bob Baker.");
        let pager = Pager { first: 0, last: 0, total: 0, previous: None, next: None };
        Self { verdict, tokens: Vec::new(), pager, ..Self::sample() }
    }
}
