//! Gives the rows of the audit log their place in the chain, and checks it (R153).

use std::time::Duration;

use model::audit_chain::{Checked, Report, read_checkpoints};
use store::{audit_chain, leases};

use crate::{Admin, Error, House, Result};

/// How many rows are numbered in one transaction: others who write wait no longer than for these.
const PORTION: i64 = 250;
/// All rows are checked once in so long; between, those that are new.
const WHOLE_EVERY: Duration = Duration::from_hours(24);
/// How long a node may take for a check before another begins one.
const CHECKING: Duration = Duration::from_mins(15);

/// What the console says of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainState {
    /// How far it was checked, if it ever was.
    pub checked: Option<Checked>,
    /// Whether checkpoints or rows are kept anywhere besides.
    pub is_kept_elsewhere: bool,
}

impl House {
    /// Gives every row that waits its number, its hash and its place, and says how many there were.
    pub async fn chain_audit_log(&self) -> Result<usize> {
        let mut chained = 0;
        while self.store().read(audit_chain::has_waiting).await? {
            let (now, seed) = (self.now(), self.draw());
            let added = self
                .store()
                .write(move |tx| Ok::<_, Error>(audit_chain::extend(tx, now, PORTION, &seed)?))
                .await?;
            if added == 0 {
                break;
            }
            chained += added;
        }
        Ok(chained)
    }

    /// Checks the chain, wherever a row of it or of the checkpoints (lines of JSON) is not as it was
    /// written.
    pub async fn verify_audit_log(&self, checkpoints: &str) -> Result<Report> {
        let checkpoints = read_checkpoints(checkpoints);
        self.store().read(move |tx| Ok::<_, Error>(audit_chain::verify(tx, 0, &checkpoints)?)).await
    }

    /// Checks what is new, or once a day and after a finding everything, and keeps what was found for
    /// the alarms and the console. Does nothing while another node does it.
    pub async fn check_audit_log(&self) -> Result<()> {
        let (now, node) = (self.now(), self.node().to_owned());
        let lease = self.store().write(move |tx| {
            let held = leases::acquire(tx, "audit check", &node, CHECKING, now)?;
            Ok::<_, Error>(held.is_some().then_some(audit_chain::checked(tx)?))
        });
        let Some(before) = lease.await? else { return Ok(()) };
        let goes_on = before.filter(|before| {
            let whole = before.whole_at.is_some_and(|at| now.since(at) < WHOLE_EVERY);
            whole && before.finding.is_none()
        });
        let report = match &goes_on {
            Some(before) => {
                let after = before.number;
                let verify = move |tx: &mut _| Ok::<_, Error>(audit_chain::verify(tx, after, &[])?);
                self.store().read(verify).await?
            }
            None => self.verify_audit_log(&self.own_checkpoints().await?).await?,
        };
        let whole_at = goes_on.map_or(Some(now), |before| before.whole_at);
        let checked = Checked { at: now, number: report.last, whole_at, finding: said(&report) };
        if let Some(finding) = &checked.finding {
            tracing::error!(finding, "the audit log is not as it was written");
        }
        self.store().write(move |tx| Ok(audit_chain::note_check(tx, &checked)?)).await
    }

    /// What the checkpoint file holds, where there is one.
    async fn own_checkpoints(&self) -> Result<String> {
        let Some(file) = self.settings().audit.checkpoint_file.clone() else {
            return Ok(String::new());
        };
        let read = tokio::task::spawn_blocking(move || std::fs::read_to_string(file)).await?;
        Ok(read.unwrap_or_else(|error| {
            tracing::warn!(%error, "the file of checkpoints can't be compared");
            String::new()
        }))
    }

    /// How far the chain was checked.
    pub async fn chain_state(&self, _admin: &Admin) -> Result<ChainState> {
        let is_kept_elsewhere = self.settings().audit != crate::settings::AuditSettings::default();
        let checked = self.store().read(audit_chain::checked).await?;
        Ok(ChainState { checked, is_kept_elsewhere })
    }
}

/// What was found, in a sentence.
fn said(report: &Report) -> Option<String> {
    let first = report.findings.first()?.to_string();
    let more = report.findings.len() as u64 - 1 + report.more;
    Some(if more == 0 { first } else { format!("{first}; {more} more are not as they were") })
}
