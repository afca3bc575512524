//! Whose a ticked account becomes, and whether it may be taken over for them.

use model::{
    Upn,
    ids::UserId,
    matches::OffLimits,
    tenant_people::{Account, AccountKind, Choice, Tick},
    upn::fold,
    user::{Profile, UserState},
};
use provisioning::matches::Why;

use super::{Facts, Wrong};
use crate::{
    Error, Kind,
    accounts::{faults, tidied},
    imports::accounts::Who,
    tenant_people::{Candidate, Found, Reason, Suggestion},
};

/// A person, or what is wrong.
type Result<T> = std::result::Result<T, Wrong>;

impl Facts {
    /// Whose the account becomes.
    pub(super) fn who(&self, tick: &Tick, account: &Account, found: &Found) -> Result<Who> {
        if let Suggestion::Bound(user, _) = found.suggestion {
            return self.here(user);
        }
        if tick.choice == Choice::Ignore {
            return Ok(Who::Nobody);
        }
        if let Some(sentence) = never(account.kind()) {
            return Err(sentence);
        }
        match (tick.choice, &found.suggestion) {
            (Choice::Create, _) | (Choice::Suggested, Suggestion::Create) => {
                self.made(account, &found.candidates)
            }
            (Choice::Bind(user), _) => self.chosen(user, &found.candidates),
            (Choice::Suggested, Suggestion::Bind(user)) => self.here(*user),
            (Choice::Suggested, Suggestion::Ambiguous) => {
                Err("More than one person or account fits. Choose whose it is.".to_owned())
            }
            (Choice::Suggested, Suggestion::Leave(reason)) => Err(self.reason(reason)),
            (Choice::Suggested | Choice::Ignore, _) => {
                Err("An admin said to ignore this account. Choose whose it is.".to_owned())
            }
        }
    }

    fn chosen(&self, user: UserId, candidates: &[Candidate]) -> Result<Who> {
        if candidates.iter().any(|it| it.user == user && !it.evidence.is_empty()) {
            return self.here(user);
        }
        Err("Nothing speaks for the account being this person's. Choose anew.".to_owned())
    }

    fn here(&self, user: UserId) -> Result<Who> {
        let user = self.people.get(&user).ok_or("This person is gone. Choose anew.")?;
        let name = &user.profile.display_name;
        if user.state != UserState::Active {
            return Err(format!("{name} is blocked or was removed. Unblock them first."));
        }
        if user.role.is_some() {
            return Err(format!(
                "{name} has a role in the console. Nobody with a role is changed by an import: use \
                 their page, and Sync users."
            ));
        }
        Ok(Who::Here(Box::new(user.clone())))
    }

    fn made(&self, account: &Account, candidates: &[Candidate]) -> Result<Who> {
        let object = &account.object;
        let upn = Upn::parse(&object.upn)
            .map_err(|why| format!("Its name can't be a sign-in name here: {why}."))?;
        if !self.domains.contains_key(&upn.domain()) {
            return Err(self.reason(&Reason::Domain));
        }
        if let Some(holder) = self.former.get(&upn.folded()) {
            return Err(self.reason(&Reason::FormerName(*holder)));
        }
        let profile = tidied(profile_of(account));
        let mail = profile.mail.as_deref().map(fold);
        let mut wanted = [Some(upn.folded()), mail].into_iter().flatten();
        if let Some(holder) = wanted.find_map(|address| self.addresses.get(&address)) {
            let name = self.people.get(holder).map(|user| user.profile.display_name.clone());
            let remedy = if candidates.iter().any(|it| it.user == *holder) {
                "Choose them."
            } else {
                "Correct it here or at Microsoft first."
            };
            let name = name.unwrap_or_default();
            return Err(format!("{name} has one of its addresses already. {remedy}"));
        }
        match faults(&profile).into_iter().next() {
            Some(fault) => {
                Err(format!("Its {} can't be taken over. {}", field(&fault), fault.public))
            }
            None => Ok(Who::New(upn, Box::new(profile))),
        }
    }

