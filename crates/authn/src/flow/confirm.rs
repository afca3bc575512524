//! A second factor alone, for somebody whose first one another party has asked: it ends in a word to
//! that party and never in a session. No password is asked for, nothing is set up, and neither grace
//! period nor remembered browser counts: whoever comes has proved nothing here.

use model::{FactorEvent, Method, Proof};

use super::{Account, Factors, Standing, Step};
use crate::{denial::Reason, policy::MfaPolicy};

/// The next step; [`Step::Granted`] is none of its steps. `account` is `None` when it is gone; `takes`
/// says what the other party wants to hear of.
#[must_use]
pub fn confirm(
    account: Option<&Account>,
    proved: Vec<FactorEvent>,
    policy: MfaPolicy,
    takes: impl Fn(Method) -> bool,
) -> Step {
    let Some(account) = account else { return Step::Denied(Reason::Blocked) };
    match account.standing {
        Standing::Active => {}
        Standing::Blocked => return Step::Denied(Reason::Blocked),
        Standing::Forbidden => return Step::Denied(Reason::Forbidden),
    }
    let keys_alone = policy == MfaPolicy::PhishingResistant;
    let enough: fn(Method) -> bool =
        if keys_alone { Method::resists_phishing } else { Method::is_second_factor_here };
    let is_proved = proved.iter().any(|event| enough(event.method) && takes(event.method));
    if let Some(proof) = Proof::from_events(proved).filter(|_| is_proved) {
        return Step::Confirmed(proof);
    }
    match account.factors {
        Factors::None => Step::Denied(Reason::NoFactor),
        Factors::Enrolled(with) if !keys_alone => Step::SecondFactor { with },
        Factors::Enrolled(with) if with.has_keys() => Step::Key,
        Factors::Enrolled(_) => Step::Denied(Reason::NoPasskey),
    }
}

#[cfg(test)]
mod tests {
    use model::{Ts, amr::Method::*};

    use super::{super::*, *};

    const fn account(factors: Factors) -> Account {
        Account {
            standing: Standing::Active,
            factors,
            enrollment: Enrollment::First,
            must_change_before: None,
            console: Console::Allowed,
        }
    }

    fn step(account: &Account, methods: &[Method], policy: MfaPolicy) -> Step {
        let events = methods.iter().map(|&method| FactorEvent { method, at: Ts(1) }).collect();
        confirm(Some(account), events, policy, |_| true)
    }

    #[test]
    fn a_factor_is_asked_for_and_nothing_is_set_up() {
        let (app, none) = (account(Factors::Enrolled(Devices::App)), account(Factors::None));
        for policy in [MfaPolicy::Always, MfaPolicy::OnDemand] {
            let asks = Step::SecondFactor { with: Devices::App };
            for little in [&[][..], &[Password], &[Microsoft], &[MicrosoftMfa]] {
                assert_eq!(step(&app, little, policy), asks, "{little:?}");
            }
            for method in [Totp, RecoveryCode, AccessPass, SecurityKey, Passkey] {
                assert!(matches!(step(&app, &[method], policy), Step::Confirmed(_)), "{method:?}");
            }
            assert_eq!(step(&none, &[], policy), Step::Denied(Reason::NoFactor));
        }
    }

    #[test]
    fn a_rule_that_takes_keys_alone_holds_here_too() {
        let policy = MfaPolicy::PhishingResistant;
        let (app, both) = (Factors::Enrolled(Devices::App), Factors::Enrolled(Devices::Both));
        assert_eq!(step(&account(app), &[Totp], policy), Step::Denied(Reason::NoPasskey));
        assert_eq!(step(&account(both), &[Totp], policy), Step::Key);
        assert!(matches!(step(&account(both), &[SecurityKey], policy), Step::Confirmed(_)));
    }

    #[test]
    fn what_the_other_party_takes_no_word_about_is_not_enough() {
        let account = account(Factors::Enrolled(Devices::Keys));
        let event = |method| vec![FactorEvent { method, at: Ts(1) }];
        let keys = |method: Method| method.resists_phishing();
        let paper = confirm(Some(&account), event(RecoveryCode), MfaPolicy::Always, keys);
        assert_eq!(paper, Step::SecondFactor { with: Devices::Keys });
        let key = confirm(Some(&account), event(SecurityKey), MfaPolicy::Always, keys);
        assert!(matches!(key, Step::Confirmed(_)));
    }

    #[test]
    fn who_may_not_sign_in_confirms_nothing_whatever_they_prove() {
        for (standing, reason) in
            [(Standing::Blocked, Reason::Blocked), (Standing::Forbidden, Reason::Forbidden)]
        {
            let account = Account { standing, ..account(Factors::Enrolled(Devices::Both)) };
            assert_eq!(step(&account, &[Passkey], MfaPolicy::Always), Step::Denied(reason));
        }
        let gone = confirm(None, Vec::new(), MfaPolicy::Always, |_| true);
        assert_eq!(gone, Step::Denied(Reason::Blocked));
    }
}
