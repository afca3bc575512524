//! Who can sign in: the people of Contoso whose domain is not federated, and a few people of other
//! directories, one of whom says to be somebody else.

use crate::sample;
use crate::tenant::{Tenant, User};

/// The directory of personal accounts.
pub(crate) const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Somebody's account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) tenant: String,
    pub(crate) object: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) display_name: String,
}

/// An account of a directory that is not Contoso's: the address that is typed, who it is, and what
/// the token says of names.
struct Stranger {
    address: &'static str,
    tenant: &'static str,
    object: &'static str,
    says: &'static str,
}

const STRANGERS: [Stranger; 5] = [
    Stranger {
        address: sample::ALICE_ELSEWHERE,
        tenant: sample::FABRIKAM_ID,
        object: "a1111111-1111-4111-8111-111111111111",
        says: sample::ALICE_ELSEWHERE,
    },
    Stranger {
        address: "bob@fabrikam.com",
        tenant: sample::FABRIKAM_ID,
        object: "a2222222-2222-4222-8222-222222222222",
        says: "bob@fabrikam.com",
    },
    Stranger {
        address: sample::ALICE_AT_HOME,
        tenant: PERSONAL,
        object: "00000000-0000-0000-66f3-3332eca7ea81",
        says: sample::ALICE_AT_HOME,
    },
    // A tenant of one's own lets its people be called whatever they like.
    Stranger {
        address: sample::MALLORY,
        tenant: sample::ADATUM_ID,
        object: "a3333333-3333-4333-8333-333333333333",
        says: "alice@contoso.com",
    },
    // The same object id as somebody's elsewhere.
    Stranger {
        address: "twin@adatum.example",
        tenant: sample::ADATUM_ID,
        object: "a1111111-1111-4111-8111-111111111111",
        says: sample::ALICE_ELSEWHERE,
    },
];

impl Account {
    /// The account of a person of Contoso.
    pub(crate) fn of(tenant: &Tenant, user: &User) -> Self {
        Self {
            tenant: tenant.id.clone(),
            object: user.id.clone(),
            name: user.upn().to_owned(),
            email: user.mail().unwrap_or(user.upn()).to_owned(),
            display_name: user.display_name().to_owned(),
        }
    }

    /// Who signs in with an address.
    pub(super) fn find(tenant: &Tenant, address: &str) -> Option<Self> {
        if let Some(user) = tenant.user(address).filter(|user| user.account_enabled()) {
            return Some(Self::of(tenant, user));
        }
        let stranger = STRANGERS.iter().find(|it| it.address.eq_ignore_ascii_case(address))?;
        Some(Self {
            tenant: stranger.tenant.to_owned(),
            object: stranger.object.to_owned(),
            name: stranger.says.to_owned(),
            email: stranger.says.to_owned(),
            display_name: stranger.says.to_owned(),
        })
    }
}

/// The id of a directory that is named by its id or by a domain.
pub(super) fn directory(tenant: &Tenant, named: &str) -> Option<String> {
    let others = [
        (sample::FABRIKAM_ID, "fabrikam.com"),
        (sample::ADATUM_ID, "adatum.example"),
        (PERSONAL, PERSONAL),
    ];
    let is_contoso = named.eq_ignore_ascii_case(&tenant.id)
        || tenant.domain(named).is_some_and(|domain| domain.is_verified);
    if is_contoso {
        return Some(tenant.id.clone());
    }
    let mut found = others.iter().filter(|(id, domain)| {
        named.eq_ignore_ascii_case(id) || named.eq_ignore_ascii_case(domain)
    });
    found.next().map(|(id, _)| (*id).to_owned())
}
