//! What is known here of what a message is about, in words.

use app::explain::{
    ConnectionHere, DomainHere, Here, IssuerHere, OurPerson, PersonHere, TheirObjects,
};
use model::{Ts, alarm::Alarm, entra::EntraUser, upn, user::UserState, watch::Sight};
use url::form_urlencoded::byte_serialize;

use crate::{
    pages::{
        admin::explain::Known,
        parts::{Check, Fact, Link, Tone},
    },
    wording::{alarms, times},
};

/// Each thing that is known, with the page where more is.
pub(super) fn all(here: &Here, now: Ts) -> Vec<Known> {
    let mut known: Vec<Known> = here.person.iter().map(person).collect();
    known.extend(here.issuer.iter().map(issuer));
    known.extend(here.domains.iter().map(domain));
    known.extend(here.connections.iter().map(|it| connection(it, now)));
    known
}

fn person(person: &PersonHere) -> Known {
    let mut checks = vec![person.ours.as_ref().map_or_else(|| unknown(&person.named), state)];
    checks.extend(match &person.theirs {
        None => vec![Check::new(Tone::Neutral, "In Entra", "No tenant is connected.")],
        Some(Err(why)) => {
            vec![Check::new(Tone::Warn, "In Entra", &format!("It can't be read now: {why}"))]
        }
        Some(Ok(theirs)) => in_entra(theirs, person.ours.as_ref()),
    });
    let id = person.ours.as_ref().map(|ours| ours.user.immutable_id.as_str());
    let name = person.ours.as_ref().map(|ours| ours.user.profile.display_name.clone());
    Known {
        key: "known-person".to_owned(),
        title: name.unwrap_or_else(|| person.named.clone()),
        facts: id.map(|id| Fact::id("We send the immutable id", id)).into_iter().collect(),
        checks,
        link: link(person),
    }
}

fn unknown(named: &str) -> Check {
    Check::new(Tone::Danger, "Here", &format!("Nobody here has the sign-in name {named}."))
}

fn link(person: &PersonHere) -> Link {
    let Some(ours) = &person.ours else {
        let named: String = byte_serialize(person.named.as_bytes()).collect();
        return Link::new("Look among the people", &format!("/admin/users?q={named}"));
    };
    Link::new("Look at the person", &format!("/admin/users/{}", ours.user.id))
}

fn state(ours: &OurPerson) -> Check {
    let (tone, detail) = match (ours.user.state, ours.assigned) {
        (UserState::Active, true) => (Tone::Ok, "Assigned, and not blocked."),
        (UserState::Active, false) => {
            (Tone::Danger, "Not assigned: no token is issued, and sign-in is blocked in Entra.")
        }
        (UserState::Blocked | UserState::Deleted, _) => {
            (Tone::Danger, "Blocked: no token is issued, and sign-in is blocked in Entra.")
        }
    };
    Check::new(tone, "Here", detail)
}

fn in_entra(theirs: &TheirObjects, ours: Option<&OurPerson>) -> Vec<Check> {
    if !theirs.objects.is_empty() {
        return theirs.objects.iter().map(|object| compare(object, ours)).collect();
    }
    let detail = match (theirs.in_bin, ours) {
        (true, _) => {
            "Deleted there; it waits in the bin. Assign the person, and a sync brings it back."
        }
        (false, Some(_)) => "Nobody there has this name or the immutable id that we send.",
        (false, None) => "Nobody there has this name.",
    };
    vec![Check::new(Tone::Danger, "In Entra", detail)]
}

