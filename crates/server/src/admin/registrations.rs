//! App registrations for signing in with Microsoft: added, changed, switched, removed.

mod consent;
mod credentials;
mod trial;

use actix_web::web;
use app::registrations::RegistrationWish;
use model::{
    ids::{EntraTenantId, RegistrationId},
    registration::{Registration, Tenants},
    relying_party::Cloud,
};

use super::step_up;
use crate::{
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Page, Rail,
        admin::registrations::{
            RegistrationForm, RegistrationNew, RegistrationPage, Registrations, Row,
        },
        parts::{Badge, Choice, Fact, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, explanations, rows, times},
};

pub(super) use consent::ask as consent;
pub(super) use credentials::{
    add_secret, download_certificate, make_certificate, remove_credential, use_credential,
};

const PATH: &str = "/admin/registrations";

/// The fields of the form.
const FIELDS: [&str; 9] = [
    "alias",
    "client_id",
    "client_secret",
    "secret_ends",
    "cloud",
    "mode",
    "tenant",
    "several",
    "trusted",
];

/// The list.
pub(super) async fn list(admin: Console, desk: Desk) -> Answer {
    let all = desk.counter.house.registrations(&admin).await?;
    let on = all.iter().filter(|registration| registration.enabled).count();
    let verdict = match on {
        0 => Verdict::new(Tone::Neutral, "Nobody signs in with Microsoft."),
        on => {
            let many = count(rows(on), "registration", "registrations");
            Verdict::new(Tone::Ok, &format!("The sign-in page offers {many}."))
        }
    };
    let page = Registrations { verdict, rows: all.iter().map(|one| row(one, &desk)).collect() };
    fine(&admin, &desk, &page).await
}

fn row(registration: &Registration, desk: &Desk) -> Row {
    Row {
        href: format!("{PATH}/{}", registration.id),
        alias: registration.alias.clone(),
        who: registration.tenants.sentence(),
        secret: secret_note(registration, desk),
        state: if registration.enabled {
            Badge::new(Tone::Ok, "On")
        } else {
            Badge::new(Tone::Neutral, "Off")
        },
    }
}

/// The empty form.
pub(super) async fn ask(admin: Console, desk: Desk) -> Answer {
    let cloud = if desk.counter.house.is_demo() { Cloud::Simulator } else { Cloud::Global };
    let form = typed_form(&desk, &empty(cloud), None, Vec::new());
    fine(&admin, &desk, &RegistrationNew { form }).await
}

/// Adds one.
pub(super) async fn add(admin: Console, desk: Desk, form: Form) -> Answer {
    let wish = read(&form)?;
    match desk.counter.house.add_registration(&admin, &wish, desk.guest.visitor()).await {
        Ok(id) => Ok(see_other(&format!("{PATH}/{id}?done=registration-added"))),
        Err(error) => {
            let form = typed_form(&desk, &wish, None, vec![problem(error)?]);
            let chrome = desk.console_chrome(&admin, Rail::Microsoft365).await?;
            desk.again(&chrome, &RegistrationNew { form })
        }
    }
}

/// One of them.
pub(super) async fn show(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let registration = desk.counter.house.registration(&admin, id(&path)?).await?;
    let problems = consent::why(&desk).into_iter().collect();
    let page = page((&admin, &desk), &registration, &stored(&registration), problems).await?;
    fine(&admin, &desk, &page).await
}

/// Changes one.
pub(super) async fn save(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let (which, wish) = (id::<RegistrationId>(&path)?, read(&form)?);
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    match house.change_registration(&admin, which, &wish, visitor).await {
        Ok(()) => Ok(see_other(&format!("{PATH}/{which}?done=saved"))),
        Err(error) => {
            let problems = vec![problem(error)?];
            let registration = house.registration(&admin, which).await?;
            let page = page((&admin, &desk), &registration, &wish, problems).await?;
            desk.again(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
        }
    }
}

/// Tries one; what was found is kept and shown.
pub(super) async fn test(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let which: RegistrationId = id(&path)?;
    desk.counter.house.try_registration(&admin, which).await?;
    Ok(see_other(&format!("{PATH}/{which}?done=registration-tested#test")))
}

/// Switches one on or off.
pub(super) async fn switch(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [state] = form.exactly(["state"])?;
    let enabled = match state.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(Failure::bad_input("It is switched on or off, nothing else.")),
    };
    let which: RegistrationId = id(&path)?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    house.switch_registration(&admin, which, enabled, visitor).await?;
    Ok(see_other(&format!("{PATH}/{which}?done=registration-{state}")))
}

/// Removes one.
pub(super) async fn remove(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.remove_registration(&admin, id(&path)?, desk.guest.visitor()).await?;
    Ok(see_other(&format!("{PATH}?done=registration-removed")))
}

async fn fine<P: Page>(admin: &Console, desk: &Desk, page: &P) -> Answer {
    desk.page(&desk.console_chrome(admin, Rail::Microsoft365).await?, page)
}

