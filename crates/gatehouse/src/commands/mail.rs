//! `gatehouse mail`: is the mail server set up as it should be?

use clap::Subcommand;

use super::WithConfig;
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    verb: MailVerb,
}

#[derive(Debug, Subcommand)]
enum MailVerb {
    /// Sends a letter, and says what the mail server made of it.
    Test {
        #[command(flatten)]
        at: WithConfig,
        /// Whom it goes to.
        address: String,
    },
}

#[expect(clippy::print_stdout, reason = "how it went is this command's answer")]
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let MailVerb::Test { at, address } = options.verb;
    app::letters::try_out(&Config::read(&at.config)?.house()?, &address).await?;
    println!("The mail server took a letter to {address}.");
    Ok(())
}
