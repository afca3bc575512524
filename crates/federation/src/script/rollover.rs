//! Changing the key without an outage (`federation.md` 1.7): Entra learns the next certificate first
//! and forgets the old one last. Each step is a plan of its own and touches nothing but the two
//! certificates.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{ids::EntraTenantId, relying_party::Cloud};

use super::plan::{FederationPlan, Value, plain};
use crate::{Error, Result, keyring::thumbprint};

/// Which step of the roll-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Before a promotion: Entra shall trust the next key beside the active one.
    Stage,
    /// After a promotion or an emergency: Entra shall trust the active and the next key, no other.
    Swap,
}

/// One step of the roll-over of a domain. It exists only with values that scripts may carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloverPlan {
    step: Step,
    tenant: EntraTenantId,
    cloud: Cloud,
    domain: String,
    issuer_uri: String,
    active: String,
    next: String,
}

impl Step {
    /// The word that scripts and addresses know it by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Swap => "swap",
        }
    }
}

impl RolloverPlan {
    /// A step towards the certificates of a domain's plan, which must have a next one.
    pub fn new(plan: &FederationPlan, step: Step) -> Result<Self> {
        let it = plan.configuration();
        let (field, why) = ("nextSigningCertificate", "there is no next key");
        let next = it.next_signing_certificate.clone();
        Ok(Self {
            step,
            tenant: plan.tenant(),
            cloud: plan.cloud(),
            domain: plan.domain().to_owned(),
            issuer_uri: it.issuer_uri.clone(),
            active: it.signing_certificate.clone(),
            next: next.ok_or(Error::UnfitForScript { field, why })?,
        })
    }

    /// Which step it is.
    #[must_use]
    pub const fn step(&self) -> Step {
        self.step
    }

    /// Microsoft's id of the directory that the domain belongs to.
    #[must_use]
    pub const fn tenant(&self) -> EntraTenantId {
        self.tenant
    }

    /// The cloud that the directory lives in.
    #[must_use]
    pub const fn cloud(&self) -> Cloud {
        self.cloud
    }

    /// The DNS name, in lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// SHA-256 of everything in the plan, in hex; every script carries it.
    #[must_use]
    pub fn hash(&self) -> String {
        let all = (
            self.step.word(),
            self.tenant,
            self.cloud,
            &self.domain,
            &self.issuer_uri,
            &self.active,
            &self.next,
        );
        let json = serde_json::to_vec(&all).expect("plain text fields always make JSON");
        hex::encode(digest(&SHA256, &[b"gatehouse rollover plan 1\n", &json[..]].concat()))
    }

    /// What a script compares with before it writes, as `(sh, PowerShell, value)`.
    pub(super) fn facts(&self) -> [(&'static str, &'static str, String); 5] {
        [
            ("step", "Step", self.step.word().to_owned()),
            ("issuer", "IssuerUri", self.issuer_uri.clone()),
            ("active", "ActiveCertificate", self.active.clone()),
            ("active_thumbprint", "ActiveThumbprint", shown(&self.active)),
            ("next_thumbprint", "NextThumbprint", shown(&self.next)),
        ]
    }

    /// The properties that the step writes.
    pub(super) fn properties(&self) -> Vec<(&'static str, Value<'_>)> {
        let active = ("signingCertificate", plain(&self.active));
        let next = ("nextSigningCertificate", plain(&self.next));
        match self.step {
            Step::Stage => vec![next],
            Step::Swap => vec![active, next],
        }
    }
}

fn shown(certificate: &str) -> String {
    thumbprint(&STANDARD.decode(certificate).unwrap_or_default())
}
