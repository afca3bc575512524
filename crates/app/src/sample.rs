//! The Contoso sample (ruling 23): twelve people in three groups and an owner, with random
//! passwords. Only the demo and the tests make it; the people go through the same tables as
//! everybody, and the tenant is filled by the same sync.

use authn::{enrollment_code, totp};
use model::{
    Actor, ImmutableId, Role, Upn,
    application::Licence,
    factor::TotpFactor,
    ids::{ApplicationId, FactorId, GroupId, SkuId, UserId},
    user::{Group, Profile, User, UserState},
};
use secrecy::{ExposeSecret, SecretString};
use store::{Tx, applications, credentials, factors, groups, subscribed_skus, users};

use crate::{Error, House, Result};

/// Somebody of the sample, with what they need to sign in.
#[derive(Debug, Clone)]
pub struct SampleAccount {
    /// The sign-in name.
    pub upn: String,
    /// The password.
    pub password: SecretString,
    /// The authenticator's secret in base32, if one is enrolled.
    pub totp_secret: Option<SecretString>,
    /// The join value.
    pub immutable_id: String,
    /// Whether they are assigned to *Office 365*.
    pub assigned: bool,
}

/// The sample, as it was made.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Who may open the console.
    pub owner: SampleAccount,
    /// The twelve people.
    pub people: Vec<SampleAccount>,
}

/// What makes one person of the sample special.
struct Person {
    name: (&'static str, &'static str),
    department: &'static str,
    title: &'static str,
    country: Option<&'static str>,
    sku: Option<&'static str>,
    enrolled: bool,
    state: UserState,
}

const BUSINESS_PREMIUM: &str = "SPB";
const EXCHANGE: &str = "EXCHANGESTANDARD";

const fn person(
    name: (&'static str, &'static str),
    department: &'static str,
    title: &'static str,
    country: Option<&'static str>,
    sku: Option<&'static str>,
) -> Person {
    Person { name, department, title, country, sku, enrolled: true, state: UserState::Active }
}

const PREMIUM: Option<&str> = Some(BUSINESS_PREMIUM);

const PEOPLE: [Person; 12] = [
    person(("Alice", "Anders"), "Sales", "Account manager", Some("US"), PREMIUM),
    Person {
        enrolled: false,
        ..person(("Bob", "Brandt"), "Sales", "Sales engineer", Some("DE"), None)
    },
    Person {
        enrolled: false,
        ..person(("Carol", "Chen"), "Engineering", "Developer", Some("US"), PREMIUM)
    },
    Person {
        state: UserState::Blocked,
        ..person(("Dan", "Dubois"), "Sales", "Account manager", Some("FR"), None)
    },
    person(("Erin", "Eriksen"), "Engineering", "Developer", Some("DK"), PREMIUM),
    person(("Farid", "Farouk"), "Engineering", "Platform engineer", None, PREMIUM),
    person(("Grace", "Gomez"), "Sales", "Head of sales", Some("US"), PREMIUM),
    person(("Hiro", "Hayashi"), "Engineering", "Head of engineering", Some("JP"), PREMIUM),
    person(("Ines", "Ibarra"), "Sales", "Inside sales", Some("ES"), Some(EXCHANGE)),
    person(("Jonas", "Jensen"), "Engineering", "Designer", None, Some(EXCHANGE)),
    person(("Kim", "Keller"), "Sales", "Sales operations", Some("CH"), Some(EXCHANGE)),
    Person {
        enrolled: false,
        ..person(("Lena", "Larsson"), "Engineering", "Working student", Some("SE"), None)
    },
];

/// Everything of one account that is written in the transaction.
struct Prepared {
    user: User,
    credential: model::credential::Credential,
    totp: Option<TotpFactor>,
    sku: Option<&'static str>,
    department: &'static str,
}

impl House {
    /// Makes the sample for an application whose products are loaded.
    pub async fn make_sample(&self, application: ApplicationId, domain: &str) -> Result<Sample> {
        let mut prepared = Vec::new();
        let mut accounts = Vec::new();
        for person in std::iter::once(&OWNER).chain(&PEOPLE) {
            let (account, row) = self.prepare(person, domain).await?;
            accounts.push(account);
            prepared.push(row);
        }
        let house = self.clone();
        self.store().write(move |tx| house.write_sample(tx, application, prepared)).await?;
        let owner = accounts.remove(0);
        Ok(Sample { owner, people: accounts })
    }

