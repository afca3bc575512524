//! Why a sign-in with Microsoft did not go on: a value, the word that the audit log keeps, and what
//! the person reads.

use graph::Fault;
use model::registration::Admission;

/// Why somebody who came back from Microsoft is not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// They came back without signing in there.
    Cancelled,
    /// Microsoft said no, with this number (AADSTS).
    Refused(u32),
    /// Microsoft does not answer.
    Silent,
    /// What Microsoft sent is not believed.
    Disbelieved(Fault),
    /// It is a personal account, and those don't come here.
    Personal,
    /// It is an organisation's account, and those don't come here.
    Work,
    /// It is of an organisation whose people don't come here.
    Foreign,
    /// The account's own sign-in is here.
    Circle,
    /// Nobody here is linked to the account.
    Unknown,
    /// The account is linked to somebody else than the sign-in is for.
    SomebodyElse,
    /// The account is linked already.
    Taken,
    /// The sync says that the account is somebody else's.
    Anothers,
    /// They have linked as many as anybody may.
    Enough,
    /// Too many came back in vain from there.
    Throttled,
}

/// How a refusal with a number is written as a word.
const REFUSED: &str = "aadsts";

impl Stopped {
    /// Every reason but those with a number or a fault.
    const PLAIN: [Self; 12] = [
        Self::Cancelled,
        Self::Silent,
        Self::Personal,
        Self::Work,
        Self::Foreign,
        Self::Circle,
        Self::Unknown,
        Self::SomebodyElse,
        Self::Taken,
        Self::Anothers,
        Self::Enough,
        Self::Throttled,
    ];

    /// Whether somebody may have tried a code or a token that was not theirs. Whatever else goes wrong
    /// on the way counts against nobody.
    #[must_use]
    pub(super) const fn is_a_guess(self) -> bool {
        // 54005, 70000 and 70008: the code was used, is none, or has ended.
        matches!(
            self,
            Self::Disbelieved(_) | Self::Throttled | Self::Refused(54_005 | 70_000 | 70_008)
        )
    }

    /// The word for addresses; it says nothing that its reader must not know.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Refused(code) => format!("{REFUSED}{code}"),
            Self::Disbelieved(_) => "disbelieved".to_owned(),
            plain => plain.plain_word().to_owned(),
        }
    }

    const fn plain_word(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Silent => "silent",
            Self::Personal => "personal",
            Self::Work => "work",
            Self::Foreign => "foreign",
            Self::Circle => "circle",
            Self::Unknown => "unknown",
            Self::SomebodyElse => "somebody-else",
            Self::Taken => "taken",
            Self::Anothers => "anothers",
            Self::Enough => "enough",
            Self::Throttled => "throttled",
            Self::Refused(_) => REFUSED,
            Self::Disbelieved(_) => "disbelieved",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        if word == "disbelieved" {
            return Some(Self::Disbelieved(Fault::Malformed));
        }
        if let Some(code) = word.strip_prefix(REFUSED) {
            return code.parse().ok().map(Self::Refused);
        }
        Self::PLAIN.into_iter().find(|plain| plain.plain_word() == word)
    }

    /// What the audit log keeps.
    #[must_use]
    pub fn detail(self) -> String {
        match self {
            Self::Refused(code) => format!("Microsoft refused: AADSTS{code}"),
            Self::Disbelieved(fault) => format!("the ID token is not believed: {}", fault.as_str()),
            Self::Anothers => "the sync says that the account is somebody else's".to_owned(),
            plain => plain.plain_word().replace('-', " "),
        }
    }

    /// What the person reads.
    #[must_use]
    pub fn sentence(self) -> String {
        let text = match self {
            Self::Refused(0) => "Microsoft did not sign you in. Try again, or sign in another way.",
            Self::Refused(code) => {
                return format!(
                    "Microsoft did not sign you in (AADSTS{code}). Try again, or sign in another \
                     way; your administrator can look the number up."
                );
            }
            Self::Cancelled => {
                "You came back from Microsoft without signing in. Try again, or sign in another way."
            }
            Self::Silent => {
                "Microsoft does not answer right now. Sign in another way, or try again in a moment."
            }
            Self::Disbelieved(_) => {
                "What Microsoft sent can't be used. Try again, or sign in another way."
            }
            Self::Personal => {
                "That is a personal Microsoft account. Use the work or school account of your organisation."
            }
            Self::Work => "That is a work or school account. Use your personal Microsoft account.",
            Self::Foreign => {
                "That Microsoft account belongs to an organisation that does not sign in here. Use another account, or sign in another way."
            }
            Self::Circle => {
                "Microsoft asks this page to sign that account in. Sign in here, with your password or a passkey."
            }
            Self::Unknown => {
                "That Microsoft account is not linked to anybody here. Sign in another way, then link it on the security page of your portal."
            }
            Self::SomebodyElse => {
                "That Microsoft account is linked to another address than this one. Use another account, or sign in another way."
            }
            Self::Taken => "That Microsoft account is linked already. Choose another one.",
            Self::Anothers => {
                "That Microsoft account belongs to somebody else here. Choose your own, or ask your administrator."
            }
            Self::Enough => "You have linked as many accounts as anybody may. Take one away first.",
            Self::Throttled => {
                "Too many tries with Microsoft came from your network. Sign in another way, or wait a while."
            }
        };
        text.to_owned()
    }
}

/// What an error of the way to Microsoft means for the person who waits.
pub(super) fn by(error: &graph::Error) -> Stopped {
    tracing::warn!(error = error as &dyn std::error::Error, "signing in with microsoft failed");
    match error {
        graph::Error::SignIn { code, .. } => Stopped::Refused(*code),
        _ => Stopped::Silent,
    }
}

/// Whether an account may come through a registration.
pub(super) const fn admitted(admission: Admission) -> Result<(), Stopped> {
    match admission {
        Admission::Admitted => Ok(()),
        Admission::Personal => Err(Stopped::Personal),
        Admission::Work => Err(Stopped::Work),
        Admission::Foreign => Err(Stopped::Foreign),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_reason_survives_its_way_through_an_address() {
        let numbered = [Stopped::Refused(50_020), Stopped::Disbelieved(Fault::Malformed)];
        let all: Vec<Stopped> = Stopped::PLAIN.into_iter().chain(numbered).collect();
        for stopped in &all {
            assert_eq!(Stopped::from_word(&stopped.word()), Some(*stopped));
            assert!(stopped.sentence().contains(". "), "what to do: {stopped:?}");
        }
        let words: HashSet<String> = all.iter().map(|stopped| stopped.word()).collect();
        assert_eq!(words.len(), all.len());
        for odd in ["", "aadsts", "aadsts-1", "aadstsx", "anything else"] {
            assert_eq!(Stopped::from_word(odd), None, "{odd}");
        }
    }
}
