//! What others see of a person: checked, and changed for whoever got married, moved or was promoted.

use model::{
    Actor, Role,
    audit::AuditKind,
    detail::Detail,
    ids::UserId,
    line,
    user::{Profile, User},
};
use store::{Tx, audit_log, remembered_devices, reset_links, users};

use super::may_touch;
use crate::{Admin, Error, House, Kind, Result, Visitor, letters::News, mailed_codes, sync::Lane};

impl House {
    /// Changes what others see of a person; Entra follows. Another mail address takes a fresh second
    /// factor and is told to the old one: links for a new password go there.
    pub async fn change_profile(
        &self,
        admin: &Admin,
        id: UserId,
        profile: Profile,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        let profile = checked(profile)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                users::lock(tx, id)?;
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                may_touch(&admin, &user)?;
                if user.profile.mail != profile.mail {
                    admin.require_fresh(house.now())?;
                }
                house.put_profile(tx, (&admin, &visitor), user, profile)
            })
            .await
    }

    /// Writes a checked profile of somebody whom this admin may touch, in a transaction that may do
    /// more; nothing happens when it is the same.
    pub(crate) fn put_profile(
        &self,
        tx: &mut Tx,
        (admin, visitor): (&Admin, &Visitor),
        user: User,
        profile: Profile,
    ) -> Result<()> {
        if user.profile.mail != profile.mail {
            may_have_mail(tx, admin, &user, profile.mail.as_deref())?;
        }
        self.write_profile(tx, (admin.actor(), visitor), user, profile)
    }

    /// The same of somebody whose mail address may be that; nothing happens when it is the same.
    pub(crate) fn write_profile(
        &self,
        tx: &mut Tx,
        (actor, visitor): (Actor, &Visitor),
        user: User,
        profile: Profile,
    ) -> Result<()> {
        let changed = differences(&user.profile, &profile);
        if changed.is_empty() {
            return Ok(());
        }
        if user.profile.mail != profile.mail {
            self.follow_mail(tx, &user, visitor)?;
        }
        let (id, kind, upn) = (user.id, AuditKind::UserChanged, user.upn.to_string());
        users::update(tx, &User { profile, updated_at: self.now(), ..user })?;
        self.put_work_for(tx, id, Lane::Rest)?;
        let mut row = visitor.audit(self, actor, kind, &upn);
        row.detail = changed.join("; ");
        Ok(audit_log::record(tx, &row)?)
    }

    /// What was mailed to the old address opens nothing any more, no browser is remembered still, what
    /// rests on a code from there is over, and whoever reads mail there hears that no more will come.
    fn follow_mail(&self, tx: &mut Tx, before: &User, visitor: &Visitor) -> Result<()> {
        reset_links::forget(tx, before.id)?;
        remembered_devices::forget_all_of(tx, before.id)?;
        mailed_codes::forget_those_of(tx, before.id, self.now())?;
        self.inform(tx, before, &News::MailChanged, visitor)
    }
}

/// A profile that Microsoft's directory takes, too: trimmed, with empty texts left out.
pub(super) fn checked(profile: Profile) -> Result<Profile> {
    let profile = tidied(profile);
    faults(&profile).into_iter().next().map_or(Ok(profile), Err)
}

/// The same texts, trimmed, with empty ones left out.
pub(crate) fn tidied(profile: Profile) -> Profile {
    Profile {
        display_name: profile.display_name.trim().to_owned(),
        given_name: some(profile.given_name),
        surname: some(profile.surname),
        mail: some(profile.mail),
        department: some(profile.department),
        job_title: some(profile.job_title),
        country: some(profile.country).map(|country| country.to_uppercase()),
        details: profile.details,
    }
}

