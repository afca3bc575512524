//! What an admin must see before it hurts: an alarm begins, is seen again, and ends.

mod course;
mod notice;
mod sentence;

use serde::{Deserialize, Serialize};

use crate::{
    Ts,
    ids::{AlarmId, UserId},
    signing_key::SigningKeyState,
};

pub use notice::Notice;

/// Something that needs an admin, from when it was first seen until it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Our id.
    pub id: AlarmId,
    /// What it is about: a domain's name, a certificate's thumbprint, a sign-in name.
    pub subject: String,
    /// What is wrong.
    pub cause: Cause,
    /// When it was first seen.
    pub first_seen_at: Ts,
    /// When it was last seen.
    pub last_seen_at: Ts,
    /// When it went away, or was put away.
    pub ended_at: Option<Ts>,
    /// Who said that they know; falls away when it gets worse.
    pub acknowledged: Option<Acknowledgement>,
}

/// An admin knows of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Ts,
}

/// How bad an alarm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody must look at it soon.
    Warning,
    /// People can't sign in, or somebody may sign in as them.
    Danger,
}

/// The sort of an alarm; one subject has at most one open alarm of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// A row of the audit log is not as it was written.
    AuditLogChanged,
    /// The audit log can't be brought to a place where it is kept besides.
    AuditSinkFails,
    /// The certificate of a signing key ends soon.
    CertificateEnds,
    /// The clock of a server was set while it ran.
    ClockSet,
    /// A directory that checks passwords is away.
    DirectoryAway,
    /// Entra federates a domain another way than planned.
    FederationDiffers,
    /// Entra federated a domain with us and does so no more.
    FederationLost,
    /// Entra does not trust the key that signs.
    KeyUntrusted,
    /// A signing key can't sign, or is another one than its certificate says.
    KeyUnusable,
    /// A passkey was used whose counter went back: there may be two of it.
    PasskeyCopied,
    /// A permit for programs without a browser ends soon.
    PermitEnds,
    /// The signatures of Microsoft's requests count no more soon.
    RequestSignaturesEnd,
    /// Another system would have taken something from too many people, and is held.
    ProgramHeld,
    /// The client secret of a connection ends soon.
    SecretEnds,
    /// The client secret of a registration for signing in with Microsoft ends soon.
    SignInSecretEnds,
    /// Somebody signed in at Entra by a token that we did not issue.
    UnexplainedSignIn,
    /// Somebody tries a few passwords at many names.
    PasswordSpray,
    /// A person says that somebody else signed in as them.
    SignInDisowned,
}

