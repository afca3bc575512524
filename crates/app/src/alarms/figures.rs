//! What monitoring reads as numbers: what ends when, and how many alarms are open (F119).

use std::collections::BTreeMap;

use federation::keyring;
use model::{
    Ts,
    alarm::{Alarm, Severity},
    signing_key::SigningKeyState,
};
use store::{alarms, registrations, signing_keys, tenants, watches};

use super::AlarmState;
use crate::{Error, House, Result};

/// The numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// State, thumbprint and end of the certificates that sign, or will.
    pub certificates: Vec<(&'static str, String, Ts)>,
    /// What Microsoft knows us by: for what, as what, until when, where that is known.
    pub credentials: Vec<(&'static str, String, Ts)>,
    /// How many alarms are open, by severity and by whether somebody knows of them.
    pub open: Vec<(&'static str, bool, u32)>,
    /// Whether the watch makes its rounds.
    pub watched: bool,
}

impl House {
    /// The numbers as they are now.
    pub async fn figures(&self) -> Result<Figures> {
        let house = self.clone();
        let read = move |tx: &mut store::Tx| {
            let open = alarms::open(tx)?;
            let state = house.state(&open, &watches::all(tx)?);
            let certificates = signing_keys::all(tx)?.into_iter().filter_map(|key| {
                let state = match key.state {
                    SigningKeyState::Active => "active",
                    SigningKeyState::Next => "next",
                    SigningKeyState::Retired => return None,
                };
                Some((state, keyring::thumbprint(&key.certificate), key.not_after))
            });
            let certificates = certificates.collect();
            let of_tenants = tenants::all(tx)?.into_iter();
            // Two tenants may bear one name, and two lines must not.
            let of_tenants = of_tenants.filter_map(|it| {
                let name = format!("{} ({})", it.alias, it.entra_tenant_id);
                Some(("tenant", name, it.credential_ends_at?))
            });
            let mut credentials: Vec<_> = of_tenants.collect();
            let of_sign_in = registrations::ends(tx)?.into_iter();
            credentials.extend(of_sign_in.map(|(alias, ends)| ("sign-in", alias, ends)));
            let watched = state != AlarmState::Unwatched;
            Ok::<_, Error>(Figures { certificates, credentials, open: counted(&open), watched })
        };
        self.store().read(read).await
    }
}

/// Every sort has a number, so that none is missed by not being there.
fn counted(open: &[Alarm]) -> Vec<(&'static str, bool, u32)> {
    let sorts = ["danger", "warning"].into_iter().flat_map(|it| [(it, false), (it, true)]);
    let mut counts: BTreeMap<(&str, bool), u32> = sorts.map(|sort| (sort, 0)).collect();
    for alarm in open {
        let severity = match alarm.cause.severity() {
            Severity::Danger => "danger",
            Severity::Warning => "warning",
        };
        *counts.entry((severity, alarm.acknowledged.is_some())).or_default() += 1;
    }
    counts.into_iter().map(|((severity, known), count)| (severity, known, count)).collect()
}
