//! Speaks Microsoft Graph.
//!
//! Returns the nouns of `model::entra`, never JSON. It knows nothing of plans and databases.

mod client;
mod client_assertion;
mod deleted;
mod domains;
mod ensure;
mod error;
mod gate;
mod http;
mod lag;
mod licenses;
mod matches;
mod outside;
mod paging;
mod permissions;
mod preflight;
mod protected;
mod quota;
mod sign_in;
mod sign_ins;
mod timer;
mod token;
pub mod users;

pub use client::{Check, Clock, Graph, MissingPermission, Random, Settings};
pub use error::{Error, Result};
pub use gate::{Asked, Gate};
pub use matches::Everybody;
pub use model::plan::Verdict;
pub use outside::Outside;
pub use sign_in::{
    Ask, Fault, HintReader, HintSettings, Redemption, SCOPES as SIGN_IN_SCOPES, SignIn,
    SignInSettings, TrialAsk,
};
pub use timer::{RealTimer, Timer, Wait};
