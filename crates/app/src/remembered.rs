//! Browsers in which a person is not asked for a second factor for some days (R056), where the rule
//! that decides lets them be remembered.
//!
//! It is a convenience and no factor: what a session proved stays what it was (R094), and whatever
//! asks for a second factor by itself gets a real one. A browser is remembered for one person. Its
//! cookie carries a name that stays and a secret that is renewed each time it is used: the name with
//! another secret tells of a copy. It ends with the password, the factors, the address, and the
//! account: whoever changes one of them forgets every browser of the person. What it rests on is
//! compared each time besides, for what changed while it was being remembered.

use std::time::Duration;

use authn::policy::Verdict;
use model::{
    Proof,
    audit::AuditKind,
    ids::{RememberedDeviceId, UserId},
    pending_request::{Demand, PendingRequest, Purpose},
    remembered_device::RememberedDevice,
    session::Session,
    user::{User, UserState},
};
use sha2::{Digest, Sha256};
use store::{
    Tx, pending_requests, remembered_devices, remembered_devices::Carrier, sessions, users,
};

use crate::{
    Employee, Error, House, Result, Visitor,
    letters::News,
    policy::{self, Attempt},
    reset,
    visitor::Secret,
};

/// For so long after it was replaced a secret may come from another tab that was under way.
const UNDER_WAY: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// What somebody says of the browser that they prove a second factor in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Don't ask again here for some days.
    Remember,
    /// Ask as ever.
    DontRemember,
}

/// What becomes of a browser at the end of a sign-in.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// The second factor was left out because of this one.
    pub(crate) spared_by: Option<RememberedDeviceId>,
    /// The secret that it carries from now on, if it gets a new one.
    pub(crate) secret: Option<Secret>,
}

