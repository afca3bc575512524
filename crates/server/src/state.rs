//! What every handler shares: the house, the templates, and the settings of the counter.

use std::{net::IpAddr, path::PathBuf, sync::Arc};

use app::House;
use model::network::Network;
use secrecy::SecretString;
use url::Url;

use crate::{
    assets::Assets,
    pages::{self, Templates},
};

/// How the counter is reached.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Proxies whose `X-Forwarded-For` is believed (R020).
    pub trusted_proxies: Vec<IpAddr>,
    /// Networks that the console answers to; none: everywhere (R146).
    pub console_networks: Vec<Network>,
    /// Certificate chain and private key (PEM files), when it speaks TLS itself.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Where Outlook is, when it is not Microsoft's (the demo).
    pub outlook_url: Option<String>,
    /// What monitoring must bring to `/metrics`; without it, nothing is there.
    pub metrics_token: Option<SecretString>,
}

/// Shared by every handler.
#[derive(Debug)]
pub(crate) struct Counter {
    pub(crate) house: House,
    pub(crate) templates: Templates,
    pub(crate) assets: Arc<Assets>,
    pub(crate) settings: Settings,
    /// `localhost:8080` or `sts.contoso.com`: the only host that is answered (R077).
    pub(crate) host: String,
    /// `http://localhost:8080`: the only origin whose forms are taken (R059).
    pub(crate) origin: String,
}

impl Counter {
    pub(crate) fn new(house: House, settings: Settings) -> Result<Self, pages::Error> {
        let assets = Arc::new(Assets::load());
        let templates = Templates::load(&assets)?;
        let url = &house.settings().public_url;
        let (host, origin) = (host_of(url), url.origin().ascii_serialization());
        Ok(Self { house, templates, assets, settings, host, origin })
    }

    /// Where a person goes for their mail.
    pub(crate) fn outlook(&self) -> &str {
        self.settings.outlook_url.as_deref().unwrap_or("https://outlook.office.com/")
    }

    /// Whether the console is there for whoever comes from this address.
    pub(crate) fn shows_console_to(&self, address: &str) -> bool {
        let networks = &self.settings.console_networks;
        networks.is_empty() || networks.iter().any(|network| network.contains_text(address))
    }

    /// Cookies carry `__Host-` and `Secure` everywhere but in the demo (ruling 21).
    pub(crate) fn is_secure(&self) -> bool {
        !self.house.is_demo()
    }
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
