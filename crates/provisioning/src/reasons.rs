//! The sentences that plans explain themselves with, and how values are shown in them.

use model::{
    attribute::Attribute,
    entra::{AttributeChanges, DeletedUser, EntraAttributes, EntraUser, KEPT_IN_BIN},
    mapping::Mode,
    upn,
};

use crate::{
    desired::{DesiredUser, day},
    mapping::Wishes,
};

pub(crate) const TWO_OBJECTS: &str =
    "two objects in Entra carry this person's immutable id; remove it from the wrong one";
pub(crate) const SOMEBODY_ELSES: &str =
    "the object in Entra is linked to another person in Gatehouse; clear up which of them it is";
pub(crate) const BLOCKED_ELSEWHERE: &str = "sign-in was blocked in Entra and not by Gatehouse; \
     whoever blocked it unblocks it there";

pub(crate) const ACCEPTED_IS_GONE: &str = "the account that an admin confirmed as theirs is not in \
     Entra any more; take the confirmation back under Sync users, then a new one is created";

pub(crate) const REJECTED: &str = "an account in Entra carries this person's immutable id, and an \
     admin said under Sync users that it isn't theirs; remove the immutable id at Microsoft, or take \
     the answer back";

/// Why nothing is taken over for somebody who is shut out.
pub(crate) fn not_while(why: &str) -> String {
    format!("an admin confirmed an account as theirs, but it isn't taken over now: {why}")
}

/// Why an object isn't taken over for whoever has this immutable id, if so (Y07, Y09, Y10).
pub(crate) fn unadoptable(immutable_id: &str, object: &EntraUser) -> Option<&'static str> {
    match object.immutable_id.as_deref() {
        Some(id) if id != immutable_id => Some(
            "the account that an admin confirmed as theirs carries another immutable id; it isn't \
             changed",
        ),
        _ if is_tenants_own(&object.upn) => Some(
            "has a name in the tenant's onmicrosoft.com domain, as emergency accounts do; Gatehouse \
             doesn't take such accounts over",
        ),
        _ => untouchable(object),
    }
}

/// Whether a name is in a domain that every tenant has of its own: accounts for emergencies are there,
/// and federation never reaches them.
pub(crate) fn is_tenants_own(upn: &str) -> bool {
    upn.to_ascii_lowercase().ends_with(".onmicrosoft.com")
}

/// Why an object isn't taken over that was called otherwise when an admin confirmed it, if so (Y09).
pub(crate) fn called_otherwise(confirmed: Option<&str>, object: &EntraUser) -> Option<String> {
    let same = confirmed.is_some_and(|upn| upn.eq_ignore_ascii_case(&object.upn));
    (!same).then(|| {
        format!(
            "the account changed since an admin confirmed it as theirs: it is called {} now. Under \
             Sync users, take the confirmation back and look at the tenant anew; confirm it again if \
             it still is right",
            object.upn
        )
    })
}

/// Why an object isn't taken over as long as its name isn't the person's, if so: Entra would let them
/// sign in to it by the immutable id alone.
pub(crate) fn names_differ(upn: &str, object: &EntraUser) -> Option<String> {
    renamed(upn, object).map(|_| {
        format!(
            "the account that an admin confirmed as theirs is called {} in Entra; it is taken over \
             once both have the same sign-in name: rename one of the two",
            object.upn
        )
    })
}

/// Where somebody is called otherwise in Entra than here, if so.
pub(crate) fn renamed(upn: &str, object: &EntraUser) -> Option<String> {
    // Entra's names aren't ours to normalise: only case is ignored, as Entra does.
    let renamed = !object.upn.eq_ignore_ascii_case(upn);
    renamed.then(|| {
        let theirs = &object.upn;
        format!("is called {theirs} in Entra and never was here; give both the same sign-in name")
    })
}

/// Whose the name is that somebody was given here and can't have in Entra.
pub(crate) fn new_name_taken(object: &EntraUser) -> String {
    format!(
        "{} is the sign-in name of another account in Entra ({}), so theirs keeps the name from \
         before until that one is called otherwise; if both swap names, give one of them a third name \
         in between",
        object.upn,
        object.attributes.display_name()
    )
}

