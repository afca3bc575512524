//! Looks at our own public addresses as a stranger does: what name, certificate and answer are found
//! there. Reaches the one configured origin and follows no redirect (R140).

use std::{error::Error as _, time::Duration};

use model::tenant_state::Probe;
use reqwest::Client;
use url::Url;

use crate::{
    error::{Error, Result, one_line},
    http::stranger,
};

/// How long an address may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of an answer is searched.
const MOST_BYTES: usize = 1 << 20;

/// Somebody who knows our public address and nothing else.
pub struct Outside {
    client: Client,
    origin: Url,
}

impl Outside {
    /// Prepares for the addresses of one origin; nothing is sent yet.
    pub fn new(origin: &Url) -> Result<Self> {
        Ok(Self { client: stranger(PATIENCE)?, origin: origin.clone() })
    }

    /// Asks an address below the origin, and looks for what only our own answer holds.
    pub async fn ask(&self, address: &str, mark: &str) -> Result<Probe> {
        let url = Url::parse(address)
            .ok()
            .filter(|url| url.origin() == self.origin.origin())
            .ok_or_else(|| Error::Settings(format!("{address} is not below {}", self.origin)))?;
        Ok(self.hear(url, mark).await.unwrap_or_else(|error| probe(&error)))
    }

    async fn hear(&self, url: Url, mark: &str) -> reqwest::Result<Probe> {
        let mut response = self.client.get(url).send().await?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while body.len() < MOST_BYTES
            && let Some(chunk) = response.chunk().await?
        {
            body.extend_from_slice(&chunk);
        }
        Ok(Probe::Answered { status, ours: String::from_utf8_lossy(&body).contains(mark) })
    }
}

/// The deepest cause, which says most.
pub(crate) fn deepest(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut said = error.to_string();
    while let Some(deeper) = cause {
        said = deeper.to_string();
        cause = deeper.source();
    }
    one_line(&said)
}

/// Words of certificates tell those from the others.
fn probe(error: &reqwest::Error) -> Probe {
    let said = deepest(error);
    if error.is_timeout() {
        return Probe::Silent("no answer in time".to_owned());
    }
    if said.to_lowercase().contains("certificate") {
        Probe::BadCertificate(said)
    } else {
        Probe::Silent(said)
    }
}
