//! All that the handlers share: tenant, clock, faults, request log, sign-ins under way.
//! Each part has its own lock, held only for the moment of a read or a change.

use std::collections::VecDeque;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use serde::Serialize;

use crate::faults::Faults;
use crate::login::external_mfa::ExternalMfa;
use crate::login::openid::OpenId;
use crate::login::{SignInLog, SignIns};
use crate::settings::{Clock, Seed, Settings};
use crate::tenant::Tenant;
use crate::{Error, copied, locked, sample};

/// Requests kept in the log.
const LOG_LENGTH: usize = 20_000;

/// The simulator's state.
pub(crate) struct World {
    tenant: Mutex<Tenant>,
    data_file: Option<PathBuf>,
    now: Clock,
    requests: Mutex<VecDeque<Request>>,
    url: OnceLock<String>,
    pub(crate) faults: Faults,
    pub(crate) sign_ins: SignIns,
    pub(crate) sign_in_log: SignInLog,
    pub(crate) openid: OpenId,
    pub(crate) external_mfa: ExternalMfa,
}

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    /// The HTTP method.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// The query as it came.
    pub query: String,
    /// The status answered.
    pub status: u16,
    /// The caller's own id for it.
    pub client_request_id: Option<String>,
    /// When it was answered, in Unix microseconds.
    pub at: i64,
}

impl World {
    /// Reads the data file, or begins with the seed.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Error> {
        let now = (settings.now)();
        let tenant = match &settings.data_file {
            Some(path) if path.exists() => load(path)?,
            _ => match &settings.seed {
                Seed::Contoso => sample::contoso(now),
                Seed::Copied(copy) => copied::tenant(copy, now),
            },
        };
        let world = Self {
            tenant: Mutex::new(tenant),
            data_file: settings.data_file.clone(),
            now: settings.now.clone(),
            requests: Mutex::new(VecDeque::new()),
            url: OnceLock::new(),
            faults: Faults::new(settings.replication_lag),
            sign_ins: SignIns::default(),
            sign_in_log: SignInLog::default(),
            openid: OpenId::default(),
            external_mfa: ExternalMfa::default(),
        };
        world.change(|_| ());
        Ok(world)
    }

    /// The time.
    pub(crate) fn now(&self) -> i64 {
        (self.now)()
    }

    /// Remembers the address once it is known.
    pub(crate) fn set_url(&self, url: String) {
        // Set once, by the thread that has just bound the socket.
        let _ = self.url.set(url);
    }

    /// The own address, such as `http://127.0.0.1:8081`.
    pub(crate) fn url(&self) -> &str {
        self.url.get().map_or("", String::as_str)
    }

    /// Looks at the tenant.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Tenant) -> T) -> T {
        look(&locked(&self.tenant))
    }

    /// Changes the tenant and keeps it: once this returns, the change survives a crash.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Tenant) -> T) -> T {
        let mut tenant = locked(&self.tenant);
        let outcome = change(&mut tenant);
        if let Some(path) = &self.data_file
            && let Err(error) = save(path, &tenant)
        {
            tracing::error!(%error, path = %path.display(), "the tenant could not be kept");
        }
        outcome
    }

    /// Writes a line of the request log.
    pub(crate) fn record(&self, request: Request) {
        let mut requests = locked(&self.requests);
        if requests.len() == LOG_LENGTH {
            requests.pop_front();
        }
        requests.push_back(request);
    }

    /// Begins the request log anew.
    pub(crate) fn forget_requests(&self) {
        locked(&self.requests).clear();
    }

    /// The request log, oldest first.
    pub(crate) fn requests(&self) -> Vec<Request> {
        locked(&self.requests).iter().cloned().collect()
    }
}

fn load(path: &Path) -> Result<Tenant, Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let mut tenant: Tenant = serde_json::from_str(&text)
        .map_err(|source| Error::Corrupt { path: path.to_owned(), source })?;
    tenant.reindex();
    Ok(tenant)
}

fn save(path: &Path, tenant: &Tenant) -> std::io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = std::fs::File::create(&draft)?;
    file.write_all(&serde_json::to_vec(tenant)?)?;
    file.sync_data()?;
    std::fs::rename(&draft, path)
}
