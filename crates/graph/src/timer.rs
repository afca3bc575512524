//! How time passes for calls: waits, and spans that no clock's setting changes (Y31). It comes in, as
//! randomness does.

use std::{future::Future, pin::Pin, sync::OnceLock, time::Duration};

use tokio::time::{Instant, sleep};

/// Something that takes a while.
pub type Wait<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Passes time.
pub trait Timer: Send + Sync {
    /// What has passed since some beginning. It never goes back, whoever sets a clock.
    fn passed(&self) -> Duration;
    /// Returns after `time`.
    fn sleep(&self, time: Duration) -> Wait<'_>;
}

/// The machine's own.
#[derive(Debug, Clone, Copy)]
pub struct RealTimer;

impl Timer for RealTimer {
    fn passed(&self) -> Duration {
        static BEGINNING: OnceLock<Instant> = OnceLock::new();
        BEGINNING.get_or_init(Instant::now).elapsed()
    }

    fn sleep(&self, time: Duration) -> Wait<'_> {
        Box::pin(sleep(time))
    }
}
