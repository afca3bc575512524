//! Federation metadata of a domain: issuer, addresses, the active and the next certificate; and the
//! signed documents that are kept until what they say has changed.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

pub use federation::metadata::document::Document;
use federation::{
    endpoints::Endpoints,
    keyring::Signer,
    metadata::{
        document::Draft,
        federation_metadata::{self, MetadataInput},
        saml_metadata,
    },
};
use model::{ids::RelyingPartyId, signing_key::SigningKey};
use store::{Tx, federated_domains, relying_parties, signing_keys};

use crate::{Error, House, Result};

/// The documents that were signed, by the address they are served at.
#[derive(Debug, Default)]
pub(crate) struct Documents(RwLock<HashMap<String, Arc<Document>>>);

impl Documents {
    /// The kept document, if it still says what the draft says.
    fn kept(&self, address: &str, draft: &Draft) -> Option<Arc<Document>> {
        let kept = self.0.read().ok()?;
        kept.get(address).filter(|document| document.id == draft.id()).map(Arc::clone)
    }
}

impl House {
    /// The key that signs, and the certificates to trust: its own, then the next key's.
    fn published(&self, tx: &mut Tx) -> Result<(SigningKey, Vec<Vec<u8>>)> {
        let active = signing_keys::active(tx)?.ok_or_else(|| Error::not_found("signing key"))?;
        let next = self.usable_next(tx)?.map(|key| key.certificate);
        let certificates = std::iter::once(active.certificate.clone()).chain(next).collect();
        Ok((active, certificates))
    }

    /// The signed metadata document of the domain behind `slug`.
    pub async fn federation_metadata(&self, slug: &str) -> Result<Arc<Document>> {
        let (house, slug) = (self.clone(), slug.to_owned());
        self.store()
            .read(move |tx| {
                let domain = federated_domains::by_slug(tx, &slug)?
                    .ok_or_else(|| Error::not_found("domain"))?;
                let (key, certificates) = house.published(tx)?;
                let endpoints = Endpoints::new(&house.settings().public_url, &domain.slug);
                let input = MetadataInput {
                    issuer_uri: &domain.issuer_uri,
                    endpoints: &endpoints,
                    certificates: &certificates,
                };
                let draft = federation_metadata::draft(&input, house.now())?;
                house.signed_once(endpoints.metadata_uri(), draft, &*house.signer(&key)?)
            })
            .await
    }

    /// The signed metadata of SAML 2.0 alone, for anybody or for one relying party of the domain.
    pub async fn saml_metadata(
        &self,
        slug: &str,
        party: Option<RelyingPartyId>,
    ) -> Result<Arc<Document>> {
        let (house, slug) = (self.clone(), slug.to_owned());
        self.store()
            .read(move |tx| {
                let missing = || Error::not_found("domain");
                let domain = federated_domains::by_slug(tx, &slug)?.ok_or_else(missing)?;
                let party = match party {
                    None => None,
                    Some(id) => {
                        let found = relying_parties::by_id(tx, id)?;
                        let own = found.filter(|party| party.domain_id == domain.id);
                        Some(own.ok_or_else(|| Error::not_found("application"))?)
                    }
                };
                let (key, certificates) = house.published(tx)?;
                let endpoints = house.endpoints(&domain.slug);
                let input = MetadataInput {
                    issuer_uri: &domain.issuer_uri,
                    endpoints: &endpoints,
                    certificates: &certificates,
                };
                let draft = saml_metadata::draft(&input, party.as_ref(), house.now())?;
                let mut address = endpoints.saml_metadata_uri();
                if let Some(party) = &party {
                    address = format!("{address}/{}", party.id);
                }
                house.signed_once(address, draft, &*house.signer(&key)?)
            })
            .await
    }

    /// The signed document behind a draft. It is signed at the first call and whenever the draft
    /// says something else than before; `address` is where it is served.
    pub(crate) fn signed_once(
        &self,
        address: String,
        draft: Draft,
        signer: &Signer,
    ) -> Result<Arc<Document>> {
        if let Some(kept) = self.documents().kept(&address, &draft) {
            return Ok(kept);
        }
        let document = Arc::new(draft.sign(signer)?);
        if let Ok(mut kept) = self.documents().0.write() {
            kept.insert(address, Arc::clone(&document));
        }
        Ok(document)
    }
}

/// The public addresses of one domain, for those who set up its other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The domain.
    pub domain_id: model::ids::FederatedDomainId,
    /// What tokens say as their issuer.
    pub issuer_uri: String,
    /// Where Microsoft sends people.
    pub passive_sign_in_uri: String,
    /// Where the metadata is.
    pub metadata_url: String,
}

impl House {
    /// The addresses of a domain, by its DNS name.
    pub async fn addresses(&self, domain: &str) -> Result<Addresses> {
        let name = domain.to_lowercase();
        let found = self
            .store()
            .read(move |tx| Ok::<_, Error>(federated_domains::by_name(tx, &name)?))
            .await?
            .ok_or_else(|| Error::not_found("domain"))?;
        let endpoints = Endpoints::new(&self.settings().public_url, &found.slug);
        Ok(Addresses {
            domain_id: found.id,
            issuer_uri: found.issuer_uri,
            passive_sign_in_uri: endpoints.passive_sign_in_uri(),
            metadata_url: endpoints.metadata_uri(),
        })
    }
}
