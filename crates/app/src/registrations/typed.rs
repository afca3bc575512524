//! What an admin types of a registration, and what it comes to.

use model::{
    Ts,
    ids::{ClientId, EntraTenantId},
    line,
    registration::{Admission, PERSONAL, Registration, Tenants},
    relying_party::Cloud,
};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::{
    Error, Result,
    office365::{guid, last_day},
};

/// How long an alias may be.
const LONGEST_ALIAS: usize = 64;
/// How many tenants one registration may name.
const MOST_TENANTS: usize = 100;

/// The form, as it was typed.
#[derive(Debug, Clone)]
pub struct RegistrationWish {
    /// What admins call it.
    pub alias: String,
    /// Microsoft's id of the app.
    pub client_id: String,
    /// Its secret; `None` keeps the old one.
    pub secret: Option<SecretString>,
    /// The last day of the secret; empty where it isn't known.
    pub secret_ends: String,
    /// Which cloud.
    pub cloud: String,
    /// Whose people: a word of [`Tenants::mode`].
    pub mode: String,
    /// The one tenant, by id or by domain.
    pub tenant: String,
    /// Several tenants, one id a line.
    pub several: String,
    /// The tenants whose second factor counts, one id a line.
    pub trusted: String,
}

impl RegistrationWish {
    pub(super) fn alias(&self) -> Result<String> {
        let alias = self.alias.trim();
        if alias.is_empty() || alias.chars().count() > LONGEST_ALIAS || !line::is_plain(alias) {
            let public = format!("Give it a name of 1 to {LONGEST_ALIAS} characters in one line.");
            return Err(Error::invalid("alias", public));
        }
        Ok(alias.to_owned())
    }

    pub(super) fn client_id(&self) -> Result<ClientId> {
        guid("client_id", &self.client_id).map(ClientId)
    }

    pub(super) fn last_day(&self, now: Ts) -> Result<Option<Ts>> {
        last_day(&self.secret_ends, now)
    }

    pub(super) fn cloud(&self) -> Result<Cloud> {
        let all = [Cloud::Global, Cloud::UsGov, Cloud::UsGovDod, Cloud::China, Cloud::Simulator];
        let found = all.into_iter().find(|cloud| cloud.as_str() == self.cloud);
        found.ok_or_else(|| Error::invalid("cloud", "Choose one of the clouds."))
    }

    /// The domain by which the one tenant is named, if it is.
    pub(super) fn domain(&self) -> Result<Option<String>> {
        let typed = self.tenant.trim().to_lowercase();
        if self.mode != "one" || Uuid::parse_str(&typed).is_ok() {
            return Ok(None);
        }
        if model::upn::is_dns_name(&typed) && typed.contains('.') {
            return Ok(Some(typed));
        }
        let public = "Type the directory's id, or one of its domains such as contoso.com.";
        Err(Error::invalid("tenant", public))
    }

    /// Whose people, where no domain has to be looked up.
    pub(super) fn tenants(&self) -> Result<Tenants> {
        Ok(match self.mode.as_str() {
            "one" => {
                let tenant = EntraTenantId(guid("tenant", &self.tenant)?);
                if tenant == PERSONAL {
                    let public = "That id stands for personal accounts: choose them instead.";
                    return Err(Error::invalid("tenant", public));
                }
                Tenants::One { tenant, domain: None }
            }
            "several" => Tenants::Several { tenants: ids("several", &self.several, 1)? },
            "organizations" => Tenants::Organizations,
            "common" => Tenants::Common,
            "consumers" => Tenants::Consumers,
            _ => return Err(Error::invalid("mode", "Choose who may sign in.")),
        })
    }

    pub(super) fn trusted(&self) -> Result<Vec<EntraTenantId>> {
        ids("trusted", &self.trusted, 0)
    }
}

/// A secret is a value of Microsoft's, not the id beside it.
pub(super) fn checked_secret(secret: &SecretString) -> Result<SecretString> {
    let typed = secret.expose_secret().trim();
    if Uuid::parse_str(typed).is_ok() {
        let public = "That is the id of the secret. Copy its value, which Microsoft shows once.";
        return Err(Error::invalid("client_secret", public));
    }
    if typed.is_empty() || typed.len() > 256 || !typed.bytes().all(|b| b.is_ascii_graphic()) {
        let public = "That is no client secret. Copy its value again, all of it.";
        return Err(Error::invalid("client_secret", public));
    }
    Ok(typed.to_owned().into())
}

/// Nobody is trusted who may not come, and personal accounts have nobody who answers for them.
pub(super) fn check_trust(registration: &Registration) -> Result<()> {
    for tenant in &registration.trusted {
        if *tenant == PERSONAL {
            let public =
                "Second factors of personal accounts never count: nobody answers for them.";
            return Err(Error::invalid("trusted", public));
        }
        if registration.tenants.admission(*tenant) != Admission::Admitted {
            let public = format!("People of {tenant} can't come through this registration at all.");
            return Err(Error::invalid("trusted", public));
        }
    }
    Ok(())
}

/// Ids of tenants, one a line.
fn ids(field: &'static str, typed: &str, least: usize) -> Result<Vec<EntraTenantId>> {
    let mut found = Vec::new();
    for text in typed.split([',', '\n', ' ']).map(str::trim).filter(|text| !text.is_empty()) {
        let Ok(id) = text.parse::<EntraTenantId>() else {
            let public = format!("{text} is no directory id. Type one a line.");
            return Err(Error::invalid(field, public));
        };
        if !found.contains(&id) {
            found.push(id);
        }
    }
    if found.len() < least {
        return Err(Error::invalid(field, "Type the id of at least one directory."));
    }
    if found.len() > MOST_TENANTS {
        let public = format!("{MOST_TENANTS} directories are enough: choose every organisation.");
        return Err(Error::invalid(field, public));
    }
    Ok(found)
}
