//! Where a rehearsal is played: a folder that goes with it, the copy in the simulator, a house of its own
//! and its counter, and a clock that can be moved on so that nobody waits for a new code.

use std::{
    net::TcpListener,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use app::{
    Clock, House, Mode, Settings, SystemClock, SystemRandom,
    office365::NewConnection,
    rehearsal::{Cast, Original, Player},
    settings::{PasswordParams, StoreSettings, new_master_key},
};
use model::{
    Ts,
    federated_domain::{BrowserProtocol, MfaBehavior},
    relying_party::{Cloud, CloudHosts},
    wstrust::PasswordDoor,
};
use simulator::{Domain, Simulator, sample};
use tempfile::TempDir;
use url::Url;

use crate::{
    browser::Wire,
    copy,
    error::{Error, Result},
    script,
};

/// A code is good once, and half a minute.
const NEXT_CODE: Duration = Duration::from_secs(31);

/// The stage.
pub(crate) struct Stage {
    copy: Simulator,
    house: House,
    running: server::Running,
    wire: Wire,
    clock: MovedClock,
    cast: Cast,
    domain: String,
    tenant_id: String,
    protocol: BrowserProtocol,
    mfa: MfaBehavior,
    doors: Vec<PasswordDoor>,
    before: Domain,
    folder: TempDir,
}

impl Stage {
    /// Sets everything up; the copy begins as the tenant is.
    pub(crate) async fn set(original: &Original, public_url: Url) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("gatehouse-rehearsal-").tempdir();
        let folder = folder.map_err(Error::machine("there is no place for a temporary folder"))?;
        let clock = MovedClock::default();
        let copy = begin(original, &clock).await?;
        let name = &original.domain.name;
        let before = copy.tenant().domain(name).cloned();
        let before =
            before.ok_or_else(|| Error::seen(format!("The tenant has no domain {name}.")))?;
        let hosts = CloudHosts { login: copy.url(), graph: copy.url() };
        let house = open(folder.path(), (&public_url, &hosts), &clock).await?;
        let cast = house.cast_rehearsal(original, connection(original, hosts)).await?;
        let listener =
            TcpListener::bind("127.0.0.1:0").map_err(Error::machine("no port is free"))?;
        let door = listener.local_addr().map_err(Error::machine("no port is free"))?;
        let running = server::start(house.clone(), server::Settings::default(), listener)
            .map_err(Error::machine("the counter can't be opened"))?;
        let wire = Wire::new(&public_url, &format!("http://{door}"), &copy.url())?;
        Ok(Self {
            copy,
            house,
            running,
            wire,
            clock,
            cast,
            domain: name.clone(),
            tenant_id: original.tenant.id.to_string(),
            protocol: original.domain.protocol,
            mfa: original.domain.mfa,
            doors: original.domain.doors.clone(),
            before,
            folder,
        })
    }

    /// Ends everything; the folder goes with it.
    pub(crate) async fn close(self) {
        drop(self.wire);
        self.running.stop().await;
        self.copy.stop().await;
    }

    /// The copy of the tenant.
    pub(crate) fn copy(&self) -> &Simulator {
        &self.copy
    }

    pub(crate) fn house(&self) -> &House {
        &self.house
    }

    pub(crate) fn wire(&self) -> &Wire {
        &self.wire
    }

    pub(crate) fn cast(&self) -> &Cast {
        &self.cast
    }

    /// The domain as it was before anything was done.
    pub(crate) fn before(&self) -> &Domain {
        &self.before
    }

    /// The domain as the copy has it now.
    pub(crate) fn domain(&self) -> Result<Domain> {
        let found = self.copy.tenant().domain(&self.domain).cloned();
        found.ok_or_else(|| Error::seen(format!("{} is gone.", self.domain)))
    }

    /// Microsoft's id of the directory.
    pub(crate) fn tenant_id(&self) -> &str {
        &self.tenant_id
    }

    pub(crate) fn protocol(&self) -> BrowserProtocol {
        self.protocol
    }

    pub(crate) fn mfa(&self) -> MfaBehavior {
        self.mfa
    }

    pub(crate) fn opens(&self, door: PasswordDoor) -> bool {
        self.doors.contains(&door)
    }

    pub(crate) fn now(&self) -> Ts {
        self.clock.now()
    }

    /// A code that was not used yet.
    pub(crate) fn next_code(&self, player: &Player) -> String {
        self.clock.move_on(NEXT_CODE);
        player.code_at(self.clock.now())
    }

    /// Runs a script of the console against the copy.
    pub(crate) async fn run(&self, name: &str, text: &str) -> Result<Vec<String>> {
        script::run(name, text, &self.copy.url(), self.folder.path()).await
    }
}

async fn begin(original: &Original, clock: &MovedClock) -> Result<Simulator> {
    let now = clock.now().0;
    let seed = simulator::Seed::Copied(Box::new(copy::tenant(original, now)));
    let mut settings = simulator::Settings::new(([127, 0, 0, 1], 0).into(), seed);
    let clock = clock.clone();
    settings.now = Arc::new(move || clock.now().0);
    Ok(Simulator::start(settings).await?)
}

/// A house that sends no letters, calls nobody and forgets everything. Its passwords are made up and live
/// for minutes, so the quickest hash does.
async fn open(
    folder: &Path,
    (public_url, hosts): (&Url, &CloudHosts),
    clock: &MovedClock,
) -> Result<House> {
    let store = StoreSettings {
        url: format!("sqlite://{}", folder.join("gatehouse.db").display()),
        master_keys: new_master_key(&SystemRandom).into(),
        pool_size: 4,
    };
    let settings = Settings {
        simulator: Some(hosts.clone()),
        password_params: Some(PasswordParams::FLOOR),
        ..Settings::new(Mode::Demo, public_url.clone(), store)
    };
    Ok(House::open(settings, Arc::new(clock.clone()), Arc::new(SystemRandom)).await?)
}

fn connection(original: &Original, hosts: CloudHosts) -> NewConnection {
    NewConnection {
        alias: "Rehearsal".to_owned(),
        tenant_id: original.tenant.id.to_string(),
        client_id: sample::CLIENT_ID.to_owned(),
        client_secret: sample::CLIENT_SECRET.to_owned().into(),
        secret_ends: String::new(),
        cloud: Cloud::Simulator,
        simulator: Some(hosts),
    }
}

/// The machine's clock, moved on by what nobody waited for.
#[derive(Debug, Clone, Default)]
struct MovedClock(Arc<AtomicI64>);

impl MovedClock {
    fn move_on(&self, time: Duration) {
        let micros = i64::try_from(time.as_micros()).unwrap_or_default();
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Ts {
        Ts(SystemClock.now().0 + self.0.load(Ordering::SeqCst))
    }
}
