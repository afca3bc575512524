//! Choosing a new password without the old one: a link by mail stands for the password, and the
//! second factor is asked for as ever (R041 to R047).

use authn::lockout::{self, Limit};
use model::{
    Actor, Ts,
    audit::{AuditKind, Outcome},
    pending_request::{Demand, Purpose},
    user::{User, UserState},
};
use sha2::{Digest, Sha256};
use store::{Tx, audit_log, pending_requests, reset_links, reset_links::ResetLink, users};
use url::Url;

use crate::{
    Error, House, Result, Visitor,
    accounts::factors_of,
    letters::{News, mail_of},
    passwords::{directory_of, held_of},
    sign_in::{Key, subject},
    visitor::Secret,
};

/// How long a link is good.
const LINK_FOR: std::time::Duration = std::time::Duration::from_mins(30);

impl House {
    /// Somebody says that they don't know their password. Whatever was typed, the caller learns
    /// nothing: a letter goes to the address that is on file, or none does.
    pub async fn ask_reset(&self, typed: &str, visitor: &Visitor) -> Result<()> {
        let (house, visitor) = (self.clone(), visitor.clone());
        let typed: String = typed.chars().filter(|c| !c.is_control()).take(113).collect();
        let secret = Secret::draw(self.random());
        self.store()
            .write(move |tx| {
                let person = users::by_upn(tx, &typed)?;
                let mut row = visitor.audit(
                    &house,
                    Actor::Anonymous,
                    AuditKind::ResetAsked,
                    &subject(&typed),
                );
                if house.count(tx, &letter_keys(person.as_ref(), &typed, &visitor))?.is_some() {
                    house.write_reset(tx, person.as_ref(), &secret, &visitor)?;
                } else {
                    row.outcome = Outcome::Refused;
                    "too many letters within an hour".clone_into(&mut row.detail);
                }
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    fn write_reset(
        &self,
        tx: &mut Tx,
        person: Option<&User>,
        secret: &Secret,
        visitor: &Visitor,
    ) -> Result<()> {
        let Some(person) = person.filter(|person| person.state == UserState::Active) else {
            return Ok(());
        };
        if let Some(directory) = directory_of(tx, person)? {
            let place = directory.where_to_change();
            return self.inform(tx, person, &News::PasswordElsewhere(&place), visitor);
        }
        if factors_of(tx, person.id)?.is_empty() {
            return self.inform(tx, person, &News::NoReset, visitor);
        }
        let link = ResetLink {
            user_id: person.id,
            digest: digest(secret),
            basis: basis(tx, person)?,
            expires_at: self.now() + LINK_FOR,
        };
        reset_links::put(tx, &link)?;
        let address = address(&self.settings().public_url, secret)?;
        self.inform(tx, person, &News::ResetLink(&address), visitor)
    }

    /// Uses a link up, and gives the handle of the sign-in that it begins in this browser; `None`
    /// when the link is not good, or not any more.
    pub async fn use_reset_link(
        &self,
        secret: &Secret,
        visitor: &Visitor,
    ) -> Result<Option<Secret>> {
        let (house, secret, visitor) = (self.clone(), secret.clone(), visitor.clone());
        let handle = Secret::draw(self.random());
        self.store()
            .write(move |tx| {
                let Some(link) = reset_links::take(tx, &digest(&secret))? else { return Ok(None) };
                users::lock(tx, link.user_id)?;
                let basis = link.basis;
                let Some(person) = house.owner(tx, &link)? else { return Ok(None) };
                let purpose = Purpose::Reset { user: person.id, basis };
                let hint = Some(person.upn.to_string());
                let mut request =
                    house.waiting(&handle, (purpose, Demand::default()), hint, &visitor);
                request.user_id = Some(person.id);
                pending_requests::put(tx, &request)?;
                house.audit_person(tx, &visitor, person.id, AuditKind::ResetLinkUsed, "")?;
                Ok(Some(handle))
            })
            .await
    }

    /// Whose link it is, if it is good still.
    fn owner(&self, tx: &mut Tx, link: &ResetLink) -> Result<Option<User>> {
        if self.now() >= link.expires_at {
            return Ok(None);
        }
        let person = users::by_id(tx, link.user_id)?;
        let Some(person) = person.filter(|person| person.state == UserState::Active) else {
            return Ok(None);
        };
        let is_here = directory_of(tx, &person)?.is_none();
        Ok((is_here && basis(tx, &person)? == link.basis).then_some(person))
    }
}

/// What letters to a name count under: the account, or the name that nobody has; and the asker.
fn letter_keys(person: Option<&User>, typed: &str, visitor: &Visitor) -> Vec<Key> {
    let whose = match person {
        Some(person) => lockout::password(person.id),
        None => lockout::unknown_name(&model::upn::fold(typed)),
    };
    let from = lockout::reset_letters_from(&visitor.client.address);
    vec![(lockout::reset_letters(&whose), Limit::RESET_LETTERS), (from, Limit::RESET_LETTERS_FROM)]
}

/// What is remembered of a link's secret; it is worth nothing for another purpose (R046).
fn digest(secret: &Secret) -> [u8; 32] {
    Sha256::digest(format!("password reset\n{}", secret.expose())).into()
}

/// What must be the same when the link is used: the password, the factors, the address (R041). A
/// remembered browser rests on the same (R056).
pub(crate) fn basis(tx: &mut Tx, person: &User) -> Result<[u8; 32]> {
    let set_at = held_of(tx, person)?.map_or(Ts(0), |held| held.since());
    let mut factors: Vec<String> =
        factors_of(tx, person.id)?.iter().map(|factor| factor.id.to_string()).collect();
    factors.sort();
    let parts = [set_at.0.to_string(), factors.join(","), mail_of(person).to_owned()];
    Ok(Sha256::digest(parts.join("\n")).into())
}

fn address(public_url: &Url, secret: &Secret) -> Result<Url> {
    let mut address = public_url.join("reset").map_err(Error::bug)?;
    address.query_pairs_mut().append_pair("token", secret.expose());
    Ok(address)
}

/// Whether a sign-in under way is the reset of this person's password: it stops being one as soon
/// as the password is set, or anything else that the link rested on changes.
pub(crate) fn is_resetting(tx: &mut Tx, purpose: &Purpose, person: &User) -> Result<bool> {
    let Purpose::Reset { user, basis: before } = purpose else { return Ok(false) };
    let is_theirs = *user == person.id && directory_of(tx, person)?.is_none();
    Ok(is_theirs && basis(tx, person)? == *before)
}