/// An object with the person's name that isn't theirs.
pub(crate) fn name_taken(object: &EntraUser) -> String {
    let upn = &object.upn;
    match &object.immutable_id {
        None => format!(
            "{upn} exists in Entra without an immutable id; an admin has to confirm under Sync users \
             that it is this person before Gatehouse takes it over"
        ),
        Some(_) => format!(
            "{upn} exists in Entra with another immutable id: it belongs to another identity \
             provider or to another person"
        ),
    }
}

/// An object with the name of somebody who waits in the bin.
pub(crate) fn name_taken_meanwhile(object: &EntraUser, deleted: &DeletedUser) -> String {
    format!(
        "their account is in Entra's bin until {} and can't be restored, because another one has \
         the name {}: rename or delete that one in Entra",
        day(deleted.deleted_at + KEPT_IN_BIN),
        object.upn
    )
}

/// Why an object is never written to, if so (Y07).
pub(crate) fn untouchable(object: &EntraUser) -> Option<&'static str> {
    if object.protected {
        Some("holds an admin role in Entra; Gatehouse never writes to administrators")
    } else if object.guest {
        Some("is a guest in Entra; Gatehouse never writes to guests")
    } else if object.synced_from_elsewhere {
        Some("is kept by another synchronisation; change it at its source")
    } else {
        None
    }
}

/// Why somebody can't be brought in step with the object that is theirs, if so. One that is called as
/// they were here before waits for their new name.
pub(crate) fn mismatch(person: &DesiredUser, object: &EntraUser) -> Option<String> {
    let had = person.former_names.contains(&upn::fold(&object.upn));
    not_theirs(&person.immutable_id, object)
        .or_else(|| renamed(&person.upn, object).filter(|_| !had))
}

/// Why an object isn't quite that of whoever has this immutable id and this name, if so.
pub(crate) fn differs(immutable_id: &str, upn: &str, object: &EntraUser) -> Option<String> {
    not_theirs(immutable_id, object).or_else(|| renamed(upn, object))
}

fn not_theirs(immutable_id: &str, object: &EntraUser) -> Option<String> {
    if let Some(reason) = untouchable(object) {
        return Some(reason.to_owned());
    }
    match object.immutable_id.as_deref() {
        Some(id) if id == immutable_id => None,
        Some(_) => Some("the linked object carries another immutable id".to_owned()),
        None => Some("the linked object has lost its immutable id".to_owned()),
    }
}

/// The attributes that differ, as they are and as they shall be.
pub(crate) fn differences(is: &EntraAttributes, shall: &AttributeChanges) -> (String, String) {
    let shown = |attribute: &Attribute, value: Option<&str>| {
        format!("{}: {}", attribute.label(), value.unwrap_or("none"))
    };
    let before = shall.0.keys().map(|attribute| shown(attribute, is.get(*attribute)));
    let after = shall.0.iter().map(|(attribute, value)| shown(attribute, value.as_deref()));
    (before.collect::<Vec<_>>().join(", "), after.collect::<Vec<_>>().join(", "))
}

/// Why attributes are written to an account that is there.
pub(crate) fn written(wishes: &Wishes, changes: &AttributeChanges) -> String {
    let filled = |attribute: &Attribute| {
        wishes.of.get(attribute).is_some_and(|wish| wish.mode == Mode::WhenEmpty)
    };
    let (filled, differing): (Vec<&Attribute>, Vec<_>) =
        changes.0.keys().partition(|attribute| filled(attribute));
    let names: Vec<&str> = filled.iter().map(|attribute| attribute.label()).collect();
    match (names.is_empty(), differing.is_empty()) {
        (true, _) => "differs from Gatehouse".to_owned(),
        (false, true) => "nothing is there yet".to_owned(),
        (false, false) => format!("differs from Gatehouse; no {} is there yet", names.join(", ")),
    }
}

/// Why a value isn't written any more that somebody keeps changing (Y26).
pub(crate) fn fought(attribute: Attribute) -> String {
    format!(
        "the {} was set again and again in the last 7 days, and somebody changes it in Microsoft 365 \
         each time, so it is left as it is there: agree on one value, or have the attribute mapping \
         write it only when empty",
        attribute.label()
    )
}
