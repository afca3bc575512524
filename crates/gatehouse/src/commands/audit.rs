//! `gatehouse audit`: is the audit log as it was written?

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Subcommand;
use model::audit_chain::Report;

use super::{WithConfig, serve};
use crate::config::Config;

/// What the command ends with when something is not as it was written; 1 means that it could not be
/// checked.
const CHANGED: u8 = 3;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    verb: AuditVerb,
}

#[derive(Debug, Subcommand)]
enum AuditVerb {
    /// Checks every row of the audit log against its hash, and against signed checkpoints. Ends with 0
    /// when all is as it was written, with 3 when something is not, with 1 when it can't be checked.
    Verify {
        #[command(flatten)]
        at: WithConfig,
        /// The file of checkpoints; without it, the one that the configuration names.
        #[arg(long)]
        checkpoints: Option<PathBuf>,
    },
}

#[expect(clippy::print_stdout, reason = "what was found is this command's answer")]
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let AuditVerb::Verify { at, checkpoints } = options.verb;
    let config = Config::read(&at.config)?;
    let file = checkpoints.or_else(|| config.audit.checkpoint_file.clone());
    let text = match &file {
        Some(file) => std::fs::read_to_string(file)
            .with_context(|| format!("the checkpoints {} can't be read", file.display()))?,
        None => String::new(),
    };
    let house = serve::open(&config).await?;
    let report = house.verify_audit_log(&text).await?;
    print!("{}", told(&report, file.as_deref()));
    Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::from(CHANGED) })
}

fn told(report: &Report, file: Option<&Path>) -> String {
    let mut text = String::new();
    let mut say = |line: &str| writeln!(text, "{line}").expect("a string takes any text");
    say(&format!("{} rows were checked, up to row {}.", report.rows, report.last));
    if let Some(file) = file {
        say(&format!("{} checkpoints of {} fit.", report.checkpoints, file.display()));
    } else {
        say("No checkpoints were compared: an older state of the whole database, put back by \
             somebody, would not be noticed.");
    }
    if report.waiting > 0 {
        say(&format!(
            "{} rows wait for their place; Gatehouse gives it while it runs.",
            report.waiting
        ));
    }
    for finding in &report.findings {
        say(&format!("CHANGED: {finding}."));
    }
    if report.more > 0 {
        say(&format!("CHANGED: {} findings more.", report.more));
    }
    say(if report.is_whole() {
        "The log is as it was written."
    } else {
        "The log is NOT as it was written. Keep a copy of the database as it is now."
    });
    text
}

#[cfg(test)]
mod tests {
    use model::audit_chain::Finding;

    use super::*;

    /// R153
    #[test]
    fn what_was_found_is_said_row_by_row() {
        let mut report = Report { rows: 9, last: 10, checkpoints: 2, ..Report::default() };
        let file = Some(Path::new("/mnt/a"));
        let whole = told(&report, file);
        assert!(whole.contains("9 rows were checked, up to row 10.\n2 checkpoints of /mnt/a fit."));
        assert!(whole.ends_with("The log is as it was written.\n"), "{whole}");
        report.note(Finding::Missing { from: 4, to: 4 });
        report.waiting = 3;
        let changed = told(&report, None);
        for line in ["CHANGED: row 4 is gone.\n", "NOT as it was written", "older state", "3 rows"]
        {
            assert!(changed.contains(line), "{line}: {changed}");
        }
    }
}
