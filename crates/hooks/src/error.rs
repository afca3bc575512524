//! Why news did not get to where it was sent.

use std::net::IpAddr;

/// What went wrong. None of it names more than the host, since addresses may hold secrets.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no address that may be used.
    #[error("{0}")]
    Address(&'static str),
    /// The host has no address.
    #[error("the name of the host is not known")]
    UnknownHost(#[source] std::io::Error),
    /// The host is not on the internet.
    #[error("the host is at {0}, which is not on the internet")]
    Private(IpAddr),
    /// There was no answer.
    #[error("the host did not answer, or its certificate is not right")]
    NoAnswer(#[source] reqwest::Error),
    /// It took too long.
    #[error("the host did not answer in time")]
    Late,
    /// It was not taken.
    #[error("the host answered {0}")]
    Refused(u16),
    /// A client can't be made here.
    #[error("no connection can be prepared")]
    Client(#[source] reqwest::Error),
    /// What is needed to trust a log server can't be used.
    #[error("{0}")]
    Trust(String),
    /// A log server can't be reached, or breaks off.
    #[error("the log server can't be reached, or its certificate is not right")]
    LogServer(#[source] std::io::Error),
    /// A log server did not say that it has everything.
    #[error("the log server broke off before it had everything")]
    BrokeOff,
    /// A file can't be written to.
    #[error("the file can't be written to")]
    File(#[source] std::io::Error),
}
