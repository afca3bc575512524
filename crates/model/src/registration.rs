//! App registrations at Microsoft through which people sign in here with their Microsoft account.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Method, Ts,
    ids::{ClientId, EntraTenantId, RegistrationId},
    microsoft_account::Vouched,
    relying_party::{Cloud, CloudHosts},
    tenant::AppCredential,
};

/// The one tenant in which every personal Microsoft account lives.
pub const PERSONAL: EntraTenantId =
    EntraTenantId(Uuid::from_u128(0x9188_040d_6c67_4c5b_b112_36a3_04b6_6dad));

/// An app registration that a customer made at Microsoft for signing in here.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Our id; part of the redirect URI, so that no two share one.
    pub id: RegistrationId,
    /// What admins call it.
    pub alias: String,
    /// Microsoft's id of the app.
    pub client_id: ClientId,
    /// Its secret, or the certificate in its place.
    pub credential: AppCredential,
    /// When that ends, if known.
    pub credential_ends_at: Option<Ts>,
    /// A second one, while one follows another.
    pub other: Option<OtherCredential>,
    /// Which cloud it lives in.
    pub cloud: Cloud,
    /// That cloud's addresses.
    pub hosts: CloudHosts,
    /// Whose people may come through it.
    pub tenants: Tenants,
    /// The tenants whose second factor counts here; none of them by default.
    pub trusted: Vec<EntraTenantId>,
    /// The sign-in page offers it.
    pub enabled: bool,
    /// When it was added.
    pub created_at: Ts,
}

/// The second credential of a registration, beside the one that is used.
#[derive(Debug, Clone)]
pub struct OtherCredential {
    /// The secret or certificate.
    pub credential: AppCredential,
    /// When it ends, if known.
    pub ends_at: Option<Ts>,
    /// When it came here; tells it from another one at the same place.
    pub added_at: Ts,
    /// Whether it follows the one that is used, or went before it.
    pub turn: Turn,
}

/// Where a second credential stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// It waits to be used.
    Next,
    /// It was used, and may go.
    Former,
}

/// Whose people may come through a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "mode")]
pub enum Tenants {
    /// Those of one organisation.
    One {
        /// Which.
        tenant: EntraTenantId,
        /// The domain by which an admin named it, if they did.
        domain: Option<String>,
    },
    /// Those of these organisations.
    Several {
        /// Which.
        tenants: Vec<EntraTenantId>,
    },
    /// Those of every organisation.
    Organizations,
    /// Those of every organisation, and personal accounts.
    Common,
    /// Personal accounts alone.
    Consumers,
}

/// Whether an account may come through a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Admitted,
    /// It is a personal account, and organisations' accounts are wanted.
    Personal,
    /// It is an organisation's account, and personal ones are wanted.
    Work,
    /// It is of an organisation that is not among those that are wanted.
    Foreign,
}

impl Tenants {
    /// The word that settings and pages use.
    #[must_use]
    pub const fn mode(&self) -> &'static str {
        match self {
            Self::One { .. } => "one",
            Self::Several { .. } => "several",
            Self::Organizations => "organizations",
            Self::Common => "common",
            Self::Consumers => "consumers",
        }
    }

    /// The mode with the directories that it names, for the audit log.
    #[must_use]
    pub fn named(&self) -> String {
        let ids = match self {
            Self::One { tenant, domain: Some(domain) } => format!(" {tenant} ({domain})"),
            Self::One { tenant, domain: None } => format!(" {tenant}"),
            Self::Several { tenants } => {
                let ids: Vec<String> = tenants.iter().map(ToString::to_string).collect();
                format!(" {}", ids.join(", "))
            }
            Self::Organizations | Self::Common | Self::Consumers => String::new(),
        };
        format!("{}{ids}", self.mode())
    }

    /// What Microsoft's addresses have in the place of a tenant.
    #[must_use]
    pub fn authority(&self) -> String {
        match self {
            Self::One { tenant, .. } => tenant.to_string(),
            Self::Several { .. } | Self::Organizations => "organizations".to_owned(),
            Self::Common => "common".to_owned(),
            Self::Consumers => "consumers".to_owned(),
        }
    }

    /// Whether an account of this tenant may come.
    #[must_use]
    pub fn admission(&self, of: EntraTenantId) -> Admission {
        let is_personal = of == PERSONAL;
        match self {
            Self::Common => Admission::Admitted,
            Self::Consumers if is_personal => Admission::Admitted,
            Self::Consumers => Admission::Work,
            _ if is_personal => Admission::Personal,
            Self::Organizations => Admission::Admitted,
            Self::One { tenant, .. } if *tenant == of => Admission::Admitted,
            Self::Several { tenants } if tenants.contains(&of) => Admission::Admitted,
            Self::One { .. } | Self::Several { .. } => Admission::Foreign,
        }
    }

    /// Who can sign in, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let who = match self {
            Self::One { domain: Some(domain), .. } => {
                format!("People of the organisation of {domain}, and guests in its directory")
            }
            Self::One { tenant, domain: None } => {
                format!("People of the directory {tenant}, and guests in it")
            }
            Self::Several { tenants } => match tenants.len() {
                1 => "People of the one directory that is named, and nobody else".to_owned(),
                many => format!("People of the {many} directories that are named, and nobody else"),
            },
            Self::Organizations => {
                "Anybody with a work or school account of any organisation".to_owned()
            }
            Self::Common => "Anybody with a work, school or personal Microsoft account".to_owned(),
            Self::Consumers => "Anybody with a personal Microsoft account".to_owned(),
        };
        format!("{who}, once the account is linked to a person here.")
    }
}

