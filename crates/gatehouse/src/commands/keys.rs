//! `gatehouse keys`: the signing keys, for somebody who may use the server's shell. The same verbs as
//! the page; a server that runs sees the change with its next token.

use anyhow::{Context as _, bail, ensure};
use app::{
    House, Visitor,
    keys::{Keeper, KeyView, Promotion, Unseen},
};
use clap::Subcommand;
use model::{Ts, signing_key::SigningKeyState};

use super::{WithConfig, serve};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    verb: KeysVerb,
}

#[derive(Debug, Subcommand)]
enum KeysVerb {
    /// Lists every key, as Entra shows it.
    List {
        #[command(flatten)]
        config: WithConfig,
    },
    /// Promotes the next key: it signs from now on, and a new next one is published.
    Promote {
        #[command(flatten)]
        config: WithConfig,
        /// Although Entra may not know it yet.
        #[arg(long)]
        unseen: bool,
    },
    /// Replaces both keys at once, because somebody may know them. Until Entra has the new
    /// certificates, nobody can sign in to Microsoft.
    Emergency {
        #[command(flatten)]
        config: WithConfig,
        /// Confirms that sign-in to Microsoft stops until the swap script has run.
        #[arg(long)]
        sign_in_stops: bool,
    },
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    match options.verb {
        KeysVerb::List { config } => list(&open(&config).await?).await,
        KeysVerb::Promote { config, unseen } => {
            let unseen = if unseen { Unseen::Accept } else { Unseen::Refuse };
            promote(&open(&config).await?, unseen).await
        }
        KeysVerb::Emergency { config, sign_in_stops } => {
            ensure!(
                sign_in_stops,
                "this stops everybody's sign-in to Microsoft until the swap script has run; say \
                 --sign-in-stops when you mean it"
            );
            emergency(&open(&config).await?).await
        }
    }
}

async fn open(config: &WithConfig) -> anyhow::Result<House> {
    serve::open(&Config::read(&config.config)?).await
}

#[expect(clippy::print_stdout, reason = "the list is this command's answer")]
async fn list(house: &House) -> anyhow::Result<()> {
    let date = |at: Option<Ts>| at.map_or_else(|| "-".to_owned(), Ts::to_xml);
    for key in house.signing_keys(Keeper::Operator).await? {
        let state = match key.state {
            SigningKeyState::Active => "active",
            SigningKeyState::Next => "next",
            SigningKeyState::Retired => "retired",
        };
        println!(
            "{state:<8} {} until {} published {} seen by Entra {}",
            key.thumbprint,
            key.not_after.to_xml(),
            date(key.published_at),
            date(key.seen_by_entra_at)
        );
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what was done is this command's answer")]
async fn promote(house: &House, unseen: Unseen) -> anyhow::Result<()> {
    let next = in_state(house, SigningKeyState::Next).await?;
    let visitor = Visitor::at_the_command_line(house);
    match house.promote_key(Keeper::Operator, next.id, unseen, &visitor).await? {
        Promotion::Done => {
            println!("{} signs from now on.", next.thumbprint);
            println!("Run the swap script of each domain: gatehouse script DOMAIN --rollover swap");
            Ok(())
        }
        Promotion::Unseen { domains, tenants } if domains.is_empty() => bail!(
            "Entra may not have read the next key for the second factors of {}: it was published less \
             than two days ago; nothing was changed. Wait, or say --unseen",
            tenants.join(", ")
        ),
        Promotion::Unseen { domains, .. } => bail!(
            "Entra was not seen to trust the next key for {}; nothing was changed. Run its stage \
             script (gatehouse script DOMAIN --rollover stage), have the page look at Entra, or say \
             --unseen",
            domains.join(", ")
        ),
    }
}

#[expect(clippy::print_stdout, reason = "what was done is this command's answer")]
async fn emergency(house: &House) -> anyhow::Result<()> {
    let active = in_state(house, SigningKeyState::Active).await?;
    let visitor = Visitor::at_the_command_line(house);
    let done = house.replace_keys(Keeper::Operator, active.id, &visitor).await?;
    println!("Both keys are new; {} sessions ended.", done.sessions_ended);
    for domain in done.domains {
        println!("Now run: gatehouse script {domain} --rollover swap");
    }
    for tenant in done.tenants {
        println!("For up to a day, answers about second factors may be refused there: {tenant}");
    }
    println!("Until then nobody can sign in to Microsoft.");
    Ok(())
}

async fn in_state(house: &House, state: SigningKeyState) -> anyhow::Result<KeyView> {
    let keys = house.signing_keys(Keeper::Operator).await?;
    keys.into_iter().find(|key| key.state == state).context("there is no such key yet")
}
