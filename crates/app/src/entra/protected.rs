//! Whom a run must not write to (Y07), as of just before a write that takes something away: somebody
//! may become an administrator of the tenant while a long run is under way.

use std::{collections::HashSet, time::Duration};

use graph::Graph;
use model::{entra::EntraUser, ids::ObjectId};
use tokio::sync::Mutex;

/// How long what was read counts as just before: reading takes a call for each role.
const FRESH_FOR: Duration = Duration::from_secs(20);

/// The administrators of a tenant, as last read.
pub(crate) struct Protected(Mutex<Read>);

/// Reading took a while: whatever else had to hold must be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WasRead(pub(crate) bool);

struct Read {
    /// What had passed by then: nobody makes it younger by setting a clock.
    at: Duration,
    objects: HashSet<ObjectId>,
}

impl Protected {
    /// As they were when a run looked at `seen`.
    pub(crate) fn seen(seen: &[EntraUser], at: Duration) -> Self {
        let objects = seen.iter().filter(|user| user.protected).map(|user| user.id).collect();
        Self(Mutex::new(Read { at, objects }))
    }

    /// Whether an object is one of them now, and whether that had to be read.
    pub(crate) async fn has(
        &self,
        object: ObjectId,
        graph: &Graph,
        now: Duration,
    ) -> Result<(bool, WasRead), graph::Error> {
        let mut read = self.0.lock().await;
        let stale = now.saturating_sub(read.at) > FRESH_FOR;
        if stale {
            *read = Read { objects: graph.protected_ids().await?, at: now };
        }
        Ok((read.objects.contains(&object), WasRead(stale)))
    }
}
