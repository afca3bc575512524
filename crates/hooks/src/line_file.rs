//! Lines at the end of a file, on the disk before it is said that they are there.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use crate::Error;

/// Adds `lines`, each with its end, to the end of a file, which only its owner may read where it is made
/// just now. When the disk is full nothing is left of them; half a line that a crash has left before
/// gets an end of its own.
pub fn append(path: &Path, lines: &str) -> Result<(), Error> {
    add(path, lines).map_err(Error::File)
}

fn add(path: &Path, lines: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.read(true).append(true).create(true).mode(0o600).open(path)?;
    let before = file.metadata()?.len();
    let text = if ends_in_a_line(&mut file, before)? { String::new() } else { "\n".to_owned() };
    let written = file.write_all((text + lines).as_bytes()).and_then(|()| file.sync_data());
    if written.is_err() && file.metadata()?.is_file() {
        // Whatever of it got there would be there twice after the next try.
        file.set_len(before)?;
    }
    written
}

fn ends_in_a_line(file: &mut File, length: u64) -> std::io::Result<bool> {
    if length == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(length - 1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn lines_follow_each_other_and_half_a_line_gets_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        append(&path, "one\ntwo\n").unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(&path, "one\ntw").unwrap();
        append(&path, "three\n").unwrap();
        append(&path, "four\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntw\nthree\nfour\n");
    }

    #[test]
    fn a_full_disk_and_a_missing_folder_are_errors() {
        assert!(matches!(append(Path::new("/dev/full"), "one\n"), Err(Error::File(_))));
        assert!(append(Path::new("/nowhere/audit.jsonl"), "one\n").is_err());
    }
}
