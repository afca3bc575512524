//! Federation metadata of a domain: issuer, addresses, the active and the next certificate.

use federation::{
    endpoints::Endpoints,
    metadata::federation_metadata::{self, MetadataInput},
};
use store::{federated_domains, signing_keys};

use crate::{Error, House, Result};

impl House {
    /// The signed metadata document of the domain behind `slug`.
    pub async fn federation_metadata(&self, slug: &str) -> Result<String> {
        let (house, slug) = (self.clone(), slug.to_owned());
        self.store()
            .read(move |tx| {
                let domain = federated_domains::by_slug(tx, &slug)?
                    .ok_or_else(|| Error::not_found("domain"))?;
                let key =
                    signing_keys::active(tx)?.ok_or_else(|| Error::not_found("signing key"))?;
                let next = signing_keys::next(tx)?;
                let certificates: Vec<Vec<u8>> = std::iter::once(key.certificate.clone())
                    .chain(next.map(|k| k.certificate))
                    .collect();
                let input = MetadataInput {
                    issuer_uri: &domain.issuer_uri,
                    endpoints: &Endpoints::new(&house.settings().public_url, &domain.slug),
                    certificates: &certificates,
                };
                let signer = house.signer(&key)?;
                Ok(federation_metadata::render(&input, &signer, house.draw(), house.now())?)
            })
            .await
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
