//! What a person has proved in this session, and the one way to say "MFA was done".
//!
//! An [`MfaClaim`] has no constructor: the only source is [`Proof::mfa`], which looks at recorded
//! factor events (R094). A remembered device, an admin's switch or a client's wish can't make one.
//!
//! ```compile_fail,E0451
//! // There is no way to make the claim by hand.
//! let claim = model::amr::MfaClaim { at: model::Ts(0) };
//! ```

use serde::{Deserialize, Serialize};

use crate::Ts;

/// How a person proved who they are, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Something they know.
    Password,
    /// A time-based code from an app they have.
    Totp,
    /// A printed one-time code they have.
    RecoveryCode,
    /// A one-time pass that the help desk gave them when they had nothing else at hand.
    AccessPass,
    /// A code that was sent to a mailbox they read. It is less than a second factor: whoever reads the
    /// mailbox has it, on whatever device.
    MailedCode,
    /// A passkey they have, which itself verified who holds it: by a PIN, a finger or a face (R037).
    Passkey,
    /// A security key they have; somebody touched it, whoever that was.
    SecurityKey,
    /// A Microsoft account of theirs: Microsoft said that it is them, and no more counts of it here.
    Microsoft,
    /// The same where Microsoft said that two factors were given, and is trusted with that
    /// ([`crate::registration::Registration::proves`]).
    MicrosoftMfa,
}

/// Knowledge, possession, or both at once: what an authenticator verifies its holder by is something
/// they know or are. A mailbox is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Knowledge,
    Possession,
    Both,
    Mailbox,
}

impl Method {
    const fn kind(self) -> Kind {
        match self {
            // What was given there nobody knows here: it counts once, beside a factor of ours.
            Self::Password | Self::Microsoft => Kind::Knowledge,
            Self::Totp | Self::RecoveryCode | Self::AccessPass | Self::SecurityKey => {
                Kind::Possession
            }
            Self::Passkey | Self::MicrosoftMfa => Kind::Both,
            Self::MailedCode => Kind::Mailbox,
        }
    }

    /// Whether a sign-in can begin with it: it says who is there.
    #[must_use]
    pub const fn is_first_factor(self) -> bool {
        matches!(self, Self::Password | Self::Passkey) || self.is_elsewhere()
    }

    /// Whether it can complete a password to two factors.
    #[must_use]
    pub const fn is_second_factor(self) -> bool {
        matches!(self.kind(), Kind::Possession | Kind::Both)
    }

    /// Whether somebody else vouches for it. How long ago it was proved there is not known here.
    #[must_use]
    pub const fn is_elsewhere(self) -> bool {
        matches!(self, Self::Microsoft | Self::MicrosoftMfa)
    }

    /// Whether it can complete a password to two factors, and was verified here: the console takes
    /// nothing less.
    #[must_use]
    pub const fn is_second_factor_here(self) -> bool {
        self.is_second_factor() && !self.is_elsewhere()
    }

    /// Whether it is of somebody's own and stays with them: no code that is good once, and no pass.
    #[must_use]
    pub const fn stays(self) -> bool {
        matches!(self, Self::Totp | Self::Passkey | Self::SecurityKey)
    }

    /// Whether it answers the right site alone, so that no false page can pass it on.
    #[must_use]
    pub const fn resists_phishing(self) -> bool {
        matches!(self, Self::Passkey | Self::SecurityKey)
    }
}

/// One verified proof, as the session's ledger records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorEvent {
    /// What was verified.
    pub method: Method,
    /// When it was verified.
    pub at: Ts,
}

/// Everything that a session has proved; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    events: Vec<FactorEvent>,
    /// Whoever asked wants the password itself: the proof is as old as that.
    by_password: bool,
}

/// "A second factor was verified here", whoever did the first one. Like [`MfaClaim`] it has no
/// constructor: the only source is [`Proof::second_factors`].
///
/// ```compile_fail,E0451
/// // There is no way to make it by hand.
/// let factor = model::amr::SecondFactor { method: model::Method::Totp, at: model::Ts(0) };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondFactor {
    method: Method,
    at: Ts,
}

/// "Two factors of different kinds were verified in this session", one after the other or at once by
/// a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MfaClaim {
    at: Ts,
}

