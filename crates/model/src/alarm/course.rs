//! How an alarm goes on when its cause is found again.

use super::Cause;

impl Cause {
    /// Whether it is worse than what an admin may have acknowledged.
    #[must_use]
    pub fn is_worse_than(&self, before: &Self) -> bool {
        match (self, before) {
            (
                Self::CertificateEnds { notice, .. }
                | Self::PermitEnds { notice, .. }
                | Self::RequestSignaturesEnd { notice, .. }
                | Self::SecretEnds { notice, .. }
                | Self::SignInSecretEnds { notice, .. },
                Self::CertificateEnds { notice: old, .. }
                | Self::PermitEnds { notice: old, .. }
                | Self::RequestSignaturesEnd { notice: old, .. }
                | Self::SecretEnds { notice: old, .. }
                | Self::SignInSecretEnds { notice: old, .. },
            ) => notice < old,
            (Self::PasswordSpray { names, .. }, Self::PasswordSpray { names: old, .. }) => {
                *names >= old.saturating_mul(2)
            }
            (Self::FederationDiffers { changes }, Self::FederationDiffers { changes: old }) => {
                changes.iter().any(|change| !old.contains(change))
            }
            (Self::AuditLogChanged { finding }, Self::AuditLogChanged { finding: old }) => {
                finding != old
            }
            (
                Self::KeyUnusable { key, away, .. },
                Self::KeyUnusable { key: old, away: was_away, .. },
            ) => key != old || (*was_away && !*away),
            (Self::SignInDisowned { address, .. }, Self::SignInDisowned { address: old, .. }) => {
                address != old
            }
            _ => false,
        }
    }

    /// Whether it has happened and can't be undone: such an alarm ends when it is acknowledged.
    /// Others end when a look finds everything as it should be.
    #[must_use]
    pub const fn is_event(&self) -> bool {
        matches!(
            self,
            Self::ClockSet { .. }
                | Self::FederationLost { .. }
                | Self::PasskeyCopied { .. }
                | Self::SignInDisowned { .. }
                | Self::UnexplainedSignIn { .. }
        )
    }

    /// What is to be said once this was found after that: things that happened add up.
    #[must_use]
    pub fn after(self, before: &Self) -> Self {
        match (self, before) {
            (
                Self::UnexplainedSignIn { times, first_at, last_at, app, address, entry },
                Self::UnexplainedSignIn {
                    times: old, first_at: old_first, last_at: old_last, ..
                },
            ) => Self::UnexplainedSignIn {
                times: times.saturating_add(*old),
                first_at: first_at.min(*old_first),
                last_at: last_at.max(*old_last),
                app,
                address,
                entry,
            },
            (
                Self::PasskeyCopied { name, times, address },
                Self::PasskeyCopied { times: old, .. },
            ) => Self::PasskeyCopied { name, times: times.saturating_add(*old), address },
            (Self::SignInDisowned { times, address }, Self::SignInDisowned { times: old, .. }) => {
                Self::SignInDisowned { times: times.saturating_add(*old), address }
            }
            (now, _) => now,
        }
    }
}
