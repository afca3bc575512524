//! What an owner types of a directory.

use model::{
    Ts,
    directory::{Directory, Encryption, KEEP_DAYS},
    ids::DirectoryId,
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{Error, Result, accounts::check_text};

/// The longest name, and the longest of the other lines, in characters.
const NAME: usize = 60;
const LINE: usize = 400;
/// The largest list of certificates, in bytes.
const AUTHORITY: usize = 64 * 1024;
/// The most domains of one directory.
const DOMAINS: usize = 100;

/// A directory, as typed.
#[derive(Debug, Clone)]
pub struct DirectoryForm {
    /// What it is called.
    pub name: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: String,
    /// `tls` or `start_tls`.
    pub encryption: String,
    /// Certificates in PEM; empty: those of this machine.
    pub authority: String,
    /// The account by which people are looked up.
    pub account: String,
    /// Its password; empty: the one from before.
    pub password: SecretString,
    /// Below what people are looked for.
    pub base: String,
    /// By what they are found.
    pub filter: String,
    /// For how many days a password opens while it is away.
    pub keep_days: String,
    /// Where people change their password, in words.
    pub help: String,
    /// Whose people it knows, one domain a line.
    pub domains: String,
}

impl DirectoryForm {
    /// The directory, and the domains whose people it knows.
    pub(super) fn read(
        self,
        id: DirectoryId,
        before: Option<&Directory>,
        now: Ts,
    ) -> Result<(Directory, Vec<String>)> {
        let name = needed("name", &self.name, NAME, "Give the directory a name.")?;
        let host = needed("host", &self.host, LINE, "Say on which host the directory is.")?;
        let port = self.port.trim().parse().ok().filter(|port| *port != 0);
        let port =
            port.ok_or_else(|| Error::invalid("port", "A port is a number from 1 to 65535."))?;
        let encryption = match self.encryption.as_str() {
            "tls" => Encryption::Tls,
            "start_tls" => Encryption::StartTls,
            _ => return Err(Error::invalid("encryption", "Choose how it is encrypted.")),
        };
        let authority = self.authority.trim().replace("\r\n", "\n");
        if authority.len() > AUTHORITY {
            return Err(Error::invalid("authority", "That is too much for certificates."));
        }
        let account = needed("account", &self.account, LINE, "Say as whom people are looked up.")?;
        let base = needed("base", &self.base, LINE, "Say below what people are looked for.")?;
        let filter = needed("filter", &self.filter, LINE, "Say by what people are found.")?;
        let days = self.keep_days.trim().parse().ok().filter(|days| *days <= KEEP_DAYS);
        let keep_days = days.ok_or_else(|| {
            Error::invalid("keep_days", format!("Type a number of days from 0 to {KEEP_DAYS}."))
        })?;
        let help = self.help.trim().to_owned();
        check_text("help", &help, LINE)?;
        let mut directory = Directory {
            id,
            name,
            host,
            port,
            encryption,
            authority,
            account,
            password: self.password,
            base,
            filter,
            keep_days,
            help,
            changed_at: now,
        };
        directory.password = password(&directory, before)?;
        checked(&directory)?;
        Ok((directory, domains(&self.domains)?))
    }
}

/// Whatever decides who answers for a person, and what is asked of it.
pub(super) fn place(it: &Directory) -> [String; 6] {
    let encryption = format!("{:?}", it.encryption);
    let [host, authority, base, filter] = [&it.host, &it.authority, &it.base, &it.filter];
    [host.clone(), it.port.to_string(), encryption, authority.clone(), base.clone(), filter.clone()]
}

/// The password as typed, or the one from before: which goes to no other place than before.
fn password(new: &Directory, before: Option<&Directory>) -> Result<SecretString> {
    if !new.password.expose_secret().is_empty() {
        return Ok(new.password.clone());
    }
    let place = |it: &Directory| {
        (it.host.clone(), it.port, it.encryption, it.authority.clone(), it.account.clone())
    };
    match before {
        Some(before) if place(before) == place(new) => Ok(before.password.clone()),
        Some(_) => {
            let public = "Type the password again: it would go to another place than before.";
            Err(Error::invalid("password", public))
        }
        None => Err(Error::invalid("password", "Type the password of that account.")),
    }
}

fn needed(field: &'static str, typed: &str, most: usize, missing: &str) -> Result<String> {
    let text = typed.trim();
    if text.is_empty() {
        return Err(Error::invalid(field, missing));
    }
    check_text(field, text, most)?;
    Ok(text.to_owned())
}

fn checked(directory: &Directory) -> Result<()> {
    directory::check(directory).map_err(|error| {
        let field = match error {
            directory::Error::Host => "host",
            directory::Error::Authority => "authority",
            directory::Error::NobodyNamed | directory::Error::Filter => "filter",
        };
        Error::invalid(field, error.to_string())
    })
}

/// One domain a line, folded; each once.
fn domains(typed: &str) -> Result<Vec<String>> {
    let mut domains: Vec<String> = Vec::new();
    for line in typed.split([',', ';', '\n']).map(str::trim).filter(|line| !line.is_empty()) {
        let domain = model::upn::fold(line);
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if !domain.contains('.') || !domain.chars().all(part) || domain.len() > 253 {
            let shown: String = line.chars().take(60).collect();
            let public =
                format!("\"{shown}\" is no domain. Type one domain a line, such as contoso.com.");
            return Err(Error::invalid("domains", public));
        }
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    if domains.len() > DOMAINS {
        return Err(Error::invalid("domains", format!("Type at most {DOMAINS} domains.")));
    }
    Ok(domains)
}

/// A directory for the audit log, without its password.
pub(super) fn said(directory: &Directory, domains: &[String]) -> String {
    let encryption = match directory.encryption {
        Encryption::Tls => "TLS",
        Encryption::StartTls => "StartTLS",
    };
    let Directory { host, port, account, base, filter, keep_days, .. } = directory;
    format!(
        "{host}:{port} by {encryption}, as {account}, below {base}, by {filter}; kept for {keep_days} \
         days; domains: {}",
        if domains.is_empty() { "none".to_owned() } else { domains.join(", ") }
    )
}
