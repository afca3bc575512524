//! A row of the match table in words.

use app::matches::{MatchTable, Row as Found, Standing, Why};
use model::{
    ids::UserId,
    matches::{Evidence, OffLimits, Score},
    upn,
};

use crate::pages::{
    admin::matches::{Row, Side},
    parts::{Badge, Tone},
};

/// Whether a part of a name or an address is in a row.
pub(super) fn is_found(table: &MatchTable, row: &Found, q: &str) -> bool {
    let q = upn::fold(q);
    if q.is_empty() {
        return true;
    }
    let has = |text: &str| upn::fold(text).contains(&q);
    let person = row.person.and_then(|id| table.people.get(&id));
    let object = row.object.and_then(|id| table.objects.get(&id));
    let ours = person.is_some_and(|user| {
        let profile = &user.profile;
        has(user.upn.as_str())
            || has(&profile.display_name)
            || profile.mail.as_deref().is_some_and(has)
    });
    ours || object.is_some_and(|object| {
        has(&object.upn)
            || has(&object.display_name)
            || object.mail.as_deref().is_some_and(has)
            || object.proxy_addresses.iter().any(|address| has(address))
    })
}

/// A row, ticked if it was.
pub(super) fn row(table: &MatchTable, found: &Found, ticked: &[String]) -> Row {
    let pair = found.person.zip(found.object).map(|(person, object)| format!("{person}_{object}"));
    let pair = pair.unwrap_or_default();
    let promised = found.standing == Standing::Accepted
        || (matches!(found.standing, Standing::Excluded(_)) && is_accepted(table, found));
    Row {
        person: found.person.map(|id| person(table, id)),
        account: account(table, found),
        state: state(found.standing),
        score: score(found),
        evidence: found.evidence.iter().map(evidence).collect(),
        note: note(table, found),
        may_accept: found.may_accept(),
        ticked: ticked.contains(&pair),
        may_reopen: promised || found.standing == Standing::Rejected,
        pair,
    }
}

/// Somebody confirmed it, and something came between.
fn is_accepted(table: &MatchTable, found: &Found) -> bool {
    found.person.zip(found.object).is_some_and(|pair| table.accepted.contains(&pair))
}

fn person(table: &MatchTable, id: UserId) -> Side {
    let user = table.people.get(&id);
    Side {
        name: user.map(|user| user.profile.display_name.clone()).unwrap_or_default(),
        upn: user.map(|user| user.upn.to_string()).unwrap_or_default(),
        href: Some(format!("/admin/users/{id}")),
    }
}

fn account(table: &MatchTable, found: &Found) -> Option<Side> {
    let id = found.object?;
    Some(match table.objects.get(&id) {
        Some(object) => {
            Side { name: object.display_name.clone(), upn: object.upn.clone(), href: None }
        }
        None => {
            Side { name: "Not seen in the last look".to_owned(), upn: id.to_string(), href: None }
        }
    })
}

fn state(standing: Standing) -> Badge {
    match standing {
        Standing::Suggested => Badge::new(Tone::Ok, "Suggested"),
        Standing::Ambiguous => Badge::new(Tone::Warn, "Ambiguous"),
        Standing::Accepted => Badge::new(Tone::Neutral, "Confirmed"),
        Standing::Linked => Badge::new(Tone::Ok, "Linked"),
        Standing::Rejected => Badge::new(Tone::Neutral, "Rejected"),
        Standing::OnlyHere => Badge::new(Tone::Neutral, "Only here"),
        Standing::OnlyThere => Badge::new(Tone::Neutral, "Only there"),
        Standing::Excluded(_) => Badge::new(Tone::Danger, "Excluded"),
    }
}

fn score(found: &Found) -> String {
    match found.score() {
        Some(Score::Certain) => "Certain",
        Some(Score::Likely) => "Likely",
        Some(Score::Weak) => "Weak",
        None => "",
    }
    .to_owned()
}

