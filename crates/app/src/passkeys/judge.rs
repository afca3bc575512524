//! Answers of authenticators: checked, written down, and refused in one and the same way.

use authn::{denial::Reason, passkey::Answer};
use model::{
    Actor, Method,
    alarm::Cause,
    audit::{AuditKind, Outcome as AuditOutcome},
    ids::{FactorId, UserId},
    passkey::{Ceremony, CeremonyKind, Passkey},
};
use store::{Tx, audit_log, factors, passkeys, remembered_devices, users};

use super::{Asked, quoted};
use crate::{
    Error, House, Result, Visitor,
    alarms::{Finding, raise},
    sign_in::{place_keys, uncount},
};

/// How many passkeys a person may have.
const MOST: usize = 20;

impl House {
    /// Checks, stores and audits a new passkey.
    pub(crate) fn try_to_register(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        asked: Asked,
        (name, answer): (String, &str),
    ) -> Result<std::result::Result<Method, Reason>> {
        let person = asked.person.ok_or_else(|| Error::not_found("person"))?;
        let made = self.register(tx, asked, (name.clone(), answer), person)?;
        match &made {
            Ok(_) => {
                factors::mark_enrolled(tx, person)?;
                remembered_devices::forget_all_of(tx, person)?;
                self.audit_person(tx, visitor, person, AuditKind::FactorEnrolled, &quoted(&name))?;
            }
            Err(reason) => {
                let kind = AuditKind::FactorEnrolled;
                self.audit_refused(tx, visitor, (kind, Some(person)), *reason)?;
            }
        }
        Ok(made)
    }

    fn register(
        &self,
        tx: &mut Tx,
        asked: Asked,
        (name, answer): (String, &str),
        person: UserId,
    ) -> Result<std::result::Result<Method, Reason>> {
        let (site, ceremony) = (self.site(tx)?, self.take_question(tx, asked)?);
        let (Some(site), Some(ceremony)) = (site, ceremony) else {
            return Ok(Err(Reason::PasskeyRefused));
        };
        let made = match site.register(&ceremony.state, answer) {
            Ok(made) => made,
            Err(reason) => return Ok(Err(reason)),
        };
        let known = passkeys::by_credential_id(tx, &made.credential_id)?.is_some();
        if known || passkeys::of_user(tx, person)?.len() >= MOST {
            return Ok(Err(Reason::KnownPasskey));
        }
        let passkey = Passkey {
            id: FactorId(self.new_id()),
            user_id: person,
            credential_id: made.credential_id,
            credential: made.credential,
            name,
            verifies: made.verifies,
            created_at: self.now(),
            last_used_at: None,
        };
        passkeys::put(tx, &passkey)?;
        Ok(Ok(method(made.verifies)))
    }

    /// Checks and audits an answer, whoever's it is; says whose passkey it was and what it is worth.
    pub(crate) fn try_passkey(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        asked: Asked,
        answer: &str,
    ) -> Result<std::result::Result<(UserId, Method), Reason>> {
        // Nobody is named before a sign-in: whoever fails very often from one place waits (R014).
        let keys = match asked.kind {
            CeremonyKind::SignIn => place_keys(visitor),
            _ => Vec::new(),
        };
        if !keys.is_empty() && self.count(tx, &keys)?.is_none() {
            self.audit_refused(tx, visitor, (AuditKind::Throttled, None), Reason::Throttled)?;
            return Ok(Err(Reason::PasskeyRefused));
        }
        let ceremony = self.take_question(tx, asked)?;
        let answer = Answer::read(answer);
        let found = match &answer {
            Some(answer) => passkeys::by_credential_id(tx, answer.credential_id())?,
            None => None,
        };
        let judged = match (ceremony, &answer, &found) {
            (Some(ceremony), Some(answer), Some(passkey)) => {
                self.judge_passkey(tx, (asked, &ceremony), answer, passkey)?
            }
            (Some(_), Some(_), None) => Err(Reason::UnknownPasskey),
            _ => Err(Reason::PasskeyRefused),
        };
        let kind = AuditKind::PasskeyChecked;
        match (judged, found) {
            (Ok(method), Some(passkey)) => {
                uncount(tx, &keys)?;
                let name = quoted(&passkey.name);
                self.audit_person(tx, visitor, passkey.user_id, kind, &name)?;
                Ok(Ok((passkey.user_id, method)))
            }
            (judged, found) => {
                let reason = judged.err().unwrap_or(Reason::UnknownPasskey);
                if let (Reason::CopiedPasskey, Some(passkey)) = (reason, &found) {
                    self.ring_for_copy(tx, visitor, passkey)?;
                }
                let whom = found.map(|passkey| passkey.user_id).or(asked.person);
                self.audit_refused_of(tx, visitor, (kind, asked.person, whom), reason)?;
                Ok(Err(reason))
            }
        }
    }