/// What was wrong, at its field; what Microsoft said, at the form.
fn problem(error: app::Error) -> Result<Problem, Failure> {
    match error.kind {
        app::Kind::Upstream => {
            let action = "Try again in a moment, or type the directory's id.";
            Ok(explanations::problem(Problem::of_form(&error.public, action)))
        }
        app::Kind::StepUp => Ok(step_up::problem("/admin", PATH)),
        _ => field_problem(error, &[]),
    }
}

fn read(form: &Form) -> Result<RegistrationWish, Failure> {
    let [alias, client_id, secret, secret_ends, cloud, mode, tenant, several, trusted] =
        form.exactly(FIELDS)?;
    let secret = secret.trim().to_owned();
    Ok(RegistrationWish {
        alias,
        client_id,
        secret: (!secret.is_empty()).then(|| secret.into()),
        secret_ends,
        cloud,
        mode,
        tenant,
        several,
        trusted,
    })
}

fn empty(cloud: Cloud) -> RegistrationWish {
    RegistrationWish {
        alias: String::new(),
        client_id: String::new(),
        secret: None,
        secret_ends: String::new(),
        cloud: cloud.as_str().to_owned(),
        mode: "one".to_owned(),
        tenant: String::new(),
        several: String::new(),
        trusted: String::new(),
    }
}

/// A registration as its form shows it.
fn stored(registration: &Registration) -> RegistrationWish {
    let lines =
        |ids: &[EntraTenantId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let (tenant, several) = match &registration.tenants {
        Tenants::One { domain: Some(domain), .. } => (domain.clone(), String::new()),
        Tenants::One { tenant, domain: None } => (tenant.to_string(), String::new()),
        Tenants::Several { tenants } => (String::new(), lines(tenants)),
        Tenants::Organizations | Tenants::Common | Tenants::Consumers => Default::default(),
    };
    RegistrationWish {
        alias: registration.alias.clone(),
        client_id: registration.client_id.to_string(),
        mode: registration.tenants.mode().to_owned(),
        tenant,
        several,
        trusted: lines(&registration.trusted),
        ..empty(registration.cloud)
    }
}

async fn page(
    (admin, desk): (&Console, &Desk),
    registration: &Registration,
    typed: &RegistrationWish,
    problems: Vec<Problem>,
) -> Result<RegistrationPage, Failure> {
    let redirect = desk.counter.house.redirect_uri(registration.id)?;
    let mut facts = vec![
        Fact::id("Redirect URI", redirect.as_str()),
        Fact::text("Who can sign in", &registration.tenants.sentence()),
    ];
    if let Tenants::One { tenant, domain: Some(_) } = &registration.tenants {
        facts.push(Fact::id("Directory", &tenant.to_string()));
    }
    let verdict = if registration.enabled {
        Verdict::new(Tone::Ok, "On: the sign-in page offers it.")
    } else {
        Verdict::new(Tone::Neutral, "Off: the sign-in page does not offer it.")
    };
    Ok(RegistrationPage {
        id: registration.id.to_string(),
        alias: registration.alias.clone(),
        verdict,
        facts,
        is_on: registration.enabled,
        consent: consent::view(registration),
        credentials: credentials::view(admin, desk, registration),
        trial: trial::found(admin, desk, registration).await?,
        asked: desk.asked("said"),
        explained: trial::explained(desk, registration)?,
        form: typed_form(desk, typed, Some(registration), problems),
    })
}

fn typed_form(
    desk: &Desk,
    typed: &RegistrationWish,
    stored: Option<&Registration>,
    problems: Vec<Problem>,
) -> RegistrationForm {
    let modes = [
        ("one", "One directory: its people and guests"),
        ("several", "Several directories, named below"),
        ("organizations", "Any organisation: work and school accounts of anybody"),
        ("common", "Anybody: work, school and personal accounts"),
        ("consumers", "Personal accounts alone"),
    ];
    RegistrationForm {
        alias: typed.alias.clone(),
        client_id: typed.client_id.clone(),
        secret_ends: typed.secret_ends.clone(),
        secret_note: stored.map(|it| secret_note(it, desk)).unwrap_or_default(),
        secret_set: stored.is_some(),
        cloud: clouds(desk, &typed.cloud),
        mode: modes.map(|(word, label)| Choice::new(word, label, &typed.mode)).to_vec(),
        tenant: typed.tenant.clone(),
        several: typed.several.clone(),
        trusted: typed.trusted.clone(),
        problems,
    }
}

fn clouds(desk: &Desk, chosen: &str) -> Vec<Choice> {
    let real = [
        ("global", "Worldwide"),
        ("us_gov", "US Government (GCC High)"),
        ("us_gov_dod", "US Department of Defense"),
        ("china", "China (21Vianet)"),
    ];
    let pretend = desk.counter.house.is_demo().then_some(("simulator", "The demo's simulator"));
    let all = real.into_iter().chain(pretend);
    all.map(|(word, label)| Choice::new(word, label, chosen)).collect()
}

/// What is known of the secret.
fn secret_note(registration: &Registration, desk: &Desk) -> String {
    let what = credentials::word(&registration.credential);
    match registration.credential_ends_at {
        None => format!("When the {what} ends is not known."),
        Some(at) => {
            let relative = times::relative(at, desk.counter.house.now());
            format!("The {what} ends {relative}, on {}.", times::day(at))
        }
    }
}
