//! `gatehouse demo --empty`: nothing but an owner, as after `user create-owner`, and a tenant at the
//! pretend Microsoft that nothing is connected to. The rest is the guided path.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use app::{House, Visitor, accounts::NewPerson};
use model::user::Profile;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use simulator::sample;

use super::{
    Options,
    accounts::{print_line, write_private},
};

/// `demo-owner.json`: what the owner begins with.
#[derive(Debug, Serialize, Deserialize)]
struct Owner {
    username: String,
    /// It works once, and asks for another one.
    password: String,
    enrollment_code: String,
}

/// What an administrator of the tenant finds in Entra after registering the app.
#[derive(Debug, Serialize)]
struct Registration {
    tenant_id: &'static str,
    client_id: &'static str,
    client_secret: &'static str,
}

/// The one line of `--json`.
#[derive(Debug, Serialize)]
struct Ready<'a> {
    url: &'a str,
    simulator_url: &'a str,
    outlook_url: String,
    admin: &'a Owner,
    registration: Registration,
    /// For the script, which runs as an administrator of the tenant.
    graph_token: &'static str,
    deployment: &'static str,
}

pub(super) fn file(data: &Path) -> PathBuf {
    data.join("demo-owner.json")
}

/// The first start: the organisation's keys, and its owner.
pub(super) async fn fill(house: &House, data: &Path) -> anyhow::Result<()> {
    let visitor = Visitor::at_the_command_line(house);
    house.found(super::ORGANISATION, &visitor).await?;
    if house.has_owner().await? {
        ensure!(file(data).exists(), "{} has a demo that isn't empty: use --reset", data.display());
        return Ok(());
    }
    let upn = format!("olivia@{}", sample::INITIAL_DOMAIN);
    let profile = Profile { display_name: "Olivia Owens".to_owned(), ..Profile::default() };
    let created = house.create_owner(NewPerson { upn, profile }, &visitor).await?;
    let password = created.initial_password.context("no directory checks it")?;
    let owner = Owner {
        username: created.user.upn.to_string(),
        password: password.expose_secret().to_owned(),
        enrollment_code: created.enrollment_code.expose_secret().to_owned(),
    };
    write_private(&file(data), &serde_json::to_string_pretty(&owner)?)
}

/// Says where to begin, and with what.
pub(super) fn announce(
    house: &House,
    simulator_url: &str,
    options: &Options,
) -> anyhow::Result<()> {
    let owner: Owner = serde_json::from_str(&std::fs::read_to_string(file(&options.data))?)?;
    let ready = Ready {
        url: house.settings().public_url.as_str().trim_end_matches('/'),
        simulator_url,
        outlook_url: format!("{simulator_url}/outlook"),
        admin: &owner,
        registration: Registration {
            tenant_id: sample::TENANT_ID,
            client_id: sample::CLIENT_ID,
            client_secret: sample::CLIENT_SECRET,
        },
        graph_token: sample::ADMIN_TOKEN,
        deployment: "demo",
    };
    if options.json {
        return print_line(&serde_json::to_string(&ready)?);
    }
    print_line(&welcome(&ready)?)
}

fn welcome(ready: &Ready<'_>) -> Result<String, std::fmt::Error> {
    let (mut text, owner, app) = (String::new(), ready.admin, &ready.registration);
    writeln!(text, "\nGatehouse demo is ready, and empty.\n")?;
    writeln!(text, "  Begin here  {}/admin/setup", ready.url)?;
    writeln!(text, "  Outlook     {}\n", ready.outlook_url)?;
    writeln!(text, "  Owner       {}", owner.username)?;
    writeln!(text, "  password    {}", owner.password)?;
    writeln!(text, "  enrolment   {}\n", owner.enrollment_code)?;
    writeln!(text, "  Tenant id   {}", app.tenant_id)?;
    writeln!(text, "  Client id   {}", app.client_id)?;
    writeln!(text, "  Secret      {}\n", app.client_secret)?;
    writeln!(text, "  The script runs with GRAPH_HOST={}", ready.simulator_url)?;
    writeln!(text, "  GRAPH_TOKEN={}", ready.graph_token)?;
    Ok(text)
}
