//! `gatehouse policy`: the way back in when rules of the sign-in policy have shut everybody out.

use app::Visitor;
use clap::Subcommand;

use super::{WithConfig, serve};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    verb: PolicyVerb,
}

#[derive(Debug, Subcommand)]
enum PolicyVerb {
    /// Publishes a policy without rules: everybody needs a second factor, and nothing else. What was
    /// published before stays in the history.
    Clear(WithConfig),
}

#[expect(clippy::print_stdout, reason = "what was done is this command's answer")]
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let PolicyVerb::Clear(at) = options.verb;
    let house = serve::open(&Config::read(&at.config)?).await?;
    house.clear_policy(&Visitor::at_the_command_line(&house)).await?;
    println!("No rule counts any more: everybody needs a second factor at every sign-in.");
    Ok(())
}