impl Proof {
    /// The proof that these recorded events amount to; `None` when there are none.
    #[must_use]
    pub fn from_events(events: Vec<FactorEvent>) -> Option<Self> {
        (!events.is_empty()).then_some(Self { events, by_password: false })
    }

    /// The same where the password itself is wanted: what a passkey proved later does not make it newer.
    #[must_use]
    pub fn by_password(self) -> Self {
        Self { by_password: true, ..self }
    }

    /// The recorded events.
    #[must_use]
    pub fn events(&self) -> &[FactorEvent] {
        &self.events
    }

    /// When the person last proved it with the first factor (a session is as old as that).
    #[must_use]
    pub fn authenticated_at(&self) -> Ts {
        let begins = |method: Method| {
            if self.by_password { method == Method::Password } else { method.is_first_factor() }
        };
        let first = self.events.iter().filter(|e| begins(e.method)).map(|e| e.at).max();
        first.or_else(|| self.events.iter().map(|e| e.at).max()).unwrap_or_default()
    }

    /// What of it was verified here, so that its age is known; `None` when nobody proved here who they
    /// are: a second factor alone says nothing of that.
    #[must_use]
    pub fn of_known_age(&self) -> Option<Self> {
        let here: Vec<_> =
            self.events.iter().filter(|e| !e.method.is_elsewhere()).copied().collect();
        if !here.iter().any(|e| e.method.is_first_factor()) {
            return None;
        }
        Self::from_events(here).map(|proof| Self { by_password: self.by_password, ..proof })
    }

    /// Whether a second factor was verified here.
    #[must_use]
    pub fn has_second_factor_here(&self) -> bool {
        self.events.iter().any(|e| e.method.is_second_factor_here())
    }

    /// Every second factor that was verified here, the newest first.
    pub fn second_factors(&self) -> impl Iterator<Item = SecondFactor> {
        let here = self.events.iter().filter(|e| e.method.is_second_factor_here());
        let mut here: Vec<_> = here.map(|e| SecondFactor { method: e.method, at: e.at }).collect();
        here.sort_by_key(|factor| std::cmp::Reverse(factor.at));
        here.into_iter()
    }

    /// When a second factor of their own was last verified here: what confirms a weighty act. A pass
    /// that the help desk gave, or a word of Microsoft's, lets somebody in and confirms nothing.
    #[must_use]
    pub fn second_factor_at(&self) -> Option<Ts> {
        let own =
            |e: &&FactorEvent| e.method.is_second_factor_here() && e.method != Method::AccessPass;
        self.events.iter().filter(own).map(|e| e.at).max()
    }

    /// When a passkey or security key was last verified.
    #[must_use]
    pub fn key_at(&self) -> Option<Ts> {
        self.events.iter().filter(|e| e.method.resists_phishing()).map(|e| e.at).max()
    }

    /// Whether this was among what was verified.
    #[must_use]
    pub fn has(&self, method: Method) -> bool {
        self.events.iter().any(|e| e.method == method)
    }

    /// The MFA claim, if knowledge and possession were both verified, or a passkey did so by itself.
    #[must_use]
    pub fn mfa(&self) -> Option<MfaClaim> {
        let knows = self.events.iter().any(|e| e.method.kind() == Kind::Knowledge);
        let completes = |kind| kind == Kind::Both || (knows && kind == Kind::Possession);
        let events = self.events.iter().filter(|e| completes(e.method.kind()));
        events.map(|e| e.at).max().map(|at| MfaClaim { at })
    }

    /// Whether two factors were verified of which one answers the right site alone.
    #[must_use]
    pub fn resists_phishing(&self) -> bool {
        self.mfa().is_some() && self.events.iter().any(|e| e.method.resists_phishing())
    }
}

impl SecondFactor {
    /// What was verified.
    #[must_use]
    pub const fn method(self) -> Method {
        self.method
    }

    /// When.
    #[must_use]
    pub const fn at(self) -> Ts {
        self.at
    }
}

