//! `gatehouse user`: the first owner is made here, by somebody who may use the server's shell.

use app::{Visitor, accounts::NewPerson};
use clap::Subcommand;
use model::user::Profile;
use secrecy::ExposeSecret as _;

use super::{WithConfig, serve};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    verb: UserVerb,
}

#[derive(Debug, Subcommand)]
enum UserVerb {
    /// Creates an owner and prints the initial password and the enrolment code, once.
    CreateOwner {
        #[command(flatten)]
        config: WithConfig,
        /// The sign-in name, such as olivia@contoso.com.
        upn: String,
        /// The full name.
        #[arg(long)]
        name: String,
    },
}

#[expect(clippy::print_stdout, reason = "the secrets are this command's answer")]
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let UserVerb::CreateOwner { config, upn, name } = options.verb;
    let house = serve::open(&Config::read(&config.config)?).await?;
    let visitor = Visitor::at_the_command_line(&house);
    house.found("Gatehouse", &visitor).await?;
    let profile = Profile { display_name: name, ..Profile::default() };
    let created = house.create_owner(NewPerson { upn, profile }, &visitor).await?;
    println!("owner             {}", created.user.upn);
    match &created.initial_password {
        Some(password) => println!("initial password  {}", password.expose_secret()),
        None => println!("password          the one in the directory of this domain"),
    }
    println!("enrolment code    {}", created.enrollment_code.expose_secret());
    println!("Sign in at {}admin within 24 hours.", house.settings().public_url);
    Ok(())
}
