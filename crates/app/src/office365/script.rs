//! The federation of a domain: the one plan, its scripts, and how Entra compares with it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use federation::{
    script::{self, FederationPlan, RolloverPlan, Step},
    wstrust::Version,
};
use model::{
    Role, Ts,
    alarm::Cause,
    audit::AuditKind,
    entra::FederationConfiguration,
    federated_domain::{BrowserProtocol, FederatedDomain},
    ids::FederatedDomainId,
    wstrust::PasswordDoor,
};
use store::{Tx, audit_log, federated_domains, signing_keys, tenants, wstrust_permits};

use crate::{
    Admin, Error, House, Kind, Result, Visitor,
    alarms::{self, Finding},
};

/// The scripts of one domain, all rendered from the same plan.
#[derive(Debug, Clone)]
pub struct Scripts {
    /// The domain.
    pub domain: FederatedDomain,
    /// SHA-256 of the plan, as every script's head says it.
    pub plan_hash: String,
    /// Go back.
    pub revert: Dialects,
    /// Hand the next certificate over, and swap the two; `None` while there is no next key.
    pub rollover: Option<[Rollover; 2]>,
    federate: Dialects,
    held_back: Option<String>,
}

/// One script, twice.
#[derive(Debug, Clone)]
pub struct Dialects {
    /// As Microsoft Graph PowerShell.
    pub powershell: String,
    /// As POSIX shell.
    pub sh: String,
}

/// The scripts of one step of a key's roll-over.
#[derive(Debug, Clone)]
pub struct Rollover {
    /// SHA-256 of the step's plan.
    pub plan_hash: String,
    /// The step.
    pub script: Dialects,
}

impl Scripts {
    /// Federate: only after a pre-flight has seen that there is a way back in (Y08).
    pub fn federate(&self) -> Result<&Dialects> {
        match &self.held_back {
            None => Ok(&self.federate),
            Some(why) => Err(Error::new(Kind::Conflict, why.clone())),
        }
    }

    /// The same, whatever a pre-flight says: for whoever answers for it by themselves.
    #[must_use]
    pub const fn federate_unasked(&self) -> &Dialects {
        &self.federate
    }
}

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

