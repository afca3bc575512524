//! The screens of a sign-in, and how a try on one of them ends.

use authn::{denial::Reason, flow::Devices};
use model::Ts;

use crate::enroll::NewAuthenticator;

/// What the person sees next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Screen {
    /// Asks for the address.
    Address {
        /// As much of it as is known: the domain, with its `@`, or nothing.
        begun: String,
    },
    /// Asks for the password of this address (which may be nobody's).
    Password {
        /// The address as it came or was typed.
        address: String,
    },
    /// Asks for a code of the authenticator, for a passkey, or for a code on paper.
    SecondFactor {
        /// Whose.
        address: String,
        /// What they have.
        with: Devices,
        /// For how many days this browser may be remembered afterwards.
        remember: Option<u16>,
        /// The mailbox, masked, that a code may be sent to instead.
        mailbox: Option<String>,
    },
    /// Asks for a passkey or security key: a rule takes nothing else.
    Key {
        /// Whose.
        address: String,
    },
    /// A rule takes nothing but a passkey or security key, and they have none.
    NoPasskey {
        /// Whose.
        address: String,
        /// They may open the portal with what they have, and add one there.
        may_add: bool,
    },
    /// Asks for the one-time code that an admin hands over (R033).
    EnrollmentCode {
        /// Whose.
        address: String,
        /// Nothing but a passkey is set up with it.
        only_key: bool,
        /// The mailbox, masked, that a code for this once may be sent to instead.
        mailbox: Option<String>,
    },
    /// Shows a new authenticator's secret and asks for its first code.
    Enroll {
        /// Whose.
        address: String,
        /// What to put into the app.
        authenticator: NewAuthenticator,
        /// They may put it off, until then at the longest.
        put_off_until: Option<Ts>,
        /// The mailbox, masked, that a code for this once may be sent to instead.
        mailbox: Option<String>,
    },
    /// Asks for a new passkey or security key; no authenticator app in its place.
    EnrollKey {
        /// Whose.
        address: String,
    },
    /// Asks for a new password.
    NewPassword {
        /// Whose.
        address: String,
        /// How many characters it needs at least.
        min_length: usize,
    },
    /// Everything asked for was proved: go on.
    Done,
    /// The second factor that Entra asks for was proved: go on, and nobody is signed in.
    Confirmed,
    /// The right password, and yet it ends here.
    Denied {
        /// Whose.
        address: String,
        /// Why; its sentence is for the person.
        reason: Reason,
    },
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// On to the next screen.
    Next(Screen),
    /// The same screen again, with a sentence.
    Again {
        /// The screen.
        screen: Screen,
        /// What was wrong and what to do, the same for every cause that must not be told apart.
        sentence: String,
    },
    /// Recovery codes, shown this once; then on.
    RecoveryCodes {
        /// Whose.
        address: String,
        /// The codes, as people type them.
        codes: Vec<String>,
    },
    /// The request is over, used, or another browser's.
    Expired,
}

impl Screen {
    /// Why it ends here, if it does.
    pub(crate) const fn denial(&self) -> Option<Reason> {
        match self {
            Self::Denied { reason, .. } => Some(*reason),
            Self::NoPasskey { .. } => Some(Reason::NoPasskey),
            _ => None,
        }
    }
}

/// Whether what is known of an address is its end at most.
pub(super) fn names_nobody(address: &str) -> bool {
    address.is_empty() || address.starts_with('@')
}
