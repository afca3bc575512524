//! A running counter over the Contoso sample, with the simulator behind it and a clock that stands
//! still until it is moved.

use std::{net::TcpListener, sync::Arc, time::Duration};

use app::{
    Clock, House, Mode, Settings, SystemRandom,
    office365::NewConnection,
    relying_parties::registry::PartyWish,
    sample::{Sample, SampleAccount},
    settings::{MailSettings, TokenSettings},
    testing::{self, TestClock, contoso, morning},
    visitor::Secret,
};
use aws_lc_rs::hmac;
use model::{
    Actor, Ts,
    plan::Scope,
    relying_party::{Cloud, CloudHosts, PartyProtocol},
};
use secrecy::ExposeSecret as _;
use simulator::Simulator;
use store::{Database, Store, federated_domains, testing::Throwaway};

use crate::{
    attacks::process::{FileClock, Process},
    browser::{Browser, Page},
};

/// The server as a process of its own, on the same database.
pub(crate) struct Apart {
    pub(crate) process: Process,
    clock: FileClock,
    _folder: tempfile::TempDir,
}

/// What a house has outside of itself.
#[derive(Default)]
pub(crate) struct Outside {
    pub(crate) pkcs11: Option<TokenSettings>,
    pub(crate) mail: Option<MailSettings>,
    /// Other programs on this machine may be called.
    neighbours: bool,
}

/// Everything a test needs.
pub(crate) struct World {
    pub(crate) house: House,
    pub(crate) store: Store,
    pub(crate) simulator: Simulator,
    pub(crate) sample: Sample,
    /// `http://localhost:1234`.
    pub(crate) url: String,
    /// Where it really listens; the same, but behind a proxy.
    pub(crate) door: String,
    /// Set when browsers come to a process of its own.
    pub(crate) apart: Option<Apart>,
    clock: TestClock,
    _running: server::Running,
}

/// What monitoring brings.
pub(crate) const METRICS: &str = "0f8e2c1b7a6d5e4f3c2b1a0918273645";

/// Runs `test` with a world on SQLite and on PostgreSQL.
pub(crate) fn both<F, Done>(test: F)
where
    F: Fn(World) -> Done,
    Done: Future<Output = ()>,
{
    for kind in [Database::Sqlite, Database::Postgres] {
        eprintln!("on {kind:?}");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async { test(World::on(kind).await).await });
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(Database::Sqlite).await
    }

    /// The same on a database of one's choice.
    pub(crate) async fn on(kind: Database) -> Self {
        Self::copied(kind, Outside::default()).await
    }

    /// The same with a mail server.
    pub(crate) async fn with_mail(mail: MailSettings) -> Self {
        Self::copied(Database::Sqlite, Outside { mail: Some(mail), ..Outside::default() }).await
    }

    /// The same with signing keys in a token.
    pub(crate) async fn signing(pkcs11: TokenSettings) -> Self {
        let outside = Outside { pkcs11: Some(pkcs11), ..Outside::default() };
        Self::begin(store::testing::sqlite(), None, morning(), outside).await
    }

    /// The same, beginning at another time.
    pub(crate) async fn at(start: Ts) -> Self {
        Self::begin(store::testing::sqlite(), None, start, Outside::default()).await
    }

    /// The same, whose house may call programs on this machine.
    pub(crate) async fn calling_neighbours(start: Ts) -> Self {
        let outside = Outside { neighbours: true, ..Outside::default() };
        Self::begin(store::testing::sqlite(), None, start, outside).await
    }

    /// A counter behind a proxy that speaks https for it, beginning at a time (ruling 9).
    pub(crate) async fn behind_https(start: Ts) -> Self {
        Self::behind_https_over(store::testing::sqlite(), start).await
    }

    /// The same over a database of one's choice.
    pub(crate) async fn behind_https_over(store: Store, start: Ts) -> Self {
        let url = Some("https://idp.gatehouse.test");
        Self::begin(store, url, start, Outside::default()).await
    }

    /// The same with the server in a process of its own, which can be measured.
    pub(crate) async fn apart(start: Ts, database: Throwaway) -> Self {
        let url = "https://idp.gatehouse.test";
        let mut world = Self::begin(database.open(), Some(url), start, Outside::default()).await;
        let folder = tempfile::tempdir().unwrap();
        let clock = FileClock(folder.path().join("now"));
        clock.set(start);
        let process = Process::start(&database.settings.url, &clock, url);
        world.door.clone_from(&process.door);
        world.apart = Some(Apart { process, clock, _folder: folder });
        world
    }

    /// Over a database that is filled now.
    async fn begin(store: Store, public_url: Option<&str>, start: Ts, outside: Outside) -> Self {
        let clock = TestClock::at(start);
        let place = Place::new(public_url, &clock).await;
        let house = open(&store, (Mode::Demo, &place.url), Arc::new(clock.clone()), outside).await;
        let sample = testing::fill(&house, connection(&place.simulator.url())).await.unwrap();
        place.opened(house, store, sample, clock)
    }

    /// Over a copy of one that was filled before.
    async fn copied(kind: Database, outside: Outside) -> Self {
        let clock = TestClock::at(morning());
        let place = Place::new(None, &clock).await;
        let (database, sample) = contoso(kind, connection(&place.simulator.url())).await;
        let store = database.open();
        let house = open(&store, (Mode::Demo, &place.url), Arc::new(clock.clone()), outside).await;
        place.opened(house, store, sample, clock)
    }

    /// A browser that has never been here.
    pub(crate) fn browser(&self) -> Browser {
        Browser::behind_proxy(&self.url, &self.door)
    }

    /// Makes Microsoft's side know everybody.
    pub(crate) async fn sync(&self) {
        let tenant = self.store.read(store::tenants::all).await.unwrap()[0].id;
        self.house.sync(tenant, Scope::Everyone, Actor::Operator).await.unwrap();
        self.drain().await;
    }

    /// Lets time go by.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.pass(time);
        if let Some(apart) = &self.apart {
            apart.clock.set(self.clock.now());
        }
    }

    pub(crate) fn account(&self, name: &str) -> &SampleAccount {
        let wanted = format!("{name}@contoso.com");
        let all = std::iter::once(&self.sample.owner).chain(&self.sample.people);
        all.into_iter().find(|account| account.upn == wanted).unwrap()
    }

    /// The code that an account's authenticator shows next; earlier ones are used up.
    pub(crate) fn next_code(&self, account: &SampleAccount) -> String {
        self.pass(Duration::from_secs(31));
        let key = account.totp_secret.as_ref().unwrap().expose_secret();
        totp(&base32(key), self.clock.now())
    }

    /// A browser in which somebody has signed in at a door (`/portal`, `/admin`).
    pub(crate) async fn signed_in(&self, name: &str, door: &str) -> Browser {
        let browser = self.browser();
        let account = self.account(name);
        let page = browser.follow(door).await;
        let page = browser.fill(&page, "/sign-in/address", &[("address", &account.upn)]).await;
        let page = self.prove(&browser, &page, name).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some(door)));
        browser
    }

    /// Registers an application by its metadata, as the owner does in the console.
    pub(crate) async fn register(&self, metadata: &str, complete: impl Fn(&mut PartyWish)) {
        let browser = self.signed_in("olivia", "/admin").await;
        let cookie = browser.cookie("gh_admin").or_else(|| browser.cookie("__Host-gh_admin"));
        let session = Secret::from_cookie(&cookie.unwrap());
        let admin = self.house.admin(&session).await.unwrap().unwrap();
        let found = self.store.read(|tx| federated_domains::by_slug(tx, "contoso-com")).await;
        let (domain, visitor) =
            (found.unwrap().unwrap().id, app::Visitor::at_the_command_line(&self.house));
        let protocol = PartyProtocol::Saml2;
        let mut wish = self.house.read_party_metadata(&admin, protocol, metadata).unwrap();
        complete(&mut wish);
        self.house.register_party(&admin, domain, &wish, &visitor).await.unwrap();
    }

    /// Password and code of somebody, from the page that asks for the password.
    pub(crate) async fn prove(&self, browser: &Browser, page: &Page, name: &str) -> Page {
        let account = self.account(name);
        let password = account.password.expose_secret();
        let page = browser.fill(page, "/sign-in/password", &[("password", password)]).await;
        let code = self.next_code(account);
        browser.fill(&page, "/sign-in/second-factor", &[("code", &code)]).await
    }

    /// Does everything that waits for the tenant.
    pub(crate) async fn drain(&self) {
        for lane in [app::sync::Lane::Safety, app::sync::Lane::Rest] {
            while self.house.drain_outbox(lane).await.unwrap() {}
        }
    }
}

