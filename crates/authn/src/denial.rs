//! Why somebody was not let in: values for the audit log, and the few words that a person may read.
//!
//! Before the right password is given, every reason reads the same (R022); the difference is for
//! the audit log alone. A replayed code reads as a wrong one (R028).

/// Why a sign-in did not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Nobody has this sign-in name.
    UnknownPerson,
    /// The password was wrong.
    WrongPassword,
    /// Too many guesses; nothing was checked.
    Throttled,
    /// The password was right, but an admin has blocked the person, or they are gone.
    Blocked,
    /// The password was right, but it was a first password that was not changed in time (R010).
    FirstPasswordExpired,
    /// The password was right, but a rule of the sign-in policy denies this sign-in.
    Forbidden,
    /// Everything was right, but the person has no role in the console.
    NoRole,
    /// The password was right, but a rule takes nothing but a passkey or security key, and the person
    /// has none.
    NoPasskey,
    /// Somebody else asks for a second factor, and the person has none that would do.
    NoFactor,
    /// The code was wrong.
    WrongCode,
    /// The recovery code or access pass was wrong, used or too old.
    WrongRecoveryCode,
    /// The code from the letter was wrong, used or too old.
    WrongMailedCode,
    /// Too many letters with codes; none was written.
    TooManyLetters,
    /// The code was right but had been used before (R026).
    ReplayedCode,
    /// Too many codes; nothing was checked (R016).
    TooManyCodes,
    /// The one-time enrolment code was wrong, used or too old.
    WrongEnrollmentCode,
    /// Nobody has this passkey, or it is not one that was asked for.
    UnknownPasskey,
    /// The passkey is somebody else's than the sign-in is for.
    ForeignPasskey,
    /// The answer does not fit the question: too late, used before, from another site, for another
    /// purpose, or without verifying its person where that is needed (R036, R037).
    PasskeyRefused,
    /// The passkey's counter went back: there may be two of it (R038).
    CopiedPasskey,
    /// A new passkey is registered already, perhaps to somebody else (R039), or there are very many.
    KnownPasskey,
}

impl Reason {
    /// Every reason.
    pub const ALL: &'static [Self] = &[
        Self::UnknownPerson,
        Self::WrongPassword,
        Self::Throttled,
        Self::Blocked,
        Self::FirstPasswordExpired,
        Self::Forbidden,
        Self::NoRole,
        Self::NoPasskey,
        Self::NoFactor,
        Self::WrongCode,
        Self::WrongRecoveryCode,
        Self::WrongMailedCode,
        Self::TooManyLetters,
        Self::ReplayedCode,
        Self::TooManyCodes,
        Self::WrongEnrollmentCode,
        Self::UnknownPasskey,
        Self::ForeignPasskey,
        Self::PasskeyRefused,
        Self::CopiedPasskey,
        Self::KnownPasskey,
    ];

    /// The word that the audit log keeps.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownPerson => "unknown_person",
            Self::WrongPassword => "wrong_password",
            Self::Throttled => "throttled",
            Self::Blocked => "blocked",
            Self::FirstPasswordExpired => "first_password_expired",
            Self::Forbidden => "forbidden_by_policy",
            Self::NoRole => "no_role",
            Self::NoPasskey => "no_passkey",
            Self::NoFactor => "no_second_factor",
            Self::WrongCode => "wrong_code",
            Self::WrongRecoveryCode => "wrong_recovery_code",
            Self::WrongMailedCode => "wrong_mailed_code",
            Self::TooManyLetters => "too_many_letters",
            Self::ReplayedCode => "replayed_code",
            Self::TooManyCodes => "too_many_codes",
            Self::WrongEnrollmentCode => "wrong_enrollment_code",
            Self::UnknownPasskey => "unknown_passkey",
            Self::ForeignPasskey => "foreign_passkey",
            Self::PasskeyRefused => "passkey_refused",
            Self::CopiedPasskey => "copied_passkey",
            Self::KnownPasskey => "known_passkey",
        }
    }

    /// What the person reads.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::UnknownPerson | Self::WrongPassword | Self::Throttled => {
                "That name and password don't match. Check both and try again in a few seconds."
            }
            Self::Blocked => "Your account is blocked. Ask your administrator to unblock it.",
            Self::FirstPasswordExpired => {
                "Your first password has expired. Ask your administrator for a new one."
            }
            Self::Forbidden => {
                "Your organisation does not allow this sign-in: not for you, from here or with this program. Ask your administrator."
            }
            Self::NoRole => "Your account can't open the console.",
            Self::NoPasskey => "This takes a passkey or security key, and you have none yet.",
            Self::NoFactor => {
                "You have no second factor here that would do. Sign in to your portal here and set one up, then begin again."
            }
            Self::WrongCode | Self::ReplayedCode => {
                "That code isn't right. Wait for the next one and try again."
            }
            Self::WrongRecoveryCode => {
                "That code isn't right, was used before or has run out. Check it, or use another way to prove it's you."
            }
            Self::WrongMailedCode => {
                "That code isn't right, was used before or has run out. Take the newest letter, or have another code sent."
            }
            Self::TooManyLetters => {
                "Too many codes were sent within an hour. Wait a while, or use another way to prove it's you."
            }
            Self::TooManyCodes => {
                "Too many codes were tried. Wait a while, or use another way to prove it's you."
            }
            Self::WrongEnrollmentCode => {
                "That enrolment code isn't right, or it has expired. Ask your administrator for a new one."
            }
            Self::ForeignPasskey => {
                "That passkey belongs to another account. Choose one of this account, or use its password."
            }
            Self::KnownPasskey => "That passkey can't be added. Choose another device or key.",
            Self::UnknownPasskey | Self::PasskeyRefused | Self::CopiedPasskey => {
                "That passkey wasn't accepted. Try again, or use another way to prove it's you."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// R022, R028
    #[test]
    fn a_stranger_reads_the_same_whatever_stopped_them() {
        let before_the_password = [Reason::UnknownPerson, Reason::WrongPassword, Reason::Throttled];
        let sentences: HashSet<_> = before_the_password.iter().map(|r| r.sentence()).collect();
        assert_eq!(sentences.len(), 1);
        assert_eq!(Reason::ReplayedCode.sentence(), Reason::WrongCode.sentence());
        let refused = [Reason::UnknownPasskey, Reason::PasskeyRefused, Reason::CopiedPasskey];
        let sentences: HashSet<_> = refused.iter().map(|r| r.sentence()).collect();
        assert_eq!(sentences.len(), 1, "whether a passkey is known is nobody's business");
    }

    #[test]
    fn the_audit_log_can_tell_every_reason_apart() {
        let words: HashSet<_> = Reason::ALL.iter().map(|r| r.as_str()).collect();
        assert_eq!(words.len(), Reason::ALL.len());
    }
}
