//! The connection to the tenant, its domains and its licences.

use app::{
    office365::{ConnectionChange, NewConnection, Office365View},
    sync::Writes,
};
use model::relying_party::Cloud;

use super::{assignments::office365, step_up};
use crate::{
    answer::{Answer, Desk, field_problem, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::microsoft365::Microsoft365,
        parts::{Choice, Problem},
    },
    visitor::Console,
    wording::explanations,
};

mod tenant;
mod tree;

pub(super) use tenant::{PATIENCE, domains};

const PATH: &str = "/admin/microsoft365";

/// The fields as text: as stored, or as typed. The secret is never shown again.
struct Typed {
    alias: String,
    entra_tenant_id: String,
    client_id: String,
    secret_ends: String,
    cloud: String,
}

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let view = desk.counter.house.office365(&admin).await?.into_iter().next();
    let typed = stored(&desk, view.as_ref());
    let page = page(&admin, &desk, view.as_ref(), typed, Vec::new()).await?;
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Connects a tenant, or changes the connection; either is tried before it is kept.
pub(super) async fn save(admin: Console, desk: Desk, form: Form) -> Answer {
    let names = ["alias", "entra_tenant_id", "client_id", "client_secret", "secret_ends", "cloud"];
    let [alias, entra_tenant_id, client_id, secret, secret_ends, cloud] = form.exactly(names)?;
    let typed = Typed { alias, entra_tenant_id, client_id, secret_ends, cloud };
    let view = desk.counter.house.office365(&admin).await?.into_iter().next();
    let outcome = match &view {
        None => connect(&admin, &desk, &typed, secret).await,
        Some(view) => change(&admin, &desk, view, &typed, secret).await,
    };
    let error = match outcome {
        Ok(word) => return Ok(see_other(&format!("{PATH}?done={word}"))),
        Err(error) => error,
    };
    let problem = match error.kind {
        app::Kind::Upstream => {
            let action = "Check the ids and the secret.";
            explanations::problem(Problem::of_form(&error.public, action))
        }
        app::Kind::Conflict => Problem::of_form(&error.public, "Nothing was saved."),
        _ => field_problem(error, &[("tenant_id", "entra_tenant_id")])?,
    };
    let page = page(&admin, &desk, view.as_ref(), typed, vec![problem]).await?;
    desk.again(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

async fn connect(
    admin: &Console,
    desk: &Desk,
    typed: &Typed,
    secret: String,
) -> app::Result<&'static str> {
    let new = NewConnection {
        alias: typed.alias.clone(),
        tenant_id: typed.entra_tenant_id.clone(),
        client_id: typed.client_id.clone(),
        client_secret: secret.trim().to_owned().into(),
        secret_ends: typed.secret_ends.clone(),
        cloud: cloud(&typed.cloud)?,
        simulator: desk.counter.house.simulator().cloned(),
    };
    desk.counter.house.connect(admin, new, desk.guest.visitor()).await?;
    Ok("connected")
}

async fn change(
    admin: &Console,
    desk: &Desk,
    view: &Office365View,
    typed: &Typed,
    secret: String,
) -> app::Result<&'static str> {
    if typed.cloud != view.tenant.cloud.as_str() {
        let public = "Another cloud is another connection; this one keeps its own.";
        return Err(app::Error::invalid("cloud", public));
    }
    let secret = secret.trim().to_owned();
    let change = ConnectionChange {
        alias: typed.alias.clone(),
        tenant_id: typed.entra_tenant_id.clone(),
        client_id: typed.client_id.clone(),
        client_secret: (!secret.is_empty()).then(|| secret.into()),
        secret_ends: typed.secret_ends.clone(),
    };
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    house.update_connection(admin, view.tenant.id, change, visitor).await?;
    Ok("loaded")
}

/// Adds a domain of the tenant.
pub(super) async fn add_domain(admin: Console, desk: Desk, form: Form) -> Answer {
    let [domain] = form.exactly(["domain"])?;
    let tenant = office365(&admin, &desk).await?.tenant.id;
    let house = &desk.counter.house;
    let added = house.add_tenant_domain(&admin, tenant, &domain, desk.guest.visitor()).await?;
    let (domain, _) = house.federation_plan(added).await?;
    Ok(see_other(&format!("/admin/domains/{}?done=domain-added", domain.slug)))
}

