//! `gatehouse demo`: the product over a sample organisation, with the simulator playing Microsoft.
//!
//! The same code as `serve`; only settings differ (ruling 21). It binds to loopback only. The
//! domain is federated by running `sh` on the very script that the page shows (ruling 32).

mod accounts;
mod empty;
mod federate;

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use app::{
    House, Mode, Settings, SystemClock, SystemRandom, Visitor,
    office365::NewConnection,
    settings::{Encryption, MailSettings, MasterKey, StoreSettings},
    sync::Lane,
};
use model::{
    Actor,
    application::Office365Settings,
    relying_party::{Cloud, CloudHosts},
};
use simulator::{Simulator, sample};
use url::Url;

use crate::schedule;
use accounts::Accounts;

const ORGANISATION: &str = "Contoso";
const DOMAIN: &str = "contoso.com";
/// How long a new object stays unseen at the pretend Microsoft (ruling 23).
const REPLICATION_LAG: std::time::Duration = std::time::Duration::from_secs(2);

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where the demo keeps everything.
    #[arg(long, default_value = "./data/demo")]
    data: PathBuf,
    /// Where the product listens; loopback only.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where the pretend Entra ID listens; loopback only.
    #[arg(long, default_value = "127.0.0.1:8081")]
    simulator_listen: SocketAddr,
    /// A mail server on this machine that gets the letters, such as `127.0.0.1:1025`; without one
    /// none are sent.
    #[arg(long)]
    mail_server: Option<SocketAddr>,
    /// Begin with nothing but an owner, and walk the guided path yourself.
    #[arg(long)]
    empty: bool,
    /// Begin anew.
    #[arg(long)]
    reset: bool,
    /// Print one line of JSON once ready.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let all = [Some(options.listen), Some(options.simulator_listen), options.mail_server];
    for address in all.into_iter().flatten() {
        ensure!(address.ip().is_loopback(), "the demo stays on loopback; {address} is not");
    }
    prepare_folder(&options)?;
    let listener = TcpListener::bind(options.listen)
        .with_context(|| format!("{} can't be listened on", options.listen))?;
    let port = listener.local_addr()?.port();
    let simulator = start_simulator(&options).await?;
    let simulator_url = simulator.url();
    let house = open(&options, port, &simulator_url).await?;
    if options.empty {
        empty::fill(&house, &options.data).await?;
    } else if !house.has_owner().await? {
        fill(&house, &simulator_url, &options.data).await?;
    }
    let settings = server::Settings {
        outlook_url: Some(format!("{simulator_url}/outlook")),
        ..server::Settings::default()
    };
    let running = server::start(house.clone(), settings, listener)?;
    if !options.empty {
        federate::ensure(&house, &simulator_url, DOMAIN, &options.data).await?;
        reach_the_tenant(&house).await?;
    }
    let _clockwork = schedule::start(house.clone()).await?;
    if options.empty {
        empty::announce(&house, &simulator_url, &options)?;
    } else {
        let accounts = Accounts::read(&options.data)?;
        accounts.announce(&house, &simulator_url, DOMAIN, options.json).await?;
    }
    running.until_stopped().await?;
    simulator.stop().await;
    Ok(())
}

/// Ready means that whoever is assigned can sign in: their accounts are in the tenant and seen.
async fn reach_the_tenant(house: &House) -> anyhow::Result<()> {
    if house.drain_outbox(Lane::Rest).await? {
        while house.drain_outbox(Lane::Rest).await? {}
        tokio::time::sleep(REPLICATION_LAG).await;
    }
    Ok(())
}

fn prepare_folder(options: &Options) -> anyhow::Result<()> {
    let data = &options.data;
    if options.reset && data.exists() {
        ensure!(
            accounts::file(data).exists()
                || empty::file(data).exists()
                || data.read_dir()?.next().is_none(),
            "{} is no demo folder; it is left alone",
            data.display()
        );
        std::fs::remove_dir_all(data)
            .with_context(|| format!("{} can't be emptied", data.display()))?;
    }
    std::fs::create_dir_all(data).with_context(|| format!("{} can't be made", data.display()))
}

async fn start_simulator(options: &Options) -> anyhow::Result<Simulator> {
    let mut settings = simulator::Settings::contoso(options.simulator_listen);
    settings.data_file = Some(options.data.join("entra.json"));
    settings.replication_lag = REPLICATION_LAG;
    Simulator::start(settings).await.context("the simulator can't be started")
}

async fn open(options: &Options, port: u16, simulator: &str) -> anyhow::Result<House> {
    let data = &options.data;
    let key = data.join("master.key");
    if !key.exists() {
        app::settings::new_master_key(&SystemRandom).create_file(&key)?;
    }
    let data = std::fs::canonicalize(data)?;
    let store = StoreSettings {
        url: format!("sqlite://{}", data.join("gatehouse.db").display()),
        master_keys: MasterKey::read_file(&key)?.into(),
        pool_size: 4,
    };
    let public_url = Url::parse(&format!("http://localhost:{port}"))?;
    let mail = options.mail_server.map(|server| MailSettings {
        host: server.ip().to_string(),
        port: server.port(),
        encryption: Encryption::None,
        from: format!("{ORGANISATION} <sign-in@{DOMAIN}>"),
        login: None,
    });
    let simulator = Some(hosts(simulator));
    let settings = Settings { mail, simulator, ..Settings::new(Mode::Demo, public_url, store) };
    Ok(House::open(settings, Arc::new(SystemClock), Arc::new(SystemRandom)).await?)
}

fn hosts(simulator_url: &str) -> CloudHosts {
    CloudHosts { login: simulator_url.to_owned(), graph: simulator_url.to_owned() }
}

/// The first start: an organisation with a connected tenant, a domain and people.
async fn fill(house: &House, simulator_url: &str, data: &Path) -> anyhow::Result<()> {
    let visitor = Visitor::at_the_command_line(house);
    house.found(ORGANISATION, &visitor).await?;
    let tenant = house.new_tenant(NewConnection {
        alias: sample::INITIAL_DOMAIN.to_owned(),
        tenant_id: sample::TENANT_ID.to_owned(),
        client_id: sample::CLIENT_ID.to_owned(),
        client_secret: sample::CLIENT_SECRET.to_owned().into(),
        secret_ends: String::new(),
        cloud: Cloud::Simulator,
        simulator: Some(hosts(simulator_url)),
    })?;
    let id = tenant.id;
    let settings = Office365Settings { first_plan_confirmed: true, ..Office365Settings::default() };
    let application = house.connect_tenant(tenant, settings, Actor::Operator, &visitor).await?;
    house.load_products(id).await?;
    house.add_domain(id, DOMAIN, Actor::Operator, &visitor).await?;
    let a_year = std::time::Duration::from_hours(365 * 24);
    house.grant_enrollment_grace(house.now() + a_year).await?;
    let sample = house.make_sample(application, DOMAIN).await?;
    Accounts::write(data, &sample)
}
