//! Why a step of a rehearsal failed.

use std::error::Error as StdError;

/// What a step gives back.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// What was seen is not as it should be, a sentence each.
    #[error("{}", .0.join(" "))]
    Seen(Vec<String>),
    /// The house said no.
    #[error(transparent)]
    House(#[from] app::Error),
    /// The pretend Microsoft does not start.
    #[error(transparent)]
    Simulator(#[from] simulator::Error),
    /// Nobody answered.
    #[error("no answer")]
    Http(#[from] reqwest::Error),
    /// An answer leads to nowhere.
    #[error("an answer leads to no address")]
    Address(#[from] url::ParseError),
    /// A file or a program of this machine.
    #[error("{what}")]
    Machine {
        /// What could not be done.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    /// What was seen, in a sentence.
    pub(crate) fn seen(what: impl Into<String>) -> Self {
        Self::Seen(vec![what.into()])
    }

    pub(crate) fn machine(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Machine { what, source }
    }

    /// The whole chain, a sentence each.
    pub(crate) fn evidence(&self) -> Vec<String> {
        if let Self::Seen(seen) = self {
            return seen.clone();
        }
        let first: &(dyn StdError + 'static) = self;
        let chain = std::iter::successors(Some(first), |error| (*error).source());
        let mut said: Vec<String> = chain.map(ToString::to_string).collect();
        said.dedup();
        said
    }
}
