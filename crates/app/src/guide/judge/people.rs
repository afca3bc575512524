//! The two steps about people: whose the accounts are that were there before, and the first who is
//! assigned.

use super::{
    super::{
        evidence::{Domain, Evidence, Pilot, Presence},
        step::{Place, Standing},
    },
    Found, count,
};

/// *Sync users*: the tenant was looked at, and no account waits for an answer.
pub(super) fn matches(evidence: &Evidence) -> Found {
    let (now, place) = (evidence.now, Place::Matches);
    let Some(connection) = &evidence.connection else {
        let says = "Whose the accounts in the tenant are can be said once it is connected.";
        return Found::new(Standing::NotBegun, place, says);
    };
    let Some(matches) = &connection.matches else {
        let says = "Nobody has looked yet which of your people the tenant has already. Bring them \
                    along first: create or import them.";
        return Found::new(Standing::NotBegun, place, says);
    };
    let nobody_here = evidence.domain.as_ref().is_some_and(|domain| domain.people == 0);
    let left = match matches.left_over {
        0 => String::new(),
        many => format!(" {} nobody's here.", count(many, "account is", "accounts are")),
    };
    let found = if matches.open > 0 {
        let many = count(matches.open, "account waits", "accounts wait");
        let says = format!("{many} for your answer: say whose each is, or that it is nobody's.");
        Found::new(Standing::Begun, place, says)
    } else if nobody_here && matches.left_over > 0 {
        let says = format!("{} Import those whose people shall sign in here.", left.trim_start());
        Found::new(Standing::Begun, Place::Import, says)
    } else if matches.confirmed > 0 {
        let many = count(matches.confirmed, "account", "accounts");
        let says =
            format!("No account waits for your answer; the next plan takes {many} over.{left}");
        Found::new(Standing::Done, place, says)
    } else {
        let says = format!("The tenant was looked at; no account waits for your answer.{left}");
        Found::new(Standing::Done, place, says)
    };
    found.seen(matches.at, now)
}

/// Somebody of the domain is assigned, the first plan was confirmed, and the tenant has them.
pub(super) fn pilot(evidence: &Evidence) -> Found {
    let (place, begun) = (Place::People, evidence.connection.as_ref());
    let Some((connection, domain)) = begun.zip(evidence.domain.as_ref()) else {
        let says = "Somebody can be assigned once a domain is added.";
        return Found::new(Standing::NotBegun, place, says);
    };
    let (pilots, name) = (&domain.pilots, &domain.name);
    if pilots.is_empty() {
        let standing = match domain.first_token {
            Some(_) => Standing::Undone,
            None => Standing::NotBegun,
        };
        let says = format!("Nobody of {name} is assigned to Office 365. Begin with one person.");
        return Found::new(standing, place, says);
    }
    let who = named(pilots);
    if !connection.settings.first_plan_confirmed {
        let says =
            format!("{who} assigned. The first plan waits for you: preview it and carry it out.");
        return Found::new(Standing::Begun, Place::Plans, says);
    }
    let there: Vec<&Pilot> = there(domain).collect();
    if !there.is_empty() {
        let seats = if there.iter().any(|pilot| pilot.licensed) {
            ""
        } else {
            " None of them has a product from here, and a mailbox needs one."
        };
        let count = there.len();
        let first = &there[0].upn;
        let says = match count {
            1 => format!("{first} is assigned, and in the tenant.{seats}"),
            many => {
                format!("{first} and {} more are assigned, and in the tenant.{seats}", many - 1)
            }
        };
        let found = Found::new(Standing::Done, place, says);
        return match connection.last_run_at {
            Some(at) => found.seen(at, evidence.now),
            None => found,
        };
    }
    if let Some(gone) = pilots.iter().find(|pilot| pilot.presence == Presence::InBin) {
        let says = format!("{} is assigned, and was deleted in the tenant.", gone.upn);
        return Found::new(Standing::Undone, Place::Plans, says);
    }
    let says = format!("{who} assigned, and not in the tenant yet. The sync runs say why.");
    Found::new(Standing::Begun, Place::Plans, says)
}

/// Who is assigned and in the tenant.
pub(super) fn there(domain: &Domain) -> impl Iterator<Item = &Pilot> {
    domain.pilots.iter().filter(|pilot| pilot.presence == Presence::There)
}

/// `paula@contoso.com is`, `paula@contoso.com and 2 more are`.
fn named(pilots: &[Pilot]) -> String {
    match pilots {
        [] => String::new(),
        [one] => format!("{} is", one.upn),
        [first, rest @ ..] => format!("{} and {} more are", first.upn, rest.len()),
    }
}
