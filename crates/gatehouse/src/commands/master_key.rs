//! `gatehouse master-key`: the key that everything secret in the database is sealed with, replaced
//! while the house runs. The admin guide has the order of the steps.

use std::path::PathBuf;

use anyhow::ensure;
use app::{
    SystemRandom, Visitor,
    master_key::{self, Inventory, Tally},
    settings::new_master_key,
};
use clap::Subcommand;

use super::{WithConfig, serve};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    verb: MasterKeyVerb,
}

#[derive(Debug, Subcommand)]
enum MasterKeyVerb {
    /// Makes a key in a new file that only its owner may read.
    New {
        /// The file; one that is there is never replaced.
        file: PathBuf,
    },
    /// Opens every sealed value and says which keys are needed.
    Check(WithConfig),
    /// Moves every sealed value to the current master key, while the server runs. When it was
    /// stopped, run it again.
    Rotate(WithConfig),
}

const NO_OTHER: &str = "no value that opens needs another master key";

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    match options.verb {
        MasterKeyVerb::New { file } => new(&file),
        MasterKeyVerb::Check(at) => check(&Config::read(&at.config)?).await,
        MasterKeyVerb::Rotate(at) => rotate(&Config::read(&at.config)?).await,
    }
}

#[expect(clippy::print_stdout, reason = "what was done is this command's answer")]
fn new(file: &std::path::Path) -> anyhow::Result<()> {
    let key = new_master_key(&SystemRandom);
    key.create_file(file)?;
    println!("master key {} is in {}; keep a copy elsewhere", key.id(), file.display());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the counts are this command's answer")]
async fn check(config: &Config) -> anyhow::Result<()> {
    let found = master_key::check(&config.house()?.store).await?;
    println!("the current master key is {}", found.key);
    for tally in &found.columns {
        println!("{}: {} with it, {} with another", name(tally), tally.current, tally.behind);
    }
    match found.behind() {
        0 => println!("{NO_OTHER}"),
        values => println!("{values} values need another master key until `master-key rotate`"),
    }
    everything_opens(&found)
}

#[expect(clippy::print_stdout, reason = "what was done is this command's answer")]
async fn rotate(config: &Config) -> anyhow::Result<()> {
    let house = serve::open(config).await?;
    let done = house.rotate_master_key(&Visitor::at_the_command_line(&house)).await?;
    println!("the current master key is {}", done.key);
    for tally in &done.columns {
        println!("{}: {} with it, {} moved just now", name(tally), tally.current, tally.moved);
    }
    println!("{NO_OTHER}");
    everything_opens(&done)
}

fn name(tally: &Tally) -> String {
    format!("{}.{}", tally.column.table(), tally.column.column())
}

fn everything_opens(found: &Inventory) -> anyhow::Result<()> {
    let lines: Vec<String> = found.unopened.iter().map(ToString::to_string).collect();
    ensure!(
        found.unopened.is_empty(),
        "{} values open with no key that is configured:\n  {}",
        lines.len(),
        lines.join("\n  ")
    );
    Ok(())
}
