//! The secret or certificate of a registration: a second one is added, tried, takes over, and the
//! former one goes.

use actix_web::web;
use app::{House, office365::HeldCertificate, registrations::SecondSecret};
use model::{
    Ts,
    ids::RegistrationId,
    registration::{OtherCredential, Registration, Turn},
    tenant::AppCredential,
};

use super::{PATH, page, stored};
use crate::{
    admin::{domain::script::attachment, step_up},
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::registrations::Credentials,
        parts::{Fact, Problem},
    },
    visitor::Console,
    wording::{explanations, times},
};

/// Adds a second secret.
pub(crate) async fn add_secret(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [value, ends] = form.exactly(["next_secret", "next_ends"])?;
    let (which, secret) = (id(&path)?, SecondSecret { value: value.into(), ends });
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let done = house.add_registration_secret(&admin, which, &secret, visitor).await;
    answer((&admin, &desk), which, done, "registration-second").await
}

/// Makes a certificate, which waits until Microsoft knows it.
pub(crate) async fn make_certificate(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let which = id(&path)?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let done = house.make_registration_certificate(&admin, which, visitor).await;
    answer((&admin, &desk), which, done, "registration-certificate").await
}

/// Downloads the certificate that waits, else the one that is used; it is public.
pub(crate) async fn download_certificate(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
) -> Answer {
    let registration = desk.counter.house.registration(&admin, id(&path)?).await?;
    let held = offered(&registration).ok_or_else(|| app::Error::not_found("certificate"))?;
    let name = format!("gatehouse-sign-in-{}.cer", held.thumbprint.to_lowercase());
    Ok(attachment("application/pkix-cert", &name, held.certificate))
}

/// Tries the second one and uses it from now on.
pub(crate) async fn use_credential(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [added_at] = form.exactly(["which"])?;
    let (which, added_at) = (id(&path)?, moment(&added_at)?);
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let done = house.use_registration_credential(&admin, which, added_at, visitor).await;
    answer((&admin, &desk), which, done, "registration-rotated").await
}

/// Forgets the second one: one that waits, or the former one.
pub(crate) async fn remove_credential(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [added_at] = form.exactly(["which"])?;
    let (which, added_at) = (id(&path)?, moment(&added_at)?);
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let done = house.drop_registration_credential(&admin, which, added_at, visitor).await;
    answer((&admin, &desk), which, done, "registration-dropped").await
}

fn moment(text: &str) -> Result<Ts, Failure> {
    text.parse().map(Ts).map_err(|_| Failure::bad_input("It is one of the two, nothing else."))
}

async fn answer(
    (admin, desk): (&Console, &Desk),
    which: RegistrationId,
    done: Result<(), app::Error>,
    word: &str,
) -> Answer {
    let Err(error) = done else {
        return Ok(see_other(&format!("{PATH}/{which}?done={word}#credentials")));
    };
    let problem = match error.kind {
        app::Kind::Upstream => {
            let action = "Nothing was changed: the one before is used as ever. Upload or paste it \
                          again, wait a minute, and try once more.";
            explanations::problem(Problem::of_form(&error.public, action))
        }
        app::Kind::Conflict => Problem::of_form(&error.public, "Nothing was changed."),
        _ => field_problem(error, &[])?,
    };
    let registration = desk.counter.house.registration(admin, which).await?;
    let shown = page((admin, desk), &registration, &stored(&registration), vec![problem]).await?;
    desk.again(&desk.console_chrome(admin, Rail::Microsoft365).await?, &shown)
}

/// What is shown of both; never a secret.
pub(super) fn view(admin: &Console, desk: &Desk, registration: &Registration) -> Credentials {
    let [used, second] = House::registration_certificates(registration);
    let other = registration.other.as_ref();
    let ends = (registration.credential_ends_at, desk);
    Credentials {
        in_use: facts(&registration.credential, used.as_ref(), ends),
        other: other.map(|it| other_facts(it, second.as_ref(), desk)).unwrap_or_default(),
        which: other.map(|it| it.added_at.0.to_string()).unwrap_or_default(),
        waits: other.is_some_and(|it| it.turn == Turn::Next),
        certificate: offered(registration).is_some(),
        confirm: step_up::require(admin, desk)
            .is_err()
            .then(|| step_up::confirm("/admin", &format!("{PATH}/{}", registration.id))),
    }
}

/// What a credential is called in a sentence.
pub(super) const fn word(credential: &AppCredential) -> &'static str {
    match credential {
        AppCredential::Secret(_) => "secret",
        AppCredential::Certificate(_) => "certificate",
    }
}

/// The certificate that Microsoft is to be given.
fn offered(registration: &Registration) -> Option<HeldCertificate> {
    let [used, second] = House::registration_certificates(registration);
    second.or(used)
}

fn other_facts(other: &OtherCredential, held: Option<&HeldCertificate>, desk: &Desk) -> Vec<Fact> {
    let label = match other.turn {
        Turn::Next => "Added",
        Turn::Former => "Replaced",
    };
    let at = times::relative(other.added_at, desk.counter.house.now());
    let mut facts = facts(&other.credential, held, (other.ends_at, desk));
    facts.push(Fact::text(label, &at));
    facts
}

fn facts(
    credential: &AppCredential,
    held: Option<&HeldCertificate>,
    (ends, desk): (Option<Ts>, &Desk),
) -> Vec<Fact> {
    let kind = match credential {
        AppCredential::Secret(_) => "Client secret",
        AppCredential::Certificate(_) => "Certificate",
    };
    let ends = match ends {
        None => "not known".to_owned(),
        Some(at) => {
            format!("{}, {}", times::day(at), times::relative(at, desk.counter.house.now()))
        }
    };
    let thumbprint = held.map(|held| Fact::id("Thumbprint (SHA-1)", &held.thumbprint));
    std::iter::once(Fact::text("Kind", kind))
        .chain(thumbprint)
        .chain([Fact::text("Ends", &ends)])
        .collect()
}
