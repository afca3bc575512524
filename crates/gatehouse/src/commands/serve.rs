//! `gatehouse serve`: the real thing. It never makes an account by itself.

use std::{net::TcpListener, path::Path, sync::Arc};

use anyhow::Context as _;
use app::{House, SystemClock, SystemRandom, Visitor};

use crate::{config::Config, memory, open_files, schedule};

/// Opens the house that a configuration describes.
pub(crate) async fn open(config: &Config) -> anyhow::Result<House> {
    House::open(config.house()?, Arc::new(SystemClock), Arc::new(SystemRandom))
        .await
        .context("the house can't be opened")
}

pub(crate) async fn run(path: &Path) -> anyhow::Result<()> {
    memory::keep_from_dumps()?;
    match memory::keep_from_swap() {
        Ok(()) => tracing::info!("the memory is locked: keys do not reach swap"),
        Err(why) => tracing::warn!(%why, "the memory is not locked: {}", memory::ALLOW),
    }
    open_files::as_many_as_allowed()?;
    let config = Config::read(path)?;
    let house = open(&config).await?;
    let visitor = Visitor::at_the_command_line(&house);
    house.found("Gatehouse", &visitor).await?;
    if let Some(owner) = house.recovered_owner(&visitor).await? {
        tracing::warn!(owner, "an owner was let in again by `gatehouse user recover-owner`");
    }
    if !house.has_owner().await? {
        tracing::warn!("nobody can open the console yet: run `gatehouse user create-owner`");
    }
    let listener = TcpListener::bind(config.server.listen)
        .with_context(|| format!("{} can't be listened on", config.server.listen))?;
    let settings = server::Settings {
        trusted_proxies: config.server.trusted_proxies.clone(),
        console_networks: config.server.console_networks.clone(),
        tls: config.server.certificate_file.clone().zip(config.server.private_key_file.clone()),
        outlook_url: None,
        metrics_token: config.server.metrics_token()?,
    };
    let running = server::start(house.clone(), settings, listener)?;
    let _clockwork = schedule::start(house).await?;
    tracing::info!(url = %config.server.public_url, "ready");
    running.until_stopped().await?;
    Ok(())
}
