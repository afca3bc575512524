//! Who does the second factor that Microsoft demands: what each choice means for whom, and which one
//! fits how far people have come (F008, `federation.md` 5.1).

use model::{
    federated_domain::MfaBehavior,
    preflight::{Check, Preflight, Verdict},
};

/// What a choice is judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// Who is assigned and has a second factor here.
    pub with_factor: usize,
    /// Who is assigned and has none, by sign-in name.
    pub without_factor: Vec<String>,
    /// Every sign-in asks for a second factor here, whoever it is.
    pub everybody_asked: bool,
    /// What of the tenant speaks about it.
    pub tenant: TenantWish,
}

/// What the tenant wants of second factors, as the newest pre-flight saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantWish {
    /// Nobody has looked, or it could not be seen.
    Unknown,
    /// Ours would do for everything that it wants.
    OursWillDo,
    /// It wants what only a factor at Microsoft can do.
    BeyondUs,
}

/// What a choice means for some people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// For whom, in words.
    pub whom: String,
    /// What they will see, in a sentence or two.
    pub sees: &'static str,
}

impl TenantWish {
    /// What a pre-flight saw of it.
    #[must_use]
    pub fn of(preflight: Option<&Preflight>) -> Self {
        let found = preflight.and_then(|preflight| {
            let mut findings = preflight.findings.iter();
            findings.find(|finding| finding.check == Check::AccessStrength)
        });
        match found.map(|finding| finding.verdict) {
            None | Some(Verdict::Unseen) => Self::Unknown,
            Some(Verdict::Passed) => Self::OursWillDo,
            Some(Verdict::Warning | Verdict::Failed) => Self::BeyondUs,
        }
    }
}

/// The choice that fits, and why, in a sentence. Microsoft's factor alone never does: accepting ours
/// leads there by itself for whoever has none.
#[must_use]
pub fn advise(ground: &Ground) -> (MfaBehavior, &'static str) {
    let accept = |why| (MfaBehavior::Accept, why);
    match ground {
        Ground { with_factor: 0, without_factor, .. } if without_factor.is_empty() => {
            accept("Nobody is assigned yet: this locks nobody out.")
        }
        Ground { without_factor, .. } if !without_factor.is_empty() => accept(
            "Some people have no second factor here yet: Microsoft helps them out with its own.",
        ),
        Ground { everybody_asked: false, .. } => accept(
            "Some sign-ins ask for no second factor here: where a policy at Microsoft wants one, \
             nobody is sent back and forth.",
        ),
        Ground { tenant: TenantWish::Unknown, .. } => accept(
            "What the tenant demands has not been seen: do a pre-flight, then look here again.",
        ),
        Ground { tenant: TenantWish::BeyondUs, .. } => {
            accept("A policy of the tenant wants what only a factor at Microsoft can do.")
        }
        Ground { tenant: TenantWish::OursWillDo, .. } => (
            MfaBehavior::Enforce,
            "Everybody assigned has a second factor here and is always asked for it: nobody ever needs \
             another at Microsoft.",
        ),
    }
}

/// What each employee will see under a choice.
#[must_use]
pub fn effects(behavior: MfaBehavior, ground: &Ground) -> Vec<Effect> {
    let with = match behavior {
        MfaBehavior::Accept => "They prove it here, once. Microsoft takes it for its own demands.",
        MfaBehavior::Enforce => {
            "They prove it here, once. When Microsoft wants one that they have not given, it sends \
             them back here for it, and never asks for one of its own."
        }
        MfaBehavior::Reject => {
            "They prove it here where our rules want it, and once more at Microsoft with a factor \
             that they set up there."
        }
    };
    let without = match behavior {
        MfaBehavior::Accept => {
            "Their password is enough where nobody wants more. Where a policy at Microsoft does, \
             they set up and use a factor at Microsoft."
        }
        MfaBehavior::Enforce => {
            "When Microsoft wants one, it sends them back here to set one up, and without the code for \
             that they get no further."
        }
        MfaBehavior::Reject => {
            "Their password here, and where a policy at Microsoft wants more, a factor at Microsoft."
        }
    };
    let count =
        |count: usize| if count == 1 { "1 person".to_owned() } else { format!("{count} people") };
    vec![
        Effect {
            whom: format!("{} with a second factor here", count(ground.with_factor)),
            sees: with,
        },
        Effect {
            whom: format!("{} without one", count(ground.without_factor.len())),
            sees: without,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> Ground {
        Ground {
            with_factor: 12,
            without_factor: Vec::new(),
            everybody_asked: true,
            tenant: TenantWish::OursWillDo,
        }
    }

    #[test]
    fn enforcing_is_advised_only_where_nobody_can_be_sent_back_in_vain() {
        assert_eq!(advise(&ready()).0, MfaBehavior::Enforce);
        let carol = vec!["carol@contoso.com".to_owned()];
        for (ground, word) in [
            (Ground { with_factor: 0, ..ready() }, "Nobody is assigned"),
            (Ground { without_factor: carol.clone(), ..ready() }, "no second factor"),
            (Ground { with_factor: 0, without_factor: carol, ..ready() }, "no second factor"),
            (Ground { everybody_asked: false, ..ready() }, "ask for no second factor"),
            (Ground { tenant: TenantWish::Unknown, ..ready() }, "has not been seen"),
            (Ground { tenant: TenantWish::BeyondUs, ..ready() }, "only a factor at Microsoft"),
        ] {
            let (behavior, why) = advise(&ground);
            assert_eq!(behavior, MfaBehavior::Accept, "{ground:?}");
            assert!(why.contains(word), "{why}");
        }
    }

    #[test]
    fn each_choice_says_what_it_means_for_whoever_has_a_factor_and_whoever_has_none() {
        let ground = Ground { without_factor: vec!["carol@contoso.com".to_owned()], ..ready() };
        let mut said: Vec<&str> = Vec::new();
        for behavior in MfaBehavior::ALL {
            let effects = effects(behavior, &ground);
            assert_eq!(effects[0].whom, "12 people with a second factor here");
            assert_eq!(effects[1].whom, "1 person without one");
            said.extend(effects.iter().map(|effect| effect.sees));
        }
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), 6, "no two are the same");
    }

    #[test]
    fn what_was_not_seen_of_the_tenant_is_unknown() {
        assert_eq!(TenantWish::of(None), TenantWish::Unknown);
    }
}
