//! The only place that reads `gatehouse.toml` and the environment. Every key can be set as
//! `GATEHOUSE__SECTION__KEY`; unknown keys are errors; secrets come from files only.

mod audit;
mod mail;

use std::{
    net::{IpAddr, SocketAddr},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail, ensure};
use app::{
    Mode, Settings,
    settings::{
        HookSettings, MasterKey, MasterKeys, PasswordParams, RsaSize, StoreSettings, TokenSettings,
    },
};
use audit::AuditConfig;
use mail::MailConfig;
use model::network::Network;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

/// `gatehouse.toml`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// How people and Microsoft reach it.
    pub(crate) server: ServerConfig,
    /// Where things are remembered.
    pub(crate) database: DatabaseConfig,
    /// What seals secrets.
    pub(crate) keys: KeysConfig,
    /// How passwords are hashed; without it, measured at the first start and kept.
    #[serde(default)]
    pub(crate) passwords: Option<PasswordsConfig>,
    /// The token that holds signing keys, if there is one.
    #[serde(default)]
    pub(crate) pkcs11: Option<Pkcs11Config>,
    /// The mail server, if letters are sent.
    #[serde(default)]
    pub(crate) mail: Option<MailConfig>,
    /// News of alarms for another system.
    #[serde(default)]
    pub(crate) webhooks: WebhooksConfig,
    /// Where the audit log is kept besides.
    #[serde(default)]
    pub(crate) audit: AuditConfig,
}

/// `[server]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerConfig {
    /// The public address, `https://sts.example.com`, without a path.
    pub(crate) public_url: Url,
    /// Where it listens, `127.0.0.1:8080`.
    pub(crate) listen: SocketAddr,
    /// The certificate chain (PEM), when it speaks TLS itself.
    #[serde(default)]
    pub(crate) certificate_file: Option<PathBuf>,
    /// The certificate's private key (PEM).
    #[serde(default)]
    pub(crate) private_key_file: Option<PathBuf>,
    /// Proxies whose `X-Forwarded-For` is believed.
    #[serde(default)]
    pub(crate) trusted_proxies: Vec<IpAddr>,
    /// Networks that the console answers to, `["10.0.0.0/8"]`; elsewhere it is not there. None: everywhere.
    #[serde(default)]
    pub(crate) console_networks: Vec<Network>,
    /// A file with the token that monitoring brings to `/metrics`, readable by this user alone.
    #[serde(default)]
    pub(crate) metrics_token_file: Option<PathBuf>,
}

impl ServerConfig {
    /// What monitoring must bring, if it may come at all.
    pub(crate) fn metrics_token(&self) -> anyhow::Result<Option<SecretString>> {
        let Some(file) = &self.metrics_token_file else { return Ok(None) };
        let token = secret_file(file).context("server.metrics_token_file")?;
        ensure!(
            token.expose_secret().len() >= 32,
            "server.metrics_token_file holds 32 characters at least, such as `openssl rand -hex 32` makes"
        );
        Ok(Some(token))
    }
}

/// `[database]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatabaseConfig {
    /// `sqlite:///var/lib/gatehouse/gatehouse.db` or `postgres://...`.
    #[serde(default)]
    pub(crate) url: Option<String>,
    /// A file that holds the address, when it has a password.
    #[serde(default)]
    pub(crate) url_file: Option<PathBuf>,
    /// How many connections are kept for reading.
    #[serde(default = "default_pool_size")]
    pub(crate) pool_size: u32,
}

/// `[keys]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeysConfig {
    /// What secrets are sealed with: 64 random hex digits (`gatehouse master-key new`), readable by
    /// this user alone.
    pub(crate) master_key_file: PathBuf,
    /// Such files whose keys only open: the next or the former master key while it changes.
    #[serde(default)]
    pub(crate) additional_master_key_files: Vec<PathBuf>,
    /// How many bits new signing keys have: 2048, or 3072.
    #[serde(default = "default_rsa_bits")]
    pub(crate) rsa_bits: u32,
}

impl KeysConfig {
    fn size(&self) -> anyhow::Result<RsaSize> {
        RsaSize::of_bits(self.rsa_bits).context("keys.rsa_bits is 2048 or 3072")
    }

