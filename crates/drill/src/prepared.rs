//! What each case begins with: the sample in the tenant, and one thing that the next run will do. It is
//! made once, by the house's own verbs, and copied from then on.

use std::{
    collections::BTreeMap,
    error::Error,
    sync::{Arc, OnceLock},
    time::Duration,
};

use app::{
    Admin, Clock as _, House, Mode, Visitor,
    office365::NewConnection,
    sample::Sample,
    sync::Lane,
    testing::{self, owner},
};
use model::{
    Actor,
    application::Licence,
    ids::{ApplicationId, TenantId, UserId},
    plan::Scope,
    relying_party::{Cloud, CloudHosts},
};
use simulator::{Simulator, Snapshot, sample};
use store::{
    Store, applications, subscribed_skus,
    testing::{Frozen, Throwaway},
    users,
};

use crate::{clock::VirtualClock, dice::Loaded, op::Op, wire::Wire};

/// What can't be made isn't tried any further.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Both sides at the moment before an operation.
#[derive(Clone)]
pub struct Prepared {
    /// The house's side.
    pub database: Frozen,
    /// Microsoft's.
    pub tenant: Snapshot,
    /// How much time had passed.
    pub passed: Duration,
    /// The sample.
    pub sample: Arc<Sample>,
    /// Our id of the tenant.
    pub tenant_id: TenantId,
    /// Our id of the application.
    pub application: ApplicationId,
    /// The object that it is done to, if there is one yet.
    pub object: Option<String>,
}

/// Both sides in step, with nothing to do, and before each operation.
pub struct All {
    /// In step.
    pub calm: Prepared,
    /// Before each operation.
    pub before: BTreeMap<Op, Prepared>,
}

/// What every case of this process begins with.
pub fn all() -> &'static All {
    static ALL: OnceLock<All> = OnceLock::new();
    ALL.get_or_init(|| {
        let made = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(make())
        });
        made.join().expect("it does not panic").expect("both sides can be prepared")
    })
}

/// Both sides, while they are prepared.
struct Workshop {
    clock: VirtualClock,
    simulator: Arc<Simulator>,
    /// It carries the calls as long as it is there.
    _wire: Wire,
    database: Throwaway,
    store: Store,
    house: House,
    sample: Arc<Sample>,
    tenant: TenantId,
    application: ApplicationId,
}

async fn make() -> Result<All> {
    let workshop = Workshop::found().await?;
    workshop.in_step().await?;
    let calm = workshop.keep(None);
    let mut before = BTreeMap::new();
    for op in Op::ALL {
        let workshop = Workshop::again(&calm).await?;
        workshop.wish(op).await?;
        before.insert(op, workshop.keep(Some(op)));
    }
    Ok(All { calm, before })
}

/// A simulator on the same clock.
pub async fn simulator(clock: &VirtualClock) -> Result<Arc<Simulator>> {
    let mut settings = simulator::Settings::contoso("127.0.0.1:0".parse()?);
    let microsofts = clock.clone();
    settings.now = Arc::new(move || microsofts.truly().0);
    Ok(Arc::new(Simulator::start(settings).await?))
}

/// A house on a store.
pub async fn house(store: &Store, clock: &VirtualClock, seed: u64) -> Result<House> {
    let settings = testing::settings(Mode::Demo, "http://localhost:8080");
    let (clock, random) = (Arc::new(clock.clone()), Arc::new(Loaded::new(seed)));
    Ok(House::with_store(settings, store.clone(), clock, random).await?)
}

/// What the preparing house draws from. No case draws from it again: the ids of its calls are taken.
const WORKSHOP: u64 = u64::MAX / 2;

impl Workshop {
    async fn found() -> Result<Self> {
        let clock = VirtualClock::default();
        let simulator = simulator(&clock).await?;
        let wire = Wire::lay(Arc::clone(&simulator), clock.clone()).await?;
        let database = Throwaway::sqlite();
        let store = database.open();
        let house = house(&store, &clock, WORKSHOP).await?;
        let sample = Arc::new(testing::fill(&house, connection(&wire.url())).await?);
        let all = store.read(applications::all).await?;
        let application = all.first().ok_or("an application was made")?;
        let (tenant, application) = (application.tenant_id, application.id);
        Ok(Self {
            clock,
            simulator,
            _wire: wire,
            database,
            store,
            house,
            sample,
            tenant,
            application,
        })
    }

