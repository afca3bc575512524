//! What a simulator is started with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::TenantCopy;

/// A clock in Unix microseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The tenant that a simulator without a data file begins with.
#[derive(Debug, Clone)]
pub enum Seed {
    /// The sample tenant Contoso (see [`crate::sample`]).
    Contoso,
    /// A tenant that was seen elsewhere.
    Copied(Box<TenantCopy>),
}

/// How a simulator runs.
#[derive(Clone)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The tenant to begin with.
    pub seed: Seed,
    /// Where the tenant is kept as JSON; without it everything is forgotten at the end.
    pub data_file: Option<PathBuf>,
    /// The clock.
    pub now: Clock,
    /// How long a new object stays unseen by reads (also settable later through the faults).
    pub replication_lag: Duration,
}

impl Settings {
    /// Settings with the real clock, no data file and no lag.
    pub fn new(listen: SocketAddr, seed: Seed) -> Self {
        Self {
            listen,
            seed,
            data_file: None,
            now: Arc::new(real_clock),
            replication_lag: Duration::ZERO,
        }
    }

    /// The Contoso sample with the defaults of [`Settings::new`].
    pub fn contoso(listen: SocketAddr) -> Self {
        Self::new(listen, Seed::Contoso)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the default clock of a program that plays someone else's machine"
)]
fn real_clock() -> i64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
