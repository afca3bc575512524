//! What a pre-flight reads of a tenant besides its domains: people, administrators and policies; and
//! what it hears from our own addresses.

use crate::{Ts, ids::ObjectId};

/// Something that was looked at, or why it could not be seen, in a sentence.
pub type Seen<T> = Result<T, String>;

/// A user object, as far as federating its domain concerns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryPerson {
    /// Entra's id.
    pub id: ObjectId,
    /// The sign-in name, in lower case.
    pub upn: String,
    /// `onPremisesImmutableId`.
    pub immutable_id: Option<String>,
    /// `accountEnabled`.
    pub enabled: bool,
    /// `userType` is Guest.
    pub guest: bool,
    /// Another synchronisation keeps it (`onPremisesSyncEnabled`).
    pub synchronised: bool,
}

impl DirectoryPerson {
    /// What follows the @.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.upn.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// Somebody who holds a directory role, directly or through a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleHolder {
    /// Their object; groups are in the list as well as their people.
    pub object: ObjectId,
    /// Entra's id of the role, the same in all tenants.
    pub template: String,
    /// Its name.
    pub role: String,
}

impl RoleHolder {
    /// The template id of Global Administrator.
    const GLOBAL: &str = "62e90394-69f5-4237-9190-012177145e10";

    /// They may do everything in the tenant.
    #[must_use]
    pub fn is_global(&self) -> bool {
        self.template.eq_ignore_ascii_case(Self::GLOBAL)
    }
}

/// For whom Entra compares the domain of a token's issuer with the one of its person
/// (`federatedTokenValidationPolicy`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenValidation {
    /// `rootDomains`: `all`, `none`, `enumerated` and so on.
    pub root_domains: String,
    /// `domainNames`, where they are enumerated.
    pub names: Vec<String>,
}

/// A policy of Conditional Access, as far as it bears on federated sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPolicy {
    /// What admins call it.
    pub name: String,
    /// It decides; the others are off or only report.
    pub enforced: bool,
    /// It demands a second factor.
    pub wants_factor: bool,
    /// It demands an authentication strength that no federated sign-in has, of this name.
    pub strength_beyond_us: Option<String>,
    /// It has people sign in anew each time.
    pub every_time: bool,
}

/// What per-user MFA was found to be; it is read person by person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PerUserMfa {
    /// Of how many people it was read.
    pub read: usize,
    /// How many there are.
    pub people: usize,
    /// For whom it is enabled or enforced, by sign-in name.
    pub demanded: Vec<String>,
}

/// The form and the dates of a signing certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateForm {
    /// The length of its RSA key; `None` where it is no RSA key.
    pub rsa_bits: Option<usize>,
    /// It is signed with SHA-256 and RSA.
    pub sha256: bool,
    /// Not before this time.
    pub not_before: Ts,
    /// Not after this time.
    pub not_after: Ts,
    /// The text that Entra gets is base64 in one line.
    pub one_line: bool,
}

/// What came of asking one of our own public addresses, as a stranger does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// An answer came.
    Answered {
        /// Its status.
        status: u16,
        /// What is only in our own answer was in it.
        ours: bool,
    },
    /// The certificate of the address was not accepted; why.
    BadCertificate(String),
    /// Nothing came; why.
    Silent(String),
}