/// Everything that keeps a tidy profile from being kept. Details may be longer than Microsoft takes: the
/// attribute mapping makes them fit, or says that it doesn't write them.
pub(crate) fn faults(profile: &Profile) -> Vec<Error> {
    let mut faults = Vec::new();
    if profile.display_name.is_empty() {
        faults.push(Error::invalid("display_name", "Type a name of 1 to 256 characters."));
    }
    let is_code = |c: &String| c.len() == 2 && c.chars().all(|l| l.is_ascii_uppercase());
    if profile.country.as_ref().is_some_and(|country| !is_code(country)) {
        let public = "Type the country as two letters, such as US.";
        faults.push(Error::invalid("country", public));
    }
    let texts = [
        ("display_name", Some(&profile.display_name), 256),
        ("given_name", profile.given_name.as_ref(), 64),
        ("surname", profile.surname.as_ref(), 64),
        ("department", profile.department.as_ref(), 64),
        ("job_title", profile.job_title.as_ref(), 128),
        ("mail", profile.mail.as_ref(), 254),
    ];
    let wrong = |(field, text, most): (&'static str, Option<&String>, usize)| {
        check_text(field, text?, most).err()
    };
    faults.extend(texts.into_iter().filter_map(wrong));
    faults.extend(Detail::ALL.into_iter().filter_map(|detail| {
        check_text(detail.word(), profile.details.get(detail)?, detail.most()).err()
    }));
    faults.extend(check_mail(profile.mail.as_deref()).err());
    faults
}

/// The text without blanks around it; `None` when nothing is left.
fn some(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

pub(crate) fn check_text(field: &'static str, text: &str, most: usize) -> Result<()> {
    if text.chars().count() > most {
        let public = format!("This is too long. Type at most {most} characters.");
        return Err(Error::invalid(field, public));
    }
    if !line::is_plain(text) {
        let public = "This holds characters that can't be seen. Type it again, in one line.";
        return Err(Error::invalid(field, public));
    }
    Ok(())
}

/// No more than that it can be one: what comes of it the mail server says.
fn check_mail(mail: Option<&str>) -> Result<()> {
    let Some((name, host)) = mail.map(|mail| mail.rsplit_once('@').unwrap_or_default()) else {
        return Ok(());
    };
    let is_one = !name.is_empty()
        && host.contains('.')
        && host.split('.').all(|label| !label.is_empty())
        && !mail.unwrap_or_default().contains(|c: char| c.is_whitespace() || "<>,;\"".contains(c));
    if is_one {
        return Ok(());
    }
    Err(Error::invalid("mail", "Type a mail address, such as alice@contoso.com."))
}

/// Some applications know people by their mail address: it is nobody else's sign-in name, and nobody
/// gives themselves another one.
fn may_have_mail(tx: &mut Tx, admin: &Admin, user: &User, mail: Option<&str>) -> Result<()> {
    if user.id == admin.user().id {
        let public = "You can't change your own mail address. Ask another admin.";
        return Err(Error::new(Kind::Conflict, public));
    }
    let Some(mail) = mail else { return Ok(()) };
    match users::by_upn(tx, mail)? {
        Some(other) if other.id != user.id => {
            let public = format!("This is the sign-in name of {}.", other.profile.display_name);
            Err(Error::invalid("mail", public))
        }
        _ => Ok(()),
    }
}

/// What is another than before, as the audit log says it.
pub(crate) fn differences(before: &Profile, after: &Profile) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    let name = |profile: &Profile| Some(profile.display_name.clone());
    let fields = [
        ("name", name(before), name(after)),
        ("first name", before.given_name.clone(), after.given_name.clone()),
        ("family name", before.surname.clone(), after.surname.clone()),
        ("mail", before.mail.clone(), after.mail.clone()),
        ("department", before.department.clone(), after.department.clone()),
        ("job title", before.job_title.clone(), after.job_title.clone()),
        ("country", before.country.clone(), after.country.clone()),
    ];
    let changed = fields.into_iter().filter(|(_, before, after)| before != after);
    let changed = changed.map(|(what, a, b)| format!("{what}: {} -> {}", text(&a), text(&b)));
    // Phones and addresses don't belong into a log that nobody can shorten.
    let others = |detail: &Detail| before.details.get(*detail) != after.details.get(*detail);
    let details = Detail::ALL.into_iter().filter(others);
    changed.chain(details.map(|detail| format!("{} changed", detail.attribute().label()))).collect()
}
