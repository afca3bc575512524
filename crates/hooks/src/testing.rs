//! A log server that keeps what it is sent.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// How a log server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It takes everything.
    Takes,
    /// It breaks off after the first bytes.
    BreaksOff,
    /// It reads nothing and says nothing.
    Sleeps,
}

/// The server; it stops when it is dropped.
#[derive(Debug)]
pub struct TestLogServer {
    address: SocketAddr,
    kept: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl TestLogServer {
    /// Listens with a certificate and its key (DER), on a port of its own or on this one.
    pub async fn start(
        (certificate, key): (Vec<u8>, Vec<u8>),
        port: u16,
        manner: Manner,
    ) -> std::io::Result<Self> {
        let key = PrivateKeyDer::try_from(key).map_err(std::io::Error::other)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(std::io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(certificate)], key)
            .map_err(std::io::Error::other)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let kept: Arc<Mutex<Vec<String>>> = Arc::default();
        let here = Arc::clone(&kept);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(acceptor.clone(), stream, Arc::clone(&here), manner));
            }
        });
        Ok(Self { address, kept, serving })
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Every message so far, without its length.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for TestLogServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn converse(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    kept: Arc<Mutex<Vec<String>>>,
    manner: Manner,
) -> std::io::Result<()> {
    if manner == Manner::Sleeps {
        let _open = stream;
        return std::future::pending().await;
    }
    let mut stream = acceptor.accept(stream).await?;
    let mut bytes = vec![0; 10];
    if manner == Manner::BreaksOff {
        stream.read_exact(&mut bytes).await?;
        // Unread bytes make it a reset.
        return Ok(());
    }
    bytes.clear();
    stream.read_to_end(&mut bytes).await?;
    for message in unframed(&bytes)? {
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }
    stream.shutdown().await
}

/// `LENGTH SP MESSAGE`, again and again, to the byte.
fn unframed(mut bytes: &[u8]) -> std::io::Result<Vec<String>> {
    let wrong = || std::io::Error::from(std::io::ErrorKind::InvalidData);
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let blank = bytes.iter().position(|byte| *byte == b' ').ok_or_else(wrong)?;
        let (length, rest) = bytes.split_at(blank);
        let length = std::str::from_utf8(length).ok().and_then(|text| text.parse().ok());
        let (message, rest) = rest
            .get(1..)
            .ok_or_else(wrong)?
            .split_at_checked(length.ok_or_else(wrong)?)
            .ok_or_else(wrong)?;
        messages.push(String::from_utf8(message.to_vec()).map_err(std::io::Error::other)?);
        bytes = rest;
    }
    Ok(messages)
}
