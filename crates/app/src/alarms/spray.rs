//! Somebody who tries one password at many names stays below every limit of a name or an address
//! (R014). What gives them away: many names are refused, and nearly none of them gets in from the same address.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use model::{Ts, alarm::Cause, audit::Outcome};
use store::{
    Tx,
    audit_log::{self, PasswordChecks},
};

use super::Finding;
use crate::Result;

/// How far back is looked.
const WITHIN: Duration = Duration::from_hours(1);
/// Fewer names than this are people who forgot their password.
const FEWEST: usize = 20;
/// One in so many of those who get in forgets it, too, on the morning after a holiday.
const FORGET: usize = 5;

/// What the last hour's guesses come to.
pub(super) fn spray(tx: &mut Tx, now: Ts) -> Result<Option<Finding>> {
    let checks = audit_log::password_checks(tx, now - WITHIN)?;
    Ok(judge(&checks).map(|cause| Finding { subject: "sign-in".to_owned(), cause }))
}

fn judge(checks: &[PasswordChecks]) -> Option<Cause> {
    let of = |outcome| checks.iter().filter(move |checks| checks.outcome == outcome);
    let inside: HashSet<&str> = of(Outcome::Done).map(|checks| checks.name.as_str()).collect();
    // Whoever got in from the very address had forgotten; somebody else's guess is no less one because
    // the person signs in meanwhile.
    let own: HashSet<_> = of(Outcome::Done).map(|it| (&*it.name, &*it.address)).collect();
    let failed: Vec<_> =
        of(Outcome::Refused).filter(|it| !own.contains(&(&*it.name, &*it.address))).collect();
    let names: HashSet<&str> = failed.iter().map(|checks| checks.name.as_str()).collect();
    if names.len() < FEWEST.max(inside.len() / FORGET) {
        return None;
    }
    let mut addresses: HashMap<&str, u32> = HashMap::new();
    for checks in &failed {
        *addresses.entry(&checks.address).or_default() += checks.times;
    }
    let busiest = addresses.iter().max_by_key(|(address, times)| (**times, **address));
    Some(Cause::PasswordSpray {
        names: number(names.len()),
        tries: failed.iter().map(|checks| checks.times).sum(),
        addresses: number(addresses.len()),
        busiest: busiest.map(|(address, _)| (*address).to_owned()).unwrap_or_default(),
    })
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(name: usize, address: usize, outcome: Outcome, times: u32) -> PasswordChecks {
        let (name, address) = (format!("name-{name}"), format!("203.0.113.{address}"));
        PasswordChecks { name, address, outcome, times }
    }

    #[test]
    fn many_names_without_a_success_are_a_spray_and_forgetful_people_are_not() {
        let refused = |names| (0..names).map(|it| checks(it, it % 3, Outcome::Refused, 2));
        assert_eq!(judge(&refused(19).collect::<Vec<_>>()), None);
        let found = judge(&refused(20).collect::<Vec<_>>());
        let spray = Cause::PasswordSpray {
            names: 20,
            tries: 40,
            addresses: 3,
            busiest: "203.0.113.1".to_owned(),
        };
        assert_eq!(found, Some(spray));
        let got_in = |names| (0..names).map(|it| checks(it, it % 3, Outcome::Done, 1));
        let forgetful: Vec<_> = refused(40).chain(got_in(30)).collect();
        assert_eq!(judge(&forgetful), None, "thirty of forty got in after all");
        let elsewhere = (0..40).map(|it| checks(it, 9, Outcome::Done, 1));
        let attacked: Vec<_> = refused(40).chain(elsewhere).collect();
        assert!(judge(&attacked).is_some(), "that they sign in themselves hides nothing");
        let others = (100..300).map(|it| checks(it, 9, Outcome::Done, 1));
        let morning: Vec<_> = refused(39).chain(others.clone()).collect();
        assert_eq!(judge(&morning), None, "200 got in: 39 who did not are no more than usual");
        assert!(judge(&refused(40).chain(others).collect::<Vec<_>>()).is_some());
    }
}
