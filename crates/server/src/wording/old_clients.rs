//! Why an old program keeps asking for the password, in words for the help desk: what was sent back,
//! what it means, what to do and where.

use app::old_clients::OldClient;
use model::{Ts, old_client::Cause, wstrust::PasswordDoor};

use super::{count, times};
use crate::pages::{admin::old_clients::Line, parts::Link};

/// A line of the page.
pub(crate) fn line(old: &OldClient, now: Ts) -> Line {
    let name = old.person.as_ref().map_or(&*old.name, |user| &*user.profile.display_name);
    let (why, fix) = explained(&old.cause);
    let from = match old.addresses.iter().filter(|it| !it.is_empty()).count() {
        0 => "an unknown address".to_owned(),
        _ => old.addresses.join(", "),
    };
    Line {
        title: format!("{name}: {}", old.program),
        name: old.name.clone(),
        times: format!("Refused {} by {}", count(old.times, "time", "times"), old.door.name()),
        first: times::when(old.first, now),
        last: times::when(old.last, now),
        why: why.to_owned(),
        fix: fix.to_owned(),
        sent: sent(old.door, &old.cause).to_owned(),
        said: old.said.clone(),
        from,
        mend: mend(old),
    }
}

/// The cause and what to do about it, each in a sentence or two.
fn explained(cause: &Cause) -> (&str, &'static str) {
    match cause {
        Cause::UnknownPerson => (
            "Nobody here has this sign-in name.",
            "Correct the name in the program; it must be the whole address. If the person was renamed, it is the new one.",
        ),
        Cause::Network => (
            "It comes from a network that the permit for old programs does not name.",
            "If the network is yours, add it to the permit; else this is where a stranger stands, and nothing is to be done.",
        ),
        Cause::Blocked => (
            "An admin has blocked the account, or the person is gone.",
            "Remove the account from the device, or unblock the person.",
        ),
        Cause::ForeignDomain => (
            "The person is of another domain than the one that was asked.",
            "Correct the sign-in name in the program.",
        ),
        Cause::NotNamed => (
            "A second factor is demanded of this person, and a program without our sign-in page can’t ask for one.",
            "Use a program that opens the sign-in page (Outlook of today, or the account added anew on the phone). Only if that can’t be, name the person in the permit.",
        ),
        Cause::Forbidden => (
            "A rule of the sign-in policy does not let them in this way.",
            "Ask What if for the person with this way of signing in; it names the rule.",
        ),
        Cause::TenantAdmin => (
            "They hold an administrator role in the tenant, and such people are kept from signing in here.",
            "Use another account for daily work, or let them in under Microsoft 365.",
        ),
        Cause::NotAssigned => (
            "The person is not assigned to Office 365.",
            "Assign them, or remove the account from the device.",
        ),
        Cause::NoLastingPassword => (
            "They still have a first password, which opens only the page where they choose their own.",
            "Let them sign in once in a browser and choose a password, and type that into the program.",
        ),
        _ => explained_by_the_request(cause),
    }
}

/// The causes that have little to do with the account.
fn explained_by_the_request(cause: &Cause) -> (&str, &'static str) {
    match cause {
        Cause::WrongPassword => (
            "The password is wrong. When it goes on for days, the device keeps an old one.",
            "Type the password of today into the program, or take the account off the device and add it again.",
        ),
        Cause::Throttled => (
            "So many wrong passwords came before that nothing is checked for a while, not even the right one.",
            "Find the device with the old password first. Blocking and unblocking the person on their page clears the count.",
        ),
        Cause::FactorDemanded => (
            "Microsoft demanded a second factor in this very request, and there is none without a sign-in page.",
            "Use a program that opens the sign-in page, or look at the Conditional Access policy that demands it.",
        ),
        Cause::ForeignName => (
            "The request wants people named in another way than is registered.",
            "Look at the protocol that the domain is set to here and at Microsoft.",
        ),
        Cause::ForeignParty => (
            "The token would be for an application that does not come this way.",
            "Correct the address of the service in the program; only Microsoft 365 comes this way.",
        ),
        Cause::Changed => (
            "Somebody changed the account, the permit or the policy in that very moment.",
            "Nothing, unless it comes again.",
        ),
        Cause::Message(why) if why.contains("expired") || why.contains("future") => (
            "The message was made too long ago or in the future: the clock of that computer is wrong.",
            "Set the clock of the computer, and let it be set by the network.",
        ),
        other => (
            other.as_str(),
            "Use a newer version of the program. If it is Microsoft’s, show this line to whoever runs Gatehouse.",
        ),
    }
}

