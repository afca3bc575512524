//! The federation of a domain: the one plan and its scripts.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use federation::{
    script::{self, FederationPlan, RolloverPlan, Step},
    wstrust::Version,
};
use model::{
    Role,
    audit::AuditKind,
    entra::FederationConfiguration,
    federated_domain::{BrowserProtocol, FederatedDomain},
    ids::FederatedDomainId,
    look::{FederationSeen, LookKind},
    relying_party::{PartyKind, SignedRequests},
    wstrust::PasswordDoor,
};
use store::{
    Tx, audit_log, federated_domains, looks, relying_parties, signing_keys, tenants,
    wstrust_permits,
};

use crate::{Admin, Error, House, Kind, Result, Visitor};

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
        let next = self.store().read(move |tx| house.usable_next(tx)).await?;
        let house = self.clone();
        Ok(Scripts {
            domain,
            plan_hash: plan.hash(),
            federate: Dialects { powershell: script::powershell(&plan), sh: script::sh(&plan) },
            held_back: self.store().read(move |tx| house.held_back(tx, &of)).await?,
            revert: Dialects {
                powershell: script::revert_powershell(&plan),
                sh: script::revert_sh(&plan),
            },
            rollover: match next {
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
    pub(crate) fn configuration(
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
        let next = self.next_certificate(tx, domain)?;
        Ok(FederationConfiguration {
            display_name: crate::setup::organisation(tx)?,
            issuer_uri: domain.issuer_uri.clone(),
            passive_sign_in_uri: endpoints.passive_sign_in_uri(),
            active_sign_in_uri: active,
            metadata_exchange_uri: described,
            sign_out_uri: endpoints.sign_out_uri(domain.browser_protocol),
            signing_certificate: STANDARD.encode(&signing.certificate),
            next_signing_certificate: next,
            preferred_authentication_protocol: domain.browser_protocol.in_graph().to_owned(),
            federated_idp_mfa_behavior: domain.mfa_behavior.in_graph().to_owned(),
            prompt_login_behavior: "nativeSupport".to_owned(),
            is_signed_authentication_request_required: signs_requests(tx, domain)?,
        })
    }

    /// The certificate that Entra shall hold beside the active one. Of a key that can't take its turn now
    /// that is the one it was seen to hold, if it is the key's: nobody gives it another, and nobody has
    /// Entra forget what may sign again in a moment.
    fn next_certificate(&self, tx: &mut Tx, domain: &FederatedDomain) -> Result<Option<String>> {
        let Some(key) = signing_keys::next(tx)? else { return Ok(None) };
        let certificate = STANDARD.encode(&key.certificate);
        if self.can_take_its_turn(&key) {
            return Ok(Some(certificate));
        }
        let held = last_seen(tx, domain)?.and_then(|theirs| theirs.next_signing_certificate);
        Ok(held.filter(|held| *held == certificate))
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
}

/// Whether Microsoft shall sign its requests of SAML 2.0: where it must, and where somebody has brought
/// its certificates, so that it signs before it must.
fn signs_requests(tx: &mut Tx, domain: &FederatedDomain) -> Result<bool> {
    let parties = relying_parties::of_domain(tx, domain.id)?;
    let microsoft = parties.iter().find(|party| party.kind == PartyKind::Microsoft);
    Ok(microsoft.is_some_and(|party| {
        let settings = &party.settings;
        settings.requests == SignedRequests::Required || !settings.certificates.is_empty()
    }))
}

/// What Entra's federation object said when it was last looked at.
pub(crate) fn last_seen(
    tx: &mut Tx,
    domain: &FederatedDomain,
) -> Result<Option<FederationConfiguration>> {
    let look = looks::get::<FederationSeen>(tx, (LookKind::Federation, &domain.id.to_string()))?;
    Ok(look.and_then(|look| look.seen).and_then(|(_, seen)| seen.federation))
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
