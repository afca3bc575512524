//! Tries a registration at Microsoft, and keeps what was found until the registration changes.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use graph::{Ask, SignIn, TrialAsk};
use model::{
    Role,
    ids::RegistrationId,
    look::{Look, LookKind},
    registration::Registration,
    trial::Trial,
};
use sha2::{Digest as _, Sha256};
use store::{Tx, looks, registrations};

use super::Terms;
use crate::{Admin, Error, House, Result};

impl House {
    /// Tries a registration step by step; it need not be switched on.
    pub async fn try_registration(&self, admin: &Admin, id: RegistrationId) -> Result<Trial> {
        admin.require(Role::SecurityAdmin)?;
        let registration = self.registration(admin, id).await?;
        let began = self.now();
        let trial = self.try_out(&registration).await?;
        let seen = trial.clone();
        self.store()
            .write(move |tx| {
                registrations::lock(tx, id)?;
                let now = registrations::by_id(tx, id)?;
                // What was tried may be another one by now.
                if now.is_some_and(|now| is_same(&now, &registration)) {
                    looks::put_seen(tx, (LookKind::Registration, &id.to_string()), &seen, began)?;
                }
                Ok::<_, Error>(())
            })
            .await?;
        Ok(trial)
    }

    /// What the last try of a registration found, since it was last changed.
    pub async fn registration_trial(
        &self,
        _admin: &Admin,
        id: RegistrationId,
    ) -> Result<Option<Look<Trial>>> {
        let subject = id.to_string();
        let read =
            move |tx: &mut Tx| Ok::<_, Error>(looks::get(tx, (LookKind::Registration, &subject))?);
        self.store().read(read).await
    }

    /// A client that knows nothing yet tries it: nobody waits for it, and it finds what is so by now.
    pub(super) async fn try_out(&self, registration: &Registration) -> Result<Trial> {
        let call = self.new_id();
        let word = call.to_string();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&word));
        let redirect_uri = self.redirect_uri(registration.id)?;
        let ask = Ask {
            redirect_uri: redirect_uri.as_str(),
            state: &word,
            nonce: &word,
            challenge: &challenge,
            login_hint: None,
        };
        let ask = TrialAsk { ask, tenants: &registration.tenants, now: self.now(), call };
        let client = SignIn::new(super::settings(registration))?;
        Ok(client.trial(&ask, &self.timer()).await)
    }
}

/// Forgets what was found: the registration is another one from now on.
pub(super) fn forget(tx: &mut Tx, id: RegistrationId) -> Result<()> {
    Ok(looks::forget(tx, (LookKind::Registration, &id.to_string()))?)
}

fn is_same(one: &Registration, other: &Registration) -> bool {
    one.tenants == other.tenants && Terms::of(one).are(&Terms::of(other))
}