/// What went back to the program.
fn sent(door: PasswordDoor, cause: &Cause) -> &'static str {
    match (door, cause) {
        (PasswordDoor::WsTrust, Cause::Message(_) | Cause::ForeignParty) => {
            "HTTP 500 with the fault RequestFailed (MSIS3127), or HTTP 400 if it could not be read"
        }
        (PasswordDoor::WsTrust, _) => "HTTP 500 with the fault FailedAuthentication (MSIS7068)",
        (PasswordDoor::Ecp, Cause::FactorDemanded) => "A response with the status NoAuthnContext",
        (PasswordDoor::Ecp, Cause::ForeignName) => "A response with the status InvalidNameIDPolicy",
        (PasswordDoor::Ecp, Cause::Message(_)) => "HTTP 500 with a SOAP fault",
        (PasswordDoor::Ecp, _) => "HTTP 401",
    }
}

/// Where it is mended.
fn mend(old: &OldClient) -> Link {
    let person = old.person.as_ref().map(|user| format!("/admin/users/{}", user.id));
    let of_person = |label| match &person {
        Some(page) => Link::new(label, page),
        None => Link::new("Find the person", "/admin/users"),
    };
    let of_domain = |label, view: &str| match &old.domain {
        Some(domain) => Link::new(label, &format!("/admin/domains/{}{view}", domain.slug)),
        None => Link::new("Domains", "/admin/microsoft365"),
    };
    match &old.cause {
        Cause::UnknownPerson | Cause::ForeignDomain => Link::new("Find the person", "/admin/users"),
        Cause::Network | Cause::NotNamed => of_domain("Look at the permit", "/protocols"),
        Cause::Forbidden => Link::new("What if", "/admin/policy/what-if"),
        Cause::TenantAdmin => Link::new("Microsoft 365", "/admin/microsoft365#tenant-admins"),
        Cause::Blocked
        | Cause::NotAssigned
        | Cause::NoLastingPassword
        | Cause::WrongPassword
        | Cause::Throttled
        | Cause::Changed => of_person("Open the person’s page"),
        Cause::FactorDemanded | Cause::ForeignName => of_domain("Look at the domain", ""),
        Cause::ForeignParty | Cause::Message(_) => {
            of_domain("Protocols of the domain", "/protocols")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_cause_has_words_of_its_own() {
        let expired = Cause::Message("it has expired".to_owned());
        let odd = Cause::Message("it has no timestamp".to_owned());
        let all: Vec<&Cause> = Cause::ALL.iter().chain([&expired, &odd]).collect();
        let words: HashSet<_> = all.iter().map(|cause| explained(cause)).collect();
        assert_eq!(words.len(), all.len());
        assert!(explained(&expired).0.contains("clock"));
        assert_eq!(explained(&odd).0, "it has no timestamp");
    }

    #[test]
    fn what_was_sent_is_told_by_the_door() {
        let trust = |cause: &Cause| sent(PasswordDoor::WsTrust, cause);
        assert!(trust(&Cause::WrongPassword).contains("FailedAuthentication"));
        assert!(trust(&Cause::ForeignParty).contains("RequestFailed"));
        assert_eq!(sent(PasswordDoor::Ecp, &Cause::Blocked), "HTTP 401");
        assert!(sent(PasswordDoor::Ecp, &Cause::FactorDemanded).contains("NoAuthnContext"));
    }
}