impl House {
    /// Takes down whether this browser shall be remembered. It counts once a second factor was proved,
    /// and only where it may.
    pub async fn sign_in_wish(&self, handle: &Secret, visitor: &Visitor, wish: Wish) -> Result<()> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let Some(mut request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(());
                };
                request.remember = wish == Wish::Remember;
                Ok::<_, Error>(pending_requests::update(tx, &request)?)
            })
            .await
    }

    /// Forgets one of a person's own browsers.
    pub async fn forget_device(
        &self,
        me: &Employee,
        id: RememberedDeviceId,
        visitor: &Visitor,
    ) -> Result<()> {
        let (house, owner, visitor) = (self.clone(), me.user().id, visitor.clone());
        self.store()
            .write(move |tx| {
                let device = remembered_devices::by_id(tx, id)?;
                let device = device.filter(|device| device.user_id == owner);
                let device = device.ok_or_else(|| Error::not_found("remembered device"))?;
                remembered_devices::forget(tx, device.id)?;
                house.audit_person(tx, &visitor, owner, AuditKind::DeviceForgotten, "by its owner")
            })
            .await
    }

    /// For how many days a browser may be remembered where a sign-in stands.
    pub(crate) fn remembers_for(
        &self,
        tx: &mut Tx,
        request: &PendingRequest,
        visitor: &Visitor,
    ) -> Result<Option<u16>> {
        let person = request.user_id.map(|id| users::by_id(tx, id)).transpose()?.flatten();
        let Some(person) = person else { return Ok(None) };
        let premises = self.premises(tx)?;
        let attempt = Attempt::of(request, visitor, self.now());
        let verdict = policy::ruling(tx, &premises, &person, &attempt)?.verdict;
        Ok(allowed_in(verdict, &person, request))
    }

    /// What a sign-in takes in this browser.
    pub(crate) fn in_browser(
        &self,
        tx: &mut Tx,
        (request, person): (&PendingRequest, &User),
        visitor: &Visitor,
        verdict: Verdict,
    ) -> Result<Verdict> {
        let Some(days) = allowed_in(verdict, person, request) else { return Ok(verdict) };
        let here = self.device_here(tx, person, visitor, days)?;
        Ok(if here.is_some() { verdict.without_factor() } else { verdict })
    }

    /// What a session takes that may rest on a browser that was remembered when it began.
    pub(crate) fn in_session(
        &self,
        tx: &mut Tx,
        (user, device): (&User, Option<RememberedDeviceId>),
        verdict: Verdict,
        demand: Demand,
    ) -> Result<Verdict> {
        let (Some(device), Some(days)) = (device, allowed(verdict, user, demand)) else {
            return Ok(verdict);
        };
        let device = remembered_devices::by_id(tx, device)?;
        let device = self.if_good(tx, device, user, days)?;
        Ok(if device.is_some() { verdict.without_factor() } else { verdict })
    }

    /// Remembers this browser, or gives it its next secret, as the sign-in ends; `None`: another tab
    /// has just used the secret that this one came with.
    pub(crate) fn settle_device(
        &self,
        tx: &mut Tx,
        (request, proof): (&PendingRequest, &Proof),
        person: UserId,
        visitor: &Visitor,
    ) -> Result<Option<Settled>> {
        let Some(days) = self.remembers_for(tx, request, visitor)? else {
            return Ok(Some(Settled::default()));
        };
        users::lock(tx, person)?;
        let person = users::by_id(tx, person)?.ok_or_else(|| Error::not_found("person"))?;
        if proof.mfa().is_some() {
            let stays = proof.events().iter().any(|event| event.method.stays());
            let secret = if request.remember && stays {
                Some(self.keep_device(tx, &person, visitor, days)?)
            } else {
                None
            };
            return Ok(Some(Settled { spared_by: None, secret }));
        }
        match self.device_here(tx, &person, visitor, days)? {
            Some(device) => self.renew_device(tx, &device, visitor),
            None => Ok(None),
        }
    }

    /// Ends a browser whose secret from before comes again: either it lost its newest one, or somebody
    /// made a copy. Which of the two is the owner and which the thief nobody can say.
    pub(crate) fn notice_copy(&self, tx: &mut Tx, visitor: &Visitor, person: &User) -> Result<()> {
        let Some((carrier, secret)) = carrier(tx, visitor)? else { return Ok(()) };
        let since = self.now().since(carrier.device.used_at);
        let is_under_way = carrier.former == Some(secret) && since <= UNDER_WAY;
        let is_theirs = carrier.device.user_id == person.id;
        if !is_theirs || carrier.secret == secret || is_under_way {
            return Ok(());
        }
        self.end_copied(tx, visitor, &carrier.device)
    }

    fn end_copied(&self, tx: &mut Tx, visitor: &Visitor, device: &RememberedDevice) -> Result<()> {
        let owner = users::by_id(tx, device.user_id)?.ok_or_else(|| Error::not_found("person"))?;
        remembered_devices::forget(tx, device.id)?;
        let rests_on_it = |session: &Session| session.remembered == Some(device.id);
        sessions::end_those(tx, device.user_id, rests_on_it, self.now())?;
        let detail = "an old secret of it came again, perhaps from a copy";
        self.audit_person(tx, visitor, owner.id, AuditKind::DeviceForgotten, detail)?;
        self.inform(tx, &owner, &News::DeviceCopied, visitor)
    }

    fn keep_device(
        &self,
        tx: &mut Tx,
        person: &User,
        visitor: &Visitor,
        days: u16,
    ) -> Result<Secret> {
        let (now, carried) = (self.now(), Carried::draw(self));
        // A browser carries one cookie: whoever was remembered here is not any more, and neither is a
        // copy that was renewed since.
        match carrier(tx, visitor)? {
            Some((before, secret)) if before.secret == secret => {
                remembered_devices::forget(tx, before.device.id)?;
            }
            Some((before, _)) => self.end_copied(tx, visitor, &before.device)?,
            None => {}
        }
        let device = RememberedDevice {
            id: RememberedDeviceId(self.new_id()),
            user_id: person.id,
            basis: reset::basis(tx, person)?,
            made_at: now,
            used_at: now,
            expires_at: now + DAY * u32::from(days),
            client: visitor.client.clone(),
        };
        remembered_devices::put(tx, &device, (&carried.series(), &carried.secret()))?;
        let detail = format!("for {days} days");
        self.audit_person(tx, visitor, person.id, AuditKind::DeviceRemembered, &detail)?;
        Ok(carried.cookie())
    }

    fn renew_device(
        &self,
        tx: &mut Tx,
        device: &RememberedDevice,
        visitor: &Visitor,
    ) -> Result<Option<Settled>> {
        let Some(old) = carried(visitor) else { return Ok(None) };
        let new = Carried { secret: Secret::draw(self.random()), ..old.clone() };
        let (digests, client) = ((&old.secret(), &new.secret()), &visitor.client);
        let won = remembered_devices::renew(tx, device.id, digests, client, self.now())?;
        Ok(won.then(|| Settled { spared_by: Some(device.id), secret: Some(new.cookie()) }))
    }

    /// The remembered browser that this one is, if it is this person's and good for so many days.
    fn device_here(
        &self,
        tx: &mut Tx,
        person: &User,
        visitor: &Visitor,
        days: u16,
    ) -> Result<Option<RememberedDevice>> {
        let here = carrier(tx, visitor)?.filter(|(carrier, secret)| carrier.secret == *secret);
        self.if_good(tx, here.map(|(carrier, _)| carrier.device), person, days)
    }

    /// Whether a browser counts still: for the days that the rule allows now, and no longer than its
    /// person was promised.
    fn if_good(
        &self,
        tx: &mut Tx,
        device: Option<RememberedDevice>,
        person: &User,
        days: u16,
    ) -> Result<Option<RememberedDevice>> {
        let now = self.now();
        let is_young = |device: &RememberedDevice| {
            now < device.expires_at && now < device.made_at + DAY * u32::from(days)
        };
        let theirs = device.filter(|device| device.user_id == person.id && is_young(device));
        let Some(device) = theirs.filter(|_| person.state == UserState::Active) else {
            return Ok(None);
        };
        Ok((reset::basis(tx, person)? == device.basis).then_some(device))
    }
}

