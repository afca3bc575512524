//! The people of the domain: who could not sign in any more, and why.

use std::collections::{HashMap, HashSet};

use model::{
    explanation::Place,
    preflight::{Check, Finding},
    tenant_state::{DirectoryPerson, Seen},
};

use super::{Observed, OurPerson, failed, named, passed, people, unseen, warning};

pub(super) fn findings(observed: &Observed) -> Vec<Finding> {
    let checks = [
        (Check::ImmutableIdMissing, missing as fn(&Scene<'_>) -> Finding),
        (Check::ImmutableIdTwice, twice),
        (Check::ImmutableIdForeign, foreign),
        (Check::SignInNameElsewhere, elsewhere),
        (Check::AssignedButAbsent, absent),
        (Check::ThereButUnassigned, unassigned),
        (Check::Synchronised, synchronised),
        (Check::Guests, guests),
    ];
    let scene = scene(observed);
    let judge = |(check, judge): (Check, fn(&Scene<'_>) -> Finding)| match &scene {
        Ok(scene) => judge(scene),
        Err(why) => unseen(check, why),
    };
    checks.map(judge).into()
}

/// Both sides of the domain.
struct Scene<'o> {
    domain: &'o str,
    /// Everybody in the tenant.
    everybody: &'o [DirectoryPerson],
    /// Whoever may sign in and is no guest.
    inside: Vec<&'o DirectoryPerson>,
    /// Our people of any domain, by immutable id.
    ours: HashMap<&'o str, &'o OurPerson>,
    assigned: Vec<&'o OurPerson>,
}

fn scene(observed: &Observed) -> Seen<Scene<'_>> {
    let everybody = observed.tenant.people.as_ref().map_err(Clone::clone)?;
    let ours = observed.ours.people.iter().map(|it| (it.immutable_id.as_str(), it));
    Ok(Scene {
        domain: &observed.domain,
        everybody,
        inside: observed.inside()?.into_iter().filter(|it| !it.guest).collect(),
        ours: ours.collect(),
        assigned: observed.assigned().collect(),
    })
}

impl<'o> Scene<'o> {
    /// The names of the people inside for whom it holds.
    fn names(&self, holds: impl Fn(&DirectoryPerson) -> bool) -> Vec<&'o str> {
        self.inside.iter().filter(|it| holds(it)).map(|it| it.upn.as_str()).collect()
    }

    /// The one of ours whose immutable id somebody carries.
    fn ours_of(&self, person: &DirectoryPerson) -> Option<&'o OurPerson> {
        self.ours.get(person.immutable_id.as_deref()?).copied()
    }
}

fn missing(scene: &Scene<'_>) -> Finding {
    let check = Check::ImmutableIdMissing;
    let names = scene.names(|person| person.immutable_id.is_none());
    if names.is_empty() {
        let evidence = format!("So it is with all {} of {}.", scene.inside.len(), scene.domain);
        return passed(check, evidence);
    }
    let fix = "Match them with the people here, or assign them: either gives them one.";
    let evidence = format!(
        "{} could not sign in, for their account has no immutable id: {}.",
        people(names.len()),
        named(&names)
    );
    failed(check, evidence, (fix, Place::Matches))
}

fn twice(scene: &Scene<'_>) -> Finding {
    let check = Check::ImmutableIdTwice;
    let mut held: HashMap<&str, Vec<&str>> = HashMap::new();
    for person in scene.everybody {
        if let Some(id) = &person.immutable_id {
            held.entry(id).or_default().push(&person.upn);
        }
    }
    let inside: HashSet<&str> = scene.inside.iter().map(|person| person.upn.as_str()).collect();
    let mut shared: Vec<String> = held
        .into_values()
        .filter(|names| names.len() > 1 && names.iter().any(|name| inside.contains(name)))
        .map(|names| names.join(" with "))
        .collect();
    shared.sort();
    if shared.is_empty() {
        return passed(check, "Each immutable id is one person's.");
    }
    let fix = "Give each of them an immutable id of their own: a token for one would be a token for \
               the other.";
    let evidence = format!("These share one: {}.", named(&shared));
    failed(check, evidence, (fix, Place::EntraUsers))
}

