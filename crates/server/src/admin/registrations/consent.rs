//! A directory is asked to consent to a registration for everybody there.

use actix_web::web;
use model::registration::{Registration, Tenants};

use crate::{
    answer::{Answer, Desk, id},
    csrf::Form,
    pages::{admin::registrations::Consent, parts::Problem},
    sign_in::microsoft::to_microsoft,
    visitor::Console,
};

/// Sends an admin to the consent page of Microsoft.
pub(crate) async fn ask(admin: Console, desk: Desk, path: web::Path<String>, form: Form) -> Answer {
    let [] = form.exactly([])?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let address = house.consent_address(&admin, id(&path)?, visitor).await?;
    to_microsoft(&desk, address.into())
}

/// What is said about it.
pub(super) fn view(registration: &Registration) -> Option<Consent> {
    let whose = match &registration.tenants {
        Tenants::One { domain: Some(domain), .. } => format!("An admin of {domain}"),
        Tenants::One { tenant, domain: None } => format!("An admin of the directory {tenant}"),
        Tenants::Several { .. } => "An admin of each directory that is named".to_owned(),
        Tenants::Organizations | Tenants::Common => "An admin of an organisation".to_owned(),
        Tenants::Consumers => return None,
    };
    let scopes = [
        ("openid", "Without it Microsoft signs nobody in: there is no ID token."),
        (
            "profile",
            "Without it the token names neither directory nor object: everybody is refused.",
        ),
        ("email", "Nothing breaks without it: no mail address of Microsoft's finds anybody here."),
    ];
    let scopes = scopes.map(|(name, without)| (name.to_owned(), without.to_owned())).to_vec();
    Some(Consent { whose, scopes })
}

/// Why a comeback from the consent page led to nothing, by a word of the address.
pub(super) fn why(desk: &Desk) -> Option<Problem> {
    let (cause, action) = match desk.asked("consent").as_str() {
        "foreign" => (
            "Consent was given in another directory than the one whose people come through this \
             registration.",
            "Ask an admin of the right one, or change who may sign in.",
        ),
        "declined" => (
            "Whoever was asked did not consent.",
            "Ask somebody who may consent for the whole organisation.",
        ),
        "refused" => (
            "Microsoft did not take the consent.",
            "Look at what its code means, below, and try again.",
        ),
        "signed-out" => (
            "Whoever asked for consent was signed out meanwhile, or may not ask for it any more.",
            "Ask again.",
        ),
        _ => return None,
    };
    Some(Problem::of_form(cause, action))
}