impl Registration {
    /// What it may prove itself with, the one that is used first. Where Microsoft refuses that, the
    /// other one still opens: nobody is turned away while one follows another.
    #[must_use]
    pub fn credentials(&self) -> Vec<AppCredential> {
        let other = self.other.iter().map(|other| other.credential.clone());
        std::iter::once(self.credential.clone()).chain(other).collect()
    }

    /// What a sign-in through it proves here. It counts as a second factor where the account's tenant
    /// is trusted with that and Microsoft says that one was given; never else.
    #[must_use]
    pub fn proves(&self, vouched: &Vouched) -> Method {
        let tenant = vouched.identity.tenant;
        let is_trusted = tenant != PERSONAL && self.trusted.contains(&tenant);
        if vouched.says_mfa && is_trusted { Method::MicrosoftMfa } else { Method::Microsoft }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::ObjectId, microsoft_account::Identity};

    const OURS: EntraTenantId = EntraTenantId(Uuid::from_u128(1));
    const OTHER: EntraTenantId = EntraTenantId(Uuid::from_u128(2));

    #[test]
    fn each_mode_lets_in_whom_it_says() {
        use Admission::{Admitted, Foreign, Personal, Work};
        let one = Tenants::One { tenant: OURS, domain: None };
        let several = Tenants::Several { tenants: vec![OURS] };
        for (tenants, expected) in [
            (one, [Admitted, Foreign, Personal]),
            (several, [Admitted, Foreign, Personal]),
            (Tenants::Organizations, [Admitted, Admitted, Personal]),
            (Tenants::Common, [Admitted, Admitted, Admitted]),
            (Tenants::Consumers, [Work, Work, Admitted]),
        ] {
            let found = [OURS, OTHER, PERSONAL].map(|of| tenants.admission(of));
            assert_eq!(found, expected, "{tenants:?}");
        }
    }

    #[test]
    fn a_second_factor_at_microsoft_counts_only_of_a_trusted_tenant() {
        let registration = |trusted: &[EntraTenantId]| Registration {
            id: RegistrationId(Uuid::from_u128(9)),
            alias: String::new(),
            client_id: ClientId(Uuid::from_u128(8)),
            credential: AppCredential::Secret("secret".into()),
            credential_ends_at: None,
            other: None,
            cloud: Cloud::Global,
            hosts: CloudHosts { login: String::new(), graph: String::new() },
            tenants: Tenants::Common,
            trusted: trusted.to_vec(),
            enabled: true,
            created_at: Ts(0),
        };
        let of = |tenant, says_mfa| Vouched {
            identity: Identity { tenant, object: ObjectId(Uuid::from_u128(3)) },
            name: String::new(),
            says_mfa,
        };
        for (trusted, vouched, expected) in [
            (&[][..], of(OURS, true), Method::Microsoft),
            (&[OURS][..], of(OURS, false), Method::Microsoft),
            (&[OTHER][..], of(OURS, true), Method::Microsoft),
            (&[OURS][..], of(OURS, true), Method::MicrosoftMfa),
            (&[PERSONAL][..], of(PERSONAL, true), Method::Microsoft),
        ] {
            assert_eq!(registration(trusted).proves(&vouched), expected, "{trusted:?} {vouched:?}");
        }
    }
}
