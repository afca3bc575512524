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
    /// Print the script that federates although no pre-flight of the last day has seen that there is a
    /// way back in.
    #[arg(long, conflicts_with_all = ["revert", "rollover"])]
    without_preflight: bool,
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
    let script = if let Some(step) = options.rollover {
        let [stage, swap] =
            scripts.rollover.as_ref().context("there is no next key that could take over")?;
        match step {
            Step::Stage => &stage.script,
            Step::Swap => &swap.script,
        }
    } else if options.revert {
        &scripts.revert
    } else if options.without_preflight {
        scripts.federate_unasked()
    } else {
        let domain = &options.domain;
        scripts.federate().with_context(|| {
            format!("run `gatehouse preflight {domain}`, or add --without-preflight")
        })?
    };
    match options.dialect {
        Dialect::Powershell => print!("{}", script.powershell),
        Dialect::Sh => print!("{}", script.sh),
    }
    Ok(())
}
