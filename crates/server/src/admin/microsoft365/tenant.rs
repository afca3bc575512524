//! What can be seen of the tenant right now. A tenant that does not answer is a finding, not an
//! error: the page with the connection's settings must open above all then.

use std::time::Duration;

use app::office365::Office365View;
use model::entra::EntraDomain;

use crate::{
    answer::Desk,
    error::Failure,
    pages::{
        admin::microsoft365::{DomainRow, LicenceRow, TenantAdmins},
        parts::{Badge, Check, Link, Tone, Verdict, When},
    },
    visitor::Console,
    wording::{count, explanations, products, rows, times},
};

/// How long a page waits for Microsoft.
pub(in crate::admin) const PATIENCE: Duration = Duration::from_secs(8);

/// What was seen.
pub(super) struct Seen {
    pub(super) verdict: Verdict,
    pub(super) checks: Vec<Check>,
    pub(super) checked: Option<When>,
    pub(super) domains: Vec<DomainRow>,
}

/// Looks at the tenant.
pub(super) async fn look(admin: &Console, desk: &Desk, view: Option<&Office365View>) -> Seen {
    let Some(view) = view else {
        let verdict = Verdict::new(Tone::Neutral, "No tenant is connected yet.");
        return Seen { verdict, checks: Vec::new(), checked: None, domains: Vec::new() };
    };
    let found = domains(admin, desk, view).await;
    let now = desk.counter.house.now();
    Seen {
        verdict: verdict(view, &found),
        checks: checks(view, &found, desk),
        checked: Some(times::when(now, now)),
        domains: match &found {
            Ok(found) => super::tree::rows(found, view),
            Err(_) => view.domains.iter().map(super::tree::known).collect(),
        },
    }
}

/// People here who held an administrator role in the tenant at the last look.
pub(super) async fn admins(
    admin: &Console,
    desk: &Desk,
    view: Option<&Office365View>,
) -> Result<TenantAdmins, Failure> {
    let Some(view) = view else { return Ok(TenantAdmins::unknown()) };
    let found = desk.counter.house.tenant_admins(admin, view.tenant.id).await?;
    let link = |user: &model::user::User| {
        let label = format!("{} ({})", user.profile.display_name, user.upn);
        Link::new(&label, &format!("/admin/users/{}", user.id))
    };
    let now = desk.counter.house.now();
    Ok(TenantAdmins {
        people: found.people.iter().map(link).collect(),
        looked: found.looked_at.map(|at| times::when(at, now)),
        unknown: Verdict::new(Tone::Warn, unseen(view)),
        kept_out: view.tenant.admins_kept_out,
    })
}

/// Which permissions were found missing at the last look.
pub(super) async fn permissions(
    admin: &Console,
    desk: &Desk,
    view: Option<&Office365View>,
) -> Result<Option<Check>, Failure> {
    let Some(view) = view else { return Ok(None) };
    let house = &desk.counter.house;
    let look = house.connection_look(admin, view.tenant.id).await?;
    let Some(look) = look else { return Ok(None) };
    if let Some(why) = look.trouble {
        let text = format!("The last look failed: {why}");
        return Ok(Some(Check::new(Tone::Warn, "Permissions", &text)));
    }
    let Some((at, seen)) = look.seen else { return Ok(None) };
    let when = times::relative(at, house.now());
    let missing: Vec<String> = seen
        .missing
        .iter()
        .map(|(permission, purpose)| format!("{permission} (to {purpose})"))
        .collect();
    Ok(Some(if missing.is_empty() {
        Check::new(Tone::Ok, "Permissions", &format!("None was found missing, {when}."))
    } else {
        let missing = missing.join(", ");
        let text = format!("Missing, {when}: {missing}. Grant it in Entra, with admin consent.");
        Check::new(Tone::Danger, "Permissions", &text)
    }))
}

