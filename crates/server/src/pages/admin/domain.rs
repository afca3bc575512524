//! One domain's federation: how it stands, what would change, and the script that changes it.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Check, Fact, Tab, Tone, Verdict, When},
};

/// The domain's page; with `script` set, one of its script tabs.
#[derive(Debug, Clone, Serialize)]
pub struct Domain {
    /// The DNS name.
    pub name: String,
    /// The path segment (`contoso-com`); part of the forms' addresses.
    pub slug: String,
    /// How it stands, in a sentence.
    pub verdict: Verdict,
    /// Issuer URI, sign-in address, sign-out address, metadata address.
    pub facts: Vec<Fact>,
    /// The overview, the protocols, and what the scripts are for.
    pub tabs: Vec<Tab>,
    /// Each property of the federation object, as it is and as it shall be (overview).
    pub properties: Vec<Property>,
    /// What the last check of the tenant found (overview).
    pub checks: Vec<Check>,
    /// When it was checked.
    pub checked: Option<When>,
    /// The protocol in the plan, and the other one (overview).
    pub protocol: Option<ProtocolChoice>,
    /// What the newest pre-flight says (overview).
    pub preflight: Option<Verdict>,
    /// When it was done.
    pub preflight_at: Option<When>,
    /// The script in view; `None` on the overview.
    pub script: Option<Script>,
}

/// By which protocol the plan sends browsers, and by which it could.
#[derive(Debug, Clone, Serialize)]
pub struct ProtocolChoice {
    /// The planned one (`WS-Federation`).
    pub planned: String,
    /// The other one (`SAML 2.0`).
    pub other: String,
    /// The other one in the form (`saml`).
    pub other_value: String,
}

/// A property of the federation object.
#[derive(Debug, Clone, Serialize)]
pub struct Property {
    /// Graph's name of it (`issuerUri`).
    pub name: String,
    /// As Entra has it; empty when absent.
    pub before: String,
    /// As the plan sets it; empty when left out.
    pub after: String,
    /// The two differ.
    pub changed: bool,
}

/// A script, byte for byte as it is downloaded.
#[derive(Debug, Clone, Serialize)]
pub struct Script {
    /// What it does and what it needs, in a sentence or two.
    pub about: String,
    /// The command to run it with.
    pub command: String,
    /// What it is written in, and the other dialect.
    pub dialects: Vec<Tab>,
    /// Its text.
    pub text: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// `federate-contoso.com.ps1`.
    pub file_name: String,
    /// Where it is downloaded.
    pub download: String,
}

impl Page for Domain {
    const TEMPLATE: &'static str = "admin/domain.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample()), ("script", Self::sample_script())]
    }
}

impl Domain {
    /// Still managed, with the plan in view.
    #[must_use]
    pub fn sample() -> Self {
        let issuer = "https://idp.contoso.com/d/contoso-com/adfs/services/trust/";
        let passive = "https://idp.contoso.com/d/contoso-com/adfs/ls/";
        Self {
            name: "contoso.com".to_owned(),
            slug: "contoso-com".to_owned(),
            verdict: Verdict::new(
                Tone::Warn,
                "contoso.com isn't federated yet: run the script to send its people here.",
            ),
            facts: vec![
                Fact::id("Issuer", issuer),
                Fact::id("Sign-in address", passive),
                Fact::id(
                    "Metadata",
                    "https://idp.contoso.com/d/contoso-com/federationmetadata/2007-06/federationmetadata.xml",
                ),
            ],
            tabs: Self::sample_tabs(&TABS, 0),
            properties: vec![
                Property::new("authenticationType", "Managed", "Federated"),
                Property::new("issuerUri", "", issuer),
                Property::new("passiveSignInUri", "", passive),
                Property::new("federatedIdpMfaBehavior", "", "acceptIfMfaDoneByFederatedIdp"),
                Property::new("activeSignInUri", "", ""),
            ],
            checks: vec![
                Check::new(Tone::Ok, "Verified", "Entra has seen the DNS record of contoso.com."),
                Check::new(Tone::Ok, "Not the default domain", "contoso.onmicrosoft.com is."),
                Check::new(
                    Tone::Danger,
                    "Way back in",
                    "No administrator on contoso.onmicrosoft.com: create one before you go on.",
                ),
            ],
            checked: Some(When::sample()),
            protocol: Some(ProtocolChoice {
                planned: "WS-Federation".to_owned(),
                other: "SAML 2.0".to_owned(),
                other_value: "saml".to_owned(),
            }),
            preflight: Some(Verdict::new(
                Tone::Warn,
                "contoso.com can be federated; 3 points are worth a look before.",
            )),
            preflight_at: Some(When::sample()),
            script: None,
        }
    }

    /// The PowerShell tab.
    #[must_use]
    pub fn sample_script() -> Self {
        let text = "#Requires -Version 5.1\n# Gatehouse: federate contoso.com\n\
                    [CmdletBinding(SupportsShouldProcess)]\nparam()\n\
                    $ErrorActionPreference = 'Stop'\n\
                    Connect-MgGraph -TenantId '3aa4a235-b6e2-48d5-9195-7fcf05b459b0' -Scopes 'Domain.ReadWrite.All'\n\
                    $domain = Invoke-MgGraphRequest -Method GET -Uri 'v1.0/domains/contoso.com'\n\
                    if (-not $domain.isVerified) { throw 'contoso.com is not verified.' }\n";
        let script = Script {
            about: "Makes contoso.com federated. It checks tenant and domain first, saves what is \
                    there now, and reads back what it wrote."
                .to_owned(),
            command: "pwsh ./federate-contoso.com.ps1 -WhatIf".to_owned(),
            dialects: Self::sample_tabs(&[("PowerShell", "/powershell"), ("Shell", "/sh")], 0),
            text: text.to_owned(),
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            file_name: "federate-contoso.com.ps1".to_owned(),
            download: "/admin/domains/contoso-com/federate.ps1".to_owned(),
        };
        Self { tabs: Self::sample_tabs(&TABS, 1), script: Some(script), ..Self::sample() }
    }

    fn sample_tabs(tabs: &[(&str, &str)], active: usize) -> Vec<Tab> {
        let page = "/admin/domains/contoso-com";
        let tab = |(n, (label, path)): (usize, &(&str, &str))| Tab {
            label: (*label).to_owned(),
            href: format!("{page}{path}"),
            active: n == active,
        };
        tabs.iter().enumerate().map(tab).collect()
    }
}

/// Some of the views.
const TABS: [(&str, &str); 3] =
    [("Overview", ""), ("Federate", "/powershell"), ("Revert", "/revert")];

impl Property {
    /// A property from its name and its two values.
    #[must_use]
    pub fn new(name: &str, before: &str, after: &str) -> Self {
        Self {
            name: name.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
            changed: before != after,
        }
    }
}
