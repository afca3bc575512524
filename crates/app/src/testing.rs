//! The Contoso sample for tests: a database is filled with it once for a test program, and each test
//! begins with a copy (`store::testing`). Keys and password hashes are dear, and meant to be.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use authn::totp;
use graph::{RealTimer, Timer as _};
use model::{
    Actor, Ts, application::Office365Settings, pending_request::Purpose, relying_party::CloudHosts,
    tenant::Tenant,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use store::{
    Database, MasterKey, Store, factors, relying_parties, tenants, testing::Throwaway, users,
};

use crate::{
    Admin, Clock, Error, House, Mode, Result, Settings, SystemRandom, Visitor,
    office365::NewConnection,
    sample::{Sample, SampleAccount},
    settings::PasswordParams,
};

/// A clock that stands still until it is moved.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// Stands at `now`.
    #[must_use]
    pub fn at(now: Ts) -> Self {
        Self(Arc::new(AtomicI64::new(now.0)))
    }

    /// Moves on; a span of millennia stops at the end of time.
    pub fn pass(&self, time: Duration) {
        let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Ts {
        Ts(self.0.load(Ordering::SeqCst))
    }

    /// What a test lets pass has passed, and what its waits take as well.
    fn passed(&self) -> Duration {
        let let_pass = u64::try_from(self.0.load(Ordering::SeqCst)).unwrap_or_default();
        RealTimer.passed() + Duration::from_micros(let_pass)
    }
}

/// When the sample begins: a Wednesday morning.
#[must_use]
pub const fn morning() -> Ts {
    Ts::from_secs(1_795_597_200)
}

/// Settings with the quickest hashes that are allowed. The store is opened apart from them.
#[must_use]
pub fn settings(mode: Mode, public_url: &str) -> Settings {
    let unused = store::Settings {
        url: "sqlite:///dev/null".to_owned(),
        master_keys: MasterKey::from_bytes([0; 32]).into(),
        pool_size: 1,
    };
    let url = public_url.parse().expect("the address of a test is one");
    Settings { password_params: Some(PasswordParams::FLOOR), ..Settings::new(mode, url, unused) }
}

/// Everything that a house begins with: organisation, tenant, domain and the sample's people.
pub async fn fill(house: &House, connection: NewConnection) -> Result<Sample> {
    let visitor = Visitor::at_the_command_line(house);
    house.found("Contoso", &visitor).await?;
    let tenant = house.new_tenant(connection)?;
    let id = tenant.id;
    let settings = Office365Settings { first_plan_confirmed: true, ..Office365Settings::default() };
    let application = house.connect_tenant(tenant, settings, Actor::Operator, &visitor).await?;
    house.load_products(id).await?;
    house.add_domain(id, "contoso.com", Actor::Operator, &visitor).await?;
    house.grant_enrollment_grace(house.now() + Duration::from_hours(24)).await?;
    house.make_sample(application, "contoso.com").await
}

/// The sample's owner, signed in just now with both factors, who may open the console.
pub async fn owner(house: &House, sample: &Sample) -> Result<Admin> {
    let (visitor, owner) = (Visitor::at_the_command_line(house), &sample.owner);
    let handle = house.begin_sign_in(Purpose::Console, &visitor).await?;
    house.sign_in_address(&handle, &visitor, &owner.upn).await?;
    house.sign_in_password(&handle, &visitor, owner.password.clone()).await?;
    let upn = owner.upn.clone();
    let secret = house.store().read(move |tx| {
        let id = users::by_upn(tx, &upn)?.ok_or_else(|| Error::not_found("person"))?.id;
        let found = factors::totp_of(tx, id)?.pop().ok_or_else(|| Error::not_found("factor"))?;
        Ok::<_, Error>(found.secret)
    });
    let code = totp::code_at(&secret.await?, house.now());
    house.sign_in_code(&handle, &visitor, &code).await?;
    let signed_in = house.complete_sign_in(&handle, &visitor).await?;
    let token = signed_in.ok_or_else(|| Error::not_found("session"))?.token;
    house.admin(&token).await?.ok_or_else(|| Error::not_found("admin"))
}

/// A copy of a database with the sample as it is at [`morning`], whose tenant is at `connection`'s
/// hosts.
pub async fn contoso(kind: Database, connection: NewConnection) -> (Throwaway, Sample) {
    let hosts = connection.simulator.clone();
    let runtime = tokio::runtime::Handle::current();
    let filled = move || {
        Throwaway::filled(kind, "contoso", |store| runtime.block_on(first(store, connection)))
    };
    let (database, notes) =
        tokio::task::spawn_blocking(filled).await.expect("the database could be filled");
    move_tenants(&database.open(), hosts).await.expect("a tenant can be moved");
    (database, read(&notes).expect("the notes are ours"))
}

async fn first(store: Store, connection: NewConnection) -> Vec<u8> {
    let settings = settings(Mode::Demo, "http://localhost:8080");
    let clock = Arc::new(TestClock::at(morning()));
    let house = House::with_store(settings, store, clock, Arc::new(SystemRandom)).await;
    let sample =
        fill(&house.expect("a house opens"), connection).await.expect("the sample is made");
    let accounts: Vec<_> =
        std::iter::once(&sample.owner).chain(&sample.people).map(written).collect();
    Value::from(accounts).to_string().into_bytes()
}

/// The pretend Microsoft of each test listens elsewhere, and has its tokens sent there.
async fn move_tenants(store: &Store, hosts: Option<CloudHosts>) -> Result<()> {
    let Some(hosts) = hosts else { return Ok(()) };
    let moved = move |tx: &mut store::Tx| {
        for tenant in tenants::all(tx)? {
            for mut party in relying_parties::all(tx)? {
                for reply in &mut party.replies {
                    *reply = reply.replace(&tenant.hosts.login, &hosts.login);
                }
                relying_parties::update(tx, &party)?;
            }
            tenants::update(tx, &Tenant { hosts: hosts.clone(), ..tenant })?;
        }
        Ok(())
    };
    store.write(moved).await
}

fn written(account: &SampleAccount) -> Value {
    let secret = account.totp_secret.as_ref().map(ExposeSecret::expose_secret);
    json!({
        "upn": account.upn,
        "password": account.password(),
        "totp_secret": secret,
        "immutable_id": account.immutable_id,
        "assigned": account.assigned,
    })
}

/// The owner is the first.
fn read(notes: &[u8]) -> Option<Sample> {
    let accounts: Vec<Value> = serde_json::from_slice(notes).ok()?;
    let mut people: Vec<_> = accounts.iter().map(account).collect::<Option<_>>()?;
    Some(Sample { owner: people.remove(0), people })
}

fn account(written: &Value) -> Option<SampleAccount> {
    let text = |name: &str| written[name].as_str().map(str::to_owned);
    Some(SampleAccount {
        upn: text("upn")?,
        password: text("password")?.into(),
        totp_secret: text("totp_secret").map(Into::into),
        immutable_id: text("immutable_id")?,
        assigned: written["assigned"].as_bool()?,
    })
}
