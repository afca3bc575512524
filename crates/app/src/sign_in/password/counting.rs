//! Counting guesses: before they are checked, and back after a success or where nothing was held
//! against them.

use authn::lockout::{self, Limit, Permit};
use store::{Tx, guess_counters};

use super::{Guess, Key};
use crate::{House, Result, Visitor, passwords::Held};

impl House {
    /// Counts a guess under every key, and from an unfamiliar place as one that is sent to a directory;
    /// `None` when it has to wait.
    pub(crate) fn count_guess(&self, tx: &mut Tx, guess: &mut Guess) -> Result<Option<Permit>> {
        let Some(permit) = self.count(tx, &guess.keys)? else { return Ok(None) };
        let Some((user, Some(Held::Elsewhere(_)))) = &guess.person else {
            return Ok(Some(permit));
        };
        let familiar = lockout::familiar_places(user.id);
        if guess.keys.iter().any(|(key, _)| key.0.starts_with(&familiar)) {
            return Ok(Some(permit));
        }
        let key = (lockout::at_directory(user.id), Limit::AT_DIRECTORY);
        // Whoever is beyond it is refused as ever, unasked: to wait would be another answer.
        guess.may_ask = self.count(tx, std::slice::from_ref(&key))?.is_some();
        guess.sent = Some(key).filter(|_| guess.may_ask);
        Ok(Some(permit))
    }

    /// Counts a guess under every key, of which there must be one; `None` when one of them says to
    /// wait.
    pub(crate) fn count(&self, tx: &mut Tx, keys: &[Key]) -> Result<Option<Permit>> {
        let now = self.now();
        let (mut counted, mut permit) = (Vec::new(), None);
        for (key, limit) in keys {
            let before = guess_counters::lock(tx, key)?;
            match lockout::count(before, *limit, now) {
                lockout::Verdict::Allowed(next, one) => {
                    counted.push((key, next));
                    permit = Some(one);
                }
                lockout::Verdict::Wait { .. } | lockout::Verdict::Exhausted => return Ok(None),
            }
        }
        for (key, next) in counted {
            guess_counters::put(tx, key, &next)?;
        }
        Ok(permit)
    }
}

/// What failures from one place count under, whoever they are for (R014).
pub(crate) fn place_keys(visitor: &Visitor) -> Vec<Key> {
    let from = &visitor.client.address;
    let address = (lockout::address(from), Limit::ADDRESS);
    let site = lockout::site(from).map(|site| (site, Limit::SITE));
    std::iter::once(address).chain(site).collect()
}

/// Takes back guesses that were held against nothing.
pub(super) fn give_back(tx: &mut Tx, keys: &[Key]) -> Result<()> {
    for (key, _) in keys {
        let counter = guess_counters::lock(tx, key)?;
        guess_counters::put(tx, key, &lockout::give_back(counter))?;
    }
    Ok(())
}

/// Takes counted guesses back after a success.
pub(crate) fn uncount(tx: &mut Tx, keys: &[Key]) -> Result<()> {
    for (key, limit) in keys {
        let counter = guess_counters::lock(tx, key)?;
        let taken_back = lockout::succeed(counter, *limit);
        guess_counters::put(tx, key, &taken_back)?;
    }
    Ok(())
}