    async fn again(from: &Prepared) -> Result<Self> {
        let clock = VirtualClock::default();
        clock.begin_at(from.passed);
        let simulator = simulator(&clock).await?;
        simulator.begin_from(&from.tenant);
        let wire = Wire::lay(Arc::clone(&simulator), clock.clone()).await?;
        let database = from.database.thaw();
        lead_to(&database, &wire);
        let store = database.open();
        let house = house(&store, &clock, WORKSHOP + 1).await?;
        let (sample, tenant) = (Arc::clone(&from.sample), from.tenant_id);
        let application = from.application;
        Ok(Self {
            clock,
            simulator,
            _wire: wire,
            database,
            store,
            house,
            sample,
            tenant,
            application,
        })
    }

    /// Everybody is in the tenant, and some of them are what must not be touched.
    async fn in_step(&self) -> Result<()> {
        let id = self.application;
        let kept = self.store.write(move |tx| {
            let found =
                applications::by_id(tx, id)?.ok_or(store::Error::NotFound { what: "it" })?;
            let settings =
                model::application::Office365Settings { delete_days: Some(60), ..found.settings };
            applications::update_settings(tx, id, &settings)
        });
        kept.await?;
        self.sync().await?;
        self.unassign("jonas").await?;
        self.sync().await?;
        self.simulator.set("alice@contoso.com", "officeLocation", "Room 7");
        self.simulator.make_admin("kim@contoso.com");
        self.clock.pass(Duration::from_hours(25));
        self.sync().await
    }

    /// What the next run shall do; and something about two others, of whom one must not be touched.
    async fn wish(&self, op: Op) -> Result<()> {
        let both: &[&str] = &["SPB", "EXCHANGESTANDARD"];
        match op {
            Op::CreateUser => self.assign("bob", &both[..1]).await?,
            Op::MatchExisting => self.promise().await?,
            Op::UpdateAttributes => self.title("alice", None).await?,
            Op::SetUsageLocation => self.title("alice", Some("DE")).await?,
            Op::AssignLicense => self.assign("alice", both).await?,
            Op::RemoveLicense => self.assign("alice", &[]).await?,
            Op::BlockSignIn | Op::RevokeSessions => self.unassign("alice").await?,
            Op::UnblockSignIn => {
                self.unassign("alice").await?;
                self.sync().await?;
                self.clock.pass(Duration::from_hours(25));
                self.assign("alice", &both[..1]).await?;
            }
            Op::ChangeUpn => {
                let (admin, id) = (self.admin().await?, self.person("alice").await?);
                let visitor = Visitor::at_the_command_line(&self.house);
                self.house.rename_person(&admin, id, "alice.ahmed@contoso.com", &visitor).await?;
            }
            Op::SoftDelete => self.leave("alice").await?,
            Op::RestoreDeleted => {
                self.leave("alice").await?;
                self.sync().await?;
                self.clock.pass(Duration::from_hours(25));
                self.assign("alice", &both[..1]).await?;
            }
        }
        self.title("grace", None).await?;
        self.title("kim", None).await
    }

    /// Somebody has left, and the day of the account has come.
    async fn leave(&self, name: &str) -> Result<()> {
        self.unassign(name).await?;
        self.sync().await?;
        self.clock.pass(Duration::from_hours(31 * 24));
        self.sync().await?;
        self.clock.pass(Duration::from_hours(31 * 24));
        Ok(())
    }

    /// Lena was in the tenant before us, and an admin says so.
    async fn promise(&self) -> Result<()> {
        let properties = serde_json::json!({
            "userPrincipalName": "lena@contoso.com", "displayName": "Lena of before",
            "usageLocation": "SE", "officeLocation": "Room 9",
        });
        let object = self.simulator.add_user(properties.as_object().cloned().unwrap_or_default());
        let (admin, lena) = (self.admin().await?, self.person("lena").await?);
        self.house.look_for_matches(&admin, self.tenant).await?;
        let visitor = Visitor::at_the_command_line(&self.house);
        let pairs = vec![(lena, object.parse()?)];
        self.house.accept_matches(&admin, self.tenant, pairs, &visitor).await?;
        self.assign("lena", &["SPB"]).await
    }

