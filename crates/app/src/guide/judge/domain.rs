//! The last four steps: the pre-flight of the domain, the script, and what the tenant shows afterwards.

use model::{
    Ts,
    federated_domain::MfaBehavior,
    preflight::{Preflight, Verdict},
};

use super::{
    super::{
        evidence::{Domain, Evidence},
        step::{Place, Standing},
    },
    A_DAY, Found, count,
    people::there,
};

/// A pre-flight of the last day in which nothing failed; once the domain is federated, one is enough.
pub(super) fn preflight(evidence: &Evidence) -> Found {
    let (now, place) = (evidence.now, Place::Preflight);
    let Some(domain) = &evidence.domain else { return no_domain(place) };
    let Some(preflight) = &domain.preflight else {
        let says =
            format!("Nobody has looked yet what stands in the way of federating {}.", domain.name);
        return Found::new(Standing::NotBegun, place, says);
    };
    let found = match failures(preflight) {
        0 if !domain.with_us && now.since(preflight.at) > A_DAY => {
            let says = "The pre-flight is more than a day old. Look again before you federate.";
            Found::new(Standing::Undone, place, says)
        }
        0 => {
            let says = format!("No check fails.{}", worth_a_look(preflight));
            Found::new(Standing::Done, place, says)
        }
        many => {
            let says =
                format!("{}; mend it and look again.", count(many, "check fails", "checks fail"));
            Found::new(Standing::Begun, place, says)
        }
    };
    if domain.with_us {
        return Found { seen_at: Some(preflight.at), ..found };
    }
    found.seen(preflight.at, now)
}

fn worth_a_look(preflight: &Preflight) -> String {
    let warnings = match preflight.count(Verdict::Warning) {
        0 => String::new(),
        many => format!(" {} worth a look.", count(many, "point is", "points are")),
    };
    let unseen = match preflight.count(Verdict::Unseen) {
        0 => String::new(),
        many => format!(" {many} could not be seen."),
    };
    warnings + &unseen
}

/// What keeps the script back, seen or not, and everything red besides.
fn failures(preflight: &Preflight) -> usize {
    let red = |finding: &&model::preflight::Finding| {
        finding.holds_back() || finding.verdict == Verdict::Failed
    };
    preflight.findings.iter().filter(red).count()
}

/// The tenant sends the domain's people here.
pub(super) fn script(evidence: &Evidence) -> Found {
    let (now, place) = (evidence.now, Place::Script);
    let Some(domain) = &evidence.domain else { return no_domain(place) };
    let (name, look) = (&domain.name, domain.look.as_ref());
    let content = look.and_then(|look| look.content());
    let once = content.is_some_and(|seen| seen.first_with_us.is_some());
    let elsewhere = content.is_some_and(|seen| seen.federation.is_some());
    let (standing, says) = if domain.with_us && domain.differences.contains(&"passiveSignInUri") {
        let says = format!("{name} is federated, but its people are sent to another address.");
        (Standing::Begun, says + " Run the script again.")
    } else if domain.with_us {
        (Standing::Done, format!("Microsoft sends people of {name} here."))
    } else if once && elsewhere {
        (Standing::Undone, format!("{name} is federated with somebody else. Run the script again."))
    } else if once {
        (Standing::Undone, format!("{name} is federated no more. Run the script again."))
    } else {
        let says = "Show the script, read it, and run it as a Global Administrator; then look again. \
                    Nobody's sign-in changes before.";
        (Standing::NotBegun, says.to_owned())
    };
    let found = Found::new(standing, place, says);
    match look {
        Some(look) => found.by(look, now),
        None => found,
    }
}

/// Every property reads back as planned, and somebody has signed in by it.
pub(super) fn verified(evidence: &Evidence) -> Found {
    let (now, place) = (evidence.now, Place::Domain);
    let Some(domain) = &evidence.domain else { return no_domain(place) };
    if !domain.with_us {
        let says = "It is read back once the script has run.";
        return Found::new(Standing::NotBegun, Place::Script, says);
    }
    let Some(look) = &domain.look else {
        let says = "It is federated; nobody has read it back since.";
        return Found::new(Standing::Begun, place, says);
    };
    if look.content().is_none_or(|seen| seen.federation.is_none()) {
        let says = "It is federated; it could not be read back yet.";
        return Found::new(Standing::Begun, place, says).by(look, now);
    }
    let found = match (domain.differences.as_slice(), &domain.first_token) {
        ([], Some(token)) => {
            let says = format!(
                "Every property reads back as planned, and {} got the first token.",
                token.upn
            );
            Found::new(Standing::Done, place, says)
        }
        ([], None) => Found::new(Standing::Begun, Place::Outlook, nobody_yet(domain)),
        (list, _) => {
            let many = count(list.len(), "property is", "properties are");
            let says = format!("{many} not as planned: {}. Run the script again.", list.join(", "));
            Found::new(Standing::Begun, place, says)
        }
    };
    found.by(look, now)
}

fn nobody_yet(domain: &Domain) -> String {
    let who = there(domain).next().or(domain.pilots.first());
    let who = who.map_or("somebody who is assigned", |pilot| &pilot.upn);
    format!(
        "Every property reads back as planned; nobody got a token since. Sign in to Outlook as \
         {who} in a private window. A change can take an hour at Microsoft."
    )
}

/// Who asks for the second factor is in force as it was chosen.
pub(super) fn second_factor(evidence: &Evidence) -> Found {
    let (now, place) = (evidence.now, Place::SecondFactor);
    let Some(domain) = &evidence.domain else { return no_domain(place) };
    if !domain.with_us {
        let says = "Choose where people prove the second factor that Microsoft demands. The script \
                    writes it.";
        return Found::new(Standing::NotBegun, place, says);
    }
    let Some(look) = &domain.look else {
        return Found::new(Standing::Begun, place, "Nobody has looked yet what is in force.");
    };
    let Some(theirs) = look.content().and_then(|seen| seen.federation.as_ref()) else {
        let says = "What is in force could not be read yet.";
        return Found::new(Standing::Begun, place, says).by(look, now);
    };
    let planned = domain.mfa_behavior.label();
    let found = if theirs.federated_idp_mfa_behavior == domain.mfa_behavior.in_graph() {
        let says =
            format!("\u{201c}{planned}\u{201d} is in force, as chosen.{}", besides(domain, now));
        Found::new(Standing::Done, place, says)
    } else {
        let of = |it: &&MfaBehavior| it.in_graph() == theirs.federated_idp_mfa_behavior;
        let theirs = MfaBehavior::ALL.iter().find(of).map_or("something else", |it| it.label());
        let says = format!(
            "\u{201c}{planned}\u{201d} is chosen, \u{201c}{theirs}\u{201d} is in force. Run the script \
             again."
        );
        Found::new(Standing::Begun, place, says)
    };
    found.by(look, now)
}

/// What the tenant demands besides, as far as a pre-flight of the last day saw.
fn besides(domain: &Domain, now: Ts) -> String {
    let fresh = domain.preflight.as_ref().is_some_and(|it| now.since(it.at) <= A_DAY);
    match domain.demands.as_slice() {
        [] if fresh => String::new(),
        [] => " What the tenant demands besides was not looked at for a day: the pre-flight does."
            .to_owned(),
        list => format!(" The tenant demands besides: {}.", list.join(", ")),
    }
}

fn no_domain(place: Place) -> Found {
    Found::new(Standing::NotBegun, place, "A domain comes first.")
}
