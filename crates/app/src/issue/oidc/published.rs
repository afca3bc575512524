//! What a domain publishes of OpenID Connect: what it speaks, and its keys.

use federation::oidc::{discovery, keys};
use model::{
    Ts,
    signing_key::{SigningKey, SigningKeyState},
};
use store::{Tx, federated_domains, signing_keys};

use super::LONGEST;
use crate::{Error, House, Result};

/// The keys that ID tokens may be signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySet(pub String);

impl House {
    /// The discovery document of the domain behind `slug`.
    pub async fn oidc_discovery(&self, slug: &str) -> Result<String> {
        let (house, slug) = (self.clone(), slug.to_owned());
        let premises = self.store().read_briefly(move |tx| house.premises(tx)).await?;
        let domain = premises.domain_at(&slug).ok_or_else(|| Error::not_found("domain"))?;
        Ok(discovery::document(&self.endpoints(&domain.slug)))
    }

    /// The keys of the domain behind `slug`: the active one, the next one, and those whose tokens may
    /// still be about.
    pub async fn oidc_keys(&self, slug: &str) -> Result<KeySet> {
        let (house, slug, now) = (self.clone(), slug.to_owned(), self.now());
        self.store()
            .read(move |tx| {
                federated_domains::by_slug(tx, &slug)?.ok_or_else(|| Error::not_found("domain"))?;
                let keys = house.shown(tx, |retired| now.since(retired) < LONGEST)?;
                Ok(KeySet(keys::document(keys.iter().map(|key| &*key.certificate))))
            })
            .await
    }
}

impl House {
    /// The keys that others are told to trust: those that are trusted here, but no next key that could
    /// not take its turn.
    pub(in crate::issue) fn shown(
        &self,
        tx: &mut Tx,
        since: impl Fn(Ts) -> bool,
    ) -> Result<Vec<SigningKey>> {
        let next = self.usable_next(tx)?.map(|key| key.id);
        let mut keys = trusted(tx, since)?;
        keys.retain(|key| key.state != SigningKeyState::Next || Some(key.id) == next);
        Ok(keys)
    }
}

/// The keys that are trusted: retired ones as far as `since` has it. Keys that retired together were
/// replaced in an emergency (R129), and whoever has one can sign what they like.
pub(in crate::issue) fn trusted(
    tx: &mut Tx,
    since: impl Fn(Ts) -> bool,
) -> Result<Vec<SigningKey>> {
    let retired = signing_keys::retirements(tx)?;
    let is_trusted = |key: &SigningKey| {
        let at = retired.iter().find(|(id, _)| *id == key.id).map(|(_, at)| *at);
        let alone = |at| retired.iter().filter(|(_, other)| *other == at).count() == 1;
        at.is_none_or(|at| since(at) && alone(at))
    };
    let mut keys = signing_keys::all(tx)?;
    keys.retain(is_trusted);
    keys.sort_by_key(|key| match key.state {
        SigningKeyState::Active => 0,
        SigningKeyState::Next => 1,
        SigningKeyState::Retired => 2,
    });
    Ok(keys)
}
