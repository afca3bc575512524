//! Which rule of the policy decides a sign-in, and what it comes to (F042). The same functions decide
//! at the door and answer "what if".

use model::{
    Role,
    ids::GroupId,
    policy::{Client, Factor, Rule, Target, Then},
};

use super::{MfaPolicy, Policy};

/// Everything about a sign-in that a rule may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// For what.
    pub target: Target,
    /// The person's groups.
    pub groups: &'a [GroupId],
    /// The person's role in the console.
    pub role: Option<Role>,
    /// The address that the request comes from.
    pub address: &'a str,
    /// By what kind of program.
    pub client: Client,
    /// What the program calls itself.
    pub agent: &'a str,
    /// The application asks for a second factor by itself.
    pub asked: bool,
}

/// The first thing that keeps a rule from fitting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// The rule is switched off.
    Off,
    /// It is for other applications.
    Target,
    /// It is for other groups.
    Groups,
    /// It is for other roles.
    Role,
    /// It is for other networks.
    Place,
    /// It is for other kinds of programs.
    Client,
    /// It is for programs of another name.
    Agent,
    /// It depends on whether the application asks for a second factor.
    Asked,
}

/// What keeps a rule from fitting a sign-in; `None`: it fits.
#[must_use]
pub fn misfit(rule: &Rule, at: &Circumstances<'_>) -> Option<Misfit> {
    let when = &rule.when;
    let target = || match at.target {
        // A rule for everything must not close the console by accident.
        Target::Console => when.targets.contains(&Target::Console),
        target => when.targets.is_empty() || when.targets.contains(&target),
    };
    let named = || at.agent.to_lowercase().contains(&when.agent.to_lowercase());
    // In the order of what they cost: nothing after the first misfit is looked at.
    if !rule.enabled {
        Some(Misfit::Off)
    } else if !target() {
        Some(Misfit::Target)
    } else if !has_any(&when.groups, at.groups) {
        Some(Misfit::Groups)
    } else if !has_any(&when.roles, at.role.as_slice()) {
        Some(Misfit::Role)
    } else if !has_any(&when.clients, &[at.client]) {
        Some(Misfit::Client)
    } else if when.asked.is_some_and(|asked| asked != at.asked) {
        Some(Misfit::Asked)
    } else if !when.agent.is_empty() && !named() {
        Some(Misfit::Agent)
    } else if when.place.as_ref().is_some_and(|place| !place.has(at.address)) {
        Some(Misfit::Place)
    } else {
        None
    }
}

/// Whether nothing is wanted, or one of what is there.
fn has_any<T: PartialEq>(wanted: &[T], there: &[T]) -> bool {
    wanted.is_empty() || wanted.iter().any(|one| there.contains(one))
}

/// What the policy comes to for a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ruling<'p> {
    /// The rule that decides; `None`: none fits, and what holds for everybody else does.
    pub rule: Option<&'p Rule>,
    /// What it comes to.
    pub verdict: Verdict,
}

impl Ruling<'_> {
    /// The same for somebody who is spared the second factor, because they need none for a while or
    /// proved that they read their mailbox: that counts where no rule decides. What a rule demands, and the console, it leaves as they are.
    #[must_use]
    pub fn spared(self) -> Self {
        match (self.rule, self.verdict) {
            (None, verdict) => Self { verdict: verdict.without_factor(), ..self },
            _ => self,
        }
    }
}

/// What a sign-in takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is not allowed at all.
    Denied,
    /// It takes this much.
    Allowed {
        /// Whether it takes a second factor.
        mfa: MfaPolicy,
        /// How old what was proved may be, in seconds.
        max_age: Option<u64>,
        /// For how many days a browser may be remembered, in which it takes no second factor.
        remember: Option<u16>,
    },
}

impl Verdict {
    /// Whether nobody gets in without a passkey or security key.
    #[must_use]
    pub const fn takes_a_passkey(self) -> bool {
        matches!(self, Self::Allowed { mfa: MfaPolicy::PhishingResistant, .. })
    }

