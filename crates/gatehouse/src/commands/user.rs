//! `gatehouse user`: the first owner is made here, and one who can't get in any more is let in again, by
//! somebody who may use the server's shell.

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
    /// Lets an owner in again who has lost everything, and prints a new initial password and an
    /// enrolment code, once. Every owner is told.
    RecoverOwner {
        #[command(flatten)]
        config: WithConfig,
        /// The sign-in name of the owner.
        upn: String,
    },
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    match options.verb {
        UserVerb::CreateOwner { config, upn, name } => create_owner(&config, upn, name).await,
        UserVerb::RecoverOwner { config, upn } => recover_owner(&config, &upn).await,
    }
}

#[expect(clippy::print_stdout, reason = "the secrets are this command's answer")]
async fn recover_owner(config: &WithConfig, upn: &str) -> anyhow::Result<()> {
    let house = serve::open(&Config::read(&config.config)?).await?;
    let visitor = Visitor::at_the_command_line(&house);
    let recovered = house.recover_owner(upn, &visitor).await?;
    println!("owner             {}", recovered.user.upn);
    println!("initial password  {}", recovered.initial_password.expose_secret());
    println!("enrolment code    {}", recovered.enrollment_code.expose_secret());
    println!("Sign in at {}admin within 24 hours.", house.settings().public_url);
    println!("If a rule keeps every owner out, `gatehouse policy clear` takes the rules away.");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the secrets are this command's answer")]
async fn create_owner(config: &WithConfig, upn: String, name: String) -> anyhow::Result<()> {
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
