//! An account of the list in words: whose it may be and why, and which ticks can be set.

use app::{
    matches::Why,
    tenant_people::{Bond, Candidate, Found, PeoplePage, Reason, Suggestion},
};
use model::{
    ids::UserId,
    matches::OffLimits,
    tenant_people::{Account, AccountKind, Choice, Tick as Wanted},
};

use crate::{
    admin::matches::evidence,
    pages::{
        admin::tenant_people::{Row, Tick},
        parts::{self, Badge, Link, Tone},
    },
};

/// A row of the page.
pub(super) fn row(page: &PeoplePage, account: &Account) -> Row {
    let id = account.object.id;
    let fallback = Found { suggestion: Suggestion::Ambiguous, candidates: Vec::new() };
    let found = page.suggestions.of.get(&id).unwrap_or(&fallback);
    let nothing = Wanted { object: id, sync: false, sso: false, choice: Choice::Suggested };
    let wanted = page.ticks.get(&id).unwrap_or(&nothing);
    let person = person(&found.suggestion);
    Row {
        id: id.to_string(),
        name: account.object.display_name.clone(),
        upn: account.object.upn.clone(),
        about: about(account),
        whose: whose(&found.suggestion),
        person: person.map(|id| Link::new(&name(page, id), &format!("/admin/users/{id}"))),
        why: why(page, account, found),
        choices: choices(page, account, found, wanted.choice),
        sync: sync(account, found, wanted),
        sso: sso(page, account, found, wanted),
    }
}

fn name(page: &PeoplePage, id: UserId) -> String {
    let user = page.suggestions.person(id);
    user.map(|user| user.profile.display_name.clone()).unwrap_or_default()
}

const fn person(suggestion: &Suggestion) -> Option<UserId> {
    match suggestion {
        Suggestion::Bound(id, _) | Suggestion::Bind(id) => Some(*id),
        Suggestion::Ignored | Suggestion::Ambiguous | Suggestion::Create | Suggestion::Leave(_) => {
            None
        }
    }
}

fn about(account: &Account) -> Vec<Badge> {
    let mut about = Vec::new();
    if account.licensed {
        about.push(Badge::new(Tone::Ok, "Licensed"));
    }
    if !account.enabled {
        about.push(Badge::new(Tone::Warn, "Blocked there"));
    }
    let kind = match account.kind() {
        AccountKind::Person => return about,
        AccountKind::Guest => "Guest",
        AccountKind::Administrator => "Administrator",
        AccountKind::Synchronised => "Synchronised from elsewhere",
        AccountKind::Own => "The tenant's own domain",
    };
    about.push(Badge::new(Tone::Neutral, kind));
    about
}

fn whose(suggestion: &Suggestion) -> Badge {
    match suggestion {
        Suggestion::Bound(_, Bond::Linked) => Badge::new(Tone::Ok, "Linked to"),
        Suggestion::Bound(_, Bond::Promised) => Badge::new(Tone::Ok, "Confirmed for"),
        Suggestion::Bound(_, Bond::LeftAlone) => Badge::new(Tone::Ok, "Left alone for"),
        Suggestion::Ignored => Badge::new(Tone::Neutral, "Ignored"),
        Suggestion::Bind(_) => Badge::new(Tone::Ok, "Suggested:"),
        Suggestion::Ambiguous => Badge::new(Tone::Warn, "More than one fits"),
        Suggestion::Create => Badge::new(Tone::Neutral, "Suggested: a new person"),
        Suggestion::Leave(_) => Badge::new(Tone::Neutral, "Suggested: leave it"),
    }
}

fn why(page: &PeoplePage, account: &Account, found: &Found) -> Vec<String> {
    let foreign = account.object.immutable_id.is_some();
    let mut lines = match &found.suggestion {
        Suggestion::Bound(..) | Suggestion::Ignored => Vec::new(),
        Suggestion::Bind(user) => {
            let mine = found.candidates.iter().find(|it| it.user == *user);
            mine.map(|it| it.evidence.iter().map(evidence).collect()).unwrap_or_default()
        }
        Suggestion::Ambiguous => found
            .candidates
            .iter()
            .map(|it| format!("{}: {}", name(page, it.user), says(it)))
            .collect(),
        Suggestion::Create if foreign => vec![
            "Nobody here has its addresses. It carries the immutable id of another identity \
             provider, so it can't be taken over."
                .to_owned(),
        ],
        Suggestion::Create => vec!["Nobody here has its addresses.".to_owned()],
        Suggestion::Leave(reason) => vec![reason_for(page, reason)],
    };
    lines.truncate(4);
    lines
}

