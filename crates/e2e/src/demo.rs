//! The demo as a process of its own, in a folder of its own.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, bail, ensure};
use reqwest::Method;
use serde::Deserialize;
use tempfile::TempDir;

use crate::prepared::{Prepared, copy};

/// The token of the simulator's administrator, as its console shows it.
pub const ADMIN_TOKEN: &str = "simulated-admin-token-with-Domain.ReadWrite.All";

/// A running demo; it ends with this value.
#[derive(Debug)]
pub struct Demo {
    /// Where things are and who there is.
    pub ready: Ready,
    process: Child,
    folder: TempDir,
    /// Where it listens is its own until its end.
    place: Option<Prepared>,
}

/// The line of `gatehouse demo --json`.
#[derive(Debug, Deserialize)]
pub struct Ready {
    /// The product.
    pub url: String,
    /// The pretend Microsoft.
    pub simulator_url: String,
    /// Its Outlook page.
    pub outlook_url: String,
    /// The owner.
    pub admin: Account,
    /// Everybody else.
    #[serde(default)]
    pub users: Vec<Account>,
    /// Where Microsoft sends people.
    #[serde(default)]
    pub passive_sign_in_uri: String,
    /// What the owner of an empty one connects the tenant with.
    pub registration: Option<Registration>,
}

/// What Entra shows after an app is registered.
#[derive(Debug, Deserialize)]
pub struct Registration {
    /// The directory's id.
    pub tenant_id: String,
    /// The application's id.
    pub client_id: String,
    /// The value of its secret.
    pub client_secret: String,
}

/// Somebody's account.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// The sign-in name.
    #[serde(alias = "username")]
    pub upn: String,
    /// The password.
    pub password: String,
    /// The authenticator's secret, when there is one.
    pub totp_secret: Option<String>,
    /// What it takes to set up the first one, where it is asked for.
    pub enrollment_code: Option<String>,
}

impl Demo {
    /// Starts one and waits until it is ready: from a copy of one that was prepared, which takes a
    /// tenth of the time, or from nothing on free ports.
    pub fn start() -> anyhow::Result<Self> {
        Self::start_with(&[])
    }

    /// Starts one that has nothing but an owner, who has never signed in.
    pub fn start_empty() -> anyhow::Result<Self> {
        Self::start_in(tempfile::tempdir()?, [0; 2], &["--empty"])
    }

    /// The same with more options.
    pub fn start_with(options: &[&str]) -> anyhow::Result<Self> {
        let prepared = Prepared::find(&program()?)?;
        let folder = tempfile::tempdir()?;
        prepared.copy_to(folder.path())?;
        match Self::start_in(folder, prepared.ports, options) {
            Ok(mut demo) => {
                demo.place = Some(prepared);
                Ok(demo)
            }
            // Somebody else may listen there meanwhile.
            Err(_) => Self::start_in(tempfile::tempdir()?, [0; 2], options),
        }
    }

    pub(crate) fn start_in(
        folder: TempDir,
        [product, simulator]: [u16; 2],
        options: &[&str],
    ) -> anyhow::Result<Self> {
        let mut process = Command::new(program()?)
            .args(["demo", "--json", "--listen", &format!("127.0.0.1:{product}")])
            .args(["--simulator-listen", &format!("127.0.0.1:{simulator}"), "--data"])
            .arg(folder.path())
            .args(options)
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = process.stdout.take().context("the demo has no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        match serde_json::from_str(&line) {
            Ok(ready) => Ok(Self { ready, process, folder, place: None }),
            Err(error) => {
                let ended = process.kill().and_then(|()| process.wait());
                bail!("the demo said “{line}” ({error}) and ended with {ended:?}")
            }
        }
    }

    /// The person whose name begins so.
    pub fn person(&self, name: &str) -> anyhow::Result<&Account> {
        let mut people = self.ready.users.iter();
        people.find(|person| person.upn.starts_with(name)).context("nobody has that name")
    }

