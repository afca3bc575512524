//! How Entra's federation of a domain compares with the plan. Each look is kept: pages that don't ask
//! Microsoft say what was last seen.

use model::{
    Ts,
    alarm::Cause,
    entra::{EntraDomain, FederationConfiguration},
    federated_domain::FederatedDomain,
    ids::FederatedDomainId,
    look::{FederationSeen, LookKind},
};
use store::{Tx, federated_domains, looks};

use crate::{
    Error, House, Result,
    alarms::{self, Finding},
};

/// How Entra's federation of a domain compares with ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomainCheck {
    /// Entra sends people of this domain to us, with every setting as planned.
    InStep,
    /// The domain is managed: people sign in at Microsoft.
    Managed,
    /// It is federated, but these properties differ.
    Differs(Vec<Difference>),
    /// The tenant has no such domain.
    Unknown,
}

/// A property that is not as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Graph's name of it.
    pub property: &'static str,
    /// What we plan.
    pub ours: String,
    /// What Entra has.
    pub theirs: String,
}

/// By which client a domain is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Through {
    /// The one in use, with the token that it keeps.
    InUse,
    /// One of its own: what was granted meanwhile counts.
    Apart,
}

impl House {
    /// *Validate domain*: reads Entra's federation of a domain and compares every property.
    pub async fn check_domain(&self, id: FederatedDomainId) -> Result<DomainCheck> {
        let (check, theirs) = self.compare_domain(id, Through::Apart).await?;
        self.keep_seen(theirs.map(|theirs| (id, theirs)).into_iter().collect()).await?;
        Ok(check)
    }

    /// How Entra's federation of a domain compares with the plan, and what it is.
    pub(crate) async fn compare_domain(
        &self,
        id: FederatedDomainId,
        through: Through,
    ) -> Result<(DomainCheck, Option<FederationConfiguration>)> {
        let began = self.now();
        let (domain, plan) = self.federation_plan(id).await?;
        let (there, theirs) = match self.read_federation(&domain, through).await {
            Ok(read) => read,
            Err(error) => {
                let of = (LookKind::Federation, id.to_string());
                self.keep_trouble(of, &error, began).await?;
                return Err(error);
            }
        };
        let check = match (&there, &theirs) {
            (None, _) => DomainCheck::Unknown,
            (Some(_), None) => DomainCheck::Managed,
            (Some(_), Some(theirs)) => match differences(plan.configuration(), theirs) {
                list if list.is_empty() => DomainCheck::InStep,
                list => DomainCheck::Differs(list),
            },
        };
        self.keep_federation((id, began), &check, (there, theirs.clone())).await?;
        Ok((check, theirs))
    }

    async fn read_federation(
        &self,
        domain: &FederatedDomain,
        through: Through,
    ) -> Result<(Option<EntraDomain>, Option<FederationConfiguration>)> {
        let tenant = self.tenant(domain.tenant_id).await?;
        let graph = match through {
            Through::InUse => self.graph(&tenant, 80)?,
            Through::Apart => self.graph_apart(&tenant)?,
        };
        let there = graph.domains().await?.into_iter().find(|it| it.name == domain.name);
        let theirs = match &there {
            Some(there) if there.federated => graph.federation(&domain.name).await?,
            _ => None,
        };
        Ok((there, theirs.map(|(_, theirs)| theirs)))
    }

