//! A house with the Contoso sample, on a database of each kind.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use app::{
    Admin, Clock, Employee, House, Mode, Settings, SystemRandom, Visitor,
    issue::wsfed::Entered,
    office365::NewConnection,
    sample::{Sample, SampleAccount},
    settings::{HookSettings, PasswordParams},
    sign_in::{Outcome, Screen, SignedIn},
    sync::Lane,
    testing::{self, TestClock, contoso, morning},
    visitor::{Bounces, Secret},
};
use mail::testing::MailServer;
use model::{
    Ts,
    ids::{ApplicationId, TenantId, UserId},
    pending_request::Purpose,
    relying_party::{Cloud, CloudHosts},
    session::ClientInfo,
};
use secrecy::ExposeSecret as _;
use simulator::Simulator;
use store::{Database, Store, testing::Throwaway};

/// A clock that somebody has set.
#[derive(Debug)]
struct SetClock {
    clock: TestClock,
    seconds: Arc<AtomicI64>,
}

impl Clock for SetClock {
    fn now(&self) -> Ts {
        Ts(self.clock.now().0 + self.set_by() * 1_000_000)
    }

    fn set_by(&self) -> i64 {
        self.seconds.load(Ordering::Relaxed)
    }

    fn passed(&self) -> Duration {
        self.clock.passed()
    }
}

/// Everything a test needs.
pub(crate) struct Bench {
    pub(crate) house: House,
    pub(crate) store: Store,
    pub(crate) database: Throwaway,
    pub(crate) simulator: Simulator,
    pub(crate) sample: Sample,
    pub(crate) tenant: TenantId,
    pub(crate) application: ApplicationId,
    clock: TestClock,
}

pub(crate) const SLUG: &str = "contoso-com";
const HTTP: &str = "http://localhost:8080";
const HTTPS: &str = "https://idp.gatehouse.test";

/// Runs `test` with a full bench on SQLite and on PostgreSQL.
pub(crate) fn both<F, Done>(test: F)
where
    F: Fn(Bench) -> Done,
    Done: Future<Output = ()>,
{
    for kind in [Database::Sqlite, Database::Postgres] {
        eprintln!("on {kind:?}");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async { test(Bench::new(kind).await).await });
    }
}

impl Bench {
    pub(crate) async fn new(kind: Database) -> Self {
        let clock = TestClock::at(morning());
        let simulator = start_simulator(&clock).await;
        let (database, sample) = contoso(kind, connection(&simulator.url())).await;
        let store = database.open();
        let house = open(&store, &clock, (HTTP, Some(PasswordParams::FLOOR))).await;
        let all = store.read(store::applications::all).await.unwrap();
        let (tenant, application) = (all[0].tenant_id, all[0].id);
        Self { house, store, database, simulator, sample, tenant, application, clock }
    }

    /// The same after a restart: a house on a store that was opened anew.
    pub(crate) async fn restarted(self, store: Store) -> Self {
        let house = open(&store, &self.clock, (HTTP, Some(PasswordParams::FLOOR))).await;
        Self { house, store, ..self }
    }

    /// A second node on the same database.
    pub(crate) async fn second_node(&self) -> House {
        self.node_with(Some(PasswordParams::FLOOR)).await
    }

    /// The same, hashing passwords with these parameters or with the measured ones.
    pub(crate) async fn node_with(&self, params: Option<PasswordParams>) -> House {
        open(&self.store, &self.clock, (HTTP, params)).await
    }

    /// A node whose clock was set forward by so many seconds while it ran.
    pub(crate) async fn node_set_by(&self, seconds: i64) -> House {
        self.node_that_is_set(&Arc::new(AtomicI64::new(seconds))).await
    }

    /// A node whose clock is set while it runs, as the test says.
    pub(crate) async fn node_that_is_set(&self, seconds: &Arc<AtomicI64>) -> House {
        let clock = SetClock { clock: self.clock.clone(), seconds: Arc::clone(seconds) };
        let settings = settings(HTTP, Some(PasswordParams::FLOOR));
        let (clock, random) = (Arc::new(clock), Arc::new(SystemRandom));
        House::with_store(settings, self.store.clone(), clock, random).await.unwrap()
    }

    /// A node whose public address is https, without which there is no WS-Trust (ruling 9).
    pub(crate) async fn https_node(&self) -> House {
        open(&self.store, &self.clock, (HTTPS, Some(PasswordParams::FLOOR))).await
    }

    /// The same with a mail server: every verb of the house then writes its letters.
    pub(crate) async fn with_mail(self, server: &MailServer) -> Self {
        self.with_alarms_to(server, &[]).await
    }

    /// The same, and letters about alarms go to these addresses besides.
    pub(crate) async fn with_alarms_to(self, server: &MailServer, others: &[&str]) -> Self {
        let mail = Some(server.settings());
        let alarms_to = others.iter().map(|&other| other.to_owned()).collect();
        self.with_settings(|settings| Settings { mail, alarms_to, ..settings }).await
    }

    /// The same, but alarms may be sent to private addresses.
    pub(crate) async fn with_private_webhooks(self) -> Self {
        let webhooks = HookSettings { allow_private: true };
        self.with_settings(|settings| Settings { webhooks, ..settings }).await
    }

    /// The same, set otherwise.
    pub(crate) async fn with_settings(self, change: impl FnOnce(Settings) -> Settings) -> Self {
        let settings = change(settings(HTTP, Some(PasswordParams::FLOOR)));
        let (clock, random) = (Arc::new(self.clock.clone()), Arc::new(SystemRandom));
        let house = House::with_store(settings, self.store.clone(), clock, random).await.unwrap();
        Self { house, ..self }
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.clock.pass(time);
    }

