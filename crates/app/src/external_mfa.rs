//! Switching on that a tenant's people prove their second factor here, and the values that Entra has to
//! be told for it (`graph.md` 12.2). It is off until somebody switches it on. What Entra asks then is
//! answered in `issue/external_mfa.rs`.

use federation::external_mfa::{AUTHORIZATION_PATH, DISCOVERY_PATH};
use model::{
    Role,
    audit::AuditKind,
    external_mfa::ExternalMfa,
    ids::{ClientId, TenantId},
    tenant::Tenant,
};
use serde_json::json;
use store::{Tx, audit_log, external_mfa, tenants};

use crate::{Admin, Error, House, Result, Visitor};

/// What users see Microsoft call it; Entra never lets it be changed.
pub const NAME: &str = "Gatehouse";

/// What the console shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalMfaView {
    /// What admins call the tenant.
    pub alias: String,
    /// What is set; off and without an app registration where nobody ever set it.
    pub set: ExternalMfa,
    /// By which Entra is known here.
    pub client_id: String,
    /// What Entra reads.
    pub discovery_url: String,
    /// Where Entra sends browsers; the reply address of the app registration.
    pub authorization_url: String,
    /// The call of Graph that sets it up there, once the app registration is known.
    pub call: Option<GraphCall>,
}

/// A call of Microsoft Graph, for an administrator to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphCall {
    /// Where to, by POST.
    pub url: String,
    /// Its body; the group is left open.
    pub body: String,
}

impl House {
    /// How it stands with a tenant, and what Entra has to be told.
    pub async fn external_mfa(&self, _admin: &Admin, tenant: TenantId) -> Result<ExternalMfaView> {
        let (kept, set) = self.store().read(move |tx| found(tx, tenant)).await?;
        let issuer = self.external_mfa_issuer();
        let discovery_url = format!("{issuer}{DISCOVERY_PATH}");
        let call = set.app_id.map(|app| call(&kept, app, &discovery_url));
        Ok(ExternalMfaView {
            alias: kept.alias,
            set,
            client_id: tenant.to_string(),
            discovery_url,
            authorization_url: format!("{issuer}{AUTHORIZATION_PATH}"),
            call,
        })
    }

    /// What admins call the tenants that have second factors proved here.
    pub async fn tenants_that_ask(&self, _admin: &Admin) -> Result<Vec<String>> {
        let asking = self.store().read(external_mfa::asking).await?;
        Ok(asking.into_iter().map(|asking| asking.alias).collect())
    }

    /// Answers Entra from now on, or answers it no more. Needs a fresh second factor (R147): whoever is
    /// answered is let in there.
    pub async fn switch_external_mfa(
        &self,
        admin: &Admin,
        tenant: TenantId,
        enabled: bool,
        visitor: &Visitor,
    ) -> Result<()> {
        let word = if enabled { "switched on" } else { "switched off" };
        self.set_external_mfa(admin, tenant, (word.to_owned(), visitor), move |set| ExternalMfa {
            enabled,
            ..set
        })
        .await
    }

    /// Says which app registration Entra has consented to; the call of Graph names it. Empty: none yet.
    pub async fn name_external_mfa_app(
        &self,
        admin: &Admin,
        tenant: TenantId,
        typed: &str,
        visitor: &Visitor,
    ) -> Result<()> {
        let typed = typed.trim();
        let app_id: Option<ClientId> = match typed {
            "" => None,
            id => Some(id.parse().map_err(|_| {
                Error::invalid("app_id", "That is no id. Copy the application (client) id.")
            })?),
        };
        let word = app_id
            .map_or("app registration: none".to_owned(), |id| format!("app registration: {id}"));
        self.set_external_mfa(admin, tenant, (word, visitor), move |set| ExternalMfa {
            app_id,
            ..set
        })
        .await
    }

    async fn set_external_mfa(
        &self,
        admin: &Admin,
        tenant: TenantId,
        (word, visitor): (String, &Visitor),
        change: impl FnOnce(ExternalMfa) -> ExternalMfa + Send + 'static,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                tenants::lock(tx, tenant)?;
                let (kept, set) = found(tx, tenant)?;
                let set = ExternalMfa { changed_at: house.now(), ..change(set) };
                external_mfa::put(tx, &set)?;
                let mut row =
                    visitor.audit(&house, actor, AuditKind::ExternalMfaChanged, &kept.alias);
                row.detail = word;
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await
    }
}

/// Enabled, but for one group: nobody else is asked.
fn call(tenant: &Tenant, app: ClientId, discovery_url: &str) -> GraphCall {
    let body = json!({
        "@odata.type": "#microsoft.graph.externalAuthenticationMethodConfiguration",
        "displayName": NAME,
        "appId": app.to_string(),
        "state": "enabled",
        "openIdConnectSetting": {
            "clientId": tenant.id.to_string(),
            "discoveryUrl": discovery_url,
        },
        "includeTargets": [{ "targetType": "group", "id": "THE-ID-OF-A-GROUP" }],
    });
    GraphCall {
        url: format!(
            "{}/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations",
            tenant.hosts.graph
        ),
        body: format!("{body:#}"),
    }
}

fn found(tx: &mut Tx, id: TenantId) -> Result<(Tenant, ExternalMfa)> {
    let tenant = tenants::by_id(tx, id)?.ok_or_else(|| Error::not_found("tenant"))?;
    let set = external_mfa::of_tenant(tx, id)?.unwrap_or(ExternalMfa {
        tenant_id: id,
        enabled: false,
        app_id: None,
        changed_at: model::Ts::default(),
    });
    Ok((tenant, set))
}
