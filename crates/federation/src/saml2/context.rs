//! Which authentication context a party may ask for, and which one is stated: always one that is
//! true of what was proved (R094).

use model::{Proof, amr::Method, pending_request::Demand};

use super::request::{Comparison, RequestedContexts};
use crate::uris;

/// The contexts that we can state, weakest first, with what they take.
const KNOWN: [(&str, Strength); 5] = [
    (uris::AC_UNSPECIFIED, Strength::Password),
    (uris::AC_PASSWORD, Strength::Password),
    (uris::AC_PASSWORD_PROTECTED, Strength::Password),
    (uris::MULTIPLE_AUTHN, Strength::TwoFactors),
    (uris::REFEDS_MFA, Strength::TwoFactors),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Password,
    TwoFactors,
}

/// The words of a kind of party for the two things that can be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vocabulary {
    /// Entra reads `multipleauthn` and nothing else.
    Microsoft,
    /// Others know the profile of REFEDS.
    General,
}

impl Vocabulary {
    const fn word(self, strength: Strength) -> &'static str {
        match (self, strength) {
            (_, Strength::Password) => uris::AC_PASSWORD_PROTECTED,
            (Self::Microsoft, Strength::TwoFactors) => uris::MULTIPLE_AUTHN,
            (Self::General, Strength::TwoFactors) => uris::REFEDS_MFA,
        }
    }
}

/// The contexts that would satisfy a request, in the order of its list; empty when any would.
/// `None` when none of ours does: the answer is `NoAuthnContext`.
#[must_use]
pub fn acceptable(wanted: Option<&RequestedContexts>, words: Vocabulary) -> Option<Vec<String>> {
    let Some(wanted) = wanted else { return Some(Vec::new()) };
    let strengths: Vec<Strength> =
        wanted.classes.iter().filter_map(|class| strength(class)).collect();
    let word = |strength| words.word(strength).to_owned();
    let strongest = strengths.iter().copied().max();
    let weakest = strengths.iter().copied().min();
    let fitting = match wanted.comparison {
        Comparison::Exact => {
            wanted.classes.iter().filter(|class| strength(class).is_some()).cloned().collect()
        }
        Comparison::Minimum => match weakest {
            Some(Strength::Password) => vec![word(Strength::TwoFactors), word(Strength::Password)],
            Some(Strength::TwoFactors) => vec![word(Strength::TwoFactors)],
            None => Vec::new(),
        },
        Comparison::Better if strengths.len() == wanted.classes.len() => match strongest {
            Some(Strength::Password) => vec![word(Strength::TwoFactors)],
            _ => Vec::new(),
        },
        Comparison::Better => Vec::new(),
        Comparison::Maximum => match strongest {
            Some(Strength::Password) => vec![word(Strength::Password)],
            Some(Strength::TwoFactors) => {
                vec![word(Strength::TwoFactors), word(Strength::Password)]
            }
            None => Vec::new(),
        },
    };
    (!fitting.is_empty()).then_some(fitting)
}

/// What the sign-in must have, so that one of these contexts is true.
#[must_use]
pub fn demand(acceptable: &[String], max_age: Option<u64>) -> Demand {
    let weak = acceptable.iter().any(|class| strength(class) == Some(Strength::Password));
    let typed = acceptable.iter().all(|class| says_password(class));
    let any = acceptable.is_empty();
    Demand { mfa: !any && !weak, max_age, password: !any && typed }
}

/// The same for wishes that need not come true (`acr_values`): those that nobody knows count for
/// nothing.
#[must_use]
pub fn demand_of_wishes(wishes: &[String], max_age: Option<u64>) -> Demand {
    let known: Vec<String> =
        wishes.iter().filter(|class| strength(class).is_some()).cloned().collect();
    Demand { password: false, ..demand(&known, max_age) }
}

/// The context to state: the first acceptable one that is true, the strongest kind first. `None`
/// when none of them is true.
pub(crate) fn stated<'a>(
    acceptable: &'a [String],
    proof: &Proof,
    words: Vocabulary,
) -> Option<&'a str> {
    let proved = proved(proof);
    let knows = proof.has(Method::Password);
    if !knows && proved == Strength::Password {
        return acceptable.is_empty().then_some(uris::AC_UNSPECIFIED);
    }
    if acceptable.is_empty() {
        return Some(words.word(proved));
    }
    let best = |wanted: Strength| {
        let is_true =
            |class: &&String| strength(class) == Some(wanted) && (knows || !says_password(class));
        acceptable.iter().find(is_true).map(String::as_str)
    };
    match proved {
        Strength::TwoFactors => best(Strength::TwoFactors).or_else(|| best(Strength::Password)),
        Strength::Password => best(Strength::Password),
    }
}

fn proved(proof: &Proof) -> Strength {
    if proof.mfa().is_some() { Strength::TwoFactors } else { Strength::Password }
}

/// Whether a context says that a password was typed; a passkey alone makes that untrue.
fn says_password(class: &str) -> bool {
    matches!(class, uris::AC_PASSWORD | uris::AC_PASSWORD_PROTECTED)
}

