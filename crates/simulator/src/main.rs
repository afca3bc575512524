//! The binary `entra-simulator`: a pretend Entra ID on an address of its own.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use simulator::{Settings, Simulator};

/// A pretend Microsoft Entra ID.
#[derive(Parser)]
#[command(name = "entra-simulator", version)]
struct Arguments {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// Where the tenant is kept; without it everything is forgotten at the end.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The tenant to begin with.
    #[arg(long, value_enum, default_value = "contoso")]
    seed: Seed,
    /// How long new objects stay unseen by reads, in milliseconds.
    #[arg(long, default_value_t = 0)]
    lag: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Seed {
    Contoso,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let seed = match arguments.seed {
        Seed::Contoso => simulator::Seed::Contoso,
    };
    let settings = Settings {
        data_file: arguments.data,
        replication_lag: Duration::from_millis(arguments.lag),
        ..Settings::new(arguments.listen, seed)
    };
    let simulator = Simulator::start(settings).await?;
    writeln!(std::io::stdout(), "{}", simulator.url())?;
    tokio::signal::ctrl_c().await?;
    simulator.stop().await;
    Ok(())
}
