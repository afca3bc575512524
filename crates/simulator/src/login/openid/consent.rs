//! Consent of an admin for everybody of their directory (graph.md 10.4).

use std::collections::HashMap;

use super::{Account, app, check_authority, unknown_redirect};
use crate::login::{Denial, realm};
use crate::world::World;

/// What a client asks for.
pub(crate) struct Consent {
    authority: String,
    client_id: String,
    redirect_uri: String,
    state: String,
}

impl Consent {
    /// Reads the query of a redirect.
    pub(crate) fn read(world: &World, authority: &str, query: &str) -> Result<Self, Denial> {
        let read: HashMap<String, String> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let get = |name: &str| read.get(name).cloned().unwrap_or_default();
        if matches!(authority, "common" | "consumers") {
            return Err(Denial::new(90_019, "No tenant-identifying information found."));
        }
        if get("scope").is_empty() {
            return Err(Denial::new(900_144, "The request lacks the parameter: 'scope'."));
        }
        let asked = Self {
            authority: authority.to_owned(),
            client_id: get("client_id"),
            redirect_uri: get("redirect_uri"),
            state: get("state"),
        };
        world.read(|tenant| {
            check_authority(tenant, authority)?;
            let app = app(tenant, &asked.client_id)?;
            if app.redirect_uris.contains(&asked.redirect_uri) {
                return Ok(());
            }
            Err(unknown_redirect(&asked.redirect_uri, &asked.client_id))
        })?;
        Ok(asked)
    }

    /// Back with a no; Microsoft says `admin_consent=True` then as well.
    pub(crate) fn declined(&self) -> String {
        self.answer(&[
            ("error", "access_denied"),
            ("error_description", "AADSTS65004: User declined to consent to access the app."),
            ("error_subcode", "cancel"),
            ("admin_consent", "True"),
        ])
    }

    /// The directory of an account knows the app from now on.
    pub(crate) fn give(&self, world: &World, address: &str) -> Result<String, Denial> {
        let account = world.read(|tenant| Account::find(tenant, address)).ok_or_else(|| {
            let sentence = format!("The user account {address} does not exist.");
            Denial::new(50_034, sentence)
        })?;
        world.read(|tenant| super::admit(tenant, &self.authority, &account))?;
        world.change(|tenant| {
            for app in &mut tenant.sign_in_apps {
                if app.client_id.eq_ignore_ascii_case(&self.client_id) {
                    app.absent_from.retain(|directory| *directory != account.tenant);
                }
            }
        });
        Ok(self.answer(&[("admin_consent", "True"), ("tenant", &account.tenant)]))
    }

    fn answer(&self, pairs: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .append_pair("state", &self.state)
            .finish();
        realm::append(&self.redirect_uri, &query)
    }
}