/// What is wrong, with all that it takes to say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Cause {
    /// A row of the audit log is not as it was written (R153).
    AuditLogChanged {
        /// What was found, in a sentence.
        finding: String,
    },
    /// The audit log can't be brought to a place where it is kept besides (R155).
    AuditSinkFails {
        /// Since when.
        since: Ts,
        /// Why.
        trouble: String,
    },
    /// The certificate of a signing key ends soon.
    CertificateEnds {
        /// Which of the two keys it is.
        key: SigningKeyState,
        /// When it ends.
        ends_at: Ts,
        /// How soon that is.
        notice: Notice,
    },
    /// The clock of a server was set while it ran: codes may be judged by a wrong time (R029).
    ClockSet {
        /// By how many seconds; back where they are negative.
        seconds: i64,
    },
    /// The directory that checks people's passwords is away.
    DirectoryAway {
        /// Why, in words.
        why: String,
        /// For how many days its people's passwords open without it.
        days: u16,
    },
    /// Entra federates the domain another way than planned.
    FederationDiffers {
        /// In what.
        changes: Vec<Change>,
    },
    /// Entra federated the domain with us and does so no more.
    FederationLost {
        /// With whom it does instead; `None` when people sign in at Microsoft.
        issuer: Option<String>,
    },
    /// Entra does not trust the key that signs for the domain.
    KeyUntrusted,
    /// A signing key can't sign, or is another one than its certificate says (R093).
    KeyUnusable {
        /// Which of the two keys it is.
        key: SigningKeyState,
        /// What is the matter with it.
        why: String,
        /// Nothing is, but that the node can't reach it.
        #[serde(default)]
        away: bool,
    },
    /// A passkey of the person was used whose counter went back: there may be two of it.
    PasskeyCopied {
        /// What the person calls it.
        name: String,
        /// How often it was refused.
        times: u32,
        /// From which address, the last time.
        address: String,
    },
    /// Another system would have taken something from too many people, or made too many (Y01).
    ProgramHeld {
        /// Since when it is held.
        since: Ts,
    },
    /// Entra let the person in by a token that is not in the journal.
    UnexplainedSignIn {
        /// How often.
        times: u32,
        /// When the first time.
        first_at: Ts,
        /// When the last time.
        last_at: Ts,
        /// To which application, the last time.
        app: String,
        /// From which address, the last time.
        address: String,
        /// The entry of the last time in Entra's sign-in log.
        entry: String,
    },
    /// Somebody tries a few passwords at many names (R014).
    PasswordSpray {
        /// At how many names, with no success at any of them from the same address.
        names: u32,
        /// How many passwords in all.
        tries: u32,
        /// From how many addresses.
        addresses: u32,
        /// From which most of them came.
        busiest: String,
    },
    /// The person says that somebody else signed in as them.
    SignInDisowned {
        /// How often they said so.
        times: u32,
        /// From which address, the last time.
        address: String,
    },
    /// The client secret of the connection ends soon, or the certificate in its place: nothing
    /// reaches the tenant then (R132).
    SecretEnds {
        /// When it ends.
        ends_at: Ts,
        /// How soon that is.
        notice: Notice,
        /// It is a certificate.
        #[serde(default)]
        certificate: bool,
    },
    /// The client secret of a registration ends soon: nobody signs in through it then.
    SignInSecretEnds {
        /// When it ends.
        ends_at: Ts,
        /// How soon that is.
        notice: Notice,
    },
    /// The domain's permit for programs without a browser ends soon.
    PermitEnds {
        /// When it ends.
        ends_at: Ts,
        /// How soon that is.
        notice: Notice,
    },
    /// Microsoft must sign its requests for the domain, and its signatures (SHA-1) count no more soon.
    RequestSignaturesEnd {
        /// When they count no more.
        ends_at: Ts,
        /// How soon that is.
        notice: Notice,
    },
}

/// A property of a domain's federation that is not as planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Graph's name of it.
    pub property: String,
    /// What we plan; certificates by their digest.
    pub planned: String,
    /// What Entra has.
    pub found: String,
}

