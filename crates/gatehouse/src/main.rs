//! The front door: reads configuration, opens the house, runs commands and the schedule.

mod commands;
mod config;
mod memory;
mod open_files;
mod schedule;

use clap::Parser;
use tracing_subscriber::EnvFilter;

fn main() -> std::process::ExitCode {
    let command = commands::Command::parse();
    if let Err(error) = start_log(command.log_format()) {
        eprintln_once(&error);
        return std::process::ExitCode::FAILURE;
    }
    let installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    debug_assert!(installed.is_ok(), "nothing installs a TLS provider before main");
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln_once(&error.into());
            return std::process::ExitCode::FAILURE;
        }
    };
    match runtime.block_on(command.run()) {
        Ok(code) => code,
        Err(error) => {
            eprintln_once(&error);
            std::process::ExitCode::FAILURE
        }
    }
}

/// Logs go to stderr, so that stdout belongs to the command's own answer.
fn start_log(format: commands::LogFormat) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        commands::LogFormat::Text => builder.try_init(),
        commands::LogFormat::Json => builder.json().try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("the log can't be started: {error}"))
}

/// The whole chain of causes, one a line.
fn eprintln_once(error: &anyhow::Error) {
    eprintln!("gatehouse: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  because: {cause}");
    }
}
