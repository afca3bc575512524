//! The watch over directories: one that is away rings.

use model::{
    Ts,
    alarm::Cause,
    directory::{Answer, Directory},
};
use store::{Tx, directories, kept_passwords};

use crate::{
    Error, House, Result,
    alarms::{Finding, raise},
    passwords::Elsewhere,
};

impl House {
    /// Looks whether each directory is there; what is away becomes an alarm.
    pub(crate) async fn look_at_directories(&self) -> Result<Vec<Finding>> {
        let all = self.store().read(|tx| Ok::<_, Error>(directories::all(tx)?)).await?;
        let mut findings = Vec::new();
        for directory in all {
            let trail = self.look_at_directory(&directory).await?;
            findings.extend(finding(&directory, &trail.answer));
        }
        Ok(findings)
    }

    /// Rings at once when somebody's sign-in finds a directory away.
    pub(crate) fn ring_away(
        &self,
        tx: &mut Tx,
        elsewhere: &Elsewhere,
        answer: &Answer,
    ) -> Result<()> {
        finding(&elsewhere.directory, answer).map_or(Ok(()), |found| raise(tx, self, found))
    }
}

fn finding(directory: &Directory, answer: &Answer) -> Option<Finding> {
    let Answer::Away(absence) = answer else { return None };
    // What was kept opens only while it gives no answer at all.
    let days = if absence.silent { directory.keep_days } else { 0 };
    let why = absence.to_string();
    Some(Finding { subject: directory.name.clone(), cause: Cause::DirectoryAway { why, days } })
}

/// Lets nothing open any more that was kept for longer than its days.
pub(crate) fn purge(tx: &mut Tx, now: Ts) -> Result<()> {
    for directory in directories::all(tx)? {
        let days = std::time::Duration::from_hours(24 * u64::from(directory.keep_days));
        kept_passwords::purge(tx, directory.id, now - days)?;
    }
    Ok(())
}
