//! What a sign-in rests on: the account as it is now, and what was proved with what it still has.

use authn::flow::{Account, Devices, Enrollment, Factors};
use model::{FactorEvent, Method, Ts, ids::UserId, pending_request::PendingRequest, user::User};
use store::{Tx, factors, microsoft_accounts, passkeys};

use crate::{
    Result,
    passwords::{self, held_of},
    reset::is_resetting,
};

/// What the state machine must know of a person, what they have proved that still counts, and
/// whether they are about to choose a new password.
pub(super) fn account(
    tx: &mut Tx,
    person: &User,
    request: &PendingRequest,
) -> Result<(Account, Vec<FactorEvent>, bool)> {
    let id = person.id;
    let password = held_of(tx, person)?;
    let devices = Held::of(tx, id)?;
    let events = still_proved(&request.events, password.as_ref(), devices);
    let again = factors::enrolled_before(tx, id)?;
    let enrollment = match request.enrolling {
        Some(_) => Enrollment::Begun { again },
        None if again => Enrollment::Again,
        None => Enrollment::First,
    };
    let resetting = is_resetting(tx, &request.purpose, person)?;
    let account = Account {
        standing: person.state.into(),
        factors: devices.factors(),
        enrollment,
        must_change_before: password.and_then(|held| held.must_change_before()),
        console: person.role.into(),
    };
    Ok((account, events, resetting))
}

/// Since when a person has had which devices.
#[derive(Debug, Clone, Copy)]
struct Held {
    app: Option<Ts>,
    key: Option<Ts>,
    microsoft: Option<Ts>,
}

impl Held {
    fn of(tx: &mut Tx, id: UserId) -> Result<Self> {
        let app = factors::totp_of(tx, id)?.iter().filter_map(|app| app.confirmed_at).min();
        let key = passkeys::of_user(tx, id)?.iter().map(|passkey| passkey.created_at).min();
        let linked = microsoft_accounts::of_user(tx, id)?;
        let microsoft = linked.iter().map(|account| account.linked_at).min();
        Ok(Self { app, key, microsoft })
    }

    fn factors(self) -> Factors {
        let devices = Devices::of(self.app.is_some(), self.key.is_some());
        devices.map_or(Factors::None, Factors::Enrolled)
    }
}

/// What was proved with a password and devices that the person still has: a new password, or a reset
/// of the factors, also ends sign-ins that were under way (R053).
fn still_proved(
    events: &[FactorEvent],
    password: Option<&passwords::Held>,
    held: Held,
) -> Vec<FactorEvent> {
    let counts = |event: &&FactorEvent| {
        let since = match event.method {
            // The letter was written to whoever knew the password.
            Method::Password | Method::MailedCode => password.map(passwords::Held::since),
            Method::Totp => held.app,
            Method::RecoveryCode | Method::AccessPass => held.app.into_iter().chain(held.key).min(),
            Method::Passkey | Method::SecurityKey => held.key,
            Method::Microsoft | Method::MicrosoftMfa => held.microsoft,
        };
        since.is_some_and(|since| event.at >= since)
    };
    events.iter().filter(counts).copied().collect()
}
