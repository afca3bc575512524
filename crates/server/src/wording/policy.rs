//! The sign-in policy in words: which sign-ins a rule fits, and what it comes to.

use app::policy::{MfaPolicy, Misfit, PolicyView, Verdict};
use model::{
    network::joined,
    policy::{Client, Factor, Place, Rule, Target, Then, When},
};

use crate::pages::{
    admin::policy::Ending,
    parts::{Badge, Tone},
};

/// An application, as rules name it; the domain stands beside it where several vouch.
pub(crate) fn target(view: &PolicyView, target: Target) -> String {
    let id = match target {
        Target::Portal => return "the portal".to_owned(),
        Target::Console => return "the console".to_owned(),
        Target::Party(id) => id,
    };
    let found = view.parties.iter().find(|(party, _)| party.id == id);
    let Some((party, domain)) = found else { return "an application that is gone".to_owned() };
    let alone = view.parties.iter().filter(|(other, _)| other.name == party.name).count() == 1;
    if alone { party.name.clone() } else { format!("{} ({domain})", party.name) }
}

/// A kind of program.
pub(crate) const fn client(client: Client) -> &'static str {
    match client {
        Client::Browser => "a browser or modern app",
        Client::WsTrust => "WS-Trust",
        Client::Ecp => "SAML ECP",
    }
}

/// Which sign-ins a rule fits, in a sentence without its full stop.
pub(crate) fn when(view: &PolicyView, when: &When) -> String {
    let mut parts = vec![who(view, when)];
    let targets: Vec<_> = when.targets.iter().map(|it| target(view, *it)).collect();
    parts.extend((!targets.is_empty()).then(|| format!("signing in to {}", or(&targets))));
    parts.extend(when.place.as_ref().map(place));
    let clients: Vec<_> = when.clients.iter().map(|it| client(*it).to_owned()).collect();
    parts.extend((!clients.is_empty()).then(|| format!("with {}", or(&clients))));
    let agent = &when.agent;
    let named = || format!("with a program that calls itself \"{agent}\"");
    parts.extend((!agent.is_empty()).then(named));
    parts.extend(when.asked.map(|asked| {
        let what = if asked { "a" } else { "no" };
        format!("where the application asks for {what} second factor")
    }));
    parts.join(", ")
}

fn place(Place { inside, networks }: &Place) -> String {
    let from = if *inside { "from" } else { "from anywhere but" };
    format!("{from} {}", joined(networks, ", "))
}

fn who(view: &PolicyView, when: &When) -> String {
    let group = |id| {
        let found = view.groups.iter().find(|group| group.id == id);
        found.map_or_else(|| "a group that is gone".to_owned(), |group| group.name.clone())
    };
    let groups: Vec<_> = when.groups.iter().map(|id| group(*id)).collect();
    let roles: Vec<_> = when.roles.iter().map(|role| role.label().to_owned()).collect();
    match (groups.as_slice(), roles.as_slice()) {
        ([], []) => "Everybody".to_owned(),
        (groups, []) => format!("People in {}", or(groups)),
        ([], roles) => format!("People with the role {}", or(roles)),
        (groups, roles) => format!("People in {} with the role {}", or(groups), or(roles)),
    }
}

/// "A, B or C".
fn or(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// What a rule comes to.
pub(crate) fn then(then: Then) -> Badge {
    let Then::Allow { factor, hours, remember } = then else {
        return Badge::new(Tone::Danger, "Denied");
    };
    let anew = hours.map(|hours| format!(", anew after {}", super::count(hours, "hour", "hours")));
    let anew = anew.unwrap_or_default();
    match factor {
        Factor::PhishingResistant => {
            Badge::new(Tone::Ok, &format!("Passkey or security key{anew}"))
        }
        Factor::Always => {
            let days =
                |days| format!(", browser remembered for {}", super::count(days, "day", "days"));
            let days = remember.map(days).unwrap_or_default();
            Badge::new(Tone::Ok, &format!("Second factor{days}{anew}"))
        }
        Factor::WhenAsked => Badge::new(Tone::Warn, &format!("Password alone{anew}")),
    }
}

/// A whole rule on one line.
pub(crate) fn line(view: &PolicyView, rule: &Rule) -> String {
    let off = if rule.enabled { "" } else { " (switched off)" };
    format!("{}: {}{off}", when(view, &rule.when), then(rule.then).text.to_lowercase())
}

/// What a sign-in takes.
pub(crate) fn verdict(verdict: Verdict) -> Badge {
    let Verdict::Allowed { mfa, max_age, remember } = verdict else { return then(Then::Deny) };
    let hours = max_age.and_then(|age| u16::try_from(age / 3600).ok());
    let factor = match mfa {
        MfaPolicy::PhishingResistant => Factor::PhishingResistant,
        MfaPolicy::Always => Factor::Always,
        MfaPolicy::OnDemand => Factor::WhenAsked,
    };
    then(Then::Allow { factor, hours, remember })
}

/// How a sign-in ends, and by which rule.
pub(crate) fn ending((rule, how): &(Option<String>, Verdict)) -> Ending {
    let rule = rule.clone().unwrap_or_else(|| "No rule fits".to_owned());
    Ending { badge: verdict(*how), rule }
}

/// Why a rule does not fit.
pub(crate) const fn misfit(misfit: Misfit) -> &'static str {
    match misfit {
        Misfit::Off => "It is switched off.",
        Misfit::Target => "It does not name this application, or not the console.",
        Misfit::Groups => "The person is in none of its groups.",
        Misfit::Role => "The person has none of its roles.",
        Misfit::Place => "It is for other networks.",
        Misfit::Client => "It is for other kinds of programs.",
        Misfit::Agent => "The program calls itself otherwise.",
        Misfit::Asked => "It depends on whether the application asks for a second factor.",
    }
}
