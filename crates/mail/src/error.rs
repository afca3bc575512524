//! Why a letter did not get to the mail server.

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What looks like an address is none.
    #[error("{0:?} is not an address that mail can be sent to")]
    Address(String),
    /// The letter can't be written down as a message.
    #[error("the letter can't be written as a message")]
    Message(#[source] lettre::error::Error),
    /// The certificates of mail servers can't be checked here.
    #[error("TLS to the mail server can't be prepared")]
    Tls(#[source] lettre::transport::smtp::Error),
    /// The mail server refused it. That may be for good, or for a wrong password of ours: the codes
    /// don't say.
    #[error("the mail server refused the letter")]
    Refused(#[source] lettre::transport::smtp::Error),
    /// The mail server is not to be reached, or asks to come again.
    #[error("the mail server did not take the letter now")]
    Unavailable(#[source] lettre::transport::smtp::Error),
}

impl Error {
    /// Whether it may go well later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Refused(_) | Self::Tls(_))
    }
}

impl From<lettre::transport::smtp::Error> for Error {
    fn from(cause: lettre::transport::smtp::Error) -> Self {
        if cause.is_permanent() { Self::Refused(cause) } else { Self::Unavailable(cause) }
    }
}
