//! Who plays a rehearsal: a house that lasts as long as it, with the domain as planned and with people
//! whose passwords and second factors are made up. A house for real refuses.

use std::time::Duration;

use authn::{enrollment_code, totp};
use model::{
    Actor, Ts, Upn,
    application::{Licence, Office365Settings},
    factor::TotpFactor,
    ids::{ApplicationId, FederatedDomainId, TenantId, UserId},
    user::{Profile, User, UserState},
    wstrust::{PasswordDoor, WsTrustPermit},
};
use secrecy::{SecretSlice, SecretString};
use store::{Tx, applications, credentials, factors, federated_domains, sync_runs, users};

use super::{Original, Person};
use crate::{Error, House, Kind, Result, Visitor, office365::NewConnection};

/// Programs come from this machine alone.
const NETWORKS: [&str; 2] = ["127.0.0.0/8", "::1/128"];
/// No rehearsal takes longer.
const PERMIT: Duration = Duration::from_hours(24);

/// Who plays, and where.
#[derive(Debug, Clone)]
pub struct Cast {
    /// The tenant.
    pub tenant: TenantId,
    /// The domain.
    pub domain: FederatedDomainId,
    /// *Office 365*.
    pub application: ApplicationId,
    /// Who is assigned from the beginning, at least one.
    pub players: Vec<Player>,
    /// Who is assigned later.
    pub newcomer: Player,
}

/// Somebody who takes part, with what they need to sign in.
#[derive(Debug, Clone)]
pub struct Player {
    /// Our id.
    pub id: UserId,
    /// The sign-in name.
    pub upn: String,
    /// The join value.
    pub immutable_id: String,
    /// The password, made up.
    pub password: SecretString,
    /// What they have, or are going to have.
    pub licences: Vec<Licence>,
    secret: SecretSlice<u8>,
}

impl Player {
    /// What their authenticator app shows.
    #[must_use]
    pub fn code_at(&self, now: Ts) -> String {
        totp::code_at(&self.secret, now)
    }
}

impl House {
    /// Fills a house that was just opened for a rehearsal, which is connected to the copy.
    pub async fn cast_rehearsal(&self, original: &Original, copy: NewConnection) -> Result<Cast> {
        if !self.is_demo() {
            return Err(Error::new(
                Kind::Forbidden,
                "A rehearsal is played in a house of its own.",
            ));
        }
        let visitor = Visitor::at_the_command_line(self);
        self.found(&original.organisation, &visitor).await?;
        let tenant = self.new_tenant(copy)?;
        let tenant_id = tenant.id;
        let settings =
            Office365Settings { first_plan_confirmed: true, ..original.settings.clone() };
        let application = self.connect_tenant(tenant, settings, Actor::Operator, &visitor).await?;
        self.load_products(tenant_id).await?;
        let name = &original.domain.name;
        let domain = self.add_domain(tenant_id, name, Actor::Operator, &visitor).await?;
        let mut people = original.people.clone();
        if people.is_empty() {
            people.push(self.made_up("rehearsal", original)?);
        }
        let newcomer = Person {
            licences: people[0].licences.clone(),
            ..self.made_up("rehearsal-newcomer", original)?
        };
        let mut players = Vec::new();
        for person in &people {
            players.push(self.enter(person, Some(application)).await?);
        }
        let newcomer = self.enter(&newcomer, None).await?;
        let cast = Cast { tenant: tenant_id, domain, application, players, newcomer };
        self.plan_domain(original, &cast).await?;
        Ok(cast)
    }

    /// Somebody who is not in the tenant, with a licence of which there is a seat.
    fn made_up(&self, name: &str, original: &Original) -> Result<Person> {
        let upn = format!("{name}-{}@{}", hex::encode(self.draw::<4>()), original.domain.name);
        let free = original.tenant.products.iter().find(|it| it.usable && it.consumed < it.enabled);
        let licence = |sku_id| Licence { sku_id, disabled_plans: Vec::new() };
        Ok(Person {
            upn: Upn::parse(&upn).map_err(|why| Error::invalid("upn", why.to_string()))?,
            immutable_id: self.sample_immutable_id(),
            profile: Profile { display_name: "Rehearsal".to_owned(), ..Profile::default() },
            licences: free.map(|it| licence(it.sku_id)).into_iter().collect(),
        })
    }

