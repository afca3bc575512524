//! Reading the audit log.

use model::audit::AuditEvent;
use store::{Page, audit_log};

use crate::{Admin, Error, House, Result};

/// How many rows a page shows.
pub const PAGE: i64 = 50;

impl House {
    /// The newest audit rows that fit, newest first.
    pub async fn audit_rows(
        &self,
        _admin: &Admin,
        subject: &str,
        kind: &str,
        offset: i64,
    ) -> Result<Page<AuditEvent>> {
        let filter = audit_log::AuditFilter {
            subject: (!subject.trim().is_empty()).then(|| subject.trim().to_owned()),
            kind: model::audit::AuditKind::from_name(kind),
            limit: PAGE,
            offset: offset.max(0),
        };
        self.store().read(move |tx| Ok::<_, Error>(audit_log::list(tx, &filter)?)).await
    }
}
