//! The certificate with which we reach the tenant: made, registered by an admin, tried and used.

use app::office365::{HeldCertificate, Office365View, Waiting};
use sha2::{Digest as _, Sha256};

use super::{assignments::office365, domain::script::attachment, step_up};
use crate::{
    answer::{Answer, Desk, field_problem, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::client_certificate::ClientCertificate,
        parts::{Fact, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{explanations, times},
};

const PATH: &str = "/admin/microsoft365/certificate";

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let page = page(&admin, &desk, None).await?;
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Makes a certificate, which waits until Microsoft knows it.
pub(super) async fn make(admin: Console, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    let tenant = office365(&admin, &desk).await?.tenant.id;
    desk.counter.house.make_certificate(&admin, tenant, desk.guest.visitor()).await?;
    Ok(see_other(&format!("{PATH}?done=certificate-made")))
}

/// Downloads the certificate that waits; it is public.
pub(super) async fn download(admin: Console, desk: Desk) -> Answer {
    let tenant = office365(&admin, &desk).await?.tenant.id;
    let waiting = desk.counter.house.waiting_certificate(&admin, tenant).await?;
    let held = waiting.ok_or_else(|| app::Error::not_found("certificate"))?.held;
    let name = format!("gatehouse-client-{}.cer", held.thumbprint.to_lowercase());
    Ok(attachment("application/pkix-cert", &name, held.certificate))
}

/// Tries the certificate that waits, and uses it from now on when it works.
pub(super) async fn put_to_use(admin: Console, desk: Desk, form: Form) -> Answer {
    let [thumbprint] = form.exactly(["thumbprint"])?;
    let tenant = office365(&admin, &desk).await?.tenant.id;
    let house = &desk.counter.house;
    let error = match house.use_certificate(&admin, tenant, &thumbprint, desk.guest.visitor()).await
    {
        Ok(()) => return Ok(see_other(&format!("{PATH}?done=certificate-used"))),
        Err(error) => error,
    };
    let problem = match error.kind {
        app::Kind::Upstream => {
            let action = "Nothing was changed. Upload the certificate to the app registration, wait \
                          a minute, and try again.";
            explanations::problem(Problem::of_form(&error.public, action))
        }
        app::Kind::Conflict => Problem::of_form(&error.public, "Nothing was changed."),
        _ => field_problem(error, &[])?,
    };
    let page = page(&admin, &desk, Some(problem)).await?;
    desk.again(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Forgets the certificate that waits.
pub(super) async fn discard(admin: Console, desk: Desk, form: Form) -> Answer {
    let [thumbprint] = form.exactly(["thumbprint"])?;
    let tenant = office365(&admin, &desk).await?.tenant.id;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    house.discard_certificate(&admin, tenant, &thumbprint, visitor).await?;
    Ok(see_other(&format!("{PATH}?done=certificate-discarded")))
}

async fn page(
    admin: &Console,
    desk: &Desk,
    problem: Option<Problem>,
) -> Result<ClientCertificate, Failure> {
    let view = office365(admin, desk).await?;
    let waiting = desk.counter.house.waiting_certificate(admin, view.tenant.id).await?;
    let in_use = HeldCertificate::in_use(&view.tenant);
    let must_confirm = step_up::require(admin, desk).is_err();
    Ok(ClientCertificate {
        verdict: verdict(&view, in_use.as_ref(), desk),
        application: view.tenant.client_id.to_string(),
        in_use: in_use.as_ref().map(facts).unwrap_or_default(),
        thumbprint: waiting.as_ref().map(|it| it.held.thumbprint.clone()),
        waiting: waiting.as_ref().map(|it| waiting_facts(it, desk)).unwrap_or_default(),
        confirm: must_confirm.then(|| step_up::confirm("/admin", PATH)),
        problems: problem.into_iter().collect(),
    })
}

fn verdict(view: &Office365View, held: Option<&HeldCertificate>, desk: &Desk) -> Verdict {
    let (alias, now) = (&view.tenant.alias, desk.counter.house.now());
    match held {
        None => Verdict::new(Tone::Neutral, &format!("{alias} is reached with a client secret.")),
        Some(held) if held.not_after <= now => {
            Verdict::new(Tone::Danger, &format!("The certificate for {alias} has ended."))
        }
        Some(held) => {
            let end = times::day(held.not_after);
            let text = format!("{alias} is reached with a certificate that is good until {end}.");
            Verdict::new(Tone::Ok, &text)
        }
    }
}

/// How Entra and its command line show a certificate.
fn facts(held: &HeldCertificate) -> Vec<Fact> {
    let sha256 = hex::encode_upper(Sha256::digest(&held.certificate));
    vec![
        Fact::id("Thumbprint (SHA-1)", &held.thumbprint),
        Fact::id("SHA-256", &sha256),
        Fact::text("Ends", &times::day(held.not_after)),
    ]
}

fn waiting_facts(waiting: &Waiting, desk: &Desk) -> Vec<Fact> {
    let made = times::relative(waiting.made_at, desk.counter.house.now());
    facts(&waiting.held).into_iter().chain([Fact::text("Made", &made)]).collect()
}
