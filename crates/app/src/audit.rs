//! Reading the audit log, proving that nothing in it was changed, and bringing it to other places.

mod chain;
mod lines;
mod sinks;

pub use chain::ChainState;
pub use sinks::{AuditSink, Brought};

use model::audit::{AuditEvent, AuditKind, Outcome};
use store::{Page, audit_log};

use crate::{Admin, Error, House, Result};

/// How many rows a page shows.
pub const PAGE: i64 = 50;

/// What to look for in the audit log; empty finds all.
#[derive(Debug, Clone, Default)]
pub struct AuditSearch {
    /// A sign-in name, a domain or a correlation id.
    pub subject: String,
    /// One kind of the catalogue.
    pub kind: Option<AuditKind>,
    /// Done or refused.
    pub outcome: Option<Outcome>,
    /// How many rows to leave out before.
    pub offset: i64,
}

impl House {
    /// The newest audit rows that fit, newest first.
    pub async fn audit_rows(
        &self,
        _admin: &Admin,
        search: AuditSearch,
    ) -> Result<Page<AuditEvent>> {
        let subject = search.subject.trim().to_owned();
        let filter = audit_log::AuditFilter {
            subject: (!subject.is_empty()).then_some(subject),
            names: Vec::new(),
            kind: search.kind,
            outcome: search.outcome,
            limit: PAGE,
            offset: search.offset.max(0),
        };
        self.store().read(move |tx| Ok::<_, Error>(audit_log::list(tx, &filter)?)).await
    }
}