    /// Keeps what was seen, and since when Entra federates the domain with us. That it does so no more
    /// is an alarm, for somebody else may vouch for its people now. A look that was overtaken changes
    /// nothing.
    async fn keep_federation(
        &self,
        (id, began): (FederatedDomainId, Ts),
        check: &DomainCheck,
        (there, theirs): (Option<EntraDomain>, Option<FederationConfiguration>),
    ) -> Result<()> {
        let (house, with_us) = (self.clone(), check.is_with_us());
        self.store()
            .write(move |tx| {
                let domain = federated_domains::by_id(tx, id)?;
                let domain = domain.ok_or_else(|| Error::not_found("domain"))?;
                let at = with_us.then(|| domain.federated_at.unwrap_or(began));
                let issuer = theirs.as_ref().map(|it| it.issuer_uri.clone());
                let seen = FederationSeen {
                    first_with_us: first_with_us(tx, id)?.or(at),
                    domain: there,
                    federation: theirs,
                };
                let of = (LookKind::Federation, id.to_string());
                if !looks::put_seen(tx, (of.0, &of.1), &seen, began)? || at == domain.federated_at {
                    return Ok(());
                }
                federated_domains::set_federated_at(tx, id, at)?;
                if at.is_some() {
                    return Ok(());
                }
                let cause = Cause::FederationLost { issuer };
                alarms::raise(tx, &house, Finding { subject: domain.name, cause })
            })
            .await
    }

    /// Keeps why a look saw nothing.
    pub(super) async fn keep_trouble(
        &self,
        (kind, subject): (LookKind, String),
        error: &Error,
        began: Ts,
    ) -> Result<()> {
        let why = error.public.clone();
        self.store()
            .write(move |tx| {
                looks::put_trouble(tx, (kind, &subject), &why, began)?;
                Ok::<_, Error>(())
            })
            .await
    }
}

impl DomainCheck {
    /// Whether its people are sent to us. Another issuer is another identity provider.
    fn is_with_us(&self) -> bool {
        match self {
            Self::InStep => true,
            Self::Differs(list) => list.iter().all(|found| found.property != "issuerUri"),
            Self::Managed | Self::Unknown => false,
        }
    }
}

fn first_with_us(tx: &mut Tx, id: FederatedDomainId) -> Result<Option<Ts>> {
    let before = looks::get::<FederationSeen>(tx, (LookKind::Federation, &id.to_string()))?;
    Ok(before.and_then(|look| look.seen).and_then(|(_, seen)| seen.first_with_us))
}

/// Every property that is not as planned.
pub(crate) fn differences(
    ours: &FederationConfiguration,
    theirs: &FederationConfiguration,
) -> Vec<Difference> {
    let none = String::new();
    let optional = |value: &Option<String>| value.clone().unwrap_or_else(|| none.clone());
    let pairs = [
        ("displayName", ours.display_name.clone(), theirs.display_name.clone()),
        ("issuerUri", ours.issuer_uri.clone(), theirs.issuer_uri.clone()),
        ("passiveSignInUri", ours.passive_sign_in_uri.clone(), theirs.passive_sign_in_uri.clone()),
        (
            "activeSignInUri",
            optional(&ours.active_sign_in_uri),
            optional(&theirs.active_sign_in_uri),
        ),
        (
            "metadataExchangeUri",
            optional(&ours.metadata_exchange_uri),
            optional(&theirs.metadata_exchange_uri),
        ),
        ("signOutUri", ours.sign_out_uri.clone(), theirs.sign_out_uri.clone()),
        (
            "signingCertificate",
            ours.signing_certificate.clone(),
            theirs.signing_certificate.clone(),
        ),
        (
            "nextSigningCertificate",
            optional(&ours.next_signing_certificate),
            optional(&theirs.next_signing_certificate),
        ),
        (
            "preferredAuthenticationProtocol",
            ours.preferred_authentication_protocol.clone(),
            theirs.preferred_authentication_protocol.clone(),
        ),
        (
            "federatedIdpMfaBehavior",
            ours.federated_idp_mfa_behavior.clone(),
            theirs.federated_idp_mfa_behavior.clone(),
        ),
        (
            "promptLoginBehavior",
            ours.prompt_login_behavior.clone(),
            theirs.prompt_login_behavior.clone(),
        ),
        (
            "isSignedAuthenticationRequestRequired",
            ours.is_signed_authentication_request_required.to_string(),
            theirs.is_signed_authentication_request_required.to_string(),
        ),
    ];
    pairs
        .into_iter()
        .filter(|(_, ours, theirs)| ours != theirs)
        .map(|(property, ours, theirs)| Difference { property, ours, theirs })
        .collect()
}
