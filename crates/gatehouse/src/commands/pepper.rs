//! `gatehouse pepper`: the key that goes into every password hash, replaced now and then.

use app::Visitor;
use clap::Subcommand;

use super::{WithConfig, serve};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    verb: PepperVerb,
}

#[derive(Debug, Subcommand)]
enum PepperVerb {
    /// Makes a new pepper; passwords are hashed with it from their next sign-in on.
    Rotate(WithConfig),
}

#[expect(clippy::print_stdout, reason = "what was done is this command's answer")]
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let PepperVerb::Rotate(at) = options.verb;
    let house = serve::open(&Config::read(&at.config)?).await?;
    house.rotate_pepper(&Visitor::at_the_command_line(&house)).await?;
    println!("A new pepper is in use. Each password moves to it when its person next signs in.");
    Ok(())
}