    fn read(&self) -> anyhow::Result<MasterKeys> {
        let additional = self.additional_master_key_files.iter();
        Ok(MasterKeys {
            current: MasterKey::read_file(&self.master_key_file)?,
            additional: additional
                .map(|file| MasterKey::read_file(file))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// `[passwords]`.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordsConfig {
    /// Memory of one Argon2id hash in KiB, 19456 at least.
    pub(crate) memory_kib: u32,
    /// Passes of one hash, 2 at least.
    pub(crate) passes: u32,
    /// Lanes of one hash, 1 at least.
    pub(crate) lanes: u32,
}

/// `[webhooks]`.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhooksConfig {
    /// Whether alarms and notices of sign-outs may be sent to private addresses, and there without TLS.
    #[serde(default)]
    pub(crate) allow_private: bool,
}

/// `[pkcs11]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pkcs11Config {
    /// The module's shared library, `/usr/lib/softhsm/libsofthsm2.so`.
    pub(crate) module: PathBuf,
    /// The label of the token in which new signing keys are made.
    pub(crate) token: String,
    /// A file with the PIN of the token's user, readable by this user alone.
    pub(crate) pin_file: PathBuf,
}

impl Pkcs11Config {
    fn settings(&self) -> anyhow::Result<TokenSettings> {
        let pin = secret_file(&self.pin_file).context("pkcs11.pin_file")?;
        Ok(TokenSettings { module: self.module.clone(), token: self.token.clone(), pin })
    }
}

/// The secret in a file that nobody but its owner may read, without the end of its line.
fn secret_file(file: &Path) -> anyhow::Result<SecretString> {
    let unread = || format!("{} can't be read", file.display());
    let mode = std::fs::metadata(file).with_context(unread)?.permissions().mode();
    ensure!(mode.trailing_zeros() >= 6, "{} must be readable by its owner alone", file.display());
    let secret = std::fs::read_to_string(file).with_context(unread)?;
    Ok(secret.trim_end_matches(['\r', '\n']).to_owned().into())
}

const fn default_rsa_bits() -> u32 {
    2048
}

const fn default_pool_size() -> u32 {
    8
}

/// Every setting's prefix in the environment.
const PREFIX: &str = "GATEHOUSE__";

impl Config {
    /// Reads the file and lays the environment over it.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the configuration {} can't be read", path.display()))?;
        let variables = std::env::vars().filter(|(name, _)| name.starts_with(PREFIX));
        Self::parse(&text, variables)
            .with_context(|| format!("the configuration {} is wrong", path.display()))
    }

    fn parse(
        text: &str,
        variables: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let mut table: toml::Table = text.parse()?;
        for (name, value) in variables {
            overlay(&mut table, &name, value)?;
        }
        let config: Self = table.try_into()?;
        config.check()?;
        Ok(config)
    }

    /// What must hold before a house is opened with it (R160, R162).
    fn check(&self) -> anyhow::Result<()> {
        let server = &self.server;
        ensure!(
            server.public_url.scheme() == "https",
            "server.public_url must begin with https://; only the demo may speak http"
        );
        ensure!(
            server.public_url.path() == "/" && server.public_url.query().is_none(),
            "server.public_url must have no path and no query"
        );
        ensure!(
            server.certificate_file.is_some() == server.private_key_file.is_some(),
            "server.certificate_file and server.private_key_file go together"
        );
        ensure!(
            server.certificate_file.is_some()
                || server.listen.ip().is_loopback()
                || !server.trusted_proxies.is_empty(),
            "without a certificate, listen on a loopback address or name server.trusted_proxies"
        );
        ensure!(
            self.database.url.is_some() != self.database.url_file.is_some(),
            "set either database.url or database.url_file"
        );
        self.keys.size()?;
        self.audit.check()?;
        self.mail.as_ref().map_or(Ok(()), MailConfig::check)
    }

    /// What the house needs of it.
    pub(crate) fn house(&self) -> anyhow::Result<Settings> {
        let url = match (&self.database.url, &self.database.url_file) {
            (Some(url), _) => url.clone(),
            (None, Some(file)) => std::fs::read_to_string(file)
                .with_context(|| format!("{} can't be read", file.display()))?
                .trim()
                .to_owned(),
            (None, None) => bail!("set database.url"),
        };
        let store = StoreSettings {
            url,
            master_keys: self.keys.read()?,
            pool_size: self.database.pool_size,
        };
        let params = self.passwords.map(PasswordsConfig::params).transpose()?;
        let pkcs11 = self.pkcs11.as_ref().map(Pkcs11Config::settings).transpose()?;
        let mail = self.mail.as_ref().map(MailConfig::settings).transpose()?;
        let settings = Settings::new(Mode::Production, self.server.public_url.clone(), store);
        let alarms_to = self.mail.as_ref().map(|mail| mail.alarms_to.clone()).unwrap_or_default();
        let webhooks = HookSettings { allow_private: self.webhooks.allow_private };
        let audit = self.audit.settings().context("audit")?;
        Ok(Settings {
            password_params: params,
            pkcs11,
            signing_key_size: self.keys.size()?,
            mail,
            alarms_to,
            webhooks,
            audit,
            ..settings
        })
    }
}

impl PasswordsConfig {
    fn params(self) -> anyhow::Result<PasswordParams> {
        let Self { memory_kib: m_kib, passes: t, lanes: p } = self;
        PasswordParams { m_kib, t, p }.floor().context("passwords")
    }
}

