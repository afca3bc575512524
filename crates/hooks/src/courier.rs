//! One POST: resolve, look at the addresses, connect to the one that was looked at.

use std::{net::SocketAddr, time::Duration};

use model::Ts;
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, header, redirect};
use secrecy::SecretString;
use url::{Host, Url};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use crate::{Error, public::is_public, signature};

/// How long all of it may take, finding the host included.
const PATIENCE: Duration = Duration::from_secs(5);
/// A longer address is a mistake.
const LONGEST: usize = 500;

/// What may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// Addresses of the network around, too, and without TLS.
    pub allow_private: bool,
}

/// News for one place.
#[derive(Debug)]
pub struct Parcel<'a> {
    /// Where it goes.
    pub url: &'a Url,
    /// What both sides know.
    pub secret: &'a SecretString,
    /// By which the other side knows what it had already.
    pub id: &'a str,
    /// What it says, in JSON.
    pub body: &'a str,
    /// Now.
    pub at: Ts,
}

/// Brings news.
#[derive(Debug, Clone, Copy)]
pub struct Courier {
    settings: Settings,
}

impl Courier {
    /// A courier that may go so far.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Brings it. Whatever is not 2xx was not taken.
    pub async fn deliver(&self, parcel: &Parcel<'_>) -> Result<u16, Error> {
        in_time(self.bring(parcel)).await
    }

    /// Posts a form that proves itself by what is in it. Whatever is not 2xx was not taken.
    pub async fn post_form(&self, url: &Url, fields: &[(&str, &str)]) -> Result<u16, Error> {
        let body: String =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = "application/x-www-form-urlencoded";
        in_time(async { settle(self.post(url, kind).await?.body(body)).await }).await
    }

    async fn bring(&self, parcel: &Parcel<'_>) -> Result<u16, Error> {
        let request = self
            .post(parcel.url, "application/json")
            .await?
            .header("gatehouse-delivery", parcel.id)
            .header("gatehouse-signature", signature::header(parcel.secret, parcel.body, parcel.at))
            .body(parcel.body.to_owned());
        settle(request).await
    }

    /// A call that goes to the host that was looked at.
    async fn post(&self, url: &Url, kind: &'static str) -> Result<RequestBuilder, Error> {
        let url = check(url.clone(), self.settings)?;
        let (host, address) = self.look_at(&url).await?;
        Ok(client(&host, address)?
            .post(url)
            .header(header::CONTENT_TYPE, kind)
            .header(header::USER_AGENT, concat!("Gatehouse/", env!("CARGO_PKG_VERSION"))))
    }

    /// Where the host is. One address that is not on the internet spoils the name, and what is
    /// connected to is what was looked at.
    async fn look_at(&self, url: &Url) -> Result<(String, SocketAddr), Error> {
        let none = || Error::Address("The address names no host.");
        let host = url.host().ok_or_else(none)?;
        let port = url.port_or_known_default().ok_or_else(none)?;
        let found: Vec<SocketAddr> = match host {
            Host::Ipv4(ip) => vec![(ip, port).into()],
            Host::Ipv6(ip) => vec![(ip, port).into()],
            Host::Domain(name) => {
                let asked = tokio::net::lookup_host((name, port));
                asked.await.map_err(Error::UnknownHost)?.collect()
            }
        };
        if !self.settings.allow_private
            && let Some(private) = found.iter().find(|address| !is_public(address.ip()))
        {
            return Err(Error::Private(private.ip()));
        }
        let first = found.first().copied().ok_or_else(none)?;
        Ok((url.host_str().unwrap_or_default().to_owned(), first))
    }
}

async fn settle(request: RequestBuilder) -> Result<u16, Error> {
    let answer = request.send().await.map_err(|error| Error::NoAnswer(error.without_url()))?;
    let status = answer.status().as_u16();
    if answer.status().is_success() { Ok(status) } else { Err(Error::Refused(status)) }
}

async fn in_time<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(Error::Late))
}

/// An address that an owner typed, if news may be sent there; whether the host is on the internet
/// shows when it is.
pub fn destination(typed: &str, settings: Settings) -> Result<Url, Error> {
    let typed = typed.trim();
    if typed.len() > LONGEST {
        return Err(Error::Address("Type an address of at most 500 characters."));
    }
    let url = Url::parse(typed);
    check(url.map_err(|_| Error::Address("That is no address of the internet."))?, settings)
}

fn check(url: Url, settings: Settings) -> Result<Url, Error> {
    if url.scheme() != "https" && !(settings.allow_private && url.scheme() == "http") {
        return Err(Error::Address("The address must begin with https."));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::Address("The address must hold no name and no password."));
    }
    if url.fragment().is_some() {
        return Err(Error::Address("The address must have no part after a #."));
    }
    let is_private = match url.host() {
        Some(Host::Ipv4(ip)) => !is_public(ip.into()),
        Some(Host::Ipv6(ip)) => !is_public(ip.into()),
        Some(Host::Domain(_)) => false,
        None => return Err(Error::Address("The address names no host.")),
    };
    if is_private && !settings.allow_private {
        return Err(Error::Address("That host is not on the internet."));
    }
    Ok(url)
}

/// A client for this one call: no proxy, no redirect, and this host is there and nowhere else. The
/// machine's own list of authorities counts, since private hosts have private ones; where there is
/// none, the list that came along.
fn client(host: &str, address: SocketAddr) -> Result<Client, Error> {
    let settled = |builder: ClientBuilder| {
        builder.redirect(redirect::Policy::none()).no_proxy().resolve(host, address).build()
    };
    settled(Client::builder()).or_else(|_| {
        let roots = TLS_SERVER_ROOT_CERTS.iter().filter_map(|der| Certificate::from_der(der).ok());
        settled(Client::builder().tls_certs_only(roots)).map_err(Error::Client)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R140, R141
    #[test]
    fn only_addresses_on_the_internet_over_https_are_taken() {
        let strict = Settings::default();
        assert!(destination(" https://alarms.contoso.com:8443/in?key=1 ", strict).is_ok());
        let long = format!("https://contoso.com/{}", "a".repeat(500));
        for typed in [
            "",
            "contoso.com",
            "http://contoso.com/",
            "ftp://contoso.com/",
            "https://user:secret@contoso.com/",
            "https://contoso.com/#x",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:169.254.169.254]/",
            "https://0x7f000001/",
            "https://2130706433/",
            &long,
        ] {
            assert!(destination(typed, strict).is_err(), "{typed}");
        }
        let lenient = Settings { allow_private: true };
        assert!(destination("http://127.0.0.1:9000/in", lenient).is_ok());
        assert!(destination("file:///etc/passwd", lenient).is_err());
    }
}
