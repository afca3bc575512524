//! The one HTTP client: fixed hosts, no redirects, time and size limits (R140, Y24).

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use model::{Ts, relying_party::CloudHosts};
use reqwest::{
    Certificate, Client, ClientBuilder, Method, Response,
    header::{CONTENT_TYPE, DATE, HeaderMap, LOCATION, RETRY_AFTER},
    redirect,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use uuid::Uuid;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use crate::error::{Error, Result};

/// The largest answer that is read (Y24).
const MOST_BYTES: usize = 8 << 20;

/// A client that only reaches the two hosts of one cloud.
pub(crate) struct Http {
    client: Client,
    login: Url,
    graph: Url,
}

/// A call about to leave.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) bearer: Option<&'a SecretString>,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
    pub(crate) client_request_id: Uuid,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// How long Microsoft asks to wait.
    pub(crate) retry_after: Option<Duration>,
    /// How much of the quota is used, from 0.8 on.
    pub(crate) quota_used: Option<f32>,
    /// When it was sent, by Microsoft's clock.
    pub(crate) date: Option<Ts>,
    /// Where it leads; nobody goes there.
    pub(crate) location: Option<String>,
}

/// Why no answer could be had.
pub(crate) enum Failure {
    Broken(reqwest::Error),
    Wrong(Error),
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        // Addresses hold names and ids of people.
        Self::Broken(error.without_url())
    }
}

impl Http {
    pub(crate) fn new(hosts: &CloudHosts, timeout: Duration, allow_http: bool) -> Result<Self> {
        let login = origin(&hosts.login, allow_http)?;
        let graph = origin(&hosts.graph, allow_http)?;
        let plain = [&login, &graph].iter().all(|host| host.scheme() == "http");
        let trust = if plain { Trust::Nobody } else { Trust::Roots };
        Ok(Self { client: client(timeout, allow_http, trust)?, login, graph })
    }

    pub(crate) fn login(&self) -> &Url {
        &self.login
    }

    pub(crate) fn graph(&self) -> &Url {
        &self.graph
    }

    /// An address may be used: it is on one of the cloud's hosts.
    pub(crate) fn is_ours(&self, url: &Url) -> bool {
        [&self.login, &self.graph].iter().any(|base| {
            base.origin() == url.origin() && url.username().is_empty() && url.password().is_none()
        })
    }

    pub(crate) async fn send(&self, call: Outgoing<'_>) -> std::result::Result<Answer, Failure> {
        if !self.is_ours(&call.url) {
            let host = call.url.host_str().unwrap_or_default();
            return Err(Failure::Wrong(Error::Unexpected(format!("it leads to {host}"))));
        }
        let mut request = self
            .client
            .request(call.method, call.url)
            .header("client-request-id", call.client_request_id.to_string())
            .header("return-client-request-id", "true");
        if let Some(token) = call.bearer {
            request = request.bearer_auth(token.expose_secret());
        }
        if !call.body.is_empty() {
            request = request.header(CONTENT_TYPE, call.content_type);
        }
        read(request.body(call.body).send().await?).await
    }
}

async fn read(mut response: Response) -> std::result::Result<Answer, Failure> {
    let mut answer = Answer {
        status: response.status().as_u16(),
        body: Vec::new(),
        retry_after: retry_after(response.headers()),
        quota_used: header(response.headers(), "x-ms-throttle-limit-percentage")
            .and_then(|text| text.parse().ok()),
        date: date(response.headers()).map(|at| Ts::from_secs(at.timestamp())),
        location: header(response.headers(), LOCATION.as_str()).map(str::to_owned),
    };
    while let Some(chunk) = response.chunk().await? {
        if answer.body.len() + chunk.len() > MOST_BYTES {
            return Err(Failure::Wrong(Error::Unexpected("it is larger than 8 MiB".to_owned())));
        }
        answer.body.extend_from_slice(&chunk);
    }
    Ok(answer)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Seconds, or a date that is held against the server's own clock (Y31).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = header(headers, RETRY_AFTER.as_str())?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::parse_from_rfc2822(text).ok()?;
    Some((until - date(headers)?).to_std().unwrap_or_default())
}