    /// Ends it in good order and keeps its folder.
    pub(crate) fn keep(mut self, place: &Path) -> anyhow::Result<()> {
        end(&mut self.process);
        copy(self.folder.path(), place)
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The state of the pretend tenant.
    pub async fn tenant(&self) -> anyhow::Result<serde_json::Value> {
        let address = format!("{}/simulator/state", self.ready.simulator_url);
        Ok(reqwest::get(address).await?.error_for_status()?.json().await?)
    }

    /// Somebody changes the federation of the domain at the pretend Microsoft.
    pub async fn change_federation(&self, change: &serde_json::Value) -> anyhow::Result<()> {
        #[expect(clippy::disallowed_methods, reason = "somebody else's program at Microsoft")]
        let graph = reqwest::Client::new();
        let all = format!(
            "{}/v1.0/domains/contoso.com/federationConfiguration",
            self.ready.simulator_url
        );
        let found = graph.get(&all).bearer_auth(ADMIN_TOKEN).send().await?.error_for_status()?;
        let found: serde_json::Value = found.json().await?;
        let id = found["value"][0]["id"].as_str().context("the domain is federated")?;
        let one = graph.patch(format!("{all}/{id}")).bearer_auth(ADMIN_TOKEN).json(change);
        one.send().await?.error_for_status()?;
        Ok(())
    }

    /// Somebody gives the domain back to Microsoft there.
    pub async fn give_domain_back(&self) -> anyhow::Result<()> {
        let all = "/v1.0/domains/contoso.com/federationConfiguration";
        let found = self.graph(Method::GET, all, None).await?;
        let id = found["value"][0]["id"].as_str().context("the domain is federated")?;
        self.graph(Method::DELETE, &format!("{all}/{id}"), None).await?;
        Ok(())
    }

    /// Calls the pretend Graph as its administrator.
    pub async fn graph(
        &self,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> anyhow::Result<serde_json::Value> {
        #[expect(clippy::disallowed_methods, reason = "somebody else's program at Microsoft")]
        let client = reqwest::Client::new();
        let address = format!("{}{path}", self.ready.simulator_url);
        let request = client.request(method, address).bearer_auth(ADMIN_TOKEN);
        let request = body.into_iter().fold(request, reqwest::RequestBuilder::json);
        let answer = request.send().await?.error_for_status()?.text().await?;
        Ok(serde_json::from_str(&answer).unwrap_or_default())
    }

    /// Somebody was in the pretend tenant before Gatehouse came; the object's id comes back.
    pub async fn settle(&self, properties: &serde_json::Value) -> anyhow::Result<String> {
        #[expect(clippy::disallowed_methods, reason = "somebody else's program at Microsoft")]
        let client = reqwest::Client::new();
        let address = format!("{}/simulator/users", self.ready.simulator_url);
        let made = client.post(address).json(properties).send().await?.error_for_status()?;
        let made: serde_json::Value = made.json().await?;
        Ok(made["id"].as_str().context("the simulator says which")?.to_owned())
    }

    /// A person as the pretend tenant has them.
    pub async fn entra_user(&self, upn: &str) -> anyhow::Result<Option<serde_json::Value>> {
        let tenant = self.tenant().await?;
        let users = tenant["users"].as_array().context("the state lists users")?;
        Ok(users.iter().find(|user| user["properties"]["userPrincipalName"] == upn).cloned())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// Asks a process to end, and waits for it.
pub(crate) fn end(process: &mut Child) {
    let asked = Command::new("kill").arg(process.id().to_string()).status();
    if !asked.is_ok_and(|status| status.success()) {
        // It has ended, or it is ended now.
        let _ = process.kill();
    }
    let _ = process.wait();
}

/// The program, beside our own in cargo's folder.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    let ours = std::env::current_exe()?;
    ours.ancestors()
        .skip(1)
        .map(|folder| folder.join("gatehouse"))
        .find(|program| program.is_file())
        .context("there is no gatehouse beside this program: cargo build -p gatehouse")
}

/// The code that an authenticator app shows at a moment, by a program that is not ours.
pub fn code(secret: &str, at: SystemTime) -> anyhow::Result<String> {
    let seconds = at.duration_since(UNIX_EPOCH)?.as_secs();
    let output = Command::new("oathtool")
        .args(["--totp", "-b", "-N", &format!("@{seconds}"), &secret.replace(' ', "")])
        .output()
        .context("oathtool is missing")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The code that an authenticator app shows now.
pub fn code_now(secret: &str) -> anyhow::Result<String> {
    #[expect(clippy::disallowed_methods, reason = "an authenticator app has a clock of its own")]
    code(secret, SystemTime::now())
}
