//! `gatehouse script`: the very bytes that the script page shows.

use anyhow::Context as _;
use clap::ValueEnum;

use super::{WithConfig, serve};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    config: WithConfig,
    /// The domain, such as contoso.com.
    domain: String,
    /// In which language.
    #[arg(long, value_enum, default_value = "powershell")]
    dialect: Dialect,
    /// Print the script that takes the federation back.
    #[arg(long, conflicts_with = "rollover")]
    revert: bool,
    /// Print the script of one step of a signing key's roll-over.
    #[arg(long, value_enum)]
    rollover: Option<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Before a promotion: hand the next certificate over.
    Stage,
    /// After a promotion or an emergency: the active and the next certificate, no other.
    Swap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Dialect {
    /// Microsoft Graph PowerShell.
    Powershell,
    /// POSIX shell with curl and jq.
    Sh,
}

#[expect(clippy::print_stdout, reason = "the script is this command's answer")]
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let house = serve::open(&Config::read(&options.config.config)?).await?;
    let domain = house.addresses(&options.domain).await?.domain_id;
    let scripts = house.render_scripts(domain).await?;
    if let Some(step) = options.rollover {
        let [stage, swap] = scripts.rollover.context("there is no next key yet")?;
        let step = match step {
            Step::Stage => stage,
            Step::Swap => swap,
        };
        let script = match options.dialect {
            Dialect::Powershell => step.powershell,
            Dialect::Sh => step.sh,
        };
        print!("{script}");
        return Ok(());
    }
    let script = match (options.dialect, options.revert) {
        (Dialect::Powershell, false) => scripts.powershell,
        (Dialect::Powershell, true) => scripts.revert_powershell,
        (Dialect::Sh, false) => scripts.sh,
        (Dialect::Sh, true) => scripts.revert_sh,
    };
    print!("{script}");
    Ok(())
}
