//! An audit log that is not as it was written, and places that it can't be brought to.

use std::time::Duration;

use model::{Ts, alarm::Cause, audit_chain::Sink};
use store::{Tx, audit_chain, audit_sinks};

use super::Finding;
use crate::Result;

/// A log server that is started anew rings nobody.
const A_MOMENT: Duration = Duration::from_mins(5);
/// A place that nobody has tried for so long is in no node's configuration any more.
const GIVEN_UP: Duration = Duration::from_mins(30);

/// What a round finds of it.
pub(super) fn findings(tx: &mut Tx, now: Ts) -> Result<Vec<Finding>> {
    let mut findings: Vec<Finding> =
        audit_sinks::all(tx)?.into_iter().filter_map(|sink| failing(sink, now)).collect();
    let checked = audit_chain::checked(tx)?.and_then(|checked| checked.finding);
    findings.extend(checked.map(|finding| Finding {
        subject: "activity log".to_owned(),
        cause: Cause::AuditLogChanged { finding },
    }));
    Ok(findings)
}

fn failing(sink: Sink, now: Ts) -> Option<Finding> {
    let since = sink.failing_since?;
    let rings = now.since(since) >= A_MOMENT && now.since(sink.tried_at) < GIVEN_UP;
    let cause = Cause::AuditSinkFails { since, trouble: sink.trouble };
    rings.then_some(Finding { subject: sink.name, cause })
}
