//! Federates the demo's domain the way an admin does: by running the script from the page.

use std::{path::Path, process::Stdio};

use anyhow::{Context as _, ensure};
use app::{House, office365::DomainCheck};
use simulator::sample;

/// Runs the script unless Entra's federation is as planned already.
pub(super) async fn ensure(
    house: &House,
    simulator_url: &str,
    domain: &str,
    data: &Path,
) -> anyhow::Result<()> {
    let id = house.addresses(domain).await?.domain_id;
    let checked = house
        .check_domain(id)
        .await
        .context("a demo folder keeps its addresses: start with the same ones, or with --reset")?;
    if checked == DomainCheck::InStep {
        return Ok(());
    }
    let script = data.join("federate.sh");
    // The sample tenant has its two emergency accounts.
    std::fs::write(&script, &house.render_scripts(id).await?.federate_unasked().sh)?;
    run_sh(&script, simulator_url, data).await?;
    let check = house.check_domain(id).await?;
    ensure!(
        check == DomainCheck::InStep,
        "the script ran, but the domain is not as planned: {check:?}"
    );
    Ok(())
}

async fn run_sh(script: &Path, simulator_url: &str, data: &Path) -> anyhow::Result<()> {
    let (script, url, folder) =
        (std::fs::canonicalize(script)?, simulator_url.to_owned(), data.to_owned());
    let ran = tokio::task::spawn_blocking(move || {
        std::process::Command::new("sh")
            .arg(script)
            .current_dir(folder)
            .env("GRAPH_TOKEN", sample::ADMIN_TOKEN)
            .env("GRAPH_HOST", url)
            .stdin(Stdio::null())
            .output()
    });
    let output = ran.await?.context("sh can't be run")?;
    ensure!(
        output.status.success(),
        "the federation script failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