    async fn enter(&self, person: &Person, to: Option<ApplicationId>) -> Result<Player> {
        let now = self.now();
        let user = User {
            id: UserId(self.new_id()),
            upn: person.upn.clone(),
            immutable_id: person.immutable_id.clone(),
            state: UserState::Active,
            profile: person.profile.clone(),
            role: None,
            created_at: now,
            updated_at: now,
        };
        let password: SecretString = enrollment_code::from_random(self.draw()).0.into();
        let credential = self.hash_new(user.id, password.clone()).await?;
        let totp: TotpFactor = self.sample_totp(user.id);
        let player = Player {
            id: user.id,
            upn: user.upn.to_string(),
            immutable_id: user.immutable_id.to_string(),
            password,
            licences: person.licences.clone(),
            secret: totp.secret.clone(),
        };
        let (house, licences) = (self.clone(), person.licences.clone());
        self.store()
            .write(move |tx| {
                users::create(tx, &user)?;
                credentials::put(tx, &credential)?;
                factors::put_totp(tx, &totp)?;
                factors::mark_enrolled(tx, user.id)?;
                match to {
                    Some(application) => house.give_in(tx, &user, application, licences),
                    None => Ok(()),
                }
            })
            .await?;
        Ok(player)
    }

    fn give_in(
        &self,
        tx: &mut Tx,
        user: &User,
        application: ApplicationId,
        licences: Vec<Licence>,
    ) -> Result<()> {
        let application =
            applications::by_id(tx, application)?.ok_or_else(|| Error::not_found("application"))?;
        self.give(tx, user, &application, licences)
    }

    /// The domain as it is planned where it comes from, with the same doors open.
    async fn plan_domain(&self, original: &Original, cast: &Cast) -> Result<()> {
        let (planned, id) = (original.domain.clone(), cast.domain);
        let permit = (!planned.doors.is_empty()).then(|| WsTrustPermit {
            domain_id: id,
            networks: NETWORKS.iter().filter_map(|network| network.parse().ok()).collect(),
            people: vec![cast.players[0].id],
            groups: Vec::new(),
            ecp: planned.doors.contains(&PasswordDoor::Ecp),
            expires_at: self.now() + PERMIT,
            reason: "Rehearsal".to_owned(),
            granted_by: cast.players[0].id,
            granted_at: self.now(),
        });
        self.store()
            .write(move |tx| {
                let mut domain =
                    federated_domains::by_id(tx, id)?.ok_or_else(|| Error::not_found("domain"))?;
                domain.browser_protocol = planned.protocol;
                domain.mfa_behavior = planned.mfa;
                domain.issuer_uri = planned.issuer_uri.unwrap_or(domain.issuer_uri);
                federated_domains::update(tx, &domain)?;
                if let Some(permit) = permit {
                    store::wstrust_permits::put(tx, &permit)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }

    /// Assigns the newcomer, as the console does.
    pub async fn assign_in_rehearsal(&self, cast: &Cast) -> Result<()> {
        if !self.is_demo() {
            return Err(Error::new(
                Kind::Forbidden,
                "A rehearsal is played in a house of its own.",
            ));
        }
        let (house, id, application) = (self.clone(), cast.newcomer.id, cast.application);
        let licences = cast.newcomer.licences.clone();
        self.store()
            .write(move |tx| {
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                house.give_in(tx, &user, application, licences)
            })
            .await
    }

    /// What the newest sync run could not do, a sentence each.
    pub async fn troubles_of_sync(&self, tenant: TenantId) -> Result<Vec<String>> {
        self.store()
            .read(move |tx| {
                let Some(run) = sync_runs::recent(tx, tenant, 1)?.pop() else {
                    return Ok(Vec::new());
                };
                let mut troubles: Vec<String> =
                    [run.reason].into_iter().filter(|it| !it.is_empty()).collect();
                troubles.extend(
                    run.conflicts.into_iter().map(|it| format!("{}: {}", it.upn, it.reason)),
                );
                for step in sync_runs::steps(tx, run.id)? {
                    use model::plan::StepOutcome::{Failed, Skipped};
                    if let Failed(why) | Skipped(why) = step.outcome {
                        troubles.push(format!("{}: {why}", step.step.upn));
                    }
                }
                Ok::<_, Error>(troubles)
            })
            .await
    }
}
