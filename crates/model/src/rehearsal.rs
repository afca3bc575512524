//! A rehearsal: the way of a domain to us and back, walked with a copy of its tenant before the tenant
//! is touched.

use serde::{Deserialize, Serialize};

use crate::Ts;

/// What is walked through, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The tenant is read, and copied.
    Copy,
    /// The people who are assigned are brought in step.
    Sync,
    /// The script that federates the domain runs.
    Federate,
    /// Everybody signs in with a browser by WS-Federation.
    WsFed,
    /// Everybody signs in with a browser by SAML 2.0.
    Saml2,
    /// A rich client signs in by WS-Trust.
    WsTrust,
    /// A mail server signs in by SAML ECP.
    Ecp,
    /// Microsoft demands a second factor.
    StepUp,
    /// Somebody is assigned, and their licence arrives.
    Provision,
    /// The next signing key takes its turn.
    RollOver,
    /// The script that takes it all back runs.
    Revert,
}

impl Step {
    /// Every step, in their order.
    pub const ALL: [Self; 11] = [
        Self::Copy,
        Self::Sync,
        Self::Federate,
        Self::WsFed,
        Self::Saml2,
        Self::WsTrust,
        Self::Ecp,
        Self::StepUp,
        Self::Provision,
        Self::RollOver,
        Self::Revert,
    ];

    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Copy => "Copy the tenant",
            Self::Sync => "Sync people",
            Self::Federate => "Federate the domain",
            Self::WsFed => "Sign in with a browser, WS-Federation",
            Self::Saml2 => "Sign in with a browser, SAML 2.0",
            Self::WsTrust => "Sign in with a rich client, WS-Trust",
            Self::Ecp => "Sign in through a mail server, SAML ECP",
            Self::StepUp => "Prove the second factor that Microsoft demands",
            Self::Provision => "Assign somebody, with a licence",
            Self::RollOver => "Roll the signing key over",
            Self::Revert => "Take it all back",
        }
    }
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should.
    Passed,
    /// It did not; what was seen says why.
    Failed,
    /// The domain has nothing of the kind.
    NotUsed,
    /// A step before it failed.
    NotTried,
}

impl Verdict {
    /// What people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotUsed => "not used",
            Self::NotTried => "not tried",
        }
    }
}

/// One step, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which.
    pub step: Step,
    /// How it went.
    pub verdict: Verdict,
    /// What was seen, a sentence each.
    pub evidence: Vec<String>,
    /// How long it took.
    pub millis: u64,
}

/// A rehearsal, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// The domain.
    pub domain: String,
    /// What was rehearsed with: the sample, or a copy of which tenant.
    pub with: String,
    /// When it began.
    #[serde(with = "as_text")]
    pub began_at: Ts,
    /// The steps that ended.
    pub steps: Vec<Outcome>,
}

impl Rehearsal {
    /// One that begins.
    #[must_use]
    pub fn new(domain: &str, with: &str, began_at: Ts) -> Self {
        Self { domain: domain.to_owned(), with: with.to_owned(), began_at, steps: Vec::new() }
    }

    /// Whether every step ended and none of them badly.
    #[must_use]
    pub fn passed(&self) -> bool {
        let well = |it: &Outcome| matches!(it.verdict, Verdict::Passed | Verdict::NotUsed);
        self.steps.len() == Step::ALL.len() && self.steps.iter().all(well)
    }

    /// The step that failed, if one did.
    #[must_use]
    pub fn failed(&self) -> Option<&Outcome> {
        self.steps.iter().find(|it| it.verdict == Verdict::Failed)
    }
}

/// A time as people read it.
mod as_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use crate::Ts;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it like this")]
    pub(super) fn serialize<S: Serializer>(at: &Ts, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Ts, D::Error> {
        let text = String::deserialize(from)?;
        Ts::from_rfc3339(&text).ok_or_else(|| D::Error::custom("not a time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(verdicts: &[Verdict]) -> Rehearsal {
        let mut rehearsal = Rehearsal::new("contoso.com", "the sample", Ts::from_secs(1));
        rehearsal.steps = Step::ALL
            .into_iter()
            .zip(verdicts)
            .map(|(step, verdict)| Outcome { step, verdict: *verdict, evidence: vec![], millis: 1 })
            .collect();
        rehearsal
    }

    #[test]
    fn it_passed_only_once_every_step_ended_well() {
        let mut verdicts = [Verdict::Passed; Step::ALL.len()];
        verdicts[3] = Verdict::NotUsed;
        assert!(ended(&verdicts).passed());
        assert!(!ended(&verdicts[..10]).passed(), "the last step is missing");
        verdicts[10] = Verdict::NotTried;
        assert!(!ended(&verdicts).passed());
        verdicts[10] = Verdict::Failed;
        let rehearsal = ended(&verdicts);
        assert!(!rehearsal.passed());
        assert_eq!(rehearsal.failed().map(|it| it.step), Some(Step::Revert));
    }

    #[test]
    fn what_is_downloaded_reads_back() {
        let rehearsal = ended(&[Verdict::Passed]);
        let text = serde_json::to_string(&rehearsal).unwrap();
        assert!(text.contains("\"began_at\":\"1970-01-01T00:00:01Z\""), "{text}");
        assert_eq!(serde_json::from_str::<Rehearsal>(&text).unwrap(), rehearsal);
    }
}