fn date(headers: &HeaderMap) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc2822(header(headers, DATE.as_str())?).ok()
}

/// A client that may go anywhere, as a browser may: whoever uses it says where.
pub(crate) fn stranger(timeout: Duration) -> Result<Client> {
    client(timeout, true, Trust::Roots)
}

/// Whose certificates are believed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// The system's roots, or Mozilla's where a machine has none (`crates.md` 2.4).
    Roots,
    /// Nobody's: no host that is called shows one. Roots take long to read.
    Nobody,
}

fn client(timeout: Duration, allow_http: bool, trust: Trust) -> Result<Client> {
    let settled = |builder: ClientBuilder| {
        builder
            .redirect(redirect::Policy::none())
            .https_only(!allow_http)
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            .user_agent("Gatehouse")
            .build()
    };
    let built = match trust {
        Trust::Nobody => settled(Client::builder().tls_certs_only([])),
        Trust::Roots => settled(Client::builder()).or_else(|_| {
            let roots = TLS_SERVER_ROOT_CERTS.iter();
            let roots = roots.filter_map(|der| Certificate::from_der(der).ok());
            settled(Client::builder().tls_certs_only(roots))
        }),
    };
    built.map_err(|error| Error::Settings(format!("no HTTP client: {error}")))
}

fn origin(text: &str, allow_http: bool) -> Result<Url> {
    let url = Url::parse(text).map_err(|_| Error::Settings(format!("{text} is no address")))?;
    let safe = url.scheme() == "https" || (allow_http && url.scheme() == "http");
    if !safe || url.host_str().is_none() {
        return Err(Error::Settings(format!("{text} is not an https address")));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http() -> Http {
        let hosts = CloudHosts {
            login: "https://login.microsoftonline.com".to_owned(),
            graph: "https://graph.microsoft.com".to_owned(),
        };
        Http::new(&hosts, Duration::from_secs(30), false).unwrap()
    }

    /// R140
    #[test]
    fn only_the_clouds_own_hosts_are_reached() {
        let http = http();
        let is_ours = |text: &str| http.is_ours(&Url::parse(text).unwrap());
        assert!(is_ours("https://graph.microsoft.com/v1.0/users?$skiptoken=1"));
        for foreign in [
            "http://graph.microsoft.com/v1.0/users",
            "https://graph.microsoft.com.evil.example/",
            "https://graph.microsoft.com:444/",
            "https://x@graph.microsoft.com/",
            "https://127.0.0.1/",
        ] {
            assert!(!is_ours(foreign), "{foreign}");
        }
    }

    #[tokio::test]
    async fn a_call_to_anywhere_else_does_not_leave() {
        let call = Outgoing {
            method: Method::GET,
            url: Url::parse("https://127.0.0.1:9/v1.0/users").unwrap(),
            bearer: None,
            content_type: "application/json",
            body: Vec::new(),
            client_request_id: Uuid::nil(),
        };
        let outcome = http().send(call).await;
        assert!(matches!(outcome, Err(Failure::Wrong(Error::Unexpected(_)))));
    }

    /// R160
    #[test]
    fn plain_http_is_for_the_simulator_alone() {
        assert!(origin("http://127.0.0.1:8081", false).is_err());
        assert!(origin("http://127.0.0.1:8081", true).is_ok());
        assert!(origin("graph.microsoft.com", true).is_err());
    }

    /// Y31
    #[test]
    fn retry_after_may_be_a_date_on_the_servers_clock() {
        let wait = |pairs: &[(&'static str, &str)]| {
            let pair = |(name, value): &(&'static str, &str)| {
                (name.parse().unwrap(), value.parse().unwrap())
            };
            retry_after(&pairs.iter().map(pair).collect::<HeaderMap>())
        };
        assert_eq!(wait(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        let date = "Wed, 25 Nov 2026 09:00:00 GMT";
        let later = "Wed, 25 Nov 2026 09:02:00 GMT";
        assert_eq!(wait(&[("retry-after", later), ("date", date)]), Some(Duration::from_mins(2)));
        assert_eq!(wait(&[("retry-after", date), ("date", later)]), Some(Duration::ZERO));
        assert_eq!(wait(&[("retry-after", "soon")]), None);
    }
}
