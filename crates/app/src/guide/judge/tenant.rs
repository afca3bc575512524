//! The first three steps: the tenant, its application and its products.

use model::{
    entra::EntraDomain,
    look::{ConnectionSeen, Look},
};

use super::{
    super::{
        evidence::{Connection, Domain, Evidence},
        step::{Age, Place, Standing},
    },
    Found, count,
};

/// The app registration: Microsoft lets us in, and no permission is missing.
pub(super) fn connection(evidence: &Evidence) -> Found {
    let (now, place) = (evidence.now, Place::Connection);
    let Some(connection) = &evidence.connection else {
        let says = "No tenant is connected yet. Register an app in Microsoft Entra, grant it what \
                    the page lists, and enter its ids and its secret.";
        return Found::new(Standing::NotBegun, place, says);
    };
    if connection.credential_ends_at.is_some_and(|at| at <= now) {
        let what = if connection.certified { "certificate" } else { "secret" };
        let says = format!("The {what} has ended: make a new one in Entra and enter it.");
        return Found::new(Standing::Undone, place, says);
    }
    let Some(look) = &connection.look else {
        let says = "The tenant is connected; nobody has looked yet which permissions it granted.";
        return Found::new(Standing::Begun, place, says);
    };
    if let Some(why) = &look.trouble {
        let says = format!("The last try failed: {why}");
        let standing = if look.seen.is_some() { Standing::Undone } else { Standing::Begun };
        return Found::new(standing, place, says).by(look, now);
    }
    let missing = look.content().map(|seen| seen.missing.as_slice()).unwrap_or_default();
    if missing.is_empty() {
        let says = "Microsoft lets us in, and no permission was found missing.";
        let found = Found::new(Standing::Done, place, says).by(look, now);
        return match newer_trouble(evidence, look) {
            Some(why) => Found { age: Age::Lost(why), ..found },
            None => found,
        };
    }
    let names: Vec<String> = missing
        .iter()
        .map(|(permission, purpose)| format!("{permission} (to {purpose})"))
        .collect();
    let says = format!("Missing: {}. Grant it in Entra, with admin consent.", names.join(", "));
    Found::new(Standing::Begun, place, says).by(look, now)
}

/// What stood in the way of a look at the domain that was tried after this one.
fn newer_trouble(evidence: &Evidence, look: &Look<ConnectionSeen>) -> Option<String> {
    let newer = evidence.domain.as_ref()?.look.as_ref()?;
    newer.trouble.clone().filter(|_| newer.tried_at > look.tried_at)
}

/// The application, which comes with the connection, and a domain that the tenant owns.
pub(super) fn application(evidence: &Evidence) -> Found {
    let (now, place) = (evidence.now, Place::Domains);
    if evidence.connection.is_none() {
        let says = "The application comes with the connection; then a domain is added to it.";
        return Found::new(Standing::NotBegun, Place::Connection, says);
    }
    let Some(domain) = &evidence.domain else {
        let says = "Office 365 is there; no domain is added to it whose people shall sign in here.";
        return Found::new(Standing::Begun, place, says);
    };
    let name = &domain.name;
    if !domain.enabled {
        let says = format!("{name} is switched off: nobody of it gets a token.");
        return Found::new(Standing::Undone, place, says);
    }
    let Some(look) = &domain.look else {
        let says = format!("{name} is added; nobody has looked at it in the tenant since.");
        return Found::new(Standing::Begun, place, says);
    };
    let there = look.content().map(|seen| seen.domain.as_ref());
    let (standing, says) = match there {
        None => (Standing::Begun, format!("{name} is added; it could not be looked at yet.")),
        Some(None) => (Standing::Undone, format!("The tenant has no domain {name} any more.")),
        Some(Some(there)) => in_the_way(domain, there).map_or_else(
            || {
                let says = format!("Office 365 is there, with {name}, which the tenant owns.");
                (Standing::Done, says)
            },
            |why| (Standing::Undone, format!("{name} can't be federated as it is: {why}")),
        ),
    };
    Found::new(standing, place, says).by(look, now)
}

/// What was not so when the domain was added.
fn in_the_way(domain: &Domain, there: &EntraDomain) -> Option<&'static str> {
    if !there.verified {
        Some("its ownership isn't proved. Prove it in the admin center.")
    } else if domain.with_us {
        None
    } else if there.default {
        Some("it is the tenant's default domain. Make another one the default.")
    } else if there.initial {
        Some("it is the domain that the tenant began with.")
    } else if !there.root {
        Some("it follows the domain above it.")
    } else {
        None
    }
}

/// The settings, which somebody looked at, and products to give.
pub(super) fn provisioning(evidence: &Evidence) -> Found {
    let place = Place::Settings;
    let Some(connection) = &evidence.connection else {
        let says = "The products are loaded once a tenant is connected.";
        return Found::new(Standing::NotBegun, Place::Connection, says);
    };
    let confirmed = connection.settings.first_plan_confirmed;
    if connection.writes_stopped {
        let says = "Writes to the tenant are stopped: assignments don't reach it.";
        return Found::new(Standing::Begun, Place::Writes, says);
    }
    if connection.products == 0 {
        let says = "The tenant has no product that could be given to anybody.";
        return Found::new(Standing::Begun, Place::Connection, says);
    }
    let products = count(connection.products, "product is", "products are");
    if let (None, false) = (connection.settings.saved_at, confirmed) {
        let says = format!(
            "{products} loaded. Say in which country people are who have none of their own, and \
             what unassigning takes away, and save."
        );
        return Found::new(Standing::Begun, place, says);
    }
    let seats = no_seat(connection).unwrap_or_default();
    let says = format!("{products} loaded, and the settings are saved.{seats}");
    Found::new(Standing::Done, place, says)
}

fn no_seat(connection: &Connection) -> Option<&'static str> {
    (connection.free_seats == 0).then_some(" No seat is free: nobody more can have one.")
}
