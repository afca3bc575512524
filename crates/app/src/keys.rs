//! The life of signing keys: made, published as next, promoted to active, retired.

use std::time::Duration;

use federation::keyring;
use model::{
    Role, Ts,
    audit::AuditKind,
    ids::SigningKeyId,
    signing_key::{SigningKey, SigningKeyState},
};
use store::{audit_log, signing_keys};

use crate::{Admin, Error, House, Kind, Result, Visitor};

/// How long a certificate is good: two years (R122).
const VALID_FOR: Duration = Duration::from_hours(730 * 24);

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
    /// When Entra was first seen to trust it.
    pub seen_by_entra_at: Option<Ts>,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
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
        // The metadata shows a key from its first moment on.
        Ok(SigningKey { published_at: Some(now), ..made.await?? })
    }

    /// Remembers when Entra was first seen to have our certificates.
    pub(crate) async fn keep_seen(&self, active: bool, next: bool) -> Result<()> {
        let is_seen = move |key: &SigningKey| match key.state {
            SigningKeyState::Active => active,
            SigningKeyState::Next => next,
            SigningKeyState::Retired => false,
        };
        let keys = self.store().read(|tx| Ok::<_, Error>(signing_keys::all(tx)?)).await?;
        let new = keys.iter().filter(|key| key.seen_by_entra_at.is_none() && is_seen(key));
        let (ids, now) = (new.map(|key| key.id).collect::<Vec<_>>(), self.now());
        if ids.is_empty() {
            return Ok(());
        }
        self.store()
            .write(move |tx| {
                for id in ids {
                    signing_keys::set_seen(tx, id, now)?;
                }
                Ok::<_, Error>(())
            })
            .await
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

    /// Makes the next key, if there is none. Needs a fresh second factor (R147).
    pub async fn make_next_key(&self, admin: &Admin, visitor: &Visitor) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let made = self.store().read(|tx| Ok::<_, Error>(signing_keys::all(tx)?.len())).await?;
        let key = self.generate_key(u8::try_from(made % 26).unwrap_or(0)).await?;
        let subject = key.id.to_string();
        let row = visitor.audit(self, admin.actor(), AuditKind::KeyMade, &subject);
        self.store()
            .write(move |tx| {
                if signing_keys::next(tx)?.is_some() {
                    return Err(Error::new(Kind::Conflict, "There is a next key already."));
                }
                signing_keys::create(tx, &key)?;
                Ok(audit_log::record(tx, &row)?)
            })
            .await
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
        published_at: key.published_at,
        seen_by_entra_at: key.seen_by_entra_at,
        certificate: key.certificate.clone(),
    }
}