/// Whether a stated context says that two factors were verified.
pub(crate) fn says_mfa(class: &str) -> bool {
    strength(class) == Some(Strength::TwoFactors)
}

fn strength(class: &str) -> Option<Strength> {
    KNOWN.iter().find(|(known, _)| *known == class).map(|(_, strength)| *strength)
}

#[cfg(test)]
mod tests {
    use model::{FactorEvent, Ts};

    use super::*;

    fn wanted(comparison: Comparison, classes: &[&str]) -> RequestedContexts {
        let classes = classes.iter().map(|&class| class.to_owned()).collect();
        RequestedContexts { comparison, classes }
    }

    fn proof(methods: &[Method]) -> Proof {
        let events = methods.iter().map(|&method| FactorEvent { method, at: Ts(1) }).collect();
        Proof::from_events(events).expect("not empty")
    }

    /// Every request against everything that can have been proved: what is stated is true.
    /// R094
    #[test]
    fn only_what_was_proved_is_stated() {
        use Comparison::{Better, Exact, Maximum, Minimum};
        let (password, two) = (uris::AC_PASSWORD_PROTECTED, uris::MULTIPLE_AUTHN);
        let card = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI";
        let (one_factor, two_factors) =
            (proof(&[Method::Password]), proof(&[Method::Password, Method::Totp]));
        for (comparison, classes, alone, both) in [
            (Exact, &[password][..], Some(password), Some(password)),
            (Exact, &[two], None, Some(two)),
            (Exact, &[card, two, password], Some(password), Some(two)),
            (Minimum, &[password], Some(password), Some(two)),
            (Minimum, &[two], None, Some(two)),
            (Better, &[password], None, Some(two)),
            (Maximum, &[password], Some(password), Some(password)),
            (Maximum, &[two], Some(password), Some(two)),
        ] {
            let wanted = wanted(comparison, classes);
            let fitting = acceptable(Some(&wanted), Vocabulary::Microsoft).expect("can be met");
            let said = |proof| stated(&fitting, proof, Vocabulary::Microsoft);
            assert_eq!(said(&one_factor), alone, "{wanted:?}");
            assert_eq!(said(&two_factors), both, "{wanted:?}");
            assert_eq!(demand(&fitting, None).mfa, alone.is_none(), "{wanted:?}");
        }
    }

    /// A passkey is two factors and no password (R094).
    #[test]
    fn a_passkey_states_two_factors_and_no_typed_password() {
        use Comparison::{Exact, Maximum, Minimum};
        let (password, two) = (uris::AC_PASSWORD_PROTECTED, uris::MULTIPLE_AUTHN);
        let passkey = proof(&[Method::Passkey]);
        assert_eq!(stated(&[], &passkey, Vocabulary::Microsoft), Some(two));
        for (comparison, classes, said, needs_password) in [
            (Exact, &[password][..], None, true),
            (Exact, &[password, uris::AC_PASSWORD], None, true),
            (Exact, &[uris::AC_UNSPECIFIED], Some(uris::AC_UNSPECIFIED), false),
            (Exact, &[two], Some(two), false),
            (Exact, &[password, two], Some(two), false),
            (Minimum, &[password], Some(two), false),
            (Maximum, &[password], None, true),
            (Maximum, &[two], Some(two), false),
        ] {
            let wanted = wanted(comparison, classes);
            let fitting = acceptable(Some(&wanted), Vocabulary::Microsoft).expect("can be met");
            assert_eq!(stated(&fitting, &passkey, Vocabulary::Microsoft), said, "{wanted:?}");
            assert_eq!(demand(&fitting, None).password, needs_password, "{wanted:?}");
        }
        let touched = proof(&[Method::SecurityKey]);
        assert_eq!(stated(&[], &touched, Vocabulary::Microsoft), Some(uris::AC_UNSPECIFIED));
    }

    #[test]
    fn what_nobody_here_can_prove_is_never_said() {
        let card = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI";
        for comparison in
            [Comparison::Exact, Comparison::Minimum, Comparison::Better, Comparison::Maximum]
        {
            let wanted = wanted(comparison, &[card]);
            assert_eq!(acceptable(Some(&wanted), Vocabulary::General), None, "{comparison:?}");
        }
        let better = wanted(Comparison::Better, &[uris::MULTIPLE_AUTHN]);
        assert_eq!(acceptable(Some(&better), Vocabulary::General), None);
    }

    #[test]
    fn without_a_wish_the_strongest_truth_is_told_in_the_words_of_the_party() {
        let proof = proof(&[Method::Password, Method::Totp]);
        assert_eq!(acceptable(None, Vocabulary::General), Some(Vec::new()));
        assert_eq!(stated(&[], &proof, Vocabulary::General), Some(uris::REFEDS_MFA));
        assert_eq!(stated(&[], &proof, Vocabulary::Microsoft), Some(uris::MULTIPLE_AUTHN));
        assert!(says_mfa(uris::REFEDS_MFA) && !says_mfa(uris::AC_PASSWORD));
    }
}
