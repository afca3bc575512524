//! The scripts of the console, executed: their POSIX form, as an administrator runs it.

use std::{path::Path, process::Stdio};

use simulator::sample;

use crate::error::{Error, Result};

/// Runs a script against the copy and gives back what it said. It has no other environment than the one
/// that it needs, and keeps the state from before in the folder.
pub(crate) async fn run(name: &str, text: &str, copy: &str, folder: &Path) -> Result<Vec<String>> {
    let script = folder.join(format!("{name}.sh"));
    std::fs::write(&script, text).map_err(Error::machine("the script can't be written"))?;
    let (folder, copy) = (folder.to_owned(), copy.to_owned());
    let ran = tokio::task::spawn_blocking(move || {
        std::process::Command::new("sh")
            .arg(script)
            .current_dir(folder)
            .env("GRAPH_TOKEN", sample::ADMIN_TOKEN)
            .env("GRAPH_HOST", copy)
            .env("GRAPH_PAUSE", "1")
            .stdin(Stdio::null())
            .output()
    });
    let ran = ran.await.map_err(|error| Error::seen(error.to_string()))?;
    let output = ran.map_err(Error::machine("sh can't be run"))?;
    let lines = |bytes: &[u8]| -> Vec<String> {
        String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect()
    };
    if output.status.success() {
        return Ok(lines(&output.stdout));
    }
    let mut said = vec!["The script stopped.".to_owned()];
    said.extend(lines(&output.stderr));
    Err(Error::Seen(said))
}
