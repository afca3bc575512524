//! Who reads a tenant's hints: one reader a tenant, so that its keys are read once.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use graph::{HintReader, HintSettings};
use model::{ids::TenantId, relying_party::Cloud};

use crate::{House, Result, premises::Asking};

/// How long Microsoft may take while a person waits.
const PATIENCE: Duration = Duration::from_secs(15);

/// The readers, each with what it was made from; another connection needs another reader.
#[derive(Default)]
pub(crate) struct Readers {
    known: Mutex<HashMap<TenantId, (HintSettings, HintReader)>>,
}

impl House {
    /// The reader of a tenant; the same one as long as the connection stays the same.
    pub(super) fn hint_reader(&self, asking: &Asking) -> Result<HintReader> {
        let settings = HintSettings {
            hosts: asking.hosts.clone(),
            tenant: asking.directory,
            audience: asking.tenant.to_string(),
            timeout: PATIENCE,
            allow_http: asking.cloud == Cloud::Simulator,
        };
        let mut known = self.hint_readers().known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((same, reader)) = known.get(&asking.tenant)
            && *same == settings
        {
            return Ok(reader.clone());
        }
        let reader = HintReader::new(settings.clone())?;
        known.insert(asking.tenant, (settings, reader.clone()));
        Ok(reader)
    }
}
