//! What was found when a registration for signing in with Microsoft was tried, step by step.

use serde::{Deserialize, Serialize};

/// One try of a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// Its steps, in the order in which they were done.
    pub steps: Vec<TrialStep>,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialStep {
    /// What.
    pub part: TrialPart,
    /// How it ended.
    pub found: Found,
    /// What was seen, in a sentence or two.
    pub detail: String,
    /// Microsoft's number (AADSTS), if it gave one.
    pub code: Option<u32>,
    /// How long it took.
    pub millis: u64,
}

/// The parts of a registration that can be tried without anybody signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialPart {
    /// The name of Microsoft's host is found.
    Name,
    /// The host answers over TLS with the addresses of the directory.
    Addresses,
    /// Who issues the tokens fits who may sign in.
    Issuer,
    /// The keys by which tokens are checked.
    Keys,
    /// The app registration has our redirect URI.
    RedirectUri,
    /// Microsoft takes the secret or certificate that is used.
    Credential,
    /// It takes the second one, where one follows another.
    OtherCredential,
    /// The app is known in the directories that are named.
    Consent,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// As it should be.
    Fine,
    /// It can't be told from here.
    Untold,
    /// People can't sign in like this.
    Wrong,
    /// It was not tried: something before it is wrong.
    Skipped,
}

impl Trial {
    /// The first step by which people can't sign in. A second secret or certificate keeps nobody out.
    #[must_use]
    pub fn wrong(&self) -> Option<&TrialStep> {
        let mut counted = self.steps.iter().filter(|it| it.part != TrialPart::OtherCredential);
        counted.find(|step| step.found == Found::Wrong)
    }

    /// How a part ended.
    #[must_use]
    pub fn of(&self, part: TrialPart) -> Option<&TrialStep> {
        self.steps.iter().find(|step| step.part == part)
    }
}

impl TrialPart {
    /// What a page calls it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "Name of Microsoft's host",
            Self::Addresses => "Encrypted connection and addresses",
            Self::Issuer => "Issuer",
            Self::Keys => "Keys",
            Self::RedirectUri => "Redirect URI",
            Self::Credential => "Secret or certificate",
            Self::OtherCredential => "The second secret or certificate",
            Self::Consent => "Consent",
        }
    }
}