    async fn admin(&self) -> Result<Admin> {
        self.clock.pass(Duration::from_secs(31));
        Ok(owner(&self.house, &self.sample).await?)
    }

    async fn person(&self, name: &str) -> Result<UserId> {
        let upn = format!("{name}@contoso.com");
        let found = self.store.read(move |tx| users::by_upn(tx, &upn)).await?;
        Ok(found.ok_or("the sample has them")?.id)
    }

    async fn assign(&self, name: &str, products: &[&str]) -> Result<()> {
        let tenant = self.tenant;
        let skus = self.store.read(move |tx| subscribed_skus::of_tenant(tx, tenant)).await?;
        let given =
            |sku: &&model::entra::SubscribedSku| products.contains(&sku.sku_part_number.as_str());
        let licence = |sku: &model::entra::SubscribedSku| Licence {
            sku_id: sku.sku_id,
            disabled_plans: Vec::new(),
        };
        let licences = skus.iter().filter(given).map(licence).collect();
        let (admin, person) = (self.admin().await?, self.person(name).await?);
        let visitor = Visitor::at_the_command_line(&self.house);
        Ok(self.house.assign(&admin, person, self.application, licences, &visitor).await?)
    }

    async fn unassign(&self, name: &str) -> Result<()> {
        let (admin, person) = (self.admin().await?, self.person(name).await?);
        let visitor = Visitor::at_the_command_line(&self.house);
        self.house.unassign(&admin, person, self.application, &visitor).await?;
        Ok(())
    }

    async fn title(&self, name: &str, country: Option<&str>) -> Result<()> {
        let (admin, id) = (self.admin().await?, self.person(name).await?);
        let found = self.store.read(move |tx| users::by_id(tx, id)).await?;
        let mut profile = found.ok_or("the sample has them")?.profile;
        match country {
            Some(country) => profile.country = Some(country.to_owned()),
            None => profile.job_title = Some("Something new".to_owned()),
        }
        let visitor = Visitor::at_the_command_line(&self.house);
        Ok(self.house.change_profile(&admin, id, profile, &visitor).await?)
    }

    /// All that waits, and everybody.
    async fn sync(&self) -> Result<()> {
        self.clock.pass(Duration::from_mins(15));
        for lane in [Lane::Safety, Lane::Rest] {
            while self.house.drain_outbox(lane).await? {}
        }
        self.house.sync(self.tenant, Scope::Everyone, Actor::Schedule).await?;
        Ok(())
    }

    fn keep(&self, op: Option<Op>) -> Prepared {
        let seen = self.simulator.tenant();
        let object = op.and_then(|op| {
            let upn = format!("{}@contoso.com", op.person());
            let in_bin = || seen.deleted.iter().find(|user| user.upn() == upn);
            seen.user(&upn).or_else(in_bin).map(|user| user.id.clone())
        });
        Prepared {
            database: Frozen::of(&self.database),
            tenant: self.simulator.snapshot(),
            passed: self.clock.passed(),
            sample: Arc::clone(&self.sample),
            tenant_id: self.tenant,
            application: self.application,
            object,
        }
    }
}

/// Microsoft is to be found behind this wire.
pub fn lead_to(database: &Throwaway, wire: &Wire) {
    let url = wire.url();
    let moved = format!("UPDATE tenants SET login_host = '{url}', graph_host = '{url}'");
    store::testing::Watch::over(database).meddle(&moved);
}

fn connection(url: &str) -> NewConnection {
    NewConnection {
        alias: "Contoso".to_owned(),
        tenant_id: sample::TENANT_ID.to_owned(),
        client_id: sample::CLIENT_ID.to_owned(),
        client_secret: sample::CLIENT_SECRET.to_owned().into(),
        secret_ends: String::new(),
        cloud: Cloud::Simulator,
        simulator: Some(CloudHosts { login: url.to_owned(), graph: url.to_owned() }),
    }
}