/// Stops every write to the tenant, or allows them again.
pub(super) async fn set_writes(admin: Console, desk: Desk, form: Form) -> Answer {
    let [word] = form.exactly(["writes"])?;
    let (writes, done) = match word.as_str() {
        "stopped" => (Writes::Stopped, "writes-stopped"),
        "allowed" => (Writes::Allowed, "writes-allowed"),
        _ => return Err(Failure::bad_input("Writes are stopped or allowed, nothing else.")),
    };
    let tenant = office365(&admin, &desk).await?.tenant.id;
    desk.counter.house.stop_writes(&admin, tenant, writes, desk.guest.visitor()).await?;
    Ok(see_other(&format!("{PATH}?done={done}")))
}

/// Keeps the tenant's administrators from signing in by federation, or lets them again.
pub(super) async fn keep_admins_out(admin: Console, desk: Desk, form: Form) -> Answer {
    let [word] = form.exactly(["admins"])?;
    let (kept_out, done) = match word.as_str() {
        "out" => (true, "admins-kept-out"),
        "in" => (false, "admins-let-in"),
        _ => return Err(Failure::bad_input("They are kept out or let in, nothing else.")),
    };
    let tenant = office365(&admin, &desk).await?.tenant.id;
    let house = &desk.counter.house;
    house.keep_tenant_admins_out(&admin, tenant, kept_out, desk.guest.visitor()).await?;
    Ok(see_other(&format!("{PATH}?done={done}#tenant-admins")))
}

const CLOUDS: [(Cloud, &str); 4] = [
    (Cloud::Global, "Worldwide"),
    (Cloud::UsGov, "US Government (GCC High)"),
    (Cloud::UsGovDod, "US Department of Defense"),
    (Cloud::China, "China (21Vianet)"),
];

/// The demo's own, which `House::connect` takes there alone.
const PRETEND: (Cloud, &str) = (Cloud::Simulator, "Simulator (demo)");

fn cloud(word: &str) -> app::Result<Cloud> {
    let found = CLOUDS.iter().chain([&PRETEND]).find(|(cloud, _)| cloud.as_str() == word);
    let unknown =
        || app::Error::invalid("cloud", "There is no such cloud. Choose one of the list.");
    found.map(|(cloud, _)| *cloud).ok_or_else(unknown)
}

fn clouds(chosen: &str) -> Vec<Choice> {
    let choice = |(cloud, label): &(Cloud, &str)| Choice::new(cloud.as_str(), label, chosen);
    if chosen == Cloud::Simulator.as_str() {
        return vec![choice(&PRETEND)];
    }
    CLOUDS.iter().map(choice).collect()
}

/// What the form has before anything is typed: what is stored, and in a demo the only cloud there is.
fn stored(desk: &Desk, view: Option<&Office365View>) -> Typed {
    let pretend = desk.counter.house.simulator().map(|_| Cloud::Simulator);
    let text = |of: fn(&Office365View) -> String| view.map(of).unwrap_or_default();
    Typed {
        alias: text(|view| view.tenant.alias.clone()),
        entra_tenant_id: text(|view| view.tenant.entra_tenant_id.to_string()),
        client_id: text(|view| view.tenant.client_id.to_string()),
        secret_ends: String::new(),
        cloud: view
            .map_or(pretend.unwrap_or(Cloud::Global), |view| view.tenant.cloud)
            .as_str()
            .to_owned(),
    }
}

async fn page(
    admin: &Console,
    desk: &Desk,
    view: Option<&Office365View>,
    typed: Typed,
    problems: Vec<Problem>,
) -> Result<Microsoft365, Failure> {
    let seen = tenant::look(admin, desk, view).await;
    let must_confirm = step_up::require(admin, desk).is_err();
    let tenant_admins = tenant::admins(admin, desk, view).await?;
    let mut checks = seen.checks;
    checks.extend(tenant::permissions(admin, desk, view).await?);
    checks.extend(tenant::left_over(admin, desk, view).await?);
    Ok(Microsoft365 {
        verdict: seen.verdict,
        alias: typed.alias,
        entra_tenant_id: typed.entra_tenant_id,
        client_id: typed.client_id,
        secret_ends: typed.secret_ends,
        secret_note: view.map(|view| tenant::secret_note(view, desk)).unwrap_or_default(),
        certified: view.is_some_and(|view| view.tenant.credential.is_certificate()),
        cloud: clouds(&typed.cloud),
        checks,
        checked: seen.checked,
        connected: view.is_some(),
        writes_stopped: view.is_some_and(|view| view.tenant.writes_stopped),
        tenant_admins,
        confirm: must_confirm.then(|| step_up::confirm("/admin", PATH)),
        problems,
        domains: seen.domains,
        licences: view.map(tenant::licences).unwrap_or_default(),
    })
}
