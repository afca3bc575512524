//! A pretend Microsoft Entra ID with a real HTTP face: token endpoint, Graph, realm discovery,
//! the judge of federated sign-ins, and an Outlook page to sign in to.
//! It knows nothing of Gatehouse and verifies with other code, so that it forgives no mistake.

mod authorize;
mod catalog;
mod clock;
mod console;
mod copied;
mod error;
mod external;
mod faults;
mod graph;
mod login;
mod odata;
mod outlook;
mod page;
mod random;
pub mod sample;
mod server;
mod settings;
mod simulator;
mod tenant;
mod world;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use copied::TenantCopy;
pub use error::Error;
pub use faults::{Fault, Faults, Trouble};
pub use login::SignIn;
pub use login::external_mfa::ExternalMethod;
pub use login::openid::Twist;
pub use settings::{Clock, Seed, Settings};
pub use simulator::{Simulator, Snapshot, TenantView};
pub use tenant::{Domain, FederationConfiguration, License, ServicePlan, Sku, User};
pub use world::Request;

/// Locks; a panic of another thread does not make plain data worse.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
