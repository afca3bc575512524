//! What a code of Microsoft's means here: one entry of the catalogue.

use serde::{Deserialize, Serialize};

/// A code of Microsoft's sign-in service or of Graph, explained.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// The code as Microsoft writes it: `AADSTS51004`, `Request_BadRequest`.
    pub code: String,
    /// A part of the message that tells one case of a code that stands for many.
    pub says: Option<String>,
    /// The case in a few words.
    pub title: String,
    /// What Microsoft says by it, in plain words.
    pub means: String,
    /// Why it comes up where Gatehouse signs people in.
    pub cause: String,
    /// What to do about it.
    pub fix: String,
    /// Who can do that.
    pub who: Mender,
    /// Where they do it, or look further.
    #[serde(rename = "where")]
    pub place: Place,
}

impl Explanation {
    /// What finds exactly this entry again.
    #[must_use]
    pub fn query(&self) -> String {
        let says = self.says.as_deref().unwrap_or_default();
        format!("{} {says}", self.code).trim_end().to_owned()
    }

    /// The number of an AADSTS code; Graph's codes have none.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        self.code.strip_prefix("AADSTS")?.parse().ok()
    }
}

/// Who can mend something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mender {
    /// The person who signs in.
    Employee,
    /// An admin of this console.
    AdminHere,
    /// An admin of the tenant.
    AdminAtMicrosoft,
    /// Whoever makes or maintains the application.
    Developer,
    /// It passes by itself, or nothing is wrong.
    Nobody,
}

impl Mender {
    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Employee => "The person who signs in",
            Self::AdminHere => "An admin here",
            Self::AdminAtMicrosoft => "An admin of the tenant at Microsoft",
            Self::Developer => "Whoever makes the application",
            Self::Nobody => "Nobody needs to: it passes, or nothing is wrong",
        }
    }
}

/// Where something is mended: a page of ours, or a part of Microsoft's admin centers by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is a place of the name that its label says")]
pub enum Place {
    People,
    Matches,
    Campaign,
    Domains,
    Connection,
    Office365,
    Runs,
    Keys,
    Policy,
    Audit,
    Portal,
    EntraUsers,
    EntraDomains,
    EntraSignInLogs,
    EntraAppRegistrations,
    EntraEnterpriseApps,
    EntraConditionalAccess,
    EntraAuthenticationMethods,
    EntraPasswordReset,
    EntraSecurityDefaults,
    EntraDevices,
    EntraCrossTenant,
    EntraConnect,
    EntraRisk,
    M365Licences,
    M365Health,
}

/// Whose page a place is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// The console.
    Console,
    /// The portal, where everybody sees to their own factors and password.
    Portal,
    /// The Microsoft Entra admin center.
    Entra,
    /// The Microsoft 365 admin center.
    Microsoft365,
}

impl Place {
    /// Whose page it is on, and what that page is called there.
    #[must_use]
    pub const fn named(self) -> (Site, &'static str) {
        match self {
            Self::People => (Site::Console, "People"),
            Self::Matches => (Site::Console, "Sync users"),
            Self::Campaign => (Site::Console, "Second factors"),
            Self::Domains => (Site::Console, "Microsoft 365, Domains"),
            Self::Connection => (Site::Console, "Microsoft 365, Connection"),
            Self::Office365 => (Site::Console, "Applications, Office 365"),
            Self::Runs => (Site::Console, "Sync runs"),
            Self::Keys => (Site::Console, "Signing keys"),
            Self::Policy => (Site::Console, "Sign-in policy"),
            Self::Audit => (Site::Console, "Activity"),
            Self::Portal => (Site::Portal, "Security"),
            Self::EntraUsers => (Site::Entra, "Users"),
            Self::EntraDomains => (Site::Entra, "Domain names"),
            Self::EntraSignInLogs => (Site::Entra, "Sign-in logs"),
            Self::EntraAppRegistrations => (Site::Entra, "App registrations"),
            Self::EntraEnterpriseApps => (Site::Entra, "Enterprise applications"),
            Self::EntraConditionalAccess => (Site::Entra, "Conditional Access"),
            Self::EntraAuthenticationMethods => (Site::Entra, "Authentication methods"),
            Self::EntraPasswordReset => (Site::Entra, "Password reset"),
            Self::EntraSecurityDefaults => (Site::Entra, "Properties, security defaults"),
            Self::EntraDevices => (Site::Entra, "Devices"),
            Self::EntraCrossTenant => (Site::Entra, "External Identities"),
            Self::EntraConnect => (Site::Entra, "Entra Connect"),
            Self::EntraRisk => (Site::Entra, "Risky users"),
            Self::M365Licences => (Site::Microsoft365, "Licenses"),
            Self::M365Health => (Site::Microsoft365, "Service health"),
        }
    }
}

impl Site {
    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Console => "Console",
            Self::Portal => "Portal",
            Self::Entra => "Microsoft Entra admin center",
            Self::Microsoft365 => "Microsoft 365 admin center",
        }
    }
}