fn says(candidate: &Candidate) -> String {
    let all: Vec<String> = candidate.evidence.iter().map(evidence).collect();
    all.join(", ")
}

fn reason_for(page: &PeoplePage, reason: &Reason) -> String {
    match reason {
        Reason::Domain => {
            "Its domain is none of ours. Add it under Microsoft 365 first.".to_owned()
        }
        Reason::FormerName(id) => format!("Its name was that of {} before.", name(page, *id)),
        Reason::Address(id) => {
            format!("{} has one of its addresses, and another account.", name(page, *id))
        }
        Reason::Rejected(id) => {
            format!("An admin said under Sync users that it isn't {}'s.", name(page, *id))
        }
        Reason::Why(Why::OffLimits(OffLimits::Administrator)) => {
            "Holds an admin role at Microsoft. Administrators must not depend on Gatehouse."
                .to_owned()
        }
        Reason::Why(Why::OffLimits(OffLimits::Guest)) => {
            "A guest: the account itself is in another tenant.".to_owned()
        }
        Reason::Why(Why::OffLimits(OffLimits::Synchronised)) => {
            "Another synchronisation keeps it. Choose whose it is for SSO alone.".to_owned()
        }
        Reason::Why(Why::OffLimits(OffLimits::Deleted)) => "It is in Entra's bin.".to_owned(),
        Reason::Why(Why::SomebodyElses(id)) => format!("It is {}'s.", name(page, *id)),
        Reason::Why(Why::OtherImmutableId) => {
            "It carries the immutable id of another identity provider. Choose whose it is for SSO \
             alone."
                .to_owned()
        }
        Reason::Why(Why::IdTwice) => "Two accounts carry one person's immutable id.".to_owned(),
        Reason::Why(Why::Blocked) => "Its person is blocked here.".to_owned(),
        Reason::Why(Why::TenantsOwn) => {
            "In the tenant's onmicrosoft.com domain, as emergency accounts are.".to_owned()
        }
    }
}

/// What an admin can say of an account that is nobody's yet.
fn choices(
    page: &PeoplePage,
    account: &Account,
    found: &Found,
    chosen: Choice,
) -> Vec<parts::Choice> {
    let is_open = matches!(account.kind(), AccountKind::Person | AccountKind::Synchronised);
    if !is_open || matches!(found.suggestion, Suggestion::Bound(..)) {
        return Vec::new();
    }
    let id = account.object.id;
    let chosen = format!("{id}:{}", word(chosen));
    let choice =
        |value: &str, label: &str| parts::Choice::new(&format!("{id}:{value}"), label, &chosen);
    let mut all = vec![choice("suggested", "As suggested"), choice("create", "A new person")];
    for candidate in &found.candidates {
        let value = word(Choice::Bind(candidate.user));
        all.push(choice(&value, &format!("{} here", name(page, candidate.user))));
    }
    all.push(choice("ignore", "Nobody: ignore it"));
    all
}

fn word(choice: Choice) -> String {
    match choice {
        Choice::Suggested => "suggested".to_owned(),
        Choice::Create => "create".to_owned(),
        Choice::Bind(id) => format!("person:{id}"),
        Choice::Ignore => "ignore".to_owned(),
    }
}

fn sync(account: &Account, found: &Found, wanted: &Wanted) -> Tick {
    match (account.kind(), &found.suggestion) {
        (_, Suggestion::Bound(_, Bond::Linked)) => Tick::closed("is in step"),
        (_, Suggestion::Bound(_, Bond::Promised)) => Tick::closed("with the next plan"),
        (AccountKind::Person, _) => Tick::open(wanted.sync),
        _ => Tick::closed("never"),
    }
}

fn sso(page: &PeoplePage, account: &Account, found: &Found, wanted: &Wanted) -> Tick {
    let held = match found.suggestion {
        Suggestion::Bound(id, _) => page.assigned.contains(&id),
        _ => false,
    };
    match account.kind() {
        _ if held => Tick::closed("may sign in"),
        AccountKind::Person | AccountKind::Synchronised => Tick::open(wanted.sso),
        _ => Tick::closed("never"),
    }
}
