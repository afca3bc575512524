//! A browser in which a person is not asked for a second factor for some days.

use crate::{
    Ts,
    ids::{RememberedDeviceId, UserId},
    session::ClientInfo,
};

/// Somebody proved a second factor in this browser and said that it should not be asked for again so
/// soon (R056). It is no factor: a session that rests on it has proved a password and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RememberedDevice {
    /// Our id.
    pub id: RememberedDeviceId,
    /// Whose; in the same browser it is worth nothing for anybody else.
    pub user_id: UserId,
    /// The digest of what it rests on: it ends when their password or their factors change.
    pub basis: [u8; 32],
    /// When the second factor was proved.
    pub made_at: Ts,
    /// When its secret was made: when it was remembered, or used last.
    pub used_at: Ts,
    /// The last moment that the person was promised.
    pub expires_at: Ts,
    /// From where it was used last, and with what.
    pub client: ClientInfo,
}
