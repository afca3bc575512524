//! The demo's accounts: random at first start, kept in one file that only its owner can read, and
//! that `serve` never looks at (ruling 22).

use std::{
    fmt::Write as _,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use app::{
    House,
    sample::{Sample, SampleAccount},
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

/// `demo-accounts.json`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Accounts {
    admin: AdminAccount,
    users: Vec<UserAccount>,
}

#[derive(Debug, Serialize, Deserialize)]
struct AdminAccount {
    username: String,
    password: String,
    totp_secret: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct UserAccount {
    upn: String,
    password: String,
    totp_secret: Option<String>,
    immutable_id: String,
    assigned: bool,
}

/// The one line of `--json`.
#[derive(Debug, Serialize)]
struct Ready<'a> {
    url: String,
    simulator_url: &'a str,
    outlook_url: String,
    admin: &'a AdminAccount,
    users: &'a [UserAccount],
    domain: &'a str,
    issuer_uri: String,
    passive_sign_in_uri: String,
    metadata_url: String,
    signing_certificate_file: PathBuf,
    deployment: &'static str,
}

pub(super) fn file(data: &Path) -> PathBuf {
    data.join("demo-accounts.json")
}

/// Writes a file that only its owner can read.
pub(super) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file =
        options.open(path).with_context(|| format!("{} can't be written", path.display()))?;
    Ok(file.write_all(text.as_bytes())?)
}

impl Accounts {
    pub(super) fn write(data: &Path, sample: &Sample) -> anyhow::Result<()> {
        let secret = |account: &SampleAccount| {
            account.totp_secret.as_ref().map(|secret| secret.expose_secret().to_owned())
        };
        let accounts = Self {
            admin: AdminAccount {
                username: sample.owner.upn.clone(),
                password: sample.owner.password().to_owned(),
                totp_secret: secret(&sample.owner).unwrap_or_default(),
            },
            users: sample
                .people
                .iter()
                .map(|person| UserAccount {
                    upn: person.upn.clone(),
                    password: person.password().to_owned(),
                    totp_secret: secret(person),
                    immutable_id: person.immutable_id.clone(),
                    assigned: person.assigned,
                })
                .collect(),
        };
        write_private(&file(data), &serde_json::to_string_pretty(&accounts)?)
    }

    pub(super) fn read(data: &Path) -> anyhow::Result<Self> {
        let path = file(data);
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!("{} can't be read; begin anew with --reset", path.display())
        })?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Says where to go and with which account.
    pub(super) async fn announce(
        &self,
        house: &House,
        simulator_url: &str,
        domain: &str,
        json: bool,
    ) -> anyhow::Result<()> {
        let addresses = house.addresses(domain).await?;
        let ready = Ready {
            url: house.settings().public_url.as_str().trim_end_matches('/').to_owned(),
            simulator_url,
            outlook_url: format!("{simulator_url}/outlook"),
            admin: &self.admin,
            users: &self.users,
            domain,
            issuer_uri: addresses.issuer_uri,
            passive_sign_in_uri: addresses.passive_sign_in_uri,
            metadata_url: addresses.metadata_url,
            signing_certificate_file: certificate_file(house).await?,
            deployment: "demo",
        };
        if json {
            print_line(&serde_json::to_string(&ready)?)
        } else {
            print_line(&welcome(&ready)?)
        }
    }
}

/// The active certificate as PEM, beside the database.
async fn certificate_file(house: &House) -> anyhow::Result<PathBuf> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let der = house.active_certificate().await?;
    let lines: Vec<String> = STANDARD
        .encode(der)
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let pem =
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
    let url = &house.settings().store.url;
    let folder = Path::new(url.trim_start_matches("sqlite://")).parent();
    let path = folder.unwrap_or(Path::new(".")).join("signing-certificate.pem");
    std::fs::write(&path, pem)?;
    Ok(path)
}

/// Where to go and with which account, for people.
fn welcome(ready: &Ready<'_>) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(text, "\nGatehouse demo is ready.\n")?;
    writeln!(text, "  Outlook   {}", ready.outlook_url)?;
    writeln!(text, "  Portal    {}/", ready.url)?;
    writeln!(text, "  Console   {}/admin\n", ready.url)?;
    let admin = ready.admin;
    account(&mut text, "Owner", [&admin.username, &admin.password], Some(&admin.totp_secret))?;
    for person in ready.users.iter().filter(|person| person.assigned).take(3) {
        let secret = person.totp_secret.as_deref();
        account(&mut text, "Employee", [&person.upn, &person.password], secret)?;
    }
    writeln!(text, "\n  All accounts are in demo-accounts.json in the data folder.")?;
    Ok(text)
}

fn account(
    text: &mut String,
    who: &str,
    [name, password]: [&String; 2],
    secret: Option<&str>,
) -> std::fmt::Result {
    writeln!(text, "  {who:<10}{name:<24}{password}")?;
    match secret {
        Some(secret) => writeln!(text, "  {:<10}code: oathtool --totp -b {secret}", ""),
        None => writeln!(text, "  {:<10}sets up an authenticator at the first sign-in", ""),
    }
}

#[expect(clippy::print_stdout, reason = "this is the demo's answer")]
pub(super) fn print_line(text: &str) -> anyhow::Result<()> {
    println!("{text}");
    std::io::stdout().flush()?;
    Ok(())
}
