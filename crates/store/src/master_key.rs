//! The key that everything secret in the database is sealed with. It comes from a file that only
//! its owner may read (R126), never from the database, the command line or the environment.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Error;

/// How many bytes name a key.
pub(crate) const KEY_ID_LEN: usize = 8;

/// The master key; it is wiped when dropped, and never shown.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// A key from 32 random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads 64 hex digits, or refuses a file that others than its owner may read.
    pub fn read_file(path: &Path) -> Result<Self, Error> {
        let refuse = |why: String| Error::MasterKeyFile(format!("{}: {why}", path.display()));
        let mut file = File::open(path).map_err(|error| refuse(error.to_string()))?;
        let about = file.metadata().map_err(|error| refuse(error.to_string()))?;
        let mode = about.permissions().mode() & 0o777;
        if !about.is_file() {
            return Err(refuse("not a file".to_owned()));
        }
        if mode & 0o077 != 0 {
            return Err(refuse(format!("its mode is {mode:03o}; make it 400")));
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(|error| refuse(error.to_string()))?;
        let mut key = Zeroizing::new([0_u8; 32]);
        hex::decode_to_slice(text.trim(), key.as_mut())
            .map_err(|_| refuse("it must hold 64 hex digits".to_owned()))?;
        Ok(Self(key))
    }

    /// Writes the key to a new file that only its owner may read; never replaces one.
    pub fn create_file(&self, path: &Path) -> Result<(), Error> {
        let refuse =
            |why: std::io::Error| Error::MasterKeyFile(format!("{}: {why}", path.display()));
        let text = Zeroizing::new(hex::encode(self.0.as_ref()));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o400)
            .open(path)
            .map_err(refuse)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(refuse)
    }

    /// What names the key and says nothing about it: it stands before each value that was sealed
    /// with it, and in the audit log.
    #[must_use]
    pub fn id(&self) -> String {
        hex::encode(self.id_bytes())
    }

    pub(crate) fn id_bytes(&self) -> [u8; KEY_ID_LEN] {
        let digest =
            Sha256::new().chain_update(b"gatehouse master key id").chain_update(self.bytes());
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&digest.finalize()[..KEY_ID_LEN]);
        id
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The master keys that a node knows.
#[derive(Debug, Clone)]
pub struct MasterKeys {
    /// What secrets are sealed with.
    pub current: MasterKey,
    /// What opens them besides, and seals nothing: the former key, or the next one.
    pub additional: Vec<MasterKey>,
}

impl From<MasterKey> for MasterKeys {
    fn from(current: MasterKey) -> Self {
        Self { current, additional: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R126
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("master.key");
        MasterKey::from_bytes([7; 32]).create_file(&path).expect("written");
        let read = MasterKey::read_file(&path).expect("mode 400 is fine");
        assert_eq!(read.bytes(), &[7; 32]);
        for mode in [0o440, 0o404, 0o600 | 0o001] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("changed");
            let refused = MasterKey::read_file(&path).expect_err("refused").to_string();
            assert!(refused.contains(&format!("{mode:03o}")), "{refused}");
        }
    }

    #[test]
    fn a_key_file_is_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("master.key");
        MasterKey::from_bytes([7; 32]).create_file(&path).expect("written");
        assert!(MasterKey::from_bytes([8; 32]).create_file(&path).is_err());
        assert_eq!(MasterKey::read_file(&path).expect("still there").bytes(), &[7; 32]);
    }
}