    /// Moves on to the next code of every authenticator.
    pub(crate) fn next_code(&self) {
        self.pass(Duration::from_secs(31));
    }

    pub(crate) fn account(&self, name: &str) -> &SampleAccount {
        let wanted = format!("{name}@contoso.com");
        let all = std::iter::once(&self.sample.owner).chain(&self.sample.people);
        all.into_iter().find(|account| account.upn == wanted).unwrap()
    }

    pub(crate) fn code(&self, account: &SampleAccount) -> String {
        let key = account.totp_secret.as_ref().unwrap().expose_secret();
        let secret = base32(key);
        authn::totp::code_at(&secret.into(), self.house.now())
    }

    /// Signs somebody in with password and code.
    pub(crate) async fn sign_in(&self, name: &str, purpose: Purpose, from: &Visitor) -> SignedIn {
        let handle = self.at_code(name, purpose, from).await;
        let code = self.code(self.account(name));
        let outcome = self.house.sign_in_code(&handle, from, &code).await.unwrap();
        assert_eq!(outcome, Outcome::Next(Screen::Done));
        self.house.complete_sign_in(&handle, from).await.unwrap().unwrap()
    }

    /// Signs somebody in as far as the second factor.
    pub(crate) async fn at_code(&self, name: &str, purpose: Purpose, from: &Visitor) -> Secret {
        let handle = self.house.begin_sign_in(purpose, from).await.unwrap();
        let account = self.account(name);
        self.house.sign_in_address(&handle, from, &account.upn).await.unwrap();
        let password = account.password.clone();
        self.house.sign_in_password(&handle, from, password).await.unwrap();
        handle
    }

    pub(crate) async fn admin(&self) -> Admin {
        self.next_code();
        let signed_in = self.sign_in("olivia", Purpose::Console, &visitor("198.51.100.9")).await;
        self.house.admin(&signed_in.token).await.unwrap().unwrap()
    }

    pub(crate) async fn employee(&self, name: &str, from: &Visitor) -> (Employee, Secret) {
        let signed_in = self.sign_in(name, Purpose::Portal, from).await;
        let employee = self.house.employee(&signed_in.token).await.unwrap().unwrap();
        (employee, signed_in.token)
    }

    pub(crate) async fn user_id(&self, name: &str) -> UserId {
        let upn = format!("{name}@contoso.com");
        let found = self.store.read(move |tx| store::users::by_upn(tx, &upn)).await.unwrap();
        found.unwrap().id
    }

    /// Asks for a token as Microsoft does.
    pub(crate) async fn enter(
        &self,
        query: &str,
        from: &Visitor,
        session: Option<&Secret>,
    ) -> Entered {
        self.house.enter_wsfed(SLUG, query, from, session).await.unwrap()
    }

    /// Tries what is due in the outbox, once.
    pub(crate) async fn drain_once(&self) {
        for lane in [Lane::Safety, Lane::Rest] {
            self.house.drain_outbox(lane).await.unwrap();
        }
    }

    /// Does everything that waits in the outbox.
    pub(crate) async fn drain(&self) {
        for lane in [Lane::Safety, Lane::Rest] {
            while self.house.drain_outbox(lane).await.unwrap() {}
        }
    }
}

/// A request as Microsoft sends it.
pub(crate) const QUERY: &str = "client-request-id=5d5e0b86-93f5-4a0a-a5a0-3f1f0a7c5b11&wa=wsignin1.0\
    &wtrealm=urn%3afederation%3aMicrosoftOnline\
    &wctx=LoginOptions%3D3%26estsredirect%3d2%26estsrequest%3drQQIARAA&cbcxt=\
    &username=alice%40contoso.com&mkt=&lc=";

pub(crate) fn visitor(address: &str) -> Visitor {
    Visitor {
        client: ClientInfo { address: address.to_owned(), user_agent: "test".to_owned() },
        behind: String::new(),
        correlation_id: "test".to_owned(),
        client_request_id: None,
        browser: Secret::draw(&SystemRandom),
        device: None,
        remembered: None,
        bounces: Bounces::default(),
    }
}

async fn open(
    store: &Store,
    clock: &TestClock,
    (public_url, password_params): (&str, Option<PasswordParams>),
) -> House {
    let settings = settings(public_url, password_params);
    House::with_store(settings, store.clone(), Arc::new(clock.clone()), Arc::new(SystemRandom))
        .await
        .unwrap()
}

fn settings(public_url: &str, password_params: Option<PasswordParams>) -> Settings {
    Settings { password_params, ..testing::settings(Mode::Demo, public_url) }
}

async fn start_simulator(clock: &TestClock) -> Simulator {
    let mut settings = simulator::Settings::contoso("127.0.0.1:0".parse().unwrap());
    let clock = clock.clone();
    settings.now = Arc::new(move || clock.now().0);
    settings.replication_lag = Duration::ZERO;
    Simulator::start(settings).await.unwrap()
}

pub(crate) fn connection(url: &str) -> NewConnection {
    NewConnection {
        alias: "Contoso".to_owned(),
        tenant_id: simulator::sample::TENANT_ID.to_owned(),
        client_id: simulator::sample::CLIENT_ID.to_owned(),
        client_secret: simulator::sample::CLIENT_SECRET.to_owned().into(),
        secret_ends: String::new(),
        cloud: Cloud::Simulator,
        simulator: Some(CloudHosts { login: url.to_owned(), graph: url.to_owned() }),
    }
}

/// RFC 4648 base32 without padding.
pub(crate) fn base32(text: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bits = 0_u64;
    let mut count = 0;
    let mut bytes = Vec::new();
    for c in text.chars() {
        bits = (bits << 5) | ALPHABET.find(c).unwrap() as u64;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap());
        }
    }
    bytes
}
