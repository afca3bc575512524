//! A demo that was started once and ended: each walk begins with a copy of its folder.
//!
//! What the pretend Microsoft knows has the demo's addresses in it, so a copy listens where the first
//! one did. It is made anew for another program, and before anything in it is too old.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::demo::Demo;

/// Below the ports that the system hands out by itself.
const PORTS: std::ops::Range<u16> = 21_800..22_800;
/// Initial passwords and the like last a day; so long is one run.
const GOOD_FOR: Duration = Duration::from_hours(2);

/// The folder of a demo that has ended.
#[derive(Debug)]
pub(crate) struct Prepared {
    folder: PathBuf,
    /// Where it and the pretend Microsoft listened.
    pub(crate) ports: [u16; 2],
    /// While it is held nobody makes another in its place.
    _lock: fs::File,
}

impl Prepared {
    /// The one that this program made, or a new one.
    pub(crate) fn find(program: &Path) -> anyhow::Result<Self> {
        let built = fs::metadata(program)?.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
        let folder = program.parent().context("the program is in a folder")?.join("e2e-demo");
        fs::create_dir_all(&folder)?;
        // Whoever comes second waits, and finds it.
        let lock = fs::File::create(folder.join("lock"))?;
        lock.lock()?;
        let ports = match Self::read(&folder, built) {
            Some(ports) => ports,
            None => Self::make(&folder, built)?,
        };
        Ok(Self { folder: folder.join("data"), ports, _lock: lock })
    }

    /// The ports of one that is there and good.
    fn read(folder: &Path, built: u128) -> Option<[u16; 2]> {
        let label = folder.join("label");
        let age = fs::metadata(&label).ok()?.modified().ok()?.elapsed().ok()?;
        let label: Label = serde_json::from_slice(&fs::read(&label).ok()?).ok()?;
        (age < GOOD_FOR && label.built == built).then_some(label.ports)
    }

    fn make(folder: &Path, built: u128) -> anyhow::Result<[u16; 2]> {
        let data = folder.join("data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let ports = free_ports()?;
        Demo::start_in(tempfile::tempdir()?, ports, &[])?.keep(&data)?;
        fs::write(folder.join("label"), serde_json::to_vec(&Label { built, ports })?)?;
        Ok(ports)
    }

    /// Copies it to an empty folder.
    pub(crate) fn copy_to(&self, place: &Path) -> anyhow::Result<()> {
        copy(&self.folder, place)
    }
}

/// What says whether it is good.
#[derive(Debug, Serialize, Deserialize)]
struct Label {
    /// When its program was built.
    built: u128,
    ports: [u16; 2],
}

/// Two ports that nobody listens at.
fn free_ports() -> anyhow::Result<[u16; 2]> {
    let mut free = PORTS.filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    let two = free.next().zip(free.next()).context("no two ports are free")?;
    Ok([two.0, two.1])
}

/// Copies everything in a folder, which has no folders in it.
pub(crate) fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
