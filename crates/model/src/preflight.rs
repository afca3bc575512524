//! The pre-flight of a domain: what is looked at before its people are sent here, and what was found.

mod check;

use serde::{Deserialize, Serialize};

use crate::{Ts, explanation::Place, ids::FederatedDomainId};

pub use check::{Area, Check};

/// The newest pre-flight of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preflight {
    /// Of which domain.
    pub domain: FederatedDomainId,
    /// When.
    pub at: Ts,
    /// How the tenant stood then: what was read, and its value.
    pub state: Vec<(String, String)>,
    /// What each check found, in the order of [`Check::ALL`].
    pub findings: Vec<Finding>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which check.
    pub check: Check,
    /// How it came out.
    pub verdict: Verdict,
    /// What was seen, or why nothing could be.
    pub evidence: String,
    /// How it is mended, where there is something to mend.
    pub mend: Option<Mend>,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Passed,
    /// Somebody may be surprised by it.
    Warning,
    /// Somebody could not sign in, or more could than should.
    Failed,
    /// It could not be seen.
    Unseen,
}

/// How something is mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mend {
    /// In a sentence.
    pub fix: String,
    /// Where; `None` where it is the configuration of this server.
    pub place: Option<Place>,
}

impl Finding {
    /// It keeps the script that federates back (Y08).
    #[must_use]
    pub fn holds_back(&self) -> bool {
        match self.check {
            // Not seen is not there: it is the way back in.
            Check::EmergencyAccounts => self.verdict != Verdict::Passed,
            Check::DomainVerified | Check::NotDefault | Check::NotInitial | Check::RootDomain => {
                self.verdict == Verdict::Failed
            }
            _ => false,
        }
    }
}

impl Preflight {
    /// How many checks came out like that.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings.iter().filter(|finding| finding.verdict == verdict).count()
    }

    /// What keeps the script that federates back.
    pub fn holding_back(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.holds_back())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Y08
    #[test]
    fn emergency_accounts_that_nobody_saw_hold_back_like_missing_ones() {
        let finding =
            |check, verdict| Finding { check, verdict, evidence: String::new(), mend: None };
        for verdict in [Verdict::Failed, Verdict::Unseen, Verdict::Warning] {
            assert!(finding(Check::EmergencyAccounts, verdict).holds_back(), "{verdict:?}");
            assert!(!finding(Check::Mail, verdict).holds_back(), "{verdict:?}");
        }
        assert!(!finding(Check::EmergencyAccounts, Verdict::Passed).holds_back());
        assert!(finding(Check::NotDefault, Verdict::Failed).holds_back());
        assert!(!finding(Check::NotDefault, Verdict::Unseen).holds_back());
    }
}
