//! What Entra was seen to trust. A key counts as seen once every federated domain was seen to trust
//! it, in either of its two places; a look that finds it missing takes that back.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    Ts,
    entra::FederationConfiguration,
    federated_domain::FederatedDomain,
    ids::FederatedDomainId,
    signing_key::{SigningKey, SigningKeyState},
};
use store::{Tx, federated_domains, signing_keys};

use crate::{
    Error, House, Result,
    office365::{DomainCheck, Through},
};

/// What a domain's federation in Entra was found to be.
pub(crate) type Found = HashMap<FederatedDomainId, FederationConfiguration>;

/// What a look at one domain found; the trouble is a sentence.
pub type Looked = (FederatedDomain, std::result::Result<DomainCheck, String>);

impl House {
    /// Looks at the federation of every domain in Entra, and keeps what was seen of our keys.
    pub async fn look_at_domains(&self) -> Result<Vec<Looked>> {
        let all = self.store().read(|tx| Ok::<_, Error>(federated_domains::all(tx)?)).await?;
        let (mut looked, mut found) = (Vec::new(), Found::new());
        for domain in all.into_iter().filter(|domain| domain.enabled) {
            match self.compare_domain(domain.id, Through::InUse).await {
                Ok((check, theirs)) => {
                    found.extend(theirs.map(|theirs| (domain.id, theirs)));
                    looked.push((domain, Ok(check)));
                }
                Err(error) => looked.push((domain, Err(error.public))),
            }
        }
        self.keep_seen(found).await?;
        Ok(looked)
    }

    /// Keeps since when Entra has been seen to trust our keys, after a look at some domains or all.
    pub(crate) async fn keep_seen(&self, found: Found) -> Result<()> {
        let now = self.now();
        let changes = self.store().read(move |tx| changes(tx, &found, now)).await?;
        if changes.is_empty() {
            return Ok(());
        }
        self.store()
            .write(move |tx| {
                for (id, at) in changes {
                    signing_keys::set_seen(tx, id, at)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }
}

type Change = (model::ids::SigningKeyId, Option<Ts>);

fn changes(tx: &mut Tx, found: &Found, now: Ts) -> Result<Vec<Change>> {
    let domains = federated_domains::all(tx)?;
    let federated: Vec<FederatedDomainId> = domains
        .iter()
        .filter(|domain| domain.enabled && domain.federated_at.is_some())
        .map(|domain| domain.id)
        .collect();
    let keys = signing_keys::all(tx)?;
    let alive = keys.iter().filter(|key| key.state != SigningKeyState::Retired);
    let dated = alive.map(|key| (key, seen_at(key, &federated, found, now)));
    Ok(dated
        .filter(|(key, at)| key.seen_by_entra_at != *at)
        .map(|(key, at)| (key.id, at))
        .collect())
}

/// Since when a key has been seen, after this look.
fn seen_at(
    key: &SigningKey,
    federated: &[FederatedDomainId],
    found: &Found,
    now: Ts,
) -> Option<Ts> {
    let certificate = STANDARD.encode(&key.certificate);
    let trusts = |theirs: &FederationConfiguration| {
        theirs.signing_certificate == certificate
            || theirs.next_signing_certificate.as_ref() == Some(&certificate)
    };
    let seen: Vec<_> = federated.iter().map(|id| found.get(id).map(trusts)).collect();
    if seen.contains(&Some(false)) {
        return None;
    }
    let everywhere = !seen.is_empty() && seen.iter().all(|seen| *seen == Some(true));
    key.seen_by_entra_at.or_else(|| everywhere.then_some(now))
}

#[cfg(test)]
mod tests {
    use model::ids::SigningKeyId;
    use uuid::Uuid;

    use super::*;

    fn key(seen_by_entra_at: Option<Ts>) -> SigningKey {
        SigningKey {
            id: SigningKeyId(Uuid::nil()),
            state: SigningKeyState::Next,
            private_key: Vec::new().into(),
            certificate: b"ours".to_vec(),
            not_before: Ts(0),
            not_after: Ts(0),
            published_at: None,
            seen_by_entra_at,
        }
    }

    fn trusting(first: &[u8], second: &[u8]) -> FederationConfiguration {
        let text = String::new;
        FederationConfiguration {
            display_name: text(),
            issuer_uri: text(),
            passive_sign_in_uri: text(),
            active_sign_in_uri: None,
            metadata_exchange_uri: None,
            sign_out_uri: text(),
            signing_certificate: STANDARD.encode(first),
            next_signing_certificate: Some(STANDARD.encode(second)),
            preferred_authentication_protocol: text(),
            federated_idp_mfa_behavior: text(),
            prompt_login_behavior: text(),
            is_signed_authentication_request_required: false,
        }
    }

    #[test]
    fn a_key_is_seen_when_every_federated_domain_trusts_it_in_either_place() {
        let ids = [1, 2].map(|number| FederatedDomainId(Uuid::from_u128(number)));
        let both = |one, other| Found::from([(ids[0], one), (ids[1], other)]);
        let fully = both(trusting(b"ours", b"x"), trusting(b"x", b"ours"));
        let half = both(trusting(b"ours", b"x"), trusting(b"x", b"y"));
        let one = Found::from([(ids[0], trusting(b"x", b"ours"))]);
        let (now, before) = (Ts(9), Some(Ts(1)));
        assert_eq!(seen_at(&key(None), &ids, &fully, now), Some(now));
        assert_eq!(seen_at(&key(before), &ids, &fully, now), before, "the first date stays");
        assert_eq!(seen_at(&key(None), &ids, &half, now), None);
        assert_eq!(seen_at(&key(before), &ids, &half, now), None, "it was taken away");
        assert_eq!(seen_at(&key(None), &ids, &one, now), None, "the other was not looked at");
        assert_eq!(seen_at(&key(before), &ids, &one, now), before);
        assert_eq!(seen_at(&key(None), &[], &fully, now), None, "nothing is federated");
    }
}
