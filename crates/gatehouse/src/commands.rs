//! The commands; each calls the same verbs as the pages.

mod audit;
mod config;
mod demo;
mod explain;
mod keys;
mod mail;
mod master_key;
mod pepper;
mod policy;
mod preflight;
mod rehearse;
mod script;
mod serve;
mod user;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand, ValueEnum};

/// Identity provider for Microsoft 365.
#[derive(Debug, Parser)]
#[command(name = "gatehouse", version, about)]
pub(crate) struct Command {
    /// How log lines look; they go to stderr.
    #[arg(long, value_enum, default_value = "text", global = true)]
    log: LogFormat,
    #[command(subcommand)]
    verb: Verb,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Runs the identity provider.
    Serve(WithConfig),
    /// Runs it with a sample organisation and a pretend Entra ID, on this machine only.
    Demo(demo::Options),
    /// People, from the command line.
    User(user::Options),
    /// The key that goes into every password hash.
    Pepper(pepper::Options),
    /// The sign-in policy, from the command line.
    Policy(policy::Options),
    /// Prints the script that federates a domain, the one that takes it back, or one that rolls its
    /// signing key over.
    Script(script::Options),
    /// Looks at a domain, its tenant and this house before its people are sent here; fails when
    /// something stands in the way.
    Preflight(preflight::Options),
    /// Plays the way of a domain to us and back with a copy of its tenant, which is read and never
    /// written; fails when a step does.
    Rehearse(rehearse::Options),
    /// Explains a code or a message of Microsoft's; needs no configuration.
    Explain(explain::Options),
    /// The token-signing keys, from the command line.
    Keys(keys::Options),
    /// The audit log, from the command line.
    Audit(audit::Options),
    /// The mail server, tried from the command line.
    Mail(mail::Options),
    /// The key that everything secret in the database is sealed with.
    MasterKey(master_key::Options),
    /// Checks or shows the configuration.
    Config(config::Options),
}

/// Where the configuration is.
#[derive(Debug, clap::Args)]
pub(crate) struct WithConfig {
    /// The configuration file.
    #[arg(long, default_value = "gatehouse.toml")]
    config: PathBuf,
}

impl Command {
    /// How log lines look.
    pub(crate) fn log_format(&self) -> LogFormat {
        self.log
    }

    /// Does what was asked.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self.verb {
            Verb::Audit(options) => return audit::run(options).await,
            Verb::Rehearse(options) => return rehearse::run(options).await,
            Verb::Serve(options) => serve::run(&options.config).await?,
            Verb::Demo(options) => demo::run(options).await?,
            Verb::User(options) => user::run(options).await?,
            Verb::Pepper(options) => pepper::run(options).await?,
            Verb::Policy(options) => policy::run(options).await?,
            Verb::Script(options) => script::run(options).await?,
            Verb::Preflight(options) => preflight::run(options).await?,
            Verb::Explain(options) => explain::run(&options)?,
            Verb::Keys(options) => keys::run(options).await?,
            Verb::Mail(options) => mail::run(options).await?,
            Verb::MasterKey(options) => master_key::run(options).await?,
            Verb::Config(options) => config::run(options)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
