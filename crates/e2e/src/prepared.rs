//! Demos that were started once and ended: each walk begins with a copy of one's folder.
//!
//! What the pretend Microsoft knows has the demo's addresses in it, so a copy listens where the first
//! one did, and as many walks go on at once as there are such places. A demo is made anew for another
//! program, and before anything in it is too old.

use std::{
    fs,
    net::TcpListener,
    ops::Range,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::demo::Demo;

/// The ports of each place, below those that the system hands out by itself.
const PLACES: [Range<u16>; 2] = [21_800..22_300, 22_300..22_800];
/// Initial passwords and the like last a day; so long is one run.
const GOOD_FOR: Duration = Duration::from_hours(2);

/// The folder of a demo that has ended.
#[derive(Debug)]
pub(crate) struct Prepared {
    folder: PathBuf,
    /// Where it and the pretend Microsoft listened.
    pub(crate) ports: [u16; 2],
    /// While it is held nobody else listens or makes another there.
    _lock: fs::File,
}

impl Prepared {
    /// One in a place that is free, which this program made or makes now.
    pub(crate) fn find(program: &Path) -> anyhow::Result<Self> {
        let built = fs::metadata(program)?.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
        let folder = program.parent().context("the program is in a folder")?.join("e2e-demo");
        let (place, free, lock) = take_place(&folder)?;
        let ports = match Self::read(&place, built) {
            Some(ports) => ports,
            None => Self::make(&place, free, built)?,
        };
        Ok(Self { folder: place.join("data"), ports, _lock: lock })
    }

    /// The ports of one that is there and good.
    fn read(folder: &Path, built: u128) -> Option<[u16; 2]> {
        let label = folder.join("label");
        let age = fs::metadata(&label).ok()?.modified().ok()?.elapsed().ok()?;
        let label: Label = serde_json::from_slice(&fs::read(&label).ok()?).ok()?;
        (age < GOOD_FOR && label.built == built).then_some(label.ports)
    }

    fn make(folder: &Path, free: Range<u16>, built: u128) -> anyhow::Result<[u16; 2]> {
        let data = folder.join("data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let ports = two_free(free)?;
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

/// A place that nobody else has, with its ports and the lock; waits for the first when all are taken.
fn take_place(folder: &Path) -> anyhow::Result<(PathBuf, Range<u16>, fs::File)> {
    for (number, ports) in PLACES.into_iter().enumerate() {
        let place = folder.join(number.to_string());
        fs::create_dir_all(&place)?;
        let lock = fs::File::create(place.join("lock"))?;
        if lock.try_lock().is_ok() {
            return Ok((place, ports, lock));
        }
    }
    let place = folder.join("0");
    let lock = fs::File::create(place.join("lock"))?;
    lock.lock()?;
    Ok((place, PLACES[0].clone(), lock))
}

/// Two ports that nobody listens at.
fn two_free(ports: Range<u16>) -> anyhow::Result<[u16; 2]> {
    let mut free = ports.filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
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
