//! The step at which a code from a mailbox stands in for the second factor that the house asks for
//! (see [`crate::mailed_codes`]): sent when somebody asks, to the address that is on file.

use authn::{
    denial::Reason,
    lockout::{self, Limit},
    mailed_code,
    policy::{MfaPolicy, Verdict},
};
use model::{
    Actor, Method,
    audit::{AuditKind, Outcome as AuditOutcome},
    pending_request::{PendingRequest, Purpose},
    user::User,
};
use store::{Tx, audit_log, mailed_codes as codes, users};

use super::{Outcome, Screen, Tried, account::account, password::uncount, second_factor_keys};
use crate::{
    House, Result, Visitor,
    letters::News,
    mailed_codes::{self, masked},
    policy::{self, Attempt},
    visitor::Secret,
};

/// What the page of a mailed code says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailedCode {
    /// Whose sign-in it is.
    pub address: String,
    /// The mailbox, masked.
    pub mailbox: String,
    /// A code is on its way, or there.
    pub was_sent: bool,
}

impl House {
    /// Where a sign-in stands with its mailed code; `None` where none may be had.
    pub async fn mailed_code(
        &self,
        handle: &Secret,
        visitor: &Visitor,
    ) -> Result<Option<MailedCode>> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        self.store()
            .read(move |tx| {
                let Some(request) = house.pending(tx, &handle, &visitor)? else { return Ok(None) };
                let Some(mailbox) = house.screen(tx, &request, &visitor)?.mailbox().cloned() else {
                    return Ok(None);
                };
                let was_sent = codes::was_sent(tx, request.id, house.now())?;
                let address = request.hint.clone().unwrap_or_default();
                Ok(Some(MailedCode { address, mailbox, was_sent }))
            })
            .await
    }

    /// Sends a code to the mailbox of whoever has just proved their password; an older one is void.
    pub async fn send_mailed_code(&self, handle: &Secret, visitor: &Visitor) -> Result<Outcome> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        let (code, digest) = mailed_code::from_random(self.draw(), handle.expose());
        self.store()
            .write(move |tx| {
                let Some(request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(Outcome::Expired);
                };
                let screen = house.screen(tx, &request, &visitor)?;
                let person = house.reader(tx, &request, &screen)?;
                let Some(person) = person else { return Ok(Outcome::Next(screen)) };
                let limit = Limit::MAILED_CODE_LETTERS;
                let may = house.count(tx, &[(lockout::mailed_code_letters(person.id), limit)])?;
                let (kind, upn) = (AuditKind::MailedCodeSent, person.upn.as_str());
                let mut row = visitor.audit(&house, Actor::Person(person.id), kind, upn);
                if may {
                    codes::put(tx, request.id, &digest, request.expires_at)?;
                    house.inform(tx, &person, &News::MailedCode(&code), &visitor)?;
                    screen
                        .mailbox()
                        .map(String::as_str)
                        .unwrap_or_default()
                        .clone_into(&mut row.detail);
                } else {
                    row.outcome = AuditOutcome::Refused;
                    Reason::TooManyLetters.as_str().clone_into(&mut row.detail);
                }
                audit_log::record(tx, &row)?;
                Ok(if may {
                    Outcome::Next(screen)
                } else {
                    let sentence = Reason::TooManyLetters.sentence().to_owned();
                    Outcome::Again { screen, sentence }
                })
            })
            .await
    }

    /// Checks a code from the mailbox, and uses it up.
    pub async fn sign_in_mailed_code(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        typed: &str,
    ) -> Result<Outcome> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        let digest = mailed_code::digest(typed, handle.expose());
        self.store()
            .write(move |tx| {
                let Some(mut request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(Outcome::Expired);
                };
                let screen = house.screen(tx, &request, &visitor)?;
                let person = house.reader(tx, &request, &screen)?;
                let Some(person) = person else { return Ok(Outcome::Next(screen)) };
                let tried = house.try_mailed_code(tx, &request, &person, digest)?;
                house.audit_factor(tx, &visitor, person.id, tried)?;
                match tried {
                    Tried::Passed(method) => {
                        house.passed_factor(tx, &mut request, &visitor, method).map(Outcome::Next)
                    }
                    Tried::Refused(reason) => {
                        Ok(Outcome::Again { screen, sentence: reason.sentence().to_owned() })
                    }
                }
            })
            .await
    }

    fn try_mailed_code(
        &self,
        tx: &mut Tx,
        request: &PendingRequest,
        person: &User,
        digest: Option<[u8; 32]>,
    ) -> Result<Tried> {
        let keys = second_factor_keys(person.id, Method::MailedCode);
        if !self.count(tx, &keys)? {
            return Ok(Tried::Refused(Reason::TooManyCodes));
        }
        let Some(digest) = digest else { return Ok(Tried::Refused(Reason::WrongMailedCode)) };
        if !codes::take(tx, request.id, &digest, self.now())? {
            return Ok(Tried::Refused(Reason::WrongMailedCode));
        }
        uncount(tx, &keys)?;
        Ok(Tried::Passed(Method::MailedCode))
    }

    /// Who may have a code where this screen is shown.
    fn reader(
        &self,
        tx: &mut Tx,
        request: &PendingRequest,
        screen: &Screen,
    ) -> Result<Option<User>> {
        let Some(id) = request.user_id.filter(|_| screen.mailbox().is_some()) else {
            return Ok(None);
        };
        Ok(users::by_id(tx, id)?)
    }

    /// The mailbox, masked, whose code would let this sign-in go on.
    pub(super) fn mailbox(
        &self,
        tx: &mut Tx,
        request: &PendingRequest,
        visitor: &Visitor,
    ) -> Result<Option<String>> {
        let premises = self.premises(tx)?;
        if !premises.policy.takes_mailed_codes || !self.sends_letters() || !is_open(request) {
            return Ok(None);
        }
        let person = request.user_id.map(|id| users::by_id(tx, id)).transpose()?.flatten();
        let Some(person) = person else { return Ok(None) };
        let (account, _, resetting) = account(tx, &person, request)?;
        // Whoever makes a first password a lasting one proves the factor that they have (R009).
        let is_first = account.must_change_before.is_some();
        if resetting || (is_first && account.factors != authn::flow::Factors::None) {
            return Ok(None);
        }
        let attempt = Attempt::of(request, visitor, self.now());
        let ruling = policy::ruling(tx, &premises.policy, &person, &attempt)?;
        let asks = matches!(ruling.verdict, Verdict::Allowed { mfa: MfaPolicy::Always, .. });
        let mailbox = mailed_codes::mailbox(&premises, &ruling, &person, request.demand);
        Ok(mailbox.filter(|_| asks).map(masked))
    }
}

/// Whether this leads to an application or to the portal.
const fn is_open(request: &PendingRequest) -> bool {
    matches!(
        request.purpose,
        Purpose::WsFed { .. } | Purpose::Saml2(_) | Purpose::Oidc(_) | Purpose::Portal
    )
}