    /// For how many days it lets a browser be remembered (R056); `None`: not at all.
    #[must_use]
    pub const fn remembers_for(self) -> Option<u16> {
        match self {
            Self::Allowed { mfa: MfaPolicy::Always, remember, .. } => remember,
            _ => None,
        }
    }

    /// The same without the second factor that everybody proves: where the request asks for one, or
    /// only a key would do, one is needed still.
    #[must_use]
    pub const fn without_factor(self) -> Self {
        match self {
            Self::Allowed { mfa: MfaPolicy::Always, max_age, remember } => {
                Self::Allowed { mfa: MfaPolicy::OnDemand, max_age, remember }
            }
            other => other,
        }
    }
}

impl Policy {
    /// What holds for a sign-in: the first rule that fits, or what holds for everybody else. A program
    /// that sends a password has no second factor: a rule that asks for one denies, and where none
    /// decides, the permit that opens its door is the exception.
    #[must_use]
    pub fn ruling(&self, at: &Circumstances<'_>) -> Ruling<'_> {
        let rule = self.rules.iter().find(|rule| misfit(rule, at).is_none());
        let alone = at.client != Client::Browser;
        let verdict = match rule.map(|rule| rule.then) {
            None if alone => {
                Verdict::Allowed { mfa: MfaPolicy::OnDemand, max_age: None, remember: None }
            }
            None => Verdict::Allowed { mfa: self.mfa, max_age: None, remember: None },
            Some(Then::Deny) => Verdict::Denied,
            Some(Then::Allow { factor, .. }) if alone && factor != Factor::WhenAsked => {
                Verdict::Denied
            }
            Some(Then::Allow { factor, hours, remember }) => Verdict::Allowed {
                mfa: match factor {
                    Factor::WhenAsked => MfaPolicy::OnDemand,
                    Factor::Always => MfaPolicy::Always,
                    Factor::PhishingResistant => MfaPolicy::PhishingResistant,
                },
                max_age: hours.map(|hours| u64::from(hours) * 3600),
                remember,
            },
        };
        Ruling { rule, verdict }
    }

    /// Whether any rule asks for groups, so that they must be known.
    #[must_use]
    pub fn asks_for_groups(&self) -> bool {
        self.rules.iter().any(|rule| rule.enabled && !rule.when.groups.is_empty())
    }

    /// Whether some rule takes nothing but a passkey or security key.
    #[must_use]
    pub fn takes_passkeys(&self) -> bool {
        let takes = Factor::PhishingResistant;
        self.rules.iter().any(|rule| {
            rule.enabled && matches!(rule.then, Then::Allow { factor, .. } if factor == takes)
        })
    }

    /// Whether some rule lets somebody in with a password alone, if only in a browser that is
    /// remembered.
    #[must_use]
    pub fn spares_factors(&self) -> bool {
        let spares = |then| match then {
            Then::Allow { factor, remember, .. } => {
                factor == Factor::WhenAsked || remember.is_some()
            }
            Then::Deny => false,
        };
        self.rules.iter().any(|rule| rule.enabled && spares(rule.then))
    }
}

/// Whether a rule lets programs without a browser in with a password alone and does not say both which
/// program and from which networks: whoever steals a password brings a program of their own.
#[must_use]
pub fn is_broad_for_programs(rule: &Rule) -> bool {
    let Then::Allow { factor: Factor::WhenAsked, .. } = rule.then else { return false };
    let when = &rule.when;
    let for_programs =
        when.clients.is_empty() || when.clients.iter().any(|client| *client != Client::Browser);
    let for_parties =
        when.targets.is_empty() || when.targets.iter().any(|it| matches!(it, Target::Party(_)));
    let is_placed = when.place.as_ref().is_some_and(|place| {
        place.inside && !place.networks.iter().any(model::network::Network::is_vast)
    });
    // What asks for a second factor is no program that sends a password.
    let is_narrow = (is_placed && !when.agent.is_empty()) || when.asked == Some(true);
    rule.enabled && for_programs && for_parties && !is_narrow
}

#[cfg(test)]
mod tests;