impl House {
    /// The scripts that federate a domain and take it back. Needs a fresh second factor (R147).
    pub async fn scripts(
        &self,
        admin: &Admin,
        id: FederatedDomainId,
        visitor: &Visitor,
    ) -> Result<Scripts> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let scripts = self.render_scripts(id).await?;
        let subject = scripts.domain.name.clone();
        let mut row = visitor.audit(self, admin.actor(), AuditKind::ScriptMade, &subject);
        row.detail.clone_from(&scripts.plan_hash);
        self.store().write(move |tx| Ok::<_, Error>(audit_log::record(tx, &row)?)).await?;
        Ok(scripts)
    }

    /// The same scripts for the command line.
    pub async fn render_scripts(&self, id: FederatedDomainId) -> Result<Scripts> {
        let (domain, plan) = self.federation_plan(id).await?;
        let (house, of) = (self.clone(), domain.clone());
        Ok(Scripts {
            domain,
            plan_hash: plan.hash(),
            federate: Dialects { powershell: script::powershell(&plan), sh: script::sh(&plan) },
            held_back: self.store().read(move |tx| house.held_back(tx, &of)).await?,
            revert: Dialects {
                powershell: script::revert_powershell(&plan),
                sh: script::revert_sh(&plan),
            },
            rollover: match plan.configuration().next_signing_certificate {
                None => None,
                Some(_) => Some([rollover(&plan, Step::Stage)?, rollover(&plan, Step::Swap)?]),
            },
        })
    }

    /// The one plan that every script is rendered from.
    pub async fn federation_plan(
        &self,
        id: FederatedDomainId,
    ) -> Result<(FederatedDomain, FederationPlan)> {
        let house = self.clone();
        self.store()
            .read(move |tx| {
                let domain =
                    federated_domains::by_id(tx, id)?.ok_or_else(|| Error::not_found("domain"))?;
                let tenant = tenants::by_id(tx, domain.tenant_id)?
                    .ok_or_else(|| Error::not_found("tenant"))?;
                let configuration = house.configuration(tx, &domain)?;
                let plan = FederationPlan::new(
                    tenant.entra_tenant_id,
                    tenant.cloud,
                    &domain.name,
                    configuration,
                )?;
                Ok((domain, plan))
            })
            .await
    }

    /// What Entra's federation object shall say (ruling 23).
    fn configuration(
        &self,
        tx: &mut Tx,
        domain: &FederatedDomain,
    ) -> Result<FederationConfiguration> {
        let endpoints = self.endpoints(&domain.slug);
        let permit = wstrust_permits::of_domain(tx, domain.id)?;
        let open = |door| permit.as_ref().is_some_and(|permit| permit.opens(door, self.now()));
        let (active, described) = match domain.browser_protocol {
            // Clients that can't read the description guess the version from this address.
            BrowserProtocol::WsFed if open(PasswordDoor::WsTrust) => {
                (Some(endpoints.trust_uri(Version::Feb2005)), Some(endpoints.mex_uri()))
            }
            BrowserProtocol::Saml2 if open(PasswordDoor::Ecp) => (Some(endpoints.ecp_uri()), None),
            _ => (None, None),
        };
        let signing = signing_keys::active(tx)?.ok_or_else(|| Error::not_found("signing key"))?;
        let next = signing_keys::next(tx)?;
        Ok(FederationConfiguration {
            display_name: crate::setup::organisation(tx)?,
            issuer_uri: domain.issuer_uri.clone(),
            passive_sign_in_uri: endpoints.passive_sign_in_uri(),
            active_sign_in_uri: active,
            metadata_exchange_uri: described,
            sign_out_uri: endpoints.sign_out_uri(domain.browser_protocol),
            signing_certificate: STANDARD.encode(&signing.certificate),
            next_signing_certificate: next.map(|key| STANDARD.encode(&key.certificate)),
            preferred_authentication_protocol: domain.browser_protocol.in_graph().to_owned(),
            federated_idp_mfa_behavior: domain.mfa_behavior.in_graph().to_owned(),
            prompt_login_behavior: "nativeSupport".to_owned(),
        })
    }

    /// Chooses by which protocol Entra shall send browsers; the script then says so. Nobody's
    /// sign-in changes before it is run, and both protocols are answered all the time.
    pub async fn choose_browser_protocol(
        &self,
        admin: &Admin,
        id: FederatedDomainId,
        protocol: BrowserProtocol,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let mut domain =
                    federated_domains::by_id(tx, id)?.ok_or_else(|| Error::not_found("domain"))?;
                domain.browser_protocol = protocol;
                federated_domains::update(tx, &domain)?;
                let mut row = visitor.audit(&house, actor, AuditKind::DomainChanged, &domain.name);
                row.detail = format!("browsers shall come by {}", protocol.label());
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// *Validate domain*: reads Entra's federation of a domain and compares every property.
    pub async fn check_domain(&self, id: FederatedDomainId) -> Result<DomainCheck> {
        let (check, theirs) = self.compare_domain(id).await?;
        self.keep_seen(theirs.map(|theirs| (id, theirs)).into_iter().collect()).await?;
        Ok(check)
    }

    /// How Entra's federation of a domain compares with the plan, and what it is.
    pub(crate) async fn compare_domain(
        &self,
        id: FederatedDomainId,
    ) -> Result<(DomainCheck, Option<FederationConfiguration>)> {
        let (domain, plan) = self.federation_plan(id).await?;
        let tenant = self.tenant(domain.tenant_id).await?;
        let graph = self.graph(&tenant, 80)?;
        let Some(found) = graph.domains().await?.into_iter().find(|d| d.name == domain.name) else {
            return Ok((DomainCheck::Unknown, None));
        };
        let theirs = if found.federated { graph.federation(&domain.name).await? } else { None };
        let theirs = theirs.map(|(_, theirs)| theirs);
        let check = match &theirs {
            None => DomainCheck::Managed,
            Some(theirs) => match differences(plan.configuration(), theirs) {
                list if list.is_empty() => DomainCheck::InStep,
                list => DomainCheck::Differs(list),
            },
        };
        self.keep_federated_at(&domain, &check, theirs.as_ref()).await?;
        Ok((check, theirs))
    }

    /// Keeps since when Entra federates a domain with us. That it does so no more is an alarm, for
    /// somebody else may vouch for its people now.
    async fn keep_federated_at(
        &self,
        domain: &FederatedDomain,
        check: &DomainCheck,
        theirs: Option<&FederationConfiguration>,
    ) -> Result<()> {
        let with_us = match check {
            DomainCheck::InStep => true,
            // Another issuer is another identity provider.
            DomainCheck::Differs(list) => list.iter().all(|found| found.property != "issuerUri"),
            DomainCheck::Managed | DomainCheck::Unknown => false,
        };
        let at: Option<Ts> = with_us.then(|| domain.federated_at.unwrap_or_else(|| self.now()));
        if at == domain.federated_at {
            return Ok(());
        }
        let (house, id) = (self.clone(), domain.id);
        let lost = at.is_none().then(|| Finding {
            subject: domain.name.clone(),
            cause: Cause::FederationLost { issuer: theirs.map(|it| it.issuer_uri.clone()) },
        });
        self.store()
            .write(move |tx| {
                federated_domains::set_federated_at(tx, id, at)?;
                lost.map_or(Ok(()), |lost| alarms::raise(tx, &house, lost))
            })
            .await
    }
}

fn rollover(plan: &FederationPlan, step: Step) -> Result<Rollover> {
    let plan = RolloverPlan::new(plan, step)?;
    Ok(Rollover {
        plan_hash: plan.hash(),
        script: Dialects {
            powershell: script::rollover_powershell(&plan),
            sh: script::rollover_sh(&plan),
        },
    })
}

/// Every property that is not as planned.
fn differences(
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
    ];
    pairs
        .into_iter()
        .filter(|(_, ours, theirs)| ours != theirs)
        .map(|(property, ours, theirs)| Difference { property, ours, theirs })
        .collect()
}
