//! Judges what a pre-flight saw of a domain, its tenant and this house: nothing is read here.
//!
//! What could not be seen is said as such and never taken for good (F005, Y08).

mod domain;
mod house;
mod people;
mod policies;
mod state;
#[cfg(test)]
mod tests;
mod way_back;

use model::{
    Ts,
    entra::{EntraDomain, FederationConfiguration},
    explanation::Place,
    federated_domain::MfaBehavior,
    preflight::{Check, Finding, Mend, Verdict},
    tenant_state::{
        AccessPolicy, CertificateForm, DirectoryPerson, PerUserMfa, Probe, RoleHolder, Seen,
        TokenValidation,
    },
};

pub use state::state;

/// How many people are named.
const MOST_NAMES: usize = 10;

/// Everything that is judged.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The domain's name.
    pub domain: String,
    /// What Microsoft said.
    pub tenant: TenantSeen,
    /// What is known here.
    pub ours: Ours,
    /// What our own addresses answer.
    pub answers: Answers,
}

/// What Microsoft said of the tenant.
#[derive(Debug, Clone)]
pub struct TenantSeen {
    /// Permissions that the app registration lacks, each with what it is for.
    pub missing_permissions: Seen<Vec<(String, String)>>,
    /// Permissions that it has and Gatehouse needs for nothing.
    pub superfluous_permissions: Seen<Vec<String>>,
    /// How many seconds Microsoft's clock is ahead of ours.
    pub clock_ahead: Seen<i64>,
    /// The domains.
    pub domains: Seen<Vec<EntraDomain>>,
    /// The federation of each federated domain, by its name.
    pub federations: Seen<Vec<(String, FederationConfiguration)>>,
    /// Everybody in the tenant.
    pub people: Seen<Vec<DirectoryPerson>>,
    /// Who holds a directory role.
    pub roles: Seen<Vec<RoleHolder>>,
    /// For whom domains of issuer and person are compared.
    pub token_validation: Seen<TokenValidation>,
    /// Security defaults are on.
    pub security_defaults: Seen<bool>,
    /// Per-user MFA of the people of the domain.
    pub per_user_mfa: Seen<PerUserMfa>,
    /// Administrators may reset their own password at Microsoft.
    pub self_reset: Seen<bool>,
    /// The state of the registration campaign.
    pub registration_campaign: Seen<String>,
    /// The policies of Conditional Access.
    pub access_policies: Seen<Vec<AccessPolicy>>,
}

impl TenantSeen {
    /// Nothing could be seen, for one reason.
    #[must_use]
    pub fn unseen(why: &str) -> Self {
        fn blind<T>(why: &str) -> Seen<T> {
            Err(why.to_owned())
        }
        Self {
            missing_permissions: blind(why),
            superfluous_permissions: blind(why),
            clock_ahead: blind(why),
            domains: blind(why),
            federations: blind(why),
            people: blind(why),
            roles: blind(why),
            token_validation: blind(why),
            security_defaults: blind(why),
            per_user_mfa: blind(why),
            self_reset: blind(why),
            registration_campaign: blind(why),
            access_policies: blind(why),
        }
    }
}

/// What is known here.
#[derive(Debug, Clone)]
pub struct Ours {
    /// Everybody who is not deleted, of any domain.
    pub people: Vec<OurPerson>,
    /// The owners of this house.
    pub owners: Vec<OurPerson>,
    /// What tokens for the domain say as their issuer.
    pub issuer_uri: String,
    /// Who is planned to do the second factor.
    pub mfa_behavior: MfaBehavior,
    /// When the client secret ends, where somebody has said so.
    pub secret_ends_at: Option<Ts>,
    /// The key that signs.
    pub signing: CertificateForm,
    /// The one after it.
    pub next: Option<CertificateForm>,
    /// How letters leave.
    pub mail: MailWay,
}

/// One of our people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OurPerson {
    /// The sign-in name, in lower case.
    pub upn: String,
    /// Their immutable id.
    pub immutable_id: String,
    /// They are assigned to Office 365, and not blocked.
    pub assigned: bool,
    /// They have a second factor.
    pub has_factor: bool,
}

/// How letters leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailWay {
    /// No mail server is configured.
    None,
    /// One is, and so many letters wait for it.
    Server {
        /// Letters that have not left yet.
        waiting: i64,
    },
}

/// What our own addresses answer when they are asked as a stranger asks.
#[derive(Debug, Clone)]
pub struct Answers {
    /// How the public address is.
    pub address: Address,
    /// The federation metadata.
    pub metadata: Probe,
    /// Where people arrive.
    pub sign_in: Probe,
    /// The description for Windows; `None` while WS-Trust is off.
    pub description: Option<Probe>,
}

/// How the public address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// https, with a name that others may find.
    Https(String),
    /// Plain http: the demo, or a mistake.
    Http(String),
}

/// What each check found, in the order of [`Check::ALL`].
#[must_use]
pub fn judge(observed: &Observed, now: Ts) -> Vec<Finding> {
    let mut findings = domain::findings(observed);
    findings.extend(way_back::findings(observed));
    findings.extend(people::findings(observed));
    findings.extend(policies::findings(observed));
    findings.extend(house::findings(observed, now));
    findings
}

impl Observed {
    /// The people of the domain whom federating it changes something for: whoever may sign in.
    fn inside(&self) -> Seen<Vec<&DirectoryPerson>> {
        let people = self.tenant.people.as_ref().map_err(Clone::clone)?;
        Ok(people.iter().filter(|it| it.enabled && it.domain() == self.domain).collect())
    }

    /// Our people of the domain who are assigned.
    fn assigned(&self) -> impl Iterator<Item = &OurPerson> {
        self.ours.people.iter().filter(|it| it.assigned && self.is_inside(&it.upn))
    }

    fn is_inside(&self, upn: &str) -> bool {
        upn.rsplit_once('@').is_some_and(|(_, domain)| domain == self.domain)
    }

    /// Those of them who have no second factor.
    fn without_factor(&self) -> Vec<&str> {
        self.assigned().filter(|it| !it.has_factor).map(|it| it.upn.as_str()).collect()
    }
}

fn passed(check: Check, evidence: impl Into<String>) -> Finding {
    Finding { check, verdict: Verdict::Passed, evidence: evidence.into(), mend: None }
}

fn warning(
    check: Check,
    evidence: impl Into<String>,
    mend: (&str, impl Into<Option<Place>>),
) -> Finding {
    Finding { verdict: Verdict::Warning, ..failed(check, evidence, mend) }
}

fn failed(
    check: Check,
    evidence: impl Into<String>,
    (fix, place): (&str, impl Into<Option<Place>>),
) -> Finding {
    let mend = Mend { fix: fix.to_owned(), place: place.into() };
    Finding { check, verdict: Verdict::Failed, evidence: evidence.into(), mend: Some(mend) }
}

/// What can't be seen is mended at the app registration most of the time; the reason says so.
fn unseen(check: Check, why: &str) -> Finding {
    Finding { check, verdict: Verdict::Unseen, evidence: why.to_owned(), mend: None }
}

/// Judges what was seen.
fn seen<T>(check: Check, seen: &Seen<T>, judge: impl FnOnce(&T) -> Finding) -> Finding {
    match seen {
        Ok(seen) => judge(seen),
        Err(why) => unseen(check, why),
    }
}

/// Up to ten of them by name, and how many more there are.
fn named(names: &[impl AsRef<str>]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_NAMES).map(AsRef::as_ref).collect();
    let more = names.len() - shown.len();
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// "1 person", "3 people".
fn people(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}
