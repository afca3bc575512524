//! The life of signing keys: made, published as next, promoted to active, retired.

use std::time::Duration;

use federation::keyring;
use model::{
    Ts,
    ids::SigningKeyId,
    signing_key::{SigningKey, SigningKeyState},
};
use store::signing_keys;

use crate::{Admin, Error, House, Result};

/// How long a certificate is good: two years (R122).
const VALID_FOR: Duration = Duration::from_secs(730 * 86_400);

/// What the console shows of a key; the private part stays in its room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyView {
    /// Our id.
    pub id: SigningKeyId,
    /// Where it stands.
    pub state: SigningKeyState,
    /// SHA-1 of the certificate, as Entra shows it, in capitals.
    pub thumbprint: String,
    /// Not before this time.
    pub not_before: Ts,
    /// Not after this time.
    pub not_after: Ts,
}

impl House {
    /// Makes a key pair and its certificate, on a blocking thread. `nth` keeps names apart.
    pub(crate) async fn generate_key(&self, nth: u8) -> Result<SigningKey> {
        let (id, serial, now) = (SigningKeyId(self.new_id()), self.draw::<16>(), self.now());
        let host = self.settings().public_url.host_str().unwrap_or("gatehouse").to_owned();
        let name = format!("Gatehouse token signing {} {host}", char::from(b'A' + nth % 26));
        let made = tokio::task::spawn_blocking(move || {
            keyring::new_signing_key(id, &name, now, VALID_FOR, serial)
        });
        Ok(made.await??)
    }

    /// Every signing key, the active one first.
    pub async fn signing_keys(&self, _admin: &Admin) -> Result<Vec<KeyView>> {
        let keys = self.store().read(|tx| Ok::<_, Error>(signing_keys::all(tx)?)).await?;
        let mut views: Vec<KeyView> = keys.iter().map(view).collect();
        views.sort_by_key(|key| match key.state {
            SigningKeyState::Active => 0,
            SigningKeyState::Next => 1,
            SigningKeyState::Retired => 2,
        });
        Ok(views)
    }

    /// The certificate of the active key, DER.
    pub async fn active_certificate(&self) -> Result<Vec<u8>> {
        let key = self.store().read(|tx| Ok::<_, Error>(signing_keys::active(tx)?)).await?;
        Ok(key.ok_or_else(|| Error::not_found("signing key"))?.certificate)
    }
}

/// The same key, signing from now on.
pub(crate) fn activated(key: SigningKey) -> SigningKey {
    SigningKey { state: SigningKeyState::Active, ..key }
}

fn view(key: &SigningKey) -> KeyView {
    KeyView {
        id: key.id,
        state: key.state,
        thumbprint: keyring::thumbprint(&key.certificate),
        not_before: key.not_before,
        not_after: key.not_after,
    }
}
