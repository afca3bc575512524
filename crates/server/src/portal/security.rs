//! A person's own password and second factors.

use app::accounts::{Factor as Known, FactorKind};
use model::{
    Ts, microsoft_account::MicrosoftAccount, registration::PERSONAL,
    remembered_device::RememberedDevice, session::Session,
};

use crate::{
    admin::step_up,
    answer::{Answer, Desk, field_problem, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        parts::Problem,
        portal::{Factor, Linked, Remembered, Security, Session as SessionView},
        sign_in::RecoveryCodes,
    },
    sign_in::microsoft,
    visitor::SignedIn,
    wording::{devices, factors, times},
};

/// Its address.
pub(super) const PATH: &str = "/portal/security";

/// The page.
pub(super) async fn show(me: SignedIn, desk: Desk) -> Answer {
    let page = page(&me, &desk, microsoft::why(&desk).into_iter().collect()).await?;
    desk.page(&desk.portal_chrome(&me).await?, &page)
}

/// Changes the password; other sessions end. The address in the form is for password managers.
pub(super) async fn change_password(me: SignedIn, desk: Desk, form: Form) -> Answer {
    let [_username, current, new] =
        form.exactly(["username", "current_password", "new_password"])?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    match house.change_password(&me, visitor, current.into(), new.into()).await {
        Ok(()) => Ok(see_other(&format!("{PATH}?done=password-changed"))),
        Err(error) if error.kind == app::Kind::Conflict => {
            let problem = Problem::of_form(&error.public, "Nothing was changed here.");
            let page = page(&me, &desk, vec![problem]).await?;
            desk.again(&desk.portal_chrome(&me).await?, &page)
        }
        Err(error) => {
            let fields = [("current", "current_password"), ("new", "new_password")];
            let problem = field_problem(error, &fields)?;
            let page = page(&me, &desk, vec![problem]).await?;
            desk.again(&desk.portal_chrome(&me).await?, &page)
        }
    }
}

/// Makes new recovery codes and shows them once.
pub(super) async fn replace_recovery_codes(me: SignedIn, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    let codes = desk.counter.house.replace_recovery_codes(&me, desk.guest.visitor()).await?;
    let page = RecoveryCodes {
        handle: String::new(),
        upn: me.user().upn.to_string(),
        codes,
        next: PATH.to_owned(),
    };
    desk.page(&desk.portal_chrome(&me).await?, &page)
}

pub(super) async fn page(
    me: &SignedIn,
    desk: &Desk,
    problems: Vec<Problem>,
) -> Result<Security, Failure> {
    let house = &desk.counter.house;
    let (seen, linked) = (house.security(me).await?, house.my_microsoft(me).await?);
    let now = house.now();
    let current = me.session().id;
    let mut sessions = seen.sessions;
    sessions
        .sort_by_key(|session| (session.id != current, std::cmp::Reverse(session.last_seen_at)));
    let must_confirm = me.require_fresh(now).is_err();
    let has_key = seen.factors.iter().any(|known| known.kind != FactorKind::App);
    let must_use_key = has_key && me.require_fresh_key(now).is_err();
    let may_add = !must_confirm && !must_use_key;
    let passkey = if may_add { house.passkey_to_register(me).await? } else { None };
    Ok(Security {
        upn: me.user().upn.to_string(),
        factors: seen.factors.iter().map(|known| factor(known, now)).collect(),
        has_app: seen.factors.iter().any(|known| known.kind == FactorKind::App),
        recovery_codes_left: u32::try_from(seen.recovery_codes_left).unwrap_or(0),
        password_changed: times::when(seen.password_set_at.unwrap_or(me.user().created_at), now),
        password_elsewhere: seen.password_elsewhere.unwrap_or_default(),
        password_minimum: u32::try_from(seen.password_minimum).unwrap_or(u32::MAX),
        sessions: sessions
            .iter()
            .map(|session| {
                let used_with = seen.used_with.get(&session.id).map_or(&[][..], Vec::as_slice);
                session_view(session, (session.id == current, used_with), now)
            })
            .collect(),
        remembered: seen.remembered.iter().map(|device| remembered(device, now)).collect(),
        linked: linked.accounts.iter().map(|account| link(account, now)).collect(),
        microsoft: microsoft::labelled(&linked.offered, "Link a Microsoft account"),
        confirm: must_confirm.then(|| step_up::confirm("/portal", PATH)),
        confirm_key: match (must_use_key, must_confirm) {
            (true, _) => Some(step_up::confirm_by_key("/portal", PATH)),
            (false, true) => Some(step_up::confirm("/portal", PATH)),
            (false, false) => None,
        },
        passkey,
        passkey_name: devices::name(&me.session().client.user_agent),
        problems,
    })
}

fn factor(known: &Known, now: Ts) -> Factor {
    Factor {
        name: factors::name(&known.kind),
        note: factors::note(known, now),
        added: times::when(known.added, now),
        href: match known.kind {
            FactorKind::App => format!("{PATH}/app"),
            _ => format!("{PATH}/passkeys/{}", known.id),
        },
    }
}

fn remembered(device: &RememberedDevice, now: Ts) -> Remembered {
    Remembered {
        id: device.id.to_string(),
        device: devices::name(&device.client.user_agent),
        address: device.client.address.clone(),
        used: times::when(device.used_at, now),
        until: times::when(device.expires_at, now),
    }
}

/// A linked account, as pages show it.
pub(crate) fn link(account: &MicrosoftAccount, now: Ts) -> Linked {
    Linked {
        id: account.id.to_string(),
        name: account.name.clone(),
        directory: match account.identity.tenant {
            PERSONAL => "Personal account".to_owned(),
            tenant => format!("Directory {tenant}"),
        },
        linked: times::when(account.linked_at, now),
        used: account.used_at.map(|at| times::when(at, now)),
    }
}

fn session_view(
    session: &Session,
    (current, used_with): (bool, &[String]),
    now: Ts,
) -> SessionView {
    SessionView {
        id: session.id.to_string(),
        device: devices::name(&session.client.user_agent),
        address: session.client.address.clone(),
        seen: times::when(session.last_seen_at, now),
        used_with: used_with.join(", "),
        current,
    }
}
