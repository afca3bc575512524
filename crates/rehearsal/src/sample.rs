//! The sample to rehearse with: a tenant as the simulator's sample has it, and three people.

use app::{
    SystemRandom, clock,
    rehearsal::{Original, Person, PlannedDomain, TenantCopy},
};
use model::{
    ImmutableId, Upn,
    application::{Licence, Office365Settings},
    entra::{EntraAttributes, EntraDomain, EntraUser, ServicePlan, SubscribedSku},
    federated_domain::{BrowserProtocol, MfaBehavior},
    ids::{EntraTenantId, ObjectId, ServicePlanId, SkuId},
    user::Profile,
    wstrust::PasswordDoor,
};
use simulator::sample;
use url::Url;

use crate::error::{Error, Result};

/// The domain that is federated.
pub(crate) const DOMAIN: &str = sample::DOMAIN;
const PUBLIC_URL: &str = "https://sign-in.contoso.com";
const PEOPLE: [&str; 3] = ["Alice Anders", "Erin Eriksen", "Jonas Jensen"];
/// Exchange Online (Plan 1), the part of Business Premium that brings a mailbox.
const MAILBOX: &str = "9aaf7827-d63c-4b61-89c3-182f06f82e5c";

/// Where the sample's people sign in.
pub(crate) fn public_url() -> Result<Url> {
    Ok(Url::parse(PUBLIC_URL)?)
}

/// Everything about the sample.
pub(crate) fn original(protocol: BrowserProtocol) -> Result<Original> {
    let premium = SkuId(id(sample::BUSINESS_PREMIUM)?);
    let people = PEOPLE.iter().map(|name| person(name, premium)).collect::<Result<_>>()?;
    let doors = match protocol {
        BrowserProtocol::WsFed => vec![PasswordDoor::WsTrust],
        BrowserProtocol::Saml2 => vec![PasswordDoor::Ecp],
    };
    let accounts: Vec<_> = sample::BREAK_GLASS.iter().map(|upn| break_glass(upn)).collect();
    Ok(Original {
        organisation: sample::TENANT_NAME.to_owned(),
        domain: PlannedDomain {
            name: DOMAIN.to_owned(),
            issuer_uri: None,
            protocol,
            mfa: MfaBehavior::Accept,
            doors,
        },
        settings: Office365Settings::default(),
        people,
        tenant: TenantCopy {
            id: EntraTenantId(id(sample::TENANT_ID)?),
            domains: vec![domain(sample::INITIAL_DOMAIN, true), domain(DOMAIN, false)],
            federations: Vec::new(),
            products: vec![product(premium)?],
            administrators: accounts.iter().map(|it| it.id).collect(),
            accounts,
        },
    })
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::seen(format!("{text} is no id")))
}

fn domain(name: &str, initial: bool) -> EntraDomain {
    EntraDomain {
        name: name.to_owned(),
        verified: true,
        default: initial,
        initial,
        root: true,
        federated: false,
    }
}

fn product(sku_id: SkuId) -> Result<SubscribedSku> {
    Ok(SubscribedSku {
        sku_id,
        sku_part_number: "SPB".to_owned(),
        enabled: 25,
        consumed: 0,
        usable: true,
        service_plans: vec![ServicePlan {
            id: ServicePlanId(id(MAILBOX)?),
            name: "EXCHANGE_S_STANDARD".to_owned(),
            per_user: true,
        }],
    })
}

fn break_glass(upn: &str) -> EntraUser {
    EntraUser {
        id: ObjectId(clock::new_id(model::Ts(0), &SystemRandom)),
        upn: upn.to_owned(),
        immutable_id: None,
        account_enabled: true,
        usage_location: None,
        licences: Vec::new(),
        synced_from_elsewhere: false,
        guest: false,
        protected: true,
        attributes: EntraAttributes::default(),
    }
}

fn person(name: &str, sku_id: SkuId) -> Result<Person> {
    let wrong = || Error::seen(format!("{name} can't be made up"));
    let first = name.split(' ').next().unwrap_or_default().to_lowercase();
    let drawn = std::iter::repeat_with(|| ImmutableId::from_random(clock::draw(&SystemRandom)));
    Ok(Person {
        upn: Upn::parse(&format!("{first}@{DOMAIN}")).map_err(|_| wrong())?,
        immutable_id: drawn.flatten().next().ok_or_else(wrong)?,
        profile: Profile { display_name: name.to_owned(), ..Profile::default() },
        licences: vec![Licence { sku_id, disabled_plans: Vec::new() }],
    })
}
