//! Turning keys: promoting the next one, and replacing both in an emergency (R128, R129).
//!
//! New keys are made before the transaction, so that it is short. It names the key it was decided
//! on: of two who turn keys at once, one wins. A token that is being made meanwhile starts over, as
//! the revision moves (`issue`); every node reads the key in the snapshot that it decides on.

use model::{
    Actor,
    audit::AuditKind,
    federated_domain::FederatedDomain,
    ids::SigningKeyId,
    signing_key::{SigningKey, SigningKeyState},
};
use store::{Tx, audit_log, external_mfa, federated_domains, sessions, signing_keys};

use super::{Keeper, KeyView, activated, views};
use crate::{Error, House, Kind, Result, Visitor};

/// What to do when Entra has not been seen to trust the next key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unseen {
    /// Do not promote it.
    Refuse,
    /// Promote it all the same.
    Accept,
}

/// How a promotion ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promotion {
    /// The key signs now, and a new next key is published.
    Done,
    /// Nothing was changed: Entra may not know the key yet. Until it does, nobody of these domains could
    /// sign in, and no answer about a second factor would be taken.
    Unseen {
        /// The domains that are federated with us, if it was not seen to trust the key there.
        domains: Vec<String>,
        /// The tenants that have second factors proved here, if the key was published too short a time
        /// ago; by their aliases.
        tenants: Vec<String>,
    },
}

/// What an emergency replacement did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// How many sessions ended.
    pub sessions_ended: usize,
    /// The domains whose people can't sign in to Microsoft until Entra has the new certificates.
    pub domains: Vec<String>,
    /// The tenants that may take no answer about a second factor for a day; by their aliases.
    pub tenants: Vec<String>,
}