    async fn prepare(&self, person: &Person, domain: &str) -> Result<(SampleAccount, Prepared)> {
        let user = self.sample_user(person, domain)?;
        let password: SecretString = enrollment_code::from_random(self.draw()).0.into();
        let credential = self.hash_new(user.id, password.clone()).await?;
        let totp = person.enrolled.then(|| self.sample_totp(user.id));
        let key = |factor: &TotpFactor| totp::key_text(&factor.secret).replace(' ', "").into();
        let account = SampleAccount {
            upn: user.upn.to_string(),
            password,
            totp_secret: totp.as_ref().map(key),
            immutable_id: user.immutable_id.to_string(),
            assigned: person.sku.is_some(),
        };
        let row =
            Prepared { user, credential, totp, sku: person.sku, department: person.department };
        Ok((account, row))
    }

    fn sample_user(&self, person: &Person, domain: &str) -> Result<User> {
        let (given, surname) = person.name;
        let upn = format!("{}@{domain}", given.to_lowercase());
        let upn = Upn::parse(&upn).map_err(|why| Error::invalid("upn", why.to_string()))?;
        let now = self.now();
        Ok(User {
            id: UserId(self.new_id()),
            immutable_id: self.sample_immutable_id(),
            state: person.state,
            profile: Profile {
                display_name: format!("{given} {surname}"),
                given_name: Some(given.to_owned()),
                surname: Some(surname.to_owned()),
                mail: Some(upn.to_string()),
                department: Some(person.department.to_owned()),
                job_title: Some(person.title.to_owned()),
                country: person.country.map(str::to_owned),
                ..Profile::default()
            },
            upn,
            role: (given == OWNER.name.0).then_some(Role::Owner),
            created_at: now,
            updated_at: now,
        })
    }

    pub(crate) fn sample_immutable_id(&self) -> ImmutableId {
        loop {
            if let Some(id) = ImmutableId::from_random(self.draw()) {
                return id;
            }
        }
    }

    pub(crate) fn sample_totp(&self, user_id: UserId) -> TotpFactor {
        let now = self.now();
        TotpFactor {
            id: FactorId(self.new_id()),
            user_id,
            secret: totp::secret(self.draw()),
            last_step: None,
            confirmed_at: Some(now),
            created_at: now,
        }
    }

    fn write_sample(&self, tx: &mut Tx, id: ApplicationId, rows: Vec<Prepared>) -> Result<()> {
        let application =
            applications::by_id(tx, id)?.ok_or_else(|| Error::not_found("application"))?;
        let skus = subscribed_skus::of_tenant(tx, application.tenant_id)?;
        let sku_id = |part: &str| -> Option<SkuId> {
            skus.iter().find(|sku| sku.sku_part_number == part).map(|sku| sku.sku_id)
        };
        let names = ["Everyone", "Sales", "Engineering"];
        let made: Vec<Group> = names
            .iter()
            .map(|name| Group { id: GroupId(self.new_id()), name: (*name).to_owned() })
            .collect();
        for group in &made {
            groups::create(tx, group)?;
        }
        for row in rows {
            users::create(tx, &row.user)?;
            credentials::put(tx, &row.credential)?;
            if let Some(totp) = &row.totp {
                factors::put_totp(tx, totp)?;
                factors::mark_enrolled(tx, row.user.id)?;
            }
            for group in made.iter().filter(|g| g.name == "Everyone" || g.name == row.department) {
                groups::add_member(tx, group.id, row.user.id)?;
            }
            if let Some(sku_id) = row.sku.and_then(sku_id) {
                let licence = Licence { sku_id, disabled_plans: Vec::new() };
                self.give(tx, &row.user, &application, vec![licence])?;
            }
        }
        let visitor = crate::visitor::inside("sample");
        let row =
            visitor.audit(self, Actor::Operator, model::audit::AuditKind::UserCreated, "sample");
        Ok(store::audit_log::record(tx, &row)?)
    }
}

const OWNER: Person = Person {
    name: ("Olivia", "Okafor"),
    department: "IT",
    title: "IT lead",
    country: Some("US"),
    sku: None,
    enrolled: true,
    state: UserState::Active,
};

impl SampleAccount {
    /// The password, for the file that only the demo writes.
    #[must_use]
    pub fn password(&self) -> &str {
        self.password.expose_secret()
    }
}
