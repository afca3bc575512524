//! The life of signing keys: made, published as next, promoted to active, retired.

mod revoke;
mod sight;
mod turn;
mod usable;

use std::{collections::HashMap, time::Duration};

use federation::keyring;
use model::{
    Actor, Role, Ts,
    ids::SigningKeyId,
    signing_key::{PrivateKey, SigningKey, SigningKeyState},
};
use store::{Tx, signing_keys};

use crate::{Admin, Error, House, Result};

pub(crate) use revoke::may_write;
pub use revoke::{Asked, Revocation};
pub use sight::Looked;
pub use turn::{Promotion, Replacement, Unseen};
pub(crate) use usable::Tried;

/// How long a certificate is good: two years (R122).
const VALID_FOR: Duration = Duration::from_hours(730 * 24);

/// Whoever has second factors proved here keeps our keys for a day (`graph.md` 12.3): after two, all of
/// Microsoft has read a key that was published.
const READ_BY_NOW: Duration = Duration::from_hours(48);

/// Who looks after the keys.
#[derive(Debug, Clone, Copy)]
pub enum Keeper<'a> {
    /// An admin in the console.
    Admin(&'a Admin),
    /// Somebody at the command line of the server.
    Operator,
}

impl Keeper<'_> {
    /// Who it is, if they may turn keys: that needs the role, and a fresh second factor (R147).
    fn allowed(self, now: Ts) -> Result<Actor> {
        match self {
            Self::Operator => Ok(Actor::Operator),
            Self::Admin(admin) => {
                admin.require(Role::SecurityAdmin)?;
                admin.require_fresh(now)?;
                Ok(admin.actor())
            }
        }
    }
}

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
    /// When metadata first showed it.
    pub published_at: Option<Ts>,
    /// Since when Entra has been seen to trust it, for every domain that is federated.
    pub seen_by_entra_at: Option<Ts>,
    /// When it retired.
    pub retired_at: Option<Ts>,
    /// Whether it is in a PKCS#11 token.
    pub in_token: bool,
    /// The length of its modulus, if its certificate says one.
    pub rsa_bits: Option<usize>,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
}

impl KeyView {
    /// Whether a tenant that has second factors proved here must have read it by now.
    #[must_use]
    pub fn is_read_by_now(&self, now: Ts) -> bool {
        self.published_at.is_some_and(|at| now.since(at) >= READ_BY_NOW)
    }
}

impl House {
    /// Makes a key pair and its certificate, on a blocking thread. `nth` keeps names apart.
    pub(crate) async fn generate_key(&self, nth: usize) -> Result<SigningKey> {
        let (id, serial, now) = (SigningKeyId(self.new_id()), self.draw::<16>(), self.now());
        let host = self.settings().public_url.host_str().unwrap_or("gatehouse").to_owned();
        let name = format!("Gatehouse token signing {} {host}", nth + 1);
        let (vault, size) = (self.vault().clone(), self.settings().signing_key_size);
        let made = tokio::task::spawn_blocking(move || {
            vault.new_signing_key(id, (&name, size), (now, VALID_FOR), serial)
        });
        // The metadata shows a key from its first moment on.
        Ok(SigningKey { published_at: Some(now), ..made.await?? })
    }

    /// Every signing key: the active one, the next one, then the retired ones, newest first.
    pub async fn signing_keys(&self, _keeper: Keeper<'_>) -> Result<Vec<KeyView>> {
        self.store().read(views).await
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

fn views(tx: &mut Tx) -> Result<Vec<KeyView>> {
    let retired: HashMap<SigningKeyId, Ts> = signing_keys::retirements(tx)?.into_iter().collect();
    let keys = signing_keys::all(tx)?;
    let mut views: Vec<KeyView> =
        keys.into_iter().map(|key| view(retired.get(&key.id).copied(), key)).collect();
    views.sort_by_key(|key| match key.state {
        SigningKeyState::Active => 0,
        SigningKeyState::Next => 1,
        SigningKeyState::Retired => 2,
    });
    Ok(views)
}

fn view(retired_at: Option<Ts>, key: SigningKey) -> KeyView {
    KeyView {
        rsa_bits: keyring::form(&key).rsa_bits,
        id: key.id,
        state: key.state,
        thumbprint: keyring::thumbprint(&key.certificate),
        not_before: key.not_before,
        not_after: key.not_after,
        published_at: key.published_at,
        seen_by_entra_at: key.seen_by_entra_at,
        retired_at,
        in_token: matches!(key.private_key, PrivateKey::InToken(_)),
        certificate: key.certificate,
    }
}
