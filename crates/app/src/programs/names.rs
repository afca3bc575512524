//! What people may be called, and where mail may reach them, when a program says so: it never gives one
//! person what stands for another.

use model::{
    Upn,
    ids::UserId,
    upn::fold,
    user::{Profile, User},
};
use store::{Tx, applications, federated_domains, former_names, tenant_admins, users};

use super::{Told, Trouble};
use crate::{
    Error, Kind,
    accounts::{faults, tidied},
};

/// The sign-in name that a program typed.
pub(super) fn parsed(typed: &str) -> Told<Upn> {
    Upn::parse(typed).map_err(|why| Trouble::Wrong(format!("userName: {why}.")))
}

/// Stops unless a name lies in one of our domains and is nobody else's name, former name or mail address.
pub(super) fn may_be_called(tx: &mut Tx, upn: &Upn, me: Option<UserId>) -> Told<()> {
    let domain = upn.domain();
    if !federated_domains::all(tx)?.iter().any(|ours| ours.name == domain) {
        return Err(Trouble::Wrong(format!(
            "userName: {domain} is no domain of this organisation."
        )));
    }
    let others = users::reached(tx, &[upn.folded()], &[])?;
    if others.iter().any(|user| Some(user.id) != me) {
        let sentence = "userName: this is the name or the mail address of somebody else.";
        return Err(Trouble::Taken(sentence.to_owned()));
    }
    if former_names::last_holder(tx, upn.as_str())?.is_some_and(|user| Some(user) != me) {
        let sentence = "userName: somebody else had this name before.";
        return Err(Trouble::Taken(sentence.to_owned()));
    }
    Ok(())
}

/// Stops when a mail address is somebody else's, or their sign-in name, or was.
pub(super) fn may_have_mail(tx: &mut Tx, mail: Option<&str>, me: Option<UserId>) -> Told<()> {
    let Some(mail) = mail else { return Ok(()) };
    let spellings = [mail.trim().to_ascii_lowercase(), fold(mail)];
    let others = users::reached(tx, &spellings, &[])?;
    if others.iter().any(|user| Some(user.id) != me) {
        let sentence = "emails: this is the mail address or the name of somebody else.";
        return Err(Trouble::Taken(sentence.to_owned()));
    }
    if former_names::last_holder(tx, mail.trim())?.is_some_and(|user| Some(user) != me) {
        let sentence = "emails: this is a name that somebody else had before.";
        return Err(Trouble::Taken(sentence.to_owned()));
    }
    Ok(())
}

/// A profile that the console would take, too.
pub(super) fn checked(profile: Profile) -> Told<Profile> {
    let profile = tidied(profile);
    match faults(&profile).into_iter().next() {
        Some(Error { kind: Kind::Invalid { field }, public, .. }) => {
            Err(Trouble::Wrong(format!("{}: {public}", spoken(field))))
        }
        Some(error) => Err(error.into()),
        None => Ok(profile),
    }
}

/// A program never changes somebody who has a role here, or in the tenant (Y07).
pub(super) fn within_reach(tx: &mut Tx, user: &User) -> Told<()> {
    let mut is_admin = user.role.is_some();
    for application in applications::all(tx)? {
        is_admin = is_admin || tenant_admins::is_one(tx, application.tenant_id, user.id)?;
    }
    if is_admin {
        // One sentence for both: it says no more about them than it must.
        let name = &user.profile.display_name;
        let sentence = format!("{name} is changed by an admin of Gatehouse, by no other system.");
        return Err(Trouble::Closed(sentence));
    }
    Ok(())
}

/// A program's own id, as far as it is kept.
pub(super) fn external_id(typed: Option<String>) -> Told<Option<String>> {
    let typed = typed.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    if let Some(id) = &typed {
        crate::accounts::check_text("external_id", id, 256)
            .map_err(|error| Trouble::Wrong(format!("externalId: {}", error.public)))?;
    }
    Ok(typed)
}

/// What SCIM calls a field of the console.
fn spoken(field: &str) -> &str {
    match field {
        "display_name" => "displayName",
        "given_name" => "name.givenName",
        "surname" => "name.familyName",
        "mail" => "emails",
        "job_title" => "title",
        "country" => "addresses.country",
        other => other,
    }
}
