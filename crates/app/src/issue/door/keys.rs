//! What a guess at a door counts under. Whoever gets nothing there counts as a name that nobody has:
//! their own counter stays as it is, so no door can be used to lock them out.

use authn::lockout::{self, Limit};
use model::{ids::UserId, wstrust::PasswordDoor};
use sha2::{Digest as _, Sha256};
use store::{Tx, known_addresses};

use crate::{
    House, Result, Visitor,
    sign_in::{FAMILIAR_FOR, Key},
};

/// Whoever knocks at a door.
pub(super) struct Caller<'a> {
    pub(super) username: &'a str,
    /// Whose name it is; the id that nobody has, if it is nobody's.
    pub(super) person: UserId,
    /// Whether a right password would open the door.
    pub(super) may_pass: bool,
    pub(super) visitor: &'a Visitor,
}

impl House {
    /// The keys of a guess; `usual` are those of the sign-in page, the account first. The same reads
    /// for everybody (R023).
    pub(super) fn keys_at(
        &self,
        tx: &mut Tx,
        door: PasswordDoor,
        caller: &Caller<'_>,
        usual: Vec<Key>,
    ) -> Result<Vec<Key>> {
        match door {
            PasswordDoor::WsTrust => self.keys_of_place(tx, caller, usual),
            PasswordDoor::Ecp => Ok(keys_of_relay(caller)),
        }
    }

    /// People's own programs: an address that they came from before has a counter of its own (R017).
    fn keys_of_place(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        mut keys: Vec<Key>,
    ) -> Result<Vec<Key>> {
        let address = &caller.visitor.client.address;
        let since = self.now() - FAMILIAR_FOR;
        let familiar = known_addresses::seen(tx, caller.person, address, since)?;
        let account = if caller.may_pass {
            let digest: [u8; 32] = Sha256::digest(address.as_bytes()).into();
            familiar.then(|| lockout::familiar(caller.person, &digest))
        } else {
            Some(unknown(caller))
        };
        if let (Some(key), Some(first)) = (account, keys.first_mut()) {
            first.0 = key;
        }
        Ok(keys)
    }
}

/// A mail server that brings everybody's passwords: its address is nobody's place, and the failures
/// of strangers there are not everybody's.
fn keys_of_relay(caller: &Caller<'_>) -> Vec<Key> {
    let account = if caller.may_pass { lockout::password(caller.person) } else { unknown(caller) };
    let relay = lockout::relay(&caller.visitor.client.address);
    vec![(account, Limit::RELAYED_PASSWORD), (relay, Limit::RELAY)]
}

fn unknown(caller: &Caller<'_>) -> model::guess::GuessKey {
    lockout::unknown_name(&model::upn::fold(caller.username))
}
