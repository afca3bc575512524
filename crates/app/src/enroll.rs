//! Enrolling an authenticator, at first sign-in: secret, first code, recovery codes.

use authn::{
    denial::Reason,
    enrollment_code,
    lockout::{self, Limit},
    recovery_code, totp,
};
use model::{
    Actor, FactorEvent, Method, Ts,
    audit::AuditKind,
    factor::{RecoveryCode, TotpFactor},
    ids::{FactorId, UserId},
};
use store::{Tx, audit_log, factors, pending_requests, remembered_devices, users};

use crate::{
    Error, House, Result, Visitor,
    letters::News,
    sign_in::{Outcome, Screen, Tried, second_factor_keys, uncount},
    visitor::Secret,
};

/// How long a begun enrolment may take (R034).
const ENROLL_WITHIN: std::time::Duration = std::time::Duration::from_mins(10);

/// What a person puts into their authenticator app; shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuthenticator {
    /// The QR code, as an SVG path over a square of `qr_size` units.
    pub qr_path: String,
    /// The side of the QR code, in modules.
    pub qr_size: usize,
    /// The secret as text, in groups of four.
    pub key_text: String,
    /// The `otpauth://` address, which opens the app on the same phone.
    pub uri: String,
}

impl House {
    /// Takes the one-time code that an admin handed over; it allows one enrolment (R033).
    pub async fn sign_in_enrollment_code(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        typed: &str,
    ) -> Result<Outcome> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        let typed = typed.to_owned();
        self.store()
            .write(move |tx| {
                let Some(mut request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(Outcome::Expired);
                };
                let screen = house.screen(tx, &request, &visitor)?;
                let (Screen::EnrollmentCode { .. }, Some(person)) = (&screen, request.user_id)
                else {
                    return Ok(Outcome::Next(screen));
                };
                if house.clock_was_set(tx)?.is_some() {
                    return Ok(Outcome::Again { screen, sentence: KEEP_YOUR_CODE.to_owned() });
                }
                if let Some(refused) = house.take_enrollment_code(tx, person, &typed)? {
                    house.audit_factor(tx, &visitor, person, Tried::Refused(refused))?;
                    return Ok(Outcome::Again {
                        screen,
                        sentence: Reason::WrongEnrollmentCode.sentence().to_owned(),
                    });
                }
                request.enrolling = Some(house.begin_authenticator(tx, person)?);
                house.advance(tx, &mut request, &visitor).map(Outcome::Next)
            })
            .await
    }

    /// Why the code is not taken; `None`: it is, and is used up.
    fn take_enrollment_code(
        &self,
        tx: &mut Tx,
        person: UserId,
        typed: &str,
    ) -> Result<Option<Reason>> {
        let keys = [(lockout::enrollment_code(person), Limit::SECOND_FACTOR_DAY)];
        let Some(permit) = self.count(tx, &keys)? else {
            return Ok(Some(Reason::TooManyCodes));
        };
        let wrong = Some(Reason::WrongEnrollmentCode);
        let Some(digest) = enrollment_code::digest(typed, &permit) else { return Ok(wrong) };
        if !factors::take_enrollment_code(tx, person, &digest, self.now())? {
            return Ok(wrong);
        }
        uncount(tx, &keys)?;
        Ok(None)
    }

    /// Checks the first code of the new authenticator; then it counts, and recovery codes are made.
    pub async fn sign_in_enroll(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        typed: &str,
    ) -> Result<Outcome> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        let typed = typed.to_owned();
        self.store()
            .write(move |tx| {
                let Some(mut request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(Outcome::Expired);
                };
                let screen = house.screen(tx, &request, &visitor)?;
                let (Screen::Enroll { .. }, Some(person), Some(factor)) =
                    (&screen, request.user_id, request.enrolling)
                else {
                    return Ok(Outcome::Next(screen));
                };
                if house.clock_was_set(tx)?.is_some() {
                    return Ok(Outcome::Again { screen, sentence: CLOCK_WAS_SET.to_owned() });
                }
                if !house.confirm_authenticator(tx, &visitor, person, factor, &typed)? {
                    return Ok(Outcome::Again { screen, sentence: WRONG_FIRST_CODE.to_owned() });
                }
                request.events.push(FactorEvent { method: Method::Totp, at: house.now() });
                request.enrolling = None;
                pending_requests::update(tx, &request)?;
                let codes = house.new_recovery_codes(tx, &visitor, person)?;
                let address = request.hint.unwrap_or_default();
                Ok(Outcome::RecoveryCodes { address, codes })
            })
            .await
    }

    /// Makes the secret of a new authenticator; it does not count until its first code.
    pub(crate) fn begin_authenticator(&self, tx: &mut Tx, person: UserId) -> Result<FactorId> {
        let factor = TotpFactor {
            id: FactorId(self.new_id()),
            user_id: person,
            secret: totp::secret(self.draw()),
            last_step: None,
            confirmed_at: None,
            created_at: self.now(),
        };
        factors::put_totp(tx, &factor)?;
        Ok(factor.id)
    }

    /// What the app needs to know of a begun authenticator.
    pub(crate) fn authenticator(tx: &mut Tx, id: FactorId) -> Result<NewAuthenticator> {
        let gone = || Error::not_found("enrolment");
        let factor = factors::totp_by_id(tx, id)?.ok_or_else(gone)?;
        let person = users::by_id(tx, factor.user_id)?.ok_or_else(gone)?;
        let organisation = crate::setup::organisation(tx)?;
        let uri = totp::provisioning_uri(&organisation, person.upn.as_str(), &factor.secret);
        let qr = totp::qr(&uri)?;
        let key_text = totp::key_text(&factor.secret);
        Ok(NewAuthenticator { qr_path: qr.path, qr_size: qr.size, key_text, uri })
    }

    /// Whether the first code fits; then the factor counts and the old ones are gone.
    pub(crate) fn confirm_authenticator(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        person: UserId,
        id: FactorId,
        typed: &str,
    ) -> Result<bool> {
        let (keys, now) = (second_factor_keys(person, Method::Totp), self.now());
        let found = factors::totp_by_id(tx, id)?.filter(|app| is_begun(app, person, now));
        let Some(factor) = found else { return Ok(false) };
        let Some(permit) = self.count(tx, &keys)? else { return Ok(false) };
        let totp::CodeCheck::Accepted { step } =
            totp::check(&factor.secret, typed, (now, None), &permit)
        else {
            return Ok(false);
        };
        if !factors::confirm_totp(tx, id, step, now)? {
            return Ok(false);
        }
        uncount(tx, &keys)?;
        let moved = factors::remove_totp_but(tx, person, Some(id))?;
        factors::mark_enrolled(tx, person)?;
        remembered_devices::forget_all_of(tx, person)?;
        let app = if moved { MOVED_APP } else { "authenticator app" };
        self.audit_person(tx, visitor, person, AuditKind::FactorEnrolled, app)?;
        Ok(true)
    }

    /// Makes a new set of recovery codes, which replaces the old one; shown once.
    pub(crate) fn new_recovery_codes(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        person: UserId,
    ) -> Result<Vec<String>> {
        let mut shown = Vec::with_capacity(recovery_code::SET);
        let mut stored = Vec::with_capacity(recovery_code::SET);
        for _ in 0..recovery_code::SET {
            let (text, digest) = recovery_code::from_random(self.draw());
            let id = FactorId(self.new_id());
            stored.push(RecoveryCode { id, user_id: person, digest, used_at: None });
            shown.push(text);
        }
        factors::replace_recovery_codes(tx, person, &stored)?;
        remembered_devices::forget_all_of(tx, person)?;
        self.audit_person(tx, visitor, person, AuditKind::RecoveryCodesMade, "")?;
        Ok(shown)
    }

    /// The audit row of something a person did to their own account, and a letter to them where
    /// they must hear of it (R035).
    pub(crate) fn audit_person(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        person: UserId,
        kind: AuditKind,
        detail: &str,
    ) -> Result<()> {
        let person = users::by_id(tx, person)?.ok_or_else(|| Error::not_found("person"))?;
        let actor = Actor::Person(person.id);
        let mut row = visitor.audit(self, actor, kind, person.upn.as_str());
        detail.clone_into(&mut row.detail);
        audit_log::record(tx, &row)?;
        match News::of(kind, detail) {
            Some(news) => self.inform(tx, &person, &news, visitor),
            None => Ok(()),
        }
    }
}

/// Whether an app was begun by this person, not long ago, and waits for its first code.
pub(crate) fn is_begun(app: &TotpFactor, person: UserId, now: Ts) -> bool {
    let mine = app.user_id == person && app.confirmed_at.is_none();
    mine && now.since(app.created_at) <= ENROLL_WITHIN
}

const MOVED_APP: &str = "authenticator app, in the place of the one before";
pub(crate) const WRONG_FIRST_CODE: &str = "That code does not fit. Check that the clock of your phone is right and type the code it \
     shows now. If it took more than ten minutes, begin again.";
const KEEP_YOUR_CODE: &str = "No authenticator app can be set up now: the clock of the server is to be checked first. Your code \
     was not used up. Tell your admin, and type it again later.";
pub(crate) const CLOCK_WAS_SET: &str = "No authenticator app can be set up now: the clock of the server is to be checked first. Set \
     up a passkey instead, or tell your admin.";