fn foreign(scene: &Scene<'_>) -> Finding {
    let check = Check::ImmutableIdForeign;
    let names =
        scene.names(|person| person.immutable_id.is_some() && scene.ours_of(person).is_none());
    if names.is_empty() {
        return passed(check, "Nobody carries one that no person here has.");
    }
    let fix = "Match them with the people here, or bring them along: whoever is not known here can't \
               sign in.";
    let evidence = format!(
        "{} could not sign in, for nobody here has their immutable id: {}.",
        people(names.len()),
        named(&names)
    );
    failed(check, evidence, (fix, Place::Matches))
}

/// A token's issuer is the one of the person's domain here; Entra compares it with their domain there.
fn elsewhere(scene: &Scene<'_>) -> Finding {
    let check = Check::SignInNameElsewhere;
    let theirs: HashMap<&str, &str> = scene
        .everybody
        .iter()
        .filter_map(|it| Some((it.immutable_id.as_deref()?, it.upn.as_str())))
        .collect();
    let differ = |ours: &&OurPerson| {
        let theirs = *theirs.get(ours.immutable_id.as_str())?;
        (theirs != ours.upn).then(|| (theirs, format!("{} is {theirs} there", ours.upn)))
    };
    let found: Vec<_> = scene.assigned.iter().filter_map(differ).collect();
    if found.is_empty() {
        return passed(check, "Whoever is assigned has the same sign-in name there.");
    }
    let names: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
    let evidence = format!("{} of {}: {}.", people(found.len()), scene.domain, named(&names));
    let fix = "Give them the same sign-in name on both sides: Microsoft refuses a token of one \
               domain for somebody of another (AADSTS5000820).";
    let at_home = format!("@{}", scene.domain);
    if found.iter().any(|(theirs, _)| !theirs.ends_with(&at_home)) {
        return failed(check, evidence, (fix, Place::EntraUsers));
    }
    let fix = "Give them the same sign-in name on both sides, so that they type one name.";
    warning(check, evidence, (fix, Place::EntraUsers))
}

fn absent(scene: &Scene<'_>) -> Finding {
    let check = Check::AssignedButAbsent;
    let there: HashSet<&str> =
        scene.everybody.iter().filter_map(|it| it.immutable_id.as_deref()).collect();
    let names: Vec<&str> = scene
        .assigned
        .iter()
        .filter(|person| !there.contains(person.immutable_id.as_str()))
        .map(|person| person.upn.as_str())
        .collect();
    if names.is_empty() {
        return passed(check, format!("So it is with all {} of them.", scene.assigned.len()));
    }
    let fix = "Run a sync, and look at what it says of them.";
    let evidence = format!(
        "{} are assigned here and not in the tenant: {}.",
        people(names.len()),
        named(&names)
    );
    warning(check, evidence, (fix, Place::Runs))
}

fn unassigned(scene: &Scene<'_>) -> Finding {
    let check = Check::ThereButUnassigned;
    let names = scene.names(|person| scene.ours_of(person).is_some_and(|ours| !ours.assigned));
    if names.is_empty() {
        return passed(check, "Nobody who is known here is left out.");
    }
    let fix = "Assign them to Office 365, or leave it if they shall not get in any more.";
    let evidence = format!(
        "{} could not sign in, for they are not assigned here, or blocked: {}.",
        people(names.len()),
        named(&names)
    );
    warning(check, evidence, (fix, Place::People))
}

fn synchronised(scene: &Scene<'_>) -> Finding {
    let check = Check::Synchronised;
    let names = scene.names(|person| person.synchronised);
    if names.is_empty() {
        return passed(check, "Nobody's account is kept by another synchronisation.");
    }
    let fix = "Their immutable id comes from there and must be the one here: bring them along with \
               it. What Gatehouse would change of them, the other synchronisation changes back.";
    let evidence =
        format!("{} are kept by another synchronisation: {}.", people(names.len()), named(&names));
    warning(check, evidence, (fix, Place::EntraConnect))
}

fn guests(scene: &Scene<'_>) -> Finding {
    let check = Check::Guests;
    let names: Vec<&str> = scene
        .everybody
        .iter()
        .filter(|person| person.guest && person.domain() == scene.domain)
        .map(|person| person.upn.as_str())
        .collect();
    if names.is_empty() {
        return passed(check, "No guest has a sign-in name in the domain.");
    }
    let fix = "Look at them: a guest signs in at home, and one of this domain would be sent here.";
    let evidence = format!("{} are guests: {}.", people(names.len()), named(&names));
    warning(check, evidence, (fix, Place::EntraUsers))
}