    fn judge_passkey(
        &self,
        tx: &mut Tx,
        (asked, ceremony): (Asked, &Ceremony),
        answer: &Answer,
        passkey: &Passkey,
    ) -> Result<std::result::Result<Method, Reason>> {
        let wanted = asked.person.or(asked.only);
        let is_foreign = wanted.is_some_and(|person| person != passkey.user_id);
        // Whoever was not named before must be named by the authenticator.
        let names_holder = match answer.handle() {
            Some(handle) => handle == passkey.user_id.0.as_bytes(),
            None => asked.person.is_some(),
        };
        // Whose passkey it is, only whoever holds it may learn.
        let (Some(site), true) = (self.site(tx)?, names_holder) else {
            return Ok(Err(Reason::PasskeyRefused));
        };
        let used = match site.verify(&ceremony.state, answer, &passkey.credential) {
            Ok(used) => used,
            Err(reason) => return Ok(Err(reason)),
        };
        if is_foreign {
            return Ok(Err(Reason::ForeignPasskey));
        }
        // A key that could not verify its holder when it was registered may have got a PIN since, from
        // whoever found it (WebAuthn 3, `uvInitialized`).
        let verified = used.verified && passkey.verifies;
        if asked.kind == CeremonyKind::SignIn && !verified {
            return Ok(Err(Reason::PasskeyRefused));
        }
        if !passkeys::use_once(tx, passkey, &used.credential, self.now())? {
            return Ok(Err(Reason::PasskeyRefused));
        }
        Ok(Ok(method(verified)))
    }

    /// The counter of a passkey went back: an admin must know (R038).
    fn ring_for_copy(&self, tx: &mut Tx, visitor: &Visitor, passkey: &Passkey) -> Result<()> {
        let Some(person) = users::by_id(tx, passkey.user_id)? else { return Ok(()) };
        let cause = Cause::PasskeyCopied {
            name: passkey.name.clone(),
            times: 1,
            address: visitor.client.address.clone(),
        };
        raise(tx, self, Finding { subject: person.upn.to_string(), cause })
    }

    fn audit_refused(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        (kind, person): (AuditKind, Option<UserId>),
        reason: Reason,
    ) -> Result<()> {
        self.audit_refused_of(tx, visitor, (kind, person, person), reason)
    }

    /// The same of somebody's passkey that maybe somebody else brought.
    fn audit_refused_of(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        (kind, by, of): (AuditKind, Option<UserId>, Option<UserId>),
        reason: Reason,
    ) -> Result<()> {
        let known = match of {
            Some(id) => users::by_id(tx, id)?,
            None => None,
        };
        let upn = known.map(|user| user.upn.to_string()).unwrap_or_default();
        let actor = by.map_or(Actor::Anonymous, Actor::Person);
        let mut row = visitor.audit(self, actor, kind, &upn);
        row.outcome = AuditOutcome::Refused;
        reason.as_str().clone_into(&mut row.detail);
        Ok(audit_log::record(tx, &row)?)
    }
}

/// What a key proves that verified its person, or did not (R037).
const fn method(verified: bool) -> Method {
    if verified { Method::Passkey } else { Method::SecurityKey }
}