impl House {
    /// Promotes this next key. The one that signed so far retires, and a new next key is made and
    /// published in the same transaction.
    pub async fn promote_key(
        &self,
        keeper: Keeper<'_>,
        next: SigningKeyId,
        unseen: Unseen,
        visitor: &Visitor,
    ) -> Result<Promotion> {
        let actor = keeper.allowed(self.now())?;
        let keys = self.store().read(views).await?;
        if let Some(unready) = self.not_seen(&keys, next, unseen).await? {
            return Ok(unready);
        }
        self.can_sign(next).await?;
        let follower = self.generate_key(keys.len()).await?;
        let (house, visitor) = (self.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                signing_keys::promote(tx, next, house.now())
                    .map_err(|cause| outrun(cause.into()))?;
                house.keep_new(tx, &follower, actor, &visitor)?;
                let kind = AuditKind::KeyPromoted;
                let mut row = visitor.audit(&house, actor, kind, &next.to_string());
                if unseen == Unseen::Accept {
                    "without having been seen by Entra".clone_into(&mut row.detail);
                }
                audit_log::record(tx, &row)?;
                Ok(Promotion::Done)
            })
            .await
    }

    /// Replaces both keys at once, because they may be known to somebody: whoever has one can sign
    /// in as anybody. Everybody's sessions end but that of the admin who does it. Until Entra has
    /// the new certificates, nobody can sign in to Microsoft.
    pub async fn replace_keys(
        &self,
        keeper: Keeper<'_>,
        active: SigningKeyId,
        visitor: &Visitor,
    ) -> Result<Replacement> {
        let actor = keeper.allowed(self.now())?;
        let known = self.store().read(views).await?.len();
        let (first, second) = (self.generate_key(known), self.generate_key(known + 1));
        let (first, second) = (activated(first.await?), second.await?);
        let own_session = match keeper {
            Keeper::Admin(admin) => Some(admin.session().id),
            Keeper::Operator => None,
        };
        let (house, visitor) = (self.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                signs_now(tx, active)?;
                let now = house.now();
                signing_keys::retire_both(tx, now)?;
                for key in [&first, &second] {
                    house.keep_new(tx, key, actor, &visitor).map_err(outrun)?;
                }
                let sessions_ended = sessions::end_everybodys(tx, own_session, now)?;
                let kind = AuditKind::KeysReplaced;
                let mut row = visitor.audit(&house, actor, kind, &first.id.to_string());
                row.detail = format!("{sessions_ended} sessions ended");
                audit_log::record(tx, &row)?;
                Ok(Replacement { sessions_ended, domains: federated(tx)?, tenants: asking(tx)? })
            })
            .await
    }

    /// Makes the next key, if there is none, as in a house that is older than its promises.
    pub async fn make_next_key(&self, keeper: Keeper<'_>, visitor: &Visitor) -> Result<()> {
        let actor = keeper.allowed(self.now())?;
        let known = self.store().read(views).await?.len();
        let key = self.generate_key(known).await?;
        let (house, visitor) = (self.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                if signing_keys::next(tx)?.is_some() {
                    return Err(Error::new(Kind::Conflict, "There is a next key already."));
                }
                house.keep_new(tx, &key, actor, &visitor)
            })
            .await
    }

    /// Where Entra may not know the key yet, if that matters anywhere.
    async fn not_seen(
        &self,
        keys: &[KeyView],
        next: SigningKeyId,
        unseen: Unseen,
    ) -> Result<Option<Promotion>> {
        let found = keys.iter().find(|key| key.id == next && key.state == SigningKeyState::Next);
        let key = found.ok_or_else(|| outrun(Error::not_found("next signing key")))?;
        if unseen == Unseen::Accept {
            return Ok(None);
        }
        let all = |tx: &mut Tx| Ok::<_, Error>((federated(tx)?, asking(tx)?));
        let (mut domains, mut tenants) = self.store().read(all).await?;
        if key.seen_by_entra_at.is_some() {
            domains.clear();
        }
        if key.is_read_by_now(self.now()) {
            tenants.clear();
        }
        let is_known = domains.is_empty() && tenants.is_empty();
        Ok((!is_known).then_some(Promotion::Unseen { domains, tenants }))
    }

    /// Stops when the key can't sign, or is another one than its certificate says: promoted, it would
    /// keep everybody out (R093).
    async fn can_sign(&self, next: SigningKeyId) -> Result<()> {
        let key = self.store().read(|tx| Ok::<_, Error>(signing_keys::next(tx)?)).await?;
        let Some(key) = key.filter(|key| key.id == next) else { return Ok(()) };
        self.vault().signer(&key).map(drop).map_err(|cause| {
            let public = format!("The next key is not promoted, as {cause}. Replace both keys.");
            Error::new(Kind::Conflict, public).because(cause)
        })
    }

    fn keep_new(
        &self,
        tx: &mut Tx,
        key: &SigningKey,
        actor: Actor,
        visitor: &Visitor,
    ) -> Result<()> {
        signing_keys::create(tx, key)?;
        let row = visitor.audit(self, actor, AuditKind::KeyMade, &key.id.to_string());
        Ok(audit_log::record(tx, &row)?)
    }
}

/// Stops unless this is the key that signs now.
fn signs_now(tx: &mut Tx, active: SigningKeyId) -> Result<()> {
    match signing_keys::active(tx)? {
        Some(key) if key.id == active => Ok(()),
        _ => Err(outrun(Error::not_found("signing key"))),
    }
}

/// Somebody else was faster.
fn outrun(cause: Error) -> Error {
    match cause.kind {
        Kind::NotFound | Kind::Conflict => {
            let public = "The keys were turned meanwhile. Load the page again and look.";
            Error::new(Kind::Conflict, public).because(cause)
        }
        _ => cause,
    }
}

/// The names of the domains that are federated with us.
fn federated(tx: &mut Tx) -> Result<Vec<String>> {
    let federated = |domain: &FederatedDomain| domain.enabled && domain.federated_at.is_some();
    let all = federated_domains::all(tx)?.into_iter();
    Ok(all.filter(federated).map(|domain| domain.name).collect())
}

/// The aliases of the tenants that have second factors proved here.
fn asking(tx: &mut Tx) -> Result<Vec<String>> {
    Ok(external_mfa::asking(tx)?.into_iter().map(|asking| asking.alias).collect())
}