/// Sets `GATEHOUSE__SECTION__KEY` in the table; lists are comma-separated.
fn overlay(table: &mut toml::Table, name: &str, value: String) -> anyhow::Result<()> {
    let path = name.trim_start_matches(PREFIX).to_lowercase();
    let (section, key) =
        path.split_once("__").with_context(|| format!("{name} names no section and key"))?;
    let section = table
        .entry(section.to_owned())
        .or_insert_with(|| toml::Value::Table(toml::Table::new()))
        .as_table_mut()
        .with_context(|| format!("{name}: this section is not a table"))?;
    let value = match key {
        "trusted_proxies" | "console_networks" | "additional_master_key_files" => {
            let parts = value.split(',').map(|part| toml::Value::String(part.trim().to_owned()));
            toml::Value::Array(parts.collect())
        }
        "pool_size" | "port" | "rsa_bits" | "memory_kib" | "passes" | "lanes" => {
            toml::Value::Integer(value.parse().with_context(|| format!("{name} is a number"))?)
        }
        _ => toml::Value::String(value),
    };
    section.insert(key.to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [server]
        public_url = "https://sts.contoso.com"
        listen = "127.0.0.1:8080"
        [database]
        url = "sqlite:///var/lib/gatehouse/gatehouse.db"
        [keys]
        master_key_file = "/etc/gatehouse/master.key"
    "#;

    fn parse(text: &str) -> anyhow::Result<Config> {
        Config::parse(text, std::iter::empty())
    }

    fn complaint(text: &str) -> String {
        parse(text).map_or_else(|error| format!("{error:#}"), |_| "no complaint".to_owned())
    }

    /// R162
    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(parse(GOOD).is_ok());
        assert!(complaint(&GOOD.replace("listen =", "lisen =")).contains("lisen"));
        assert!(complaint(&format!("{GOOD}\n[extra]\nkey = 1")).contains("extra"));
    }

    /// R160, R162
    #[test]
    fn production_speaks_https_only() {
        assert!(complaint(&GOOD.replace("https://", "http://")).contains("https"));
        assert!(complaint(&GOOD.replace("127.0.0.1", "0.0.0.0")).contains("trusted_proxies"));
    }

    #[test]
    fn password_hashing_is_never_weaker_than_the_floor() {
        let with = |passes: u32| {
            let text =
                format!("{GOOD}\n[passwords]\nmemory_kib = 19456\npasses = {passes}\nlanes = 1");
            parse(&text).unwrap().passwords.unwrap().params()
        };
        assert_eq!(with(3).unwrap().t, 3);
        assert!(with(1).unwrap_err().to_string().contains("passwords"));
    }

    /// R122
    #[test]
    fn signing_keys_have_2048_bits_or_3072() {
        let with = |bits: &str| parse(&format!("{GOOD}\nrsa_bits = {bits}"));
        assert_eq!(parse(GOOD).unwrap().keys.size().unwrap(), RsaSize::Bits2048);
        assert_eq!(with("3072").unwrap().keys.size().unwrap(), RsaSize::Bits3072);
        for wrong in ["1024", "4096"] {
            assert!(format!("{:#}", with(wrong).unwrap_err()).contains("rsa_bits"), "{wrong}");
        }
    }

    #[test]
    fn the_environment_lies_over_the_file() {
        let variables = [
            ("GATEHOUSE__SERVER__LISTEN", "127.0.0.1:9090"),
            ("GATEHOUSE__SERVER__TRUSTED_PROXIES", "10.0.0.1, 10.0.0.2"),
            ("GATEHOUSE__SERVER__CONSOLE_NETWORKS", "10.0.0.0/8, 2001:db8::/32"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::parse(GOOD, variables.into_iter()).unwrap();
        assert_eq!(config.server.listen.port(), 9090);
        assert_eq!(config.server.trusted_proxies.len(), 2);
        assert_eq!(config.server.console_networks.len(), 2);
    }

    /// R126
    #[test]
    fn every_master_key_file_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let [current, former] = ["current", "former"].map(|name| folder.path().join(name));
        for (file, byte) in [(&current, 1), (&former, 2)] {
            MasterKey::from_bytes([byte; 32]).create_file(file).unwrap();
        }
        let variables = [
            ("GATEHOUSE__KEYS__MASTER_KEY_FILE", current.display().to_string()),
            ("GATEHOUSE__KEYS__ADDITIONAL_MASTER_KEY_FILES", former.display().to_string()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value));
        let keys = Config::parse(GOOD, variables.into_iter()).unwrap().keys;
        let read = keys.read().unwrap();
        assert_eq!(read.current.id(), MasterKey::from_bytes([1; 32]).id());
        assert_eq!(read.additional[0].id(), MasterKey::from_bytes([2; 32]).id());
        for file in [&current, &former] {
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o440)).unwrap();
            let refused = keys.read().unwrap_err().to_string();
            assert!(refused.contains("440"), "{refused}");
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o400)).unwrap();
        }
    }

    #[test]
    fn the_pin_of_a_token_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let pin_file = folder.path().join("pin");
        std::fs::write(&pin_file, "7391\n").unwrap();
        let text = format!(
            "{GOOD}\n[pkcs11]\nmodule = \"/m.so\"\ntoken = \"t\"\npin_file = \"{}\"",
            pin_file.display()
        );
        let token = parse(&text).unwrap().pkcs11.unwrap();
        for (mode, is_fine) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            std::fs::set_permissions(&pin_file, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(token.settings().is_ok(), is_fine, "{mode:o}");
        }
        assert!(complaint(&format!("{GOOD}\n[pkcs11]\nmodule = \"/m.so\"")).contains("token"));
    }
}