/// A person's browsers that are remembered still.
pub(crate) fn of_user(tx: &mut Tx, person: &User, now: model::Ts) -> Result<Vec<RememberedDevice>> {
    let mut devices = remembered_devices::of_user(tx, person.id)?;
    if devices.is_empty() {
        return Ok(devices);
    }
    let basis = reset::basis(tx, person)?;
    devices.retain(|device| now < device.expires_at && device.basis == basis);
    Ok(devices)
}

/// For how many days a browser may be remembered for what somebody asks for. Whoever has a role is
/// asked each time, and so is everybody where the application asks for a second factor, or for a fresh
/// proof, by itself.
pub(crate) fn allowed(verdict: Verdict, user: &User, demand: Demand) -> Option<u16> {
    let asks = demand.mfa || demand.max_age.is_some();
    verdict.remembers_for().filter(|_| !asks && user.role.is_none())
}

/// The same for a sign-in under way; whoever chooses a new password proves all that they have.
fn allowed_in(verdict: Verdict, user: &User, request: &PendingRequest) -> Option<u16> {
    let is_reset = matches!(request.purpose, Purpose::Reset { .. });
    allowed(verdict, user, request.demand).filter(|_| !is_reset)
}

/// What the cookie of a remembered browser carries.
#[derive(Debug, Clone)]
struct Carried {
    series: Secret,
    secret: Secret,
}

impl Carried {
    fn draw(house: &House) -> Self {
        Self { series: Secret::draw(house.random()), secret: Secret::draw(house.random()) }
    }

    /// Both in one, as a cookie.
    fn cookie(&self) -> Secret {
        Secret::from_cookie(&format!("{}{}", self.series.expose(), self.secret.expose()))
    }

    /// What is remembered of the name; neither is worth anything for another purpose (R046).
    fn series(&self) -> [u8; 32] {
        Sha256::digest(format!("remembered device\n{}", self.series.expose())).into()
    }

    /// What is remembered of the secret.
    fn secret(&self) -> [u8; 32] {
        Sha256::digest(format!("remembered device's secret\n{}", self.secret.expose())).into()
    }
}

/// What a browser carries, if it carries something.
fn carried(visitor: &Visitor) -> Option<Carried> {
    let (series, secret) = visitor.remembered.as_ref()?.expose().split_at_checked(64)?;
    Some(Carried { series: Secret::from_cookie(series), secret: Secret::from_cookie(secret) })
}

/// The remembered browser that goes by the name that this one carries, and the digest of the secret
/// that comes with it, right or not.
fn carrier(tx: &mut Tx, visitor: &Visitor) -> Result<Option<(Carrier, [u8; 32])>> {
    let Some(carried) = carried(visitor) else { return Ok(None) };
    let found = remembered_devices::by_series(tx, &carried.series())?;
    Ok(found.map(|carrier| (carrier, carried.secret())))
}
