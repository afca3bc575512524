//! Whether a tenant's people prove their second factor here while Microsoft asks for the first one, and
//! what Entra has to be told for it.

use app::external_mfa::{ExternalMfaView, NAME};

use super::{assignments::office365, step_up};
use crate::{
    answer::{Answer, Desk, field_problem, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::external_mfa::{ExternalMfa, GraphCall},
        parts::{Fact, Problem, Tone, Verdict},
    },
    visitor::Console,
};

const PATH: &str = "/admin/microsoft365/external-mfa";

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let page = page(&admin, &desk, None).await?;
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Keeps the id of the app registration.
pub(super) async fn name_app(admin: Console, desk: Desk, form: Form) -> Answer {
    let [app_id] = form.exactly(["app_id"])?;
    let tenant = office365(&admin, &desk).await?.tenant.id;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    match house.name_external_mfa_app(&admin, tenant, &app_id, visitor).await {
        Ok(()) => Ok(see_other(&format!("{PATH}?done=saved"))),
        Err(error) => {
            let problem = match error.kind {
                app::Kind::StepUp => step_up::problem("/admin", PATH),
                _ => field_problem(error, &[])?,
            };
            let page = page(&admin, &desk, Some((app_id, problem))).await?;
            desk.again(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
        }
    }
}

/// Switches it on or off.
pub(super) async fn switch(admin: Console, desk: Desk, form: Form) -> Answer {
    let [state] = form.exactly(["state"])?;
    let enabled = match state.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(Failure::bad_input("It is switched on or off, nothing else.")),
    };
    let tenant = office365(&admin, &desk).await?.tenant.id;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    house.switch_external_mfa(&admin, tenant, enabled, visitor).await?;
    Ok(see_other(&format!("{PATH}?done=external-mfa-{state}")))
}

async fn page(
    admin: &Console,
    desk: &Desk,
    wrong: Option<(String, Problem)>,
) -> Result<ExternalMfa, Failure> {
    let tenant = office365(admin, desk).await?.tenant.id;
    let view = desk.counter.house.external_mfa(admin, tenant).await?;
    let stored = view.set.app_id.map(|id| id.to_string()).unwrap_or_default();
    let (app_id, problems) = match wrong {
        Some((typed, problem)) => (typed, vec![problem]),
        None => (stored, Vec::new()),
    };
    let must_confirm = step_up::require(admin, desk).is_err();
    Ok(ExternalMfa {
        verdict: verdict(&view),
        is_on: view.set.enabled,
        reply: vec![Fact::id("Redirect URI", &view.authorization_url)],
        values: vec![
            Fact::text("Name", NAME),
            Fact::id("Client ID", &view.client_id),
            Fact::id("Discovery Endpoint", &view.discovery_url),
            match view.set.app_id {
                Some(id) => Fact::id("App ID", &id.to_string()),
                None => Fact::text("App ID", "The application (client) id of step 1"),
            },
        ],
        call: view.call.map(|call| GraphCall { url: call.url, body: call.body }),
        app_id,
        confirm: must_confirm.then(|| step_up::confirm("/admin", PATH)),
        problems,
    })
}

fn verdict(view: &ExternalMfaView) -> Verdict {
    if view.set.enabled {
        let text = format!("On: {} may have second factors proved here.", view.alias);
        return Verdict::new(Tone::Ok, &text);
    }
    Verdict::new(Tone::Neutral, "Off: requests of Microsoft's for a second factor are refused.")
}