/// Where a counter will be, and the pretend Microsoft behind it.
struct Place {
    listener: TcpListener,
    door: String,
    url: String,
    simulator: Simulator,
}

impl Place {
    async fn new(public_url: Option<&str>, clock: &TestClock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let door = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let url = public_url.unwrap_or(&door).to_owned();
        Self { listener, door, url, simulator: start_simulator(clock).await }
    }

    fn opened(self, house: House, store: Store, sample: Sample, clock: TestClock) -> World {
        let Self { listener, door, url, simulator } = self;
        let outlook_url = Some(format!("{}/outlook", simulator.url()));
        let metrics_token = Some(METRICS.to_owned().into());
        let settings =
            server::Settings { outlook_url, metrics_token, ..server::Settings::default() };
        let running = server::start(house.clone(), settings, listener).unwrap();
        World { house, store, simulator, sample, url, door, apart: None, clock, _running: running }
    }
}

async fn start_simulator(clock: &TestClock) -> Simulator {
    let mut settings = simulator::Settings::contoso("127.0.0.1:0".parse().unwrap());
    let clock = clock.clone();
    settings.now = Arc::new(move || clock.now().0);
    Simulator::start(settings).await.unwrap()
}

/// Opens a house over a store.
pub(crate) async fn open(
    store: &Store,
    (mode, url): (Mode, &str),
    clock: Arc<dyn Clock>,
    Outside { pkcs11, mail, neighbours }: Outside,
) -> House {
    let mut settings = Settings { pkcs11, mail, ..testing::settings(mode, url) };
    settings.webhooks.allow_private = neighbours;
    let opened = House::with_store(settings, store.clone(), clock, Arc::new(SystemRandom)).await;
    opened.unwrap()
}

fn connection(simulator: &str) -> NewConnection {
    let hosts = CloudHosts { login: simulator.to_owned(), graph: simulator.to_owned() };
    NewConnection {
        alias: "Contoso".to_owned(),
        tenant_id: simulator::sample::TENANT_ID.to_owned(),
        client_id: simulator::sample::CLIENT_ID.to_owned(),
        client_secret: simulator::sample::CLIENT_SECRET.to_owned().into(),
        secret_ends: String::new(),
        cloud: Cloud::Simulator,
        simulator: Some(hosts),
    }
}

/// RFC 6238 with SHA-1, six digits and 30 seconds; written here because the counter knows no expert.
pub(crate) fn totp(secret: &[u8], now: Ts) -> String {
    let step = u64::try_from(now.secs()).unwrap() / 30;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let at = usize::from(bytes[19] & 0x0f);
    let word = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

/// RFC 4648 base32 without padding.
pub(crate) fn base32(text: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut count, mut bytes) = (0_u64, 0, Vec::new());
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
