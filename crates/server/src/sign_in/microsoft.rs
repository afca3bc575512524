//! Signing in with Microsoft: the button that leads there, and the address that browsers come back to.

use actix_web::web;
use app::{
    registrations::Consented,
    sign_in::{Away, Comeback, Declined, Returned, Stopped},
    visitor::Secret,
};
use model::ids::RegistrationId;

use crate::{
    answer::{Answer, Desk, id, see_other},
    csrf::Form,
    error::Failure,
    federation::saml2::away,
    pages::{federation::Leave, parts::Problem, sign_in::MicrosoftOffer},
};

/// The parameter that says why somebody is back without being signed in.
pub(crate) const WHY: &str = "microsoft";

/// Sends a browser to Microsoft. A page in between leads there: forms of ours lead nowhere else.
pub(crate) async fn leave(desk: Desk, form: Form) -> Answer {
    let [handle, registration] = form.exactly(["handle", "registration"])?;
    let handle = Secret::from_cookie(&handle);
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    match house.leave_for_microsoft(&handle, visitor, id(&registration)?).await? {
        Away::To(address) => to_microsoft(&desk, address.into()),
        Away::Here(_, stopped) => Ok(see_other(&back(&handle, stopped))),
        Away::Expired => super::expired(&desk).await,
    }
}

/// The page that leads to Microsoft.
pub(crate) fn to_microsoft(desk: &Desk, address: String) -> Answer {
    let page = Leave::to_party(address, "Microsoft");
    Ok(away(desk.counter.templates.render_bare(&page)?))
}

/// Where Microsoft sends browsers back to. What came along is used up here, and the address left at
/// once.
pub(crate) async fn come_back(desk: Desk, registration: web::Path<String>) -> Answer {
    let house = &desk.counter.house;
    let error = desk.asked("error");
    let answer = if error.is_empty() {
        Ok(desk.asked("code"))
    } else {
        Err(Declined { error, description: desk.asked("error_description") })
    };
    let (registration, state) = (id(&registration)?, desk.asked("state"));
    let comeback = Comeback { registration, state, answer, tenant: desk.asked("tenant") };
    let me = match desk.guest.session() {
        Some(token) => house.employee(token).await?,
        None => None,
    };
    match house.return_from_microsoft(comeback, desk.guest.visitor(), me.as_ref()).await? {
        Returned::SignIn(handle, stopped) => Ok(see_other(&back(&handle, stopped))),
        Returned::Linked(Ok(())) => Ok(see_other("/portal/security?done=microsoft-linked")),
        Returned::Linked(Err(stopped)) => {
            Ok(see_other(&format!("/portal/security?{WHY}={}", stopped.word())))
        }
        Returned::Consent(id, outcome) => to_console(&desk, id, outcome),
        Returned::Unasked => super::expired(&desk).await,
    }
}

/// Back to the registration's page. A page in between leads there: the console's cookie is not sent on
/// the way from another site.
fn to_console(desk: &Desk, id: RegistrationId, outcome: Consented) -> Answer {
    let why = match outcome {
        Consented::Seen => "done=consent-seen".to_owned(),
        Consented::Unseen => "done=consent-unseen".to_owned(),
        Consented::Foreign => "consent=foreign".to_owned(),
        Consented::Declined => "consent=declined".to_owned(),
        Consented::SignedOut => "consent=signed-out".to_owned(),
        Consented::Refused(0) => "consent=refused".to_owned(),
        Consented::Refused(code) => format!("consent=refused&said=AADSTS{code}"),
    };
    let page = Leave {
        title: "Back to the console".to_owned(),
        lead: "One more step.".to_owned(),
        ..Leave::to(format!("/admin/registrations/{id}?{why}"))
    };
    Ok(away(desk.counter.templates.render_bare(&page)?))
}

/// The page of a sign-in that waits.
fn back(handle: &Secret, stopped: Option<Stopped>) -> String {
    let address = format!("/sign-in?request={}", handle.expose());
    match stopped {
        Some(stopped) => format!("{address}&{WHY}={}", stopped.word()),
        None => address,
    }
}

/// The waiting request of somebody who must sign in, as a protocol's door sends them there. Where
/// Microsoft has sent them in a circle, the page says so.
pub(crate) async fn ask(desk: &Desk, handle: &Secret) -> Answer {
    let circle = desk.counter.house.stop_circle(handle, desk.guest.visitor()).await?;
    Ok(see_other(&back(handle, circle.then_some(Stopped::Circle))))
}

/// Why somebody is back, as the address says by a word of a list.
pub(crate) fn why(desk: &Desk) -> Option<Problem> {
    let stopped = Stopped::from_word(&desk.asked(WHY))?;
    let problem = super::problem("", &stopped.sentence());
    Some(Problem { field: None, ..problem })
}

/// What the page of a sign-in offers.
pub(super) async fn offers(desk: &Desk, handle: &Secret) -> Result<Vec<MicrosoftOffer>, Failure> {
    let offered = desk.counter.house.microsoft_offers(handle, desk.guest.visitor()).await?;
    Ok(labelled(&offered, "Sign in with Microsoft"))
}

/// One button each; with its alias where there are several.
pub(crate) fn labelled(
    offered: &[app::registrations::Offered],
    label: &str,
) -> Vec<MicrosoftOffer> {
    let one = |offer: &app::registrations::Offered| MicrosoftOffer {
        id: offer.id.to_string(),
        label: match offered {
            [_] => label.to_owned(),
            _ => format!("{label}: {}", offer.alias),
        },
    };
    offered.iter().map(one).collect()
}
