//! A signed-in browser.

use serde::{Deserialize, Serialize};

use crate::{
    FactorEvent, Proof, Ts,
    ids::{RememberedDeviceId, SessionId, UserId},
};

/// A browser that somebody has signed in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Our id; not the secret in the cookie.
    pub id: SessionId,
    /// Who signed in.
    pub user_id: UserId,
    /// What the cookie opens.
    pub audience: SessionAudience,
    /// What has been proved in this session.
    pub events: Vec<FactorEvent>,
    /// When it began.
    pub created_at: Ts,
    /// When it was last used (coarse: written at most once a minute).
    pub last_seen_at: Ts,
    /// When it was ended by hand, if it was.
    pub ended_at: Option<Ts>,
    /// From where it began.
    pub client: ClientInfo,
    /// The second factor was left out because this browser was remembered; that it is still is looked
    /// up each time.
    pub remembered: Option<RememberedDeviceId>,
}

/// Which door a session opens; each has its own cookie (R050).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionAudience {
    /// Applications and the portal.
    Employee,
    /// The console.
    Admin,
}

/// Where a request came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClientInfo {
    /// The peer's address.
    pub address: String,
    /// The browser's own description, cut to 200 characters.
    pub user_agent: String,
}

impl Session {
    /// The proof that the recorded events amount to.
    #[must_use]
    pub fn proof(&self) -> Option<Proof> {
        Proof::from_events(self.events.clone())
    }
}