impl Cause {
    /// Its sort.
    #[must_use]
    pub const fn kind(&self) -> AlarmKind {
        match self {
            Self::AuditLogChanged { .. } => AlarmKind::AuditLogChanged,
            Self::AuditSinkFails { .. } => AlarmKind::AuditSinkFails,
            Self::CertificateEnds { .. } => AlarmKind::CertificateEnds,
            Self::ClockSet { .. } => AlarmKind::ClockSet,
            Self::DirectoryAway { .. } => AlarmKind::DirectoryAway,
            Self::FederationDiffers { .. } => AlarmKind::FederationDiffers,
            Self::FederationLost { .. } => AlarmKind::FederationLost,
            Self::KeyUntrusted => AlarmKind::KeyUntrusted,
            Self::KeyUnusable { .. } => AlarmKind::KeyUnusable,
            Self::PasskeyCopied { .. } => AlarmKind::PasskeyCopied,
            Self::PermitEnds { .. } => AlarmKind::PermitEnds,
            Self::RequestSignaturesEnd { .. } => AlarmKind::RequestSignaturesEnd,
            Self::ProgramHeld { .. } => AlarmKind::ProgramHeld,
            Self::SecretEnds { .. } => AlarmKind::SecretEnds,
            Self::SignInSecretEnds { .. } => AlarmKind::SignInSecretEnds,
            Self::UnexplainedSignIn { .. } => AlarmKind::UnexplainedSignIn,
            Self::PasswordSpray { .. } => AlarmKind::PasswordSpray,
            Self::SignInDisowned { .. } => AlarmKind::SignInDisowned,
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        let grave = match self {
            Self::CertificateEnds { notice, .. }
            | Self::SecretEnds { notice, .. }
            | Self::RequestSignaturesEnd { notice, .. }
            | Self::SignInSecretEnds { notice, .. } => *notice <= Notice::A_WEEK,
            Self::FederationDiffers { changes } => changes.iter().any(Change::is_grave),
            Self::AuditLogChanged { .. }
            | Self::ClockSet { .. }
            | Self::DirectoryAway { .. }
            | Self::FederationLost { .. }
            | Self::KeyUntrusted
            | Self::KeyUnusable { .. }
            | Self::PasswordSpray { .. }
            | Self::PasskeyCopied { .. }
            | Self::ProgramHeld { .. }
            | Self::SignInDisowned { .. }
            | Self::UnexplainedSignIn { .. } => true,
            Self::AuditSinkFails { .. } | Self::PermitEnds { .. } => false,
        };
        if grave { Severity::Danger } else { Severity::Warning }
    }

    /// What was found, for the audit log: each value as it was planned and as it is.
    #[must_use]
    pub fn evidence(&self) -> String {
        match self {
            Self::FederationDiffers { changes } => {
                let words = |change: &Change| {
                    let Change { property, planned, found } = change;
                    format!(" {property}: planned \"{planned}\", found \"{found}\".")
                };
                changes.iter().map(words).collect()
            }
            Self::UnexplainedSignIn { app, address, entry, .. } => {
                format!(" To \"{app}\", from {address}; entry {entry} of Entra's sign-in log.")
            }
            Self::PasswordSpray { names, tries, addresses, busiest } => format!(
                " {tries} passwords at {names} names from {addresses} addresses, most from {busiest}."
            ),
            Self::FederationLost { issuer: Some(issuer) } => format!(" issuerUri: \"{issuer}\"."),
            Self::PasskeyCopied { address, .. } | Self::SignInDisowned { address, .. } => {
                format!(" From {address}.")
            }
            Self::AuditSinkFails { trouble, .. } => format!(" {trouble}."),
            _ => String::new(),
        }
    }
}

impl Change {
    /// Whether it decides who may vouch for people, or with what; a name does not.
    fn is_grave(&self) -> bool {
        !matches!(self.property.as_str(), "displayName" | "promptLoginBehavior")
    }
}

impl Alarm {
    /// Whether it is open and nobody has said that they know of it.
    #[must_use]
    pub const fn needs_somebody(&self) -> bool {
        self.ended_at.is_none() && self.acknowledged.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_news_is_worse() {
        let certificate = |notice| Cause::CertificateEnds {
            key: SigningKeyState::Active,
            ends_at: Ts(0),
            notice: Notice(notice),
        };
        assert!(certificate(7).is_worse_than(&certificate(14)));
        assert!(!certificate(14).is_worse_than(&certificate(14)));
        let change = |property: &str, found: &str| Change {
            property: property.to_owned(),
            planned: "a".to_owned(),
            found: found.to_owned(),
        };
        let differs = |changes: &[Change]| Cause::FederationDiffers { changes: changes.to_vec() };
        let (name, issuer) = (change("displayName", "b"), change("issuerUri", "b"));
        let both = differs(&[name.clone(), issuer.clone()]);
        assert!(both.is_worse_than(&differs(std::slice::from_ref(&name))));
        assert!(!differs(std::slice::from_ref(&issuer)).is_worse_than(&both), "one was put back");
        assert!(differs(&[change("issuerUri", "c")]).is_worse_than(&differs(&[issuer])));
        assert_eq!(differs(&[name]).severity(), Severity::Warning);
        assert_eq!(both.severity(), Severity::Danger);
    }
}
