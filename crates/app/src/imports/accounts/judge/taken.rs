//! People and addresses that the accounts before one in a draft take.

use std::collections::{BTreeSet, HashMap};

use model::{ids::UserId, tenant_people::Account, upn::fold};

use super::Wrong;
use crate::imports::accounts::Who;

/// What the accounts so far take.
#[derive(Default)]
pub(super) struct Taken {
    people: BTreeSet<UserId>,
    /// Sign-in names and mail addresses of people who are to be made, with the account of each.
    addresses: HashMap<String, String>,
}

impl Taken {
    /// Takes a person, or the addresses of somebody who is to be made, or says what is in the way: a
    /// sign-in name that is somebody else's mail address would stand for both of them.
    pub(super) fn take(&mut self, who: &Who, account: &Account) -> Result<(), Wrong> {
        match who {
            Who::Nobody => Ok(()),
            Who::Here(user) if self.people.insert(user.id) => Ok(()),
            Who::Here(user) => {
                let name = &user.profile.display_name;
                Err(format!("Another ticked account is {name}'s as well. Tick one of them."))
            }
            Who::New(upn, profile) => {
                let mail = profile.mail.as_deref().map(fold);
                let mine: BTreeSet<String> =
                    [Some(upn.folded()), mail].into_iter().flatten().collect();
                if let Some(other) = mine.iter().find_map(|address| self.addresses.get(address)) {
                    return Err(format!(
                        "The ticked account {other} has one of its addresses. Correct one of them \
                         at Microsoft, or tick one of them."
                    ));
                }
                let all = mine.into_iter().map(|address| (address, account.object.upn.clone()));
                self.addresses.extend(all);
                Ok(())
            }
        }
    }
}
