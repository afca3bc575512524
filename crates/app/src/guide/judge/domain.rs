//! The last four steps: the pre-flight of the domain, the script, and what the tenant shows afterwards.

use model::preflight::{Preflight, Verdict};

use super::{
    super::{
        evidence::{Domain, Evidence},
        step::{Place, Standing},
    },
    A_DAY, Found, begun_or_undone, count,
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
            let warnings = preflight.count(Verdict::Warning) + preflight.count(Verdict::Unseen);
            let rest = match warnings {
                0 => String::new(),
                many => format!(" {} worth a look.", count(many, "point is", "points are")),
            };
            let says = format!("No check fails.{rest}");
            Found::new(Standing::Done, place, says)
        }
        many => {
            let says =
                format!("{}; mend it and look again.", count(many, "check fails", "checks fail"));
            Found::new(begun_or_undone(domain.with_us), place, says)
        }
    };
    found.seen(preflight.at, now)
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
    let (standing, says) = if domain.with_us {
        (Standing::Done, format!("Microsoft sends people of {name} here."))
    } else if once && elsewhere {
        (Standing::Undone, format!("{name} is federated with somebody else. Run the script again."))
    } else if once {
        (Standing::Undone, format!("{name} is federated no more. Run the script again."))
    } else if domain.script_made_at.is_some() {
        let says = format!(
            "The script was shown; {name} was not seen to be federated since. Run it, \
                            then look again."
        );
        (Standing::Begun, says)
    } else {
        let says = "Show the script, read it, and run it as a Global Administrator. Nobody's sign-in \
                    changes before.";
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
    let been_there = domain.first_token.is_some();
    if !domain.with_us {
        let standing = if been_there { Standing::Undone } else { Standing::NotBegun };
        let says = "It is read back once the script has run.";
        return Found::new(standing, Place::Script, says);
    }
    let Some(look) = &domain.look else {
        let says = "It is federated; nobody has read it back since.";
        return Found::new(Standing::Begun, place, says);
    };
    let found = match (domain.differences.as_slice(), &domain.first_token) {
        ([], Some(token)) => {
            let says = format!(
                "Every property reads back as planned, and {} was the first to sign in.",
                token.upn
            );
            Found::new(Standing::Done, place, says)
        }
        ([], None) => Found::new(Standing::Begun, Place::Outlook, nobody_yet(domain)),
        (list, _) => {
            let many = count(list.len(), "property is", "properties are");
            let says = format!("{many} not as planned: {}. Run the script again.", list.join(", "));
            Found::new(begun_or_undone(been_there), place, says)
        }
    };
    found.by(look, now)
}

fn nobody_yet(domain: &Domain) -> String {
    let who = there(domain).next().or(domain.pilots.first());
    let who = who.map_or("somebody who is assigned", |pilot| &pilot.upn);
    format!(
        "Every property reads back as planned; nobody has signed in by it yet. Sign in to Outlook as \
         {who} in a private window. A change can take an hour at Microsoft."
    )
}

/// Who asks for the second factor is in force as it was chosen.
pub(super) fn second_factor(evidence: &Evidence) -> Found {
    let (now, place) = (evidence.now, Place::SecondFactor);
    let Some(domain) = &evidence.domain else { return no_domain(place) };
    if !domain.with_us {
        let standing =
            if domain.first_token.is_some() { Standing::Undone } else { Standing::NotBegun };
        let says = "Choose where people prove the second factor that Microsoft demands. The script \
                    writes it.";
        return Found::new(standing, place, says);
    }
    let Some(look) = &domain.look else {
        return Found::new(Standing::Begun, place, "Nobody has looked yet what is in force.");
    };
    let seen = look.content().and_then(|seen| seen.federation.as_ref());
    let in_force = seen.map(|theirs| theirs.federated_idp_mfa_behavior.as_str());
    let planned = domain.mfa_behavior.in_graph();
    let found = if in_force == Some(planned) {
        let besides = match domain.demands.as_slice() {
            [] => String::new(),
            list => format!(" The tenant demands besides: {}.", list.join(", ")),
        };
        Found::new(Standing::Done, place, format!("{planned} is in force, as chosen.{besides}"))
    } else {
        let theirs = in_force.unwrap_or("nothing");
        let says = format!("{planned} is chosen, {theirs} is in force. Run the script again.");
        Found::new(begun_or_undone(domain.first_token.is_some()), place, says)
    };
    found.by(look, now)
}

fn no_domain(place: Place) -> Found {
    Found::new(Standing::NotBegun, place, "A domain comes first.")
}