/// What speaks for a pair, in words.
pub(in crate::admin) fn evidence(evidence: &Evidence) -> String {
    match evidence {
        Evidence::ImmutableId => "It carries this person's immutable id".to_owned(),
        Evidence::Upn => "Same sign-in name".to_owned(),
        Evidence::Mail(address) => format!("{address} is its mail address"),
        Evidence::Alias(address) => format!("{address} is one of its other addresses"),
        Evidence::Name => "Same name".to_owned(),
    }
}

fn note(table: &MatchTable, found: &Found) -> String {
    match found.standing {
        Standing::Excluded(why) => excluded(table, found, why),
        Standing::Ambiguous => {
            let choose = "Somebody or something else fits, too. Look closely, and choose one.";
            [choose.to_owned(), renamed(table, found)].join(" ").trim_end().to_owned()
        }
        Standing::Suggested | Standing::Accepted => renamed(table, found),
        Standing::OnlyHere => only_here(table, found),
        Standing::Linked | Standing::Rejected | Standing::OnlyThere => String::new(),
    }
}

/// What follows where the two have different sign-in names.
fn renamed(table: &MatchTable, found: &Found) -> String {
    let ours = found.person.and_then(|id| table.people.get(&id));
    let theirs = found.object.and_then(|id| table.objects.get(&id));
    match ours.zip(theirs) {
        Some((ours, theirs)) if !theirs.upn.eq_ignore_ascii_case(ours.upn.as_str()) => {
            "The sign-in names differ. Give both the same one, look at the tenant again, and confirm \
             then."
                .to_owned()
        }
        _ => String::new(),
    }
}

fn only_here(table: &MatchTable, found: &Found) -> String {
    let names = found.namesakes.iter().filter_map(|id| table.objects.get(id)).take(3);
    let names: Vec<&str> = names.map(|object| object.upn.as_str()).collect();
    let nobody = "No account fits. Assigning creates one.";
    if names.is_empty() {
        return nobody.to_owned();
    }
    format!("{nobody} The same name, which alone says nothing: {}.", names.join(", "))
}

fn excluded(table: &MatchTable, found: &Found, why: Why) -> String {
    match why {
        Why::OffLimits(OffLimits::Administrator) => {
            "Holds an admin role at Microsoft. Gatehouse never writes to administrators.".to_owned()
        }
        Why::OffLimits(OffLimits::Guest) => {
            "A guest of the tenant. Gatehouse never writes to guests.".to_owned()
        }
        Why::OffLimits(OffLimits::Synchronised) => {
            "Kept by another synchronisation, such as Entra Connect. Change it at its source."
                .to_owned()
        }
        Why::OffLimits(OffLimits::Deleted) => {
            "Deleted, in Entra's bin. If it is theirs, restore it there and look again.".to_owned()
        }
        Why::SomebodyElses(id) => {
            let name = person(table, id).name;
            format!("Belongs to {name} here.")
        }
        Why::OtherImmutableId => other_immutable_id(table, found),
        Why::IdTwice => "More than one account carries this person's immutable id. Remove it from \
                         the wrong one at Microsoft, and look again."
            .to_owned(),
        Why::TenantsOwn => {
            "Has a name in the tenant's onmicrosoft.com domain, as emergency accounts \
                            do. Gatehouse doesn't take such accounts over."
                .to_owned()
        }
        Why::Blocked => "The person is blocked here. Unblock them first.".to_owned(),
    }
}

/// The way by hand; Gatehouse itself changes no immutable id (F070).
fn other_immutable_id(table: &MatchTable, found: &Found) -> String {
    let ours = found.person.and_then(|id| table.people.get(&id));
    let ours = ours.map(|user| user.immutable_id.to_string()).unwrap_or_default();
    format!(
        "Carries the immutable id of another identity provider, which Gatehouse doesn't change. If \
         the account is surely theirs: at Microsoft, rename it to the onmicrosoft.com domain, set its \
         immutable id to {ours}, rename it back, and look again."
    )
}