    /// Whether the ticks may be set for this account and this person (Y07, Y09, Y10).
    pub(super) fn may(&self, tick: &Tick, account: &Account, who: &Who) -> Result<()> {
        let object = &account.object;
        if !tick.sync || matches!(who, Who::Nobody) {
            return Ok(());
        }
        if object.off_limits == Some(OffLimits::Synchronised) {
            let sentence = "Another synchronisation keeps this account, so this one never writes to \
                            it. Take Sync user away; SSO enabled can stay.";
            return Err(sentence.to_owned());
        }
        let own = match who {
            Who::Here(user) => Some(user.immutable_id.as_str()),
            Who::New(..) | Who::Nobody => None,
        };
        if object.immutable_id.as_deref().is_some_and(|id| Some(id) != own) {
            let sentence = "It carries the immutable id of another identity provider, which isn't \
                            changed. Take Sync user away, or remove that id at Microsoft first.";
            return Err(sentence.to_owned());
        }
        let Who::Here(user) = who else { return Ok(()) };
        let (name, ours) = (&user.profile.display_name, user.upn.as_str());
        match self.linked.get(&user.id) {
            Some(other) if *other != object.id => {
                return Err(format!("{name} has another account in this tenant."));
            }
            _ => {}
        }
        if self.rejected.contains(&(user.id, object.id)) {
            return Err(format!(
                "An admin said under Sync users that it isn't {name}'s. Take that back first."
            ));
        }
        if object.upn.eq_ignore_ascii_case(ours) {
            return Ok(());
        }
        Err(format!(
            "{ours} is called {} at Microsoft. Give both the same sign-in name, look at the tenant \
             again, and import then.",
            object.upn
        ))
    }

    fn reason(&self, reason: &Reason) -> Wrong {
        match reason {
            Reason::Why(why) => self.against(*why),
            Reason::Domain => {
                "Its domain is none of ours. Add the domain under Microsoft 365 first.".to_owned()
            }
            Reason::FormerName(holder) => {
                let now = self.people.get(holder).map(|user| user.upn.to_string());
                let now = now.unwrap_or_else(|| "somebody else".to_owned());
                format!("Its name was that of {now}. Create the person by hand.")
            }
            Reason::Address(holder) => {
                let name = self.people.get(holder).map(|user| user.profile.display_name.clone());
                format!(
                    "{} has one of its addresses already. Correct it here or at Microsoft first.",
                    name.unwrap_or_default()
                )
            }
            Reason::Rejected(user) => {
                let name = self.people.get(user).map(|user| user.profile.display_name.clone());
                let name = name.unwrap_or_default();
                format!(
                    "An admin said under Sync users that it isn't {name}'s. Choose whose it is."
                )
            }
        }
    }

    fn against(&self, why: Why) -> Wrong {
        match why {
            Why::OffLimits(OffLimits::Synchronised) => {
                "Another synchronisation keeps this account. Choose whose it is, with SSO enabled alone."
                    .to_owned()
            }
            Why::OffLimits(_) | Why::TenantsOwn => never(AccountKind::Own).unwrap_or_default(),
            Why::SomebodyElses(other) => {
                let name = self.people.get(&other).map(|user| user.profile.display_name.clone());
                format!("It is {}'s.", name.unwrap_or_else(|| "somebody else".to_owned()))
            }
            Why::OtherImmutableId => {
                "It carries the immutable id of another identity provider. Choose whose it is, with \
                 SSO enabled alone."
                    .to_owned()
            }
            Why::IdTwice => "Two accounts carry this person's immutable id.".to_owned(),
            Why::Blocked => "Its person is blocked here. Unblock them first.".to_owned(),
        }
    }
}

/// Why nobody is ever made of an account of a kind, nor bound to it (Y07).
fn never(kind: AccountKind) -> Option<Wrong> {
    let why = match kind {
        AccountKind::Person | AccountKind::Synchronised => return None,
        AccountKind::Guest => "a guest, whose account is in another tenant",
        AccountKind::Administrator => "an administrator of the tenant, who must not depend on us",
        AccountKind::Own => "in the tenant's own domain, as emergency accounts are",
    };
    Some(format!("It is {why}. Such accounts are left alone: take the ticks away."))
}

fn profile_of(account: &Account) -> Profile {
    let (object, about) = (&account.object, &account.profile);
    let two = |country: &String| country.len() == 2;
    let name = if about.display_name.is_empty() { &object.upn } else { &about.display_name };
    Profile {
        display_name: name.clone(),
        mail: object.mail.clone().or_else(|| Some(object.upn.clone())),
        country: about.country.clone().filter(two),
        ..about.clone()
    }
}

fn field(fault: &Error) -> String {
    match fault.kind {
        Kind::Invalid { field } => field.replace('_', " "),
        _ => "profile".to_owned(),
    }
}
