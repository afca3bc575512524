//! What a number of Microsoft's comes to for one registration as it is set up here.

use model::{
    Ts,
    registration::{Registration, Tenants},
};
use url::Url;

/// What is so here, and what to do about it; `None` where nothing here tells more than the catalogue.
#[must_use]
pub fn here(registration: &Registration, redirect_uri: &Url, code: u32, now: Ts) -> Option<String> {
    let (client, alias) = (registration.client_id, &registration.alias);
    let directory = directory(&registration.tenants);
    Some(match code {
        50_011 | 500_112 => format!(
            "Gatehouse asks for {redirect_uri}. Add exactly this address to the app {client}, under \
             Authentication, platform Web."
        ),
        65_001 | 90_094 | 90_095 | 7_000_229 => format!(
            "Nobody has consented to the app {client} in {directory} yet. An admin there opens its \
             enterprise application and grants consent to openid, profile and email."
        ),
        65_004 => format!("Whoever was asked to let {alias} sign them in said no."),
        700_016 | 700_011 => format!(
            "Gatehouse asks {directory} for the app {client}. One of the two is not what you meant: \
             compare both with the app registration's overview."
        ),
        700_027 => format!(
            "Gatehouse signed with the certificate of {alias}. Download it on this page, upload it to \
             the app {client} under Certificates & secrets, and compare the thumbprints; Microsoft \
             needs some minutes to know it everywhere."
        ),
        7_000_215 => format!(
            "Gatehouse sent the secret that is stored for {alias}. Paste the Value of a secret of the \
             app {client}, not its Secret ID; if it is lost, make a new one."
        ),
        7_000_222 => format!(
            "Gatehouse sent the secret that is stored for {alias}{}. Make a new one in the app \
             {client} and save it below, with its last day.",
            ends(registration, now)
        ),
        50_020 | 50_034 | 90_072 | 500_200 | 500_202 | 500_208 | 50_177 => format!(
            "{} The account that was chosen is none of these: choose another one, invite it as a \
             guest there, or change who may sign in.",
            who(&registration.tenants)
        ),
        50_194 | 650_059 | 50_059 | 90_130 | 9_002_346 => format!(
            "Gatehouse sends people to {directory}. Supported account types of the app {client} must \
             fit that: {}.",
            account_types(&registration.tenants)
        ),
        90_002 | 900_023 => format!(
            "Gatehouse asks the cloud {} for {directory}. Compare the directory's id and the cloud.",
            registration.cloud.as_str()
        ),
        _ => return None,
    })
}

fn ends(registration: &Registration, now: Ts) -> String {
    let day = |at: Ts| at.datetime().format("%Y-%m-%d").to_string();
    match registration.credential_ends_at {
        None => "; its last day is not known here".to_owned(),
        Some(at) if at <= now => format!("; its last day was {}", day(at)),
        Some(at) => format!("; as far as is known here it lasts until {}", day(at)),
    }
}

fn directory(tenants: &Tenants) -> String {
    match tenants {
        Tenants::One { tenant, domain: Some(domain) } => {
            format!("the directory {tenant} ({domain})")
        }
        Tenants::One { tenant, domain: None } => format!("the directory {tenant}"),
        Tenants::Several { .. } => "the directories that are named".to_owned(),
        Tenants::Organizations => "the directory of any organisation".to_owned(),
        Tenants::Common => "any directory, or personal accounts".to_owned(),
        Tenants::Consumers => "personal accounts".to_owned(),
    }
}

fn who(tenants: &Tenants) -> String {
    match tenants {
        Tenants::One { .. } => format!("Only people of {} come through here.", directory(tenants)),
        Tenants::Several { .. } => "Only people of the named directories come.".to_owned(),
        Tenants::Organizations => "Only work and school accounts come through here.".to_owned(),
        Tenants::Common => "Every kind of account may come through here.".to_owned(),
        Tenants::Consumers => "Only personal accounts come through here.".to_owned(),
    }
}

const fn account_types(tenants: &Tenants) -> &'static str {
    match tenants {
        Tenants::One { .. } => "this directory only, or more",
        Tenants::Several { .. } | Tenants::Organizations => "any Entra ID directory",
        Tenants::Common => "any Entra ID directory and personal Microsoft accounts",
        Tenants::Consumers => "personal Microsoft accounts",
    }
}