/// How many accounts are nobody's here, as of the last look.
pub(super) async fn left_over(
    admin: &Console,
    desk: &Desk,
    view: Option<&Office365View>,
) -> Result<Option<Check>, Failure> {
    let Some(view) = view else { return Ok(None) };
    let tenant = view.tenant.id;
    let Some(left) = desk.counter.house.left_over(admin, tenant).await? else { return Ok(None) };
    let detail = match left {
        0 => "Every account of the tenant is somebody's here.".to_owned(),
        _ => format!("{} nobody's here.", count(left, "account is", "accounts are")),
    };
    let tone = if left == 0 { Tone::Ok } else { Tone::Neutral };
    let list = format!("/admin/tenant-people?tenant={tenant}&show=left-over");
    let link = Some(Link::new("Import from Microsoft 365", &list)).filter(|_| left > 0);
    Ok(Some(Check { link, ..Check::new(tone, "People left over", &detail) }))
}

/// What it means that nobody has looked who administers the tenant.
fn unseen(view: &Office365View) -> &'static str {
    if view.tenant.admins_kept_out {
        "Nobody has looked yet who holds a role: until the next sync run nobody is kept out."
    } else {
        "Nobody has looked yet who holds a role: the next sync run does."
    }
}

/// The tenant's domains, or why they can't be read.
pub(in crate::admin) async fn domains(
    admin: &Console,
    desk: &Desk,
    view: &Office365View,
) -> Result<Vec<EntraDomain>, String> {
    let asked = desk.counter.house.tenant_domains(admin, view.tenant.id);
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(error.public),
        Err(_) => Err(format!("Microsoft did not answer within {} seconds.", PATIENCE.as_secs())),
    }
}

fn verdict(view: &Office365View, found: &Result<Vec<EntraDomain>, String>) -> Verdict {
    let alias = &view.tenant.alias;
    match found {
        Err(_) => Verdict::new(Tone::Danger, &format!("{alias} can't be reached right now.")),
        Ok(_) if view.tenant.writes_stopped => {
            Verdict::new(Tone::Warn, &format!("Connected to {alias}; writes are stopped."))
        }
        Ok(_) => Verdict::new(Tone::Ok, &format!("Connected to {alias}.")),
    }
}

fn checks(
    view: &Office365View,
    found: &Result<Vec<EntraDomain>, String>,
    desk: &Desk,
) -> Vec<Check> {
    let connection = match found {
        Ok(found) => {
            let many = count(rows(found.len()), "domain", "domains");
            Check::new(Tone::Ok, "Connection", &format!("The tenant answered: {many} read."))
        }
        Err(why) => explanations::check(Check::new(Tone::Danger, "Connection", why)),
    };
    let certified = view.tenant.credential.is_certificate();
    let products = count(rows(view.skus.len()), "product", "products");
    let (tone, secret) = match view.tenant.credential_ends_at {
        Some(at) if at <= desk.counter.house.now() => (Tone::Danger, secret_note(view, desk)),
        _ => (Tone::Ok, secret_note(view, desk)),
    };
    vec![
        connection,
        Check::new(
            Tone::Ok,
            "Products",
            &format!("{products} loaded; seats are counted after each run."),
        ),
        Check::new(tone, if certified { "Certificate" } else { "Secret" }, &secret),
    ]
}

/// What is known of the secret or the certificate.
pub(super) fn secret_note(view: &Office365View, desk: &Desk) -> String {
    let what = if view.tenant.credential.is_certificate() { "certificate" } else { "secret" };
    match view.tenant.credential_ends_at {
        None => "A secret is stored; when it ends is not known: type it in to be told in time."
            .to_owned(),
        Some(at) => {
            let relative = times::relative(at, desk.counter.house.now());
            format!("A {what} is stored; it ends {relative}, on {}.", times::day(at))
        }
    }
}

/// The tenant's products, as last loaded.
pub(super) fn licences(view: &Office365View) -> Vec<LicenceRow> {
    let row = |sku| {
        let free = products::free(sku);
        LicenceRow {
            name: products::product(sku).to_owned(),
            part_number: sku.sku_part_number.clone(),
            used: sku.consumed,
            total: sku.enabled,
            free: match free {
                0 => Badge::new(Tone::Danger, "None free"),
                few if few * 10 <= sku.enabled => Badge::new(Tone::Warn, &format!("{few} free")),
                many => Badge::new(Tone::Ok, &format!("{many} free")),
            },
        }
    };
    view.skus.iter().map(row).collect()
}
