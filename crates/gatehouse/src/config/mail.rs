//! How the mail server is reached.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use app::settings::{Encryption, MailLogin, MailSettings, is_address};
use serde::{Deserialize, Serialize};

use super::secret_file;

/// `[mail]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailConfig {
    /// The mail server's host name, as its certificate has it.
    pub(crate) host: String,
    /// Its port, usually 465 for `tls` and 587 for `starttls`.
    pub(crate) port: u16,
    /// `tls`, `starttls`, or `none` for a mail server on this machine.
    pub(crate) encryption: EncryptionConfig,
    /// Whom letters come from: `Contoso <sign-in@contoso.com>`.
    pub(crate) from: String,
    /// The name with which Gatehouse signs in there, if it must.
    #[serde(default)]
    pub(crate) user: Option<String>,
    /// A file with the password that goes with it, readable by this user alone.
    #[serde(default)]
    pub(crate) password_file: Option<PathBuf>,
    /// Where letters about alarms go besides owners and security admins.
    #[serde(default)]
    pub(crate) alarms_to: Vec<String>,
}

/// How what is said to the mail server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EncryptionConfig {
    /// TLS from the first byte.
    Tls,
    /// TLS after a first word.
    StartTls,
    /// None.
    None,
}

impl MailConfig {
    /// What must hold: letters carry links that open accounts, so they are encrypted on every wire.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.encryption != EncryptionConfig::None || self.is_here(),
            "mail.encryption may be \"none\" only for a mail server on this machine"
        );
        ensure!(
            self.user.is_some() == self.password_file.is_some(),
            "mail.user and mail.password_file go together"
        );
        for address in &self.alarms_to {
            ensure!(is_address(address), "mail.alarms_to: {address:?} is not a mail address");
        }
        Ok(())
    }

    fn is_here(&self) -> bool {
        let address = self.host.parse::<std::net::IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    pub(super) fn settings(&self) -> anyhow::Result<MailSettings> {
        let login = match (&self.user, &self.password_file) {
            (Some(name), Some(file)) => {
                let password = secret_file(file).context("mail.password_file")?;
                Some(MailLogin { name: name.clone(), password })
            }
            _ => None,
        };
        Ok(MailSettings {
            host: self.host.clone(),
            port: self.port,
            encryption: match self.encryption {
                EncryptionConfig::Tls => Encryption::Tls,
                EncryptionConfig::StartTls => Encryption::StartTls,
                EncryptionConfig::None => Encryption::None,
            },
            from: self.from.clone(),
            login,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        host = "mail.contoso.com"
        port = 587
        encryption = "starttls"
        from = "Contoso <sign-in@contoso.com>"
    "#;

    fn complaint(text: &str) -> String {
        let config: MailConfig = toml::from_str(text).unwrap();
        config.check().map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn letters_are_encrypted_on_every_wire() {
        assert_eq!(complaint(GOOD), "");
        let plain = GOOD.replace("starttls", "none");
        assert!(complaint(&plain).contains("mail.encryption"));
        for here in ["localhost", "127.0.0.1", "::1"] {
            assert_eq!(complaint(&plain.replace("mail.contoso.com", here)), "", "{here}");
        }
    }

    #[test]
    fn what_is_no_address_is_no_place_for_alarms() {
        let with = |address| format!("{GOOD}\nalarms_to = [\"ops@fabrikam.com\", \"{address}\"]");
        assert_eq!(complaint(&with("Night shift <night@fabrikam.com>")), "");
        assert!(complaint(&with("night shift")).contains("\"night shift\" is not a mail address"));
    }

    #[test]
    fn a_name_needs_a_password() {
        assert!(complaint(&format!("{GOOD}\nuser = \"gatehouse\"")).contains("password_file"));
    }
}