impl MfaClaim {
    /// When the second factor was verified.
    #[must_use]
    pub const fn at(self) -> Ts {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(methods: &[Method]) -> Option<Proof> {
        let events =
            methods.iter().zip(1..).map(|(&method, at)| FactorEvent { method, at: Ts(at) });
        Proof::from_events(events.collect())
    }

    /// R094
    #[test]
    fn mfa_follows_from_two_kinds_and_from_nothing_else() {
        use Method::{
            AccessPass, MailedCode, Microsoft, MicrosoftMfa, Passkey, Password, RecoveryCode,
            SecurityKey, Totp,
        };
        for (methods, expected) in [
            (&[MailedCode][..], None),
            (&[Password, MailedCode][..], None),
            (&[Microsoft, MailedCode][..], None),
            (&[SecurityKey, MailedCode][..], None),
            (&[Password, MailedCode, Totp][..], Some(Ts(3))),
            (&[Microsoft][..], None),
            (&[Microsoft, Password][..], None),
            (&[Microsoft, Microsoft][..], None),
            (&[Microsoft, Totp][..], Some(Ts(2))),
            (&[Microsoft, SecurityKey][..], Some(Ts(2))),
            (&[MicrosoftMfa][..], Some(Ts(1))),
            (&[Password][..], None),
            (&[Totp][..], None),
            (&[Totp, RecoveryCode][..], None),
            (&[Password, Password][..], None),
            (&[Password, Totp][..], Some(Ts(2))),
            (&[Password, RecoveryCode][..], Some(Ts(2))),
            (&[Password, AccessPass][..], Some(Ts(2))),
            (&[AccessPass][..], None),
            (&[Totp, AccessPass][..], None),
            (&[Password, SecurityKey][..], Some(Ts(2))),
            (&[SecurityKey][..], None),
            (&[SecurityKey, Totp][..], None),
            (&[Passkey][..], Some(Ts(1))),
            (&[Passkey, Totp][..], Some(Ts(1))),
            (&[Passkey, SecurityKey][..], Some(Ts(1))),
            (&[Password, Passkey][..], Some(Ts(2))),
        ] {
            let claim = proof(methods).and_then(|p| p.mfa()).map(MfaClaim::at);
            assert_eq!(claim, expected, "{methods:?}");
        }
        assert_eq!(proof(&[]), None);
    }

    #[test]
    fn only_keys_resist_phishing_and_only_with_who_holds_them() {
        use Method::{
            AccessPass, Microsoft, MicrosoftMfa, Passkey, Password, RecoveryCode, SecurityKey, Totp,
        };
        for (methods, expected) in [
            (&[MicrosoftMfa][..], false),
            (&[MicrosoftMfa, Totp][..], false),
            (&[Microsoft, SecurityKey][..], true),
            (&[Password][..], false),
            (&[Password, Totp][..], false),
            (&[Password, RecoveryCode][..], false),
            (&[Password, AccessPass][..], false),
            (&[SecurityKey][..], false),
            (&[SecurityKey, Totp][..], false),
            (&[Password, SecurityKey][..], true),
            (&[Password, Totp, SecurityKey][..], true),
            (&[Passkey][..], true),
            (&[Password, Totp, Passkey][..], true),
        ] {
            let resists = proof(methods).is_some_and(|proof| proof.resists_phishing());
            assert_eq!(resists, expected, "{methods:?}");
        }
    }

    #[test]
    fn microsofts_word_confirms_nothing_weighty_and_has_no_age() {
        let there = proof(&[Method::MicrosoftMfa]).expect("an event");
        assert_eq!((there.second_factor_at(), there.has_second_factor_here()), (None, false));
        assert_eq!(there.of_known_age(), None);
        let both = proof(&[Method::MicrosoftMfa, Method::Totp]).expect("two events");
        assert_eq!((both.second_factor_at(), both.has_second_factor_here()), (Some(Ts(2)), true));
        assert_eq!(both.of_known_age(), None, "a code says nothing of who somebody is");
        let typed = proof(&[Method::Microsoft, Method::Password, Method::Totp]).expect("three");
        let here = typed.of_known_age().expect("a password");
        assert_eq!((here.authenticated_at(), here.mfa().map(MfaClaim::at)), (Ts(2), Some(Ts(3))));
    }

    #[test]
    fn a_passkey_makes_no_password_newer() {
        let both = proof(&[Method::Password, Method::Passkey]).expect("two events");
        assert_eq!(both.authenticated_at(), Ts(2));
        let typed = both.by_password();
        assert_eq!((typed.authenticated_at(), typed.mfa().map(MfaClaim::at)), (Ts(1), Some(Ts(2))));
    }
}
