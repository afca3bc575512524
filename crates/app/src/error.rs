//! Why a use case stopped. A denial is not among these: it is a value of the verb's own.

use std::{error::Error as StdError, fmt};

/// What kind of trouble it is; the counter turns it into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What was asked for is not there.
    NotFound,
    /// It clashes with what is there.
    Conflict,
    /// A field of the input is wrong.
    Invalid {
        /// The field's name in the form.
        field: &'static str,
    },
    /// The person may not do that.
    Forbidden,
    /// The person must prove a second factor again first (R147).
    StepUp,
    /// Something of ours is busy or down; try again.
    Unavailable,
    /// Microsoft said no, or nothing.
    Upstream,
    /// A mistake of ours.
    Bug,
}

/// Trouble: a kind, a sentence for people, and a cause that no page ever shows.
#[derive(Debug)]
pub struct Error {
    /// What kind it is.
    pub kind: Kind,
    /// One sentence for the person: what is wrong and what to do.
    pub public: String,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Trouble without a deeper cause.
    pub fn new(kind: Kind, public: impl Into<String>) -> Self {
        Self { kind, public: public.into(), cause: None }
    }

    /// Something wrong with one field of a form.
    pub fn invalid(field: &'static str, public: impl Into<String>) -> Self {
        Self::new(Kind::Invalid { field }, public)
    }

    /// What was asked for is not there.
    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("This {what} does not exist, or no longer."))
    }

    /// Keeps `cause` for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    pub(crate) fn bug(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Kind::Bug, "Something went wrong on our side; nothing was changed.")
            .because(cause)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.public)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn StdError + 'static))
    }
}

impl From<store::Error> for Error {
    fn from(cause: store::Error) -> Self {
        match &cause {
            store::Error::NotFound { what } => Self::not_found(what).because(cause),
            store::Error::Conflict { .. } => {
                Self::new(Kind::Conflict, "There is already one with that name or id.")
                    .because(cause)
            }
            store::Error::Unavailable => Self::new(
                Kind::Unavailable,
                "The database does not answer right now. Try again in a moment.",
            )
            .because(cause),
            store::Error::WrongMasterKey => Self::new(
                Kind::Unavailable,
                "The database is sealed with a master key that is not configured here; nothing was \
                 changed.",
            )
            .because(cause),
            _ => Self::bug(cause),
        }
    }
}

impl From<authn::Error> for Error {
    fn from(cause: authn::Error) -> Self {
        Self::bug(cause)
    }
}

impl From<mail::Error> for Error {
    fn from(cause: mail::Error) -> Self {
        Self::new(Kind::Unavailable, format!("Mail can't be sent: {cause}.")).because(cause)
    }
}

impl From<federation::Error> for Error {
    fn from(cause: federation::Error) -> Self {
        match &cause {
            federation::Error::Token(_) => {
                let public = "The token that holds the signing keys does not answer. Try again.";
                Self::new(Kind::Unavailable, public).because(cause)
            }
            _ => Self::bug(cause),
        }
    }
}

impl From<graph::Error> for Error {
    fn from(cause: graph::Error) -> Self {
        Self::new(Kind::Upstream, format!("Microsoft 365 answered: {cause}")).because(cause)
    }
}

impl From<tokio::task::JoinError> for Error {
    fn from(cause: tokio::task::JoinError) -> Self {
        Self::bug(cause)
    }
}
