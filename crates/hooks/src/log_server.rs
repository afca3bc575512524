//! Lines for a log server: syslog (RFC 5424) over TLS with octet counting (RFC 5425). That protocol has
//! no answer, so a portion counts as taken only when the server waits for more until it is told that
//! there is none, and then closes its side: it has read everything by then. One that closes sooner, or
//! resets the connection, has not.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use model::Ts;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use crate::Error;

/// How long it may take to connect, and to take a portion.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a server must wait for more.
const LISTENS_ON: Duration = Duration::from_millis(200);
/// Facility 13, log audit.
const FACILITY: u8 = 13;

/// Where a log server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// Its host, as its certificate has it.
    pub host: String,
    /// Its port, usually 6514.
    pub port: u16,
    /// Certificates (PEM) of the authority that vouches for it; `None`: those that the machine trusts.
    pub authority: Option<Vec<u8>>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When it happened.
    pub at: Ts,
    /// Whether it is a warning; else it is a notice.
    pub is_warning: bool,
    /// Its sort: at most 32 letters, digits, dots and the like.
    pub kind: String,
    /// What it says: printable ASCII.
    pub text: String,
}

/// Brings lines to a log server.
#[derive(Clone)]
pub struct LogServer {
    host: String,
    port: u16,
    name: ServerName<'static>,
    tls: TlsConnector,
}

impl LogServer {
    /// A log server whose certificate will be looked at.
    pub fn new(settings: &LogSettings) -> Result<Self, Error> {
        let LogSettings { host, port, authority } = settings;
        let name = ServerName::try_from(host.clone())
            .map_err(|_| Error::Trust(format!("{host:?} is no name of a host")))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Trust(error.to_string()))?;
        let config = match authority {
            Some(pem) => builder.with_root_certificates(own(pem)?).with_no_client_auth(),
            // As with webhooks: where the machine has no list, the one that came along counts.
            None => match builder.clone().with_platform_verifier() {
                Ok(builder) => builder.with_no_client_auth(),
                Err(_) => builder.with_root_certificates(built_in()).with_no_client_auth(),
            },
        };
        let tls = TlsConnector::from(Arc::new(config));
        Ok(Self { host: host.clone(), port: *port, name, tls })
    }

    /// Brings some lines. They count as taken when this is `Ok`; after an error some of them may have
    /// come all the same.
    pub async fn deliver(&self, sender: &str, lines: &[LogLine]) -> Result<(), Error> {
        let bytes: String = lines.iter().map(|line| frame(sender, line)).collect();
        let late = || std::io::Error::from(std::io::ErrorKind::TimedOut);
        timeout(PATIENCE, self.bring(bytes.as_bytes()))
            .await
            .unwrap_or_else(|_| Err(Error::LogServer(late())))
    }

    async fn bring(&self, bytes: &[u8]) -> Result<(), Error> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = stream.map_err(Error::LogServer)?;
        let stream = self.tls.connect(self.name.clone(), stream).await;
        let mut stream = stream.map_err(Error::LogServer)?;
        stream.write_all(bytes).await.map_err(Error::LogServer)?;
        stream.flush().await.map_err(Error::LogServer)?;
        let mut heard = [0; 256];
        // It has nothing to say: an end that comes now is not one that we asked for.
        if timeout(LISTENS_ON, stream.read(&mut heard)).await.is_ok() {
            return Err(Error::BrokeOff);
        }
        stream.shutdown().await.map_err(Error::LogServer)?;
        match stream.read(&mut heard).await {
            Ok(0) => Ok(()),
            // Many close the connection without a last word of TLS.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(()),
            Ok(_) | Err(_) => Err(Error::BrokeOff),
        }
    }
}

fn own(pem: &[u8]) -> Result<RootCertStore, Error> {
    let unusable = |why: String| Error::Trust(format!("the authority's certificate: {why}"));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() { Err(unusable("there is none".to_owned())) } else { Ok(roots) }
}

fn built_in() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(TLS_SERVER_ROOT_CERTS.iter().cloned());
    roots
}

/// `LENGTH SP <PRI>1 TIME HOST APP PROCID MSGID SD MSG`.
fn frame(sender: &str, line: &LogLine) -> String {
    let severity = if line.is_warning { 4 } else { 5 };
    let mut message = String::new();
    write!(
        message,
        "<{}>1 {} {} gatehouse - {} - {}",
        FACILITY * 8 + severity,
        line.at.to_xml(),
        word(sender, 255),
        word(&line.kind, 32),
        line.text
    )
    .expect("a string takes any text");
    format!("{} {message}", message.len())
}

/// A word of a header: printable ASCII without blanks, `-` where there is none.
fn word(text: &str, longest: usize) -> String {
    let word: String = text.chars().filter(char::is_ascii_graphic).take(longest).collect();
    if word.is_empty() { "-".to_owned() } else { word }
}

impl std::fmt::Debug for LogServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LogServer({}:{})", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_framed_as_the_rfcs_say() {
        let line = LogLine {
            at: Ts(1_764_147_600_123_456),
            is_warning: true,
            kind: "sign_in.password\n<0>".to_owned(),
            text: "{\"number\":1}".to_owned(),
        };
        let message = "<108>1 2025-11-26T09:00:00.123Z sts.contoso.com gatehouse - \
                       sign_in.password<0> - {\"number\":1}";
        let expected = format!("{} {message}", message.len());
        assert_eq!(frame("sts.contoso.com", &line), expected);
        let notice = LogLine { is_warning: false, kind: String::new(), ..line };
        assert!(frame("", &notice).contains("<109>1 2025-11-26T09:00:00.123Z - gatehouse - - - {"));
    }

    #[test]
    fn who_is_to_be_trusted_must_be_readable() {
        let with = |host: &str, authority: Option<&str>| {
            let authority = authority.map(|pem| pem.as_bytes().to_vec());
            LogServer::new(&LogSettings { host: host.to_owned(), port: 6514, authority })
        };
        assert!(with("logs.contoso.com", None).is_ok());
        assert!(matches!(with("not a host", None), Err(Error::Trust(_))));
        for pem in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(matches!(with("logs.contoso.com", Some(pem)), Err(Error::Trust(_))), "{pem}");
        }
    }
}
