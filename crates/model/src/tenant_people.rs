//! The people of a tenant as a look found them, and what an admin wants of each: the two ticks, and
//! whom of ours the account belongs to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    Ts,
    ids::{AssignmentId, EntitlementId, LookId, ObjectId, TenantId, UserId},
    matches::{OffLimits, SeenObject},
    user::Profile,
};

/// An account of a tenant, with everything that a person can be made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id, names and addresses.
    pub object: SeenObject,
    /// Whether it may be signed in to (`accountEnabled`).
    pub enabled: bool,
    /// Whether it has a licence (`assignedLicenses`).
    pub licensed: bool,
    /// What describes its person, but for addresses.
    pub profile: Profile,
}

/// What kind of account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Somebody of the tenant, whom nothing protects.
    Person,
    /// Somebody of another tenant.
    Guest,
    /// Somebody who holds a role in the tenant.
    Administrator,
    /// Another synchronisation keeps it.
    Synchronised,
    /// Its name is in the tenant's own domain, as those of emergency accounts are.
    Own,
}

/// One look at everybody in a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLook {
    /// Our id.
    pub id: LookId,
    /// When.
    pub at: Ts,
    /// How many accounts there are.
    pub found: u32,
    /// The domains of their sign-in names.
    pub domains: Vec<String>,
}

/// What an admin wants of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Which.
    pub object: ObjectId,
    /// *Sync user*: provisioning keeps it in step from then on.
    pub sync: bool,
    /// *SSO enabled*: its person may sign in through us.
    pub sso: bool,
    /// Whose it is.
    pub choice: Choice,
}

/// Whose an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// As it is suggested.
    #[default]
    Suggested,
    /// Of somebody who is made of it.
    Create,
    /// Of this person.
    Bind(UserId),
    /// Nobody's: it is left out of the list of those who are left over.
    Ignore,
}

/// What an import does with one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    /// It is said to be the person's: the next plan takes it over.
    Matched,
    /// The person is assigned to *Office 365*.
    Assigned,
    /// The Microsoft account signs the person in.
    LinkedMicrosoft,
    /// Provisioning leaves it alone.
    LeftAlone,
    /// Nobody is made of it.
    Ignored,
}

/// What an import did with an account: enough to take it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountTrace {
    /// In which tenant.
    pub tenant: TenantId,
    /// Which account.
    pub object: ObjectId,
    /// What was done.
    pub did: BTreeSet<Did>,
    /// What the person was given by it.
    pub given: Option<EntitlementId>,
    /// The assignment that followed from it.
    #[serde(default)]
    pub assignment: Option<AssignmentId>,
}

impl Account {
    /// What kind of account it is.
    #[must_use]
    pub fn kind(&self) -> AccountKind {
        match self.object.off_limits {
            Some(OffLimits::Administrator) => AccountKind::Administrator,
            Some(OffLimits::Guest) => AccountKind::Guest,
            _ if self.object.upn.to_ascii_lowercase().ends_with(".onmicrosoft.com") => {
                AccountKind::Own
            }
            Some(OffLimits::Synchronised) => AccountKind::Synchronised,
            _ => AccountKind::Person,
        }
    }

    /// The domain of its sign-in name, in lower case.
    #[must_use]
    pub fn domain(&self) -> String {
        let domain = self.object.upn.rsplit_once('@').map_or("", |(_, domain)| domain);
        domain.to_lowercase()
    }

    /// Its addresses of mail, each once and in one case, the sign-in name first.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        let same_case = |address: &str| address.trim().to_ascii_lowercase();
        let mut all = vec![same_case(&self.object.upn)];
        let proxies = self.object.proxy_addresses.iter().filter_map(|address| {
            let (kind, address) = address.split_once(':')?;
            kind.eq_ignore_ascii_case("smtp").then(|| same_case(address))
        });
        for address in self.object.mail.as_deref().map(same_case).into_iter().chain(proxies) {
            if !address.is_empty() && !all.contains(&address) {
                all.push(address);
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn account(upn: &str, off_limits: Option<OffLimits>) -> Account {
        Account {
            object: SeenObject {
                id: ObjectId(Uuid::nil()),
                upn: upn.to_owned(),
                display_name: String::new(),
                mail: Some("Mia@Contoso.com".to_owned()),
                proxy_addresses: vec!["smtp:m@contoso.com".to_owned(), "x500:/o=x".to_owned()],
                immutable_id: None,
                off_limits,
            },
            enabled: true,
            licensed: false,
            profile: Profile::default(),
        }
    }

    #[test]
    fn who_is_protected_is_no_mere_person() {
        let kind = |upn, limits| account(upn, limits).kind();
        assert_eq!(kind("mia@contoso.com", None), AccountKind::Person);
        assert_eq!(kind("x@contoso.OnMicrosoft.com", None), AccountKind::Own);
        let guest = "x_gmail.com#EXT#@contoso.onmicrosoft.com";
        assert_eq!(kind(guest, Some(OffLimits::Guest)), AccountKind::Guest);
        let admin = Some(OffLimits::Administrator);
        assert_eq!(kind("mia@contoso.com", admin), AccountKind::Administrator);
        let synced = Some(OffLimits::Synchronised);
        assert_eq!(kind("mia@contoso.com", synced), AccountKind::Synchronised);
    }

    #[test]
    fn addresses_come_once_and_those_of_other_kinds_not_at_all() {
        let mia = account("mia@contoso.com", None);
        assert_eq!(mia.addresses(), ["mia@contoso.com", "m@contoso.com"]);
        assert_eq!(mia.domain(), "contoso.com");
    }
}
