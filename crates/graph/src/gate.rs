//! A last question before a write leaves: calls wait for quotas and for what Microsoft asks, and meanwhile
//! somebody else may have become responsible (Y14).

use std::{pin::Pin, sync::Arc};

use uuid::Uuid;

use crate::{
    client::Graph,
    error::{Error, Result},
};

/// Asked right before a write leaves under this id (`client-request-id`); an `Err` keeps it back and says
/// why.
pub type Gate = Arc<dyn Fn(Uuid) -> Asked + Send + Sync>;
/// What such a gate says.
pub type Asked = Pin<Box<dyn Future<Output = std::result::Result<(), String>> + Send>>;

impl Graph {
    /// The same connection, whose writes pass a gate.
    #[must_use]
    pub fn behind(&self, gate: Gate) -> Self {
        Self { inner: Arc::clone(&self.inner), gate: Some(gate) }
    }

    pub(crate) async fn pass_gate(&self, id: Uuid) -> Result<()> {
        match &self.gate {
            Some(gate) => gate(id).await.map_err(Error::KeptBack),
            None => Ok(()),
        }
    }
}
