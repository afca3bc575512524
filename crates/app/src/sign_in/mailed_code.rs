//! The step at which a code from a mailbox stands in for the second factor that the house asks for
//! (see [`crate::mailed_codes`]): sent when somebody asks, to the address that is on file.

use authn::{
    denial::Reason,
    flow::Step,
    lockout::{self, Limit},
    mailed_code::{self, For},
};
use model::{
    Actor, Method, Proof,
    audit::{AuditKind, Outcome as AuditOutcome},
    pending_request::{PendingRequest, Purpose},
    user::User,
};
use store::{Tx, audit_log, mailed_codes as codes, users};

use super::{Outcome, Tried, account::account, password::uncount, second_factor_keys};
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

/// Whoever may have a code where a sign-in stands.
struct Reader {
    person: User,
    mailbox: String,
}

impl Reader {
    fn good_for<'a>(&'a self, handle: &'a Secret) -> For<'a> {
        For { sign_in: handle.expose(), person: self.person.id, mailbox: &self.mailbox }
    }
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
                let Some(reader) = house.reader(tx, &request, &visitor)? else { return Ok(None) };
                let of = (request.id, reader.person.id);
                let was_sent = codes::was_sent(tx, of, house.now())?;
                let address = request.hint.clone().unwrap_or_default();
                Ok(Some(MailedCode { address, mailbox: masked(&reader.mailbox), was_sent }))
            })
            .await
    }

    /// Sends a code to the mailbox of whoever has just proved their password; an older one is void.
    pub async fn send_mailed_code(&self, handle: &Secret, visitor: &Visitor) -> Result<Outcome> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        let random = self.draw();
        self.store()
            .write(move |tx| {
                let Some(request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(Outcome::Expired);
                };
                let screen = house.screen(tx, &request, &visitor)?;
                let reader = house.reader(tx, &request, &visitor)?;
                let Some(reader) = reader else { return Ok(Outcome::Next(screen)) };
                let letters = lockout::mailed_code_letters(reader.person.id);
                let may = house.count(tx, &[(letters, Limit::MAILED_CODE_LETTERS)])?.is_some();
                if may {
                    let good_for = reader.good_for(&handle);
                    let (code, digest) = mailed_code::from_random(random, good_for);
                    let (of, until) = ((request.id, reader.person.id), request.expires_at);
                    codes::put(tx, of, &digest, until)?;
                    let news = News::MailedCode(&code, until);
                    house.inform(tx, &reader.person, &news, &visitor)?;
                }
                house.audit_letter(tx, &visitor, &reader, may)?;
                let sentence = Reason::TooManyLetters.sentence().to_owned();
                Ok(if may { Outcome::Next(screen) } else { Outcome::Again { screen, sentence } })
            })
            .await
    }

    fn audit_letter(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        Reader { person, mailbox }: &Reader,
        was_sent: bool,
    ) -> Result<()> {
        let (actor, kind) = (Actor::Person(person.id), AuditKind::MailedCodeSent);
        let mut row = visitor.audit(self, actor, kind, person.upn.as_str());
        row.detail = masked(mailbox);
        if !was_sent {
            row.outcome = AuditOutcome::Refused;
            Reason::TooManyLetters.as_str().clone_into(&mut row.detail);
        }
        Ok(audit_log::record(tx, &row)?)
    }

    /// Checks a code from the mailbox, and uses it up.
    pub async fn sign_in_mailed_code(
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
                let reader = house.reader(tx, &request, &visitor)?;
                let Some(reader) = reader else { return Ok(Outcome::Next(screen)) };
                let tried = house.try_mailed_code(tx, (&request, &handle), &reader, &typed)?;
                house.audit_factor(tx, &visitor, reader.person.id, tried)?;
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
        (request, handle): (&PendingRequest, &Secret),
        reader: &Reader,
        typed: &str,
    ) -> Result<Tried> {
        let keys = second_factor_keys(reader.person.id, Method::MailedCode);
        let Some(permit) = self.count(tx, &keys)? else {
            return Ok(Tried::Refused(Reason::TooManyCodes));
        };
        let Some(digest) = mailed_code::digest(typed, reader.good_for(handle), &permit) else {
            return Ok(Tried::Refused(Reason::WrongMailedCode));
        };
        if !codes::take(tx, request.id, &digest, self.now())? {
            return Ok(Tried::Refused(Reason::WrongMailedCode));
        }
        uncount(tx, &keys)?;
        Ok(Tried::Passed(Method::MailedCode))
    }

    /// The mailbox, masked, whose code would let this sign-in go on.
    pub(super) fn mailbox(
        &self,
        tx: &mut Tx,
        request: &PendingRequest,
        visitor: &Visitor,
    ) -> Result<Option<String>> {
        Ok(self.reader(tx, request, visitor)?.map(|reader| masked(&reader.mailbox)))
    }

    /// Who may have a code where a sign-in stands: only where the next step is a second factor that
    /// nobody but the house asks for.
    fn reader(
        &self,
        tx: &mut Tx,
        request: &PendingRequest,
        visitor: &Visitor,
    ) -> Result<Option<Reader>> {
        let premises = self.premises(tx)?;
        if !premises.policy.takes_mailed_codes || !self.sends_letters() || !is_open(request) {
            return Ok(None);
        }
        let person = request.user_id.map(|id| users::by_id(tx, id)).transpose()?.flatten();
        let Some(person) = person else { return Ok(None) };
        let (account, events, resetting) = account(tx, &person, request)?;
        // Whoever makes a first password a lasting one proves more than that (R009).
        let is_plain = !resetting && account.must_change_before.is_none();
        let Some(proof) = Proof::from_events(events).filter(|_| is_plain) else { return Ok(None) };
        if !asks_for_factor(&self.step(tx, request, visitor)?) {
            return Ok(None);
        }
        let attempt = Attempt::of(request, visitor, self.now());
        let ruling = policy::ruling(tx, &premises, &person, &attempt)?;
        let proved = (&person, &proof);
        let mailbox = mailed_codes::mailbox(&premises, &ruling, proved, request.demand);
        let mailbox = mailbox.map(str::to_owned);
        Ok(mailbox.map(|mailbox| Reader { person, mailbox }))
    }
}

/// Whether a second factor comes next, or setting one up.
const fn asks_for_factor(step: &Step) -> bool {
    matches!(step, Step::SecondFactor { .. } | Step::Enroll { only_key: false, .. })
}

/// Whether this leads to an application or to the portal.
const fn is_open(request: &PendingRequest) -> bool {
    matches!(
        request.purpose,
        Purpose::WsFed { .. } | Purpose::Saml2(_) | Purpose::Oidc(_) | Purpose::Portal
    )
}