/// An object of Entra's, against what we send.
fn compare(object: &EntraUser, ours: Option<&OurPerson>) -> Check {
    let theirs = object.immutable_id.as_deref();
    let has = theirs.map_or("no immutable id".to_owned(), |id| format!("the immutable id {id}"));
    let (tone, detail) = match ours.map(|ours| &ours.user) {
        None => (Tone::Warn, format!("{} has {has}.", object.upn)),
        Some(user) if theirs != Some(user.immutable_id.as_str()) => {
            let sent = &user.immutable_id;
            (Tone::Danger, format!("{} has {has}; we send {sent}.", object.upn))
        }
        Some(user) if upn::fold(&object.upn) != user.upn.folded() => {
            let text = format!("The immutable id that we send is there that of {}.", object.upn);
            (Tone::Danger, text)
        }
        Some(_) => (Tone::Ok, format!("{} has the immutable id that we send.", object.upn)),
    };
    if object.account_enabled {
        return Check::new(tone, "In Entra", &detail);
    }
    Check::new(Tone::Danger, "In Entra", &format!("{detail} Sign-in is blocked there."))
}

fn issuer(issuer: &IssuerHere) -> Known {
    let (tone, detail) = match &issuer.of {
        Some(name) => (
            Tone::Ok,
            format!(
                "It is that of {name} here, to the letter. If Microsoft doesn't know it, it has \
                 another one for the domain, or not every server knows of a change yet."
            ),
        ),
        None => (
            Tone::Danger,
            "No domain here has this issuer: whoever sent it is not this Gatehouse, or it was \
             changed since."
                .to_owned(),
        ),
    };
    Known {
        key: "known-issuer".to_owned(),
        title: "The issuer in the message".to_owned(),
        facts: vec![Fact::id("It says", &issuer.quoted)],
        checks: vec![Check::new(tone, "Issuer", &detail)],
        link: Link::new("Look at the domains", "/admin/microsoft365#domains"),
    }
}

fn domain(here: &DomainHere) -> Known {
    let domain = &here.domain;
    let looked = here.watch.as_ref().map(|watch| times::exact(watch.tried_at));
    let alarm = |alarm: &Alarm| {
        Check::new(alarms::tone(alarm), alarms::title(alarm.cause.kind()), &alarm.sentence())
    };
    Known {
        key: format!("domain-{}", domain.slug),
        title: domain.name.clone(),
        facts: looked.map(|at| Fact::text("Last looked at", &at)).into_iter().collect(),
        checks: here.alarms.iter().map(alarm).chain(federation(here)).collect(),
        link: Link::new("Look at the domain now", &format!("/admin/domains/{}", domain.slug)),
    }
}

/// What the last look came to; `None` when an alarm says it.
fn federation(here: &DomainHere) -> Option<Check> {
    let (tone, detail) = match here.watch.as_ref().map(|watch| &watch.sight) {
        None => (Tone::Neutral, "It was not looked at yet.".to_owned()),
        Some(Sight::Blind(why) | Sight::NotAllowed(why)) => {
            (Tone::Warn, format!("It can't be read: {why}"))
        }
        Some(Sight::Seen) if here.domain.federated_at.is_none() => {
            (Tone::Danger, "Microsoft doesn't send its people here.".to_owned())
        }
        Some(Sight::Seen) if here.alarms.is_empty() => {
            (Tone::Ok, "What Microsoft has equals what we have.".to_owned())
        }
        Some(Sight::Seen) => return None,
    };
    Some(Check::new(tone, "Federation", &detail))
}

fn connection(here: &ConnectionHere, now: Ts) -> Known {
    let (tone, detail) = match here.secret_ends {
        None => (Tone::Neutral, "When it ends is not known: type it in to be told.".to_owned()),
        Some(at) if at <= now => (Tone::Danger, format!("It ended on {}.", times::day(at))),
        Some(at) => {
            let relative = times::relative(at, now);
            (
                Tone::Ok,
                format!("It ends {relative}, on {}, as far as was typed in.", times::day(at)),
            )
        }
    };
    Known {
        key: format!("known-{}", here.alias.replace(|c: char| !c.is_ascii_alphanumeric(), "-")),
        title: format!("Connection {}", here.alias),
        facts: Vec::new(),
        checks: vec![Check::new(tone, "Client secret", &detail)],
        link: Link::new("Look at the connection", "/admin/microsoft365#connection"),
    }
}
