//! One mail server, and the letters that it is handed.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use model::letter::Letter;
use secrecy::{ExposeSecret as _, SecretString};

use crate::Error;

/// How long the mail server may take for one command.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How the mail server is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its host name, which its certificate must carry.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How what is said to it is kept secret.
    pub encryption: Encryption,
    /// Whom letters come from: an address, or `Name <address>`.
    pub from: String,
    /// With what one signs in there, if one must.
    pub login: Option<Login>,
}

/// A name and a password at the mail server.
#[derive(Debug, Clone)]
pub struct Login {
    /// The name.
    pub name: String,
    /// The password.
    pub password: SecretString,
}

/// How what is said to a mail server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte, usually at port 465.
    Tls,
    /// TLS after a first word, usually at port 587; without it nothing is sent.
    StartTls,
    /// None; for a mail server on this machine.
    None,
}

/// Hands letters to one mail server.
#[derive(Debug, Clone)]
pub struct Postman {
    from: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Postman {
    /// Prepares; nothing is sent yet.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let from = mailbox(&settings.from)?;
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.as_str())
                .port(settings.port)
                .tls(tls(settings)?)
                .timeout(Some(TIMEOUT));
        if let Some(login) = &settings.login {
            let password = login.password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(login.name.clone(), password));
        }
        Ok(Self { from, transport: builder.build() })
    }

    /// Hands over one letter. Whether it arrives is then up to the mail server. A letter that is
    /// handed over twice has the same id.
    pub async fn send(&self, letter: &Letter) -> Result<(), Error> {
        let message = Message::builder()
            .from(self.from.clone())
            .to(mailbox(&letter.to)?)
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .subject(letter.subject.clone())
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(Error::Message)?;
        self.transport.send(message).await?;
        Ok(())
    }
}

fn tls(settings: &Settings) -> Result<Tls, Error> {
    let parameters = || TlsParameters::new(settings.host.clone()).map_err(Error::Tls);
    Ok(match settings.encryption {
        Encryption::Tls => Tls::Wrapper(parameters()?),
        Encryption::StartTls => Tls::Required(parameters()?),
        Encryption::None => Tls::None,
    })
}

/// Whether mail can be sent to it: an address, or `Name <address>`.
#[must_use]
pub fn is_address(text: &str) -> bool {
    mailbox(text).is_ok()
}

fn mailbox(text: &str) -> Result<Mailbox, Error> {
    text.parse().map_err(|_| Error::Address(text.to_owned()))
}
