//! Passkeys at the sign-in: in the place of address and password, after the password, or registered
//! at the first sign-in.

use authn::{flow::Step, policy::Verdict};
use model::{
    FactorEvent,
    ids::UserId,
    passkey::{CeremonyKind, CeremonyPlace},
    pending_request::PendingRequest,
    policy::Target,
};
use store::{Tx, pending_requests, users};

use super::Outcome;
use crate::{
    Error, House, Result, Visitor,
    passkeys::Asked,
    policy::{self, Attempt},
    visitor::Secret,
};

/// A question for the authenticators of a browser, by what its answer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasskeyQuestion {
    /// Says who is there and proves it. The same for everybody (R024).
    SignIn(String),
    /// Proves it after the password.
    SecondFactor(String),
    /// Makes a new passkey, in the place of a new authenticator app.
    Register(String),
}

impl House {
    /// What authenticators can be asked where a sign-in stands, if anything.
    pub async fn sign_in_passkey_question(
        &self,
        handle: &Secret,
        visitor: &Visitor,
    ) -> Result<Option<PasskeyQuestion>> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let Some(request) = house.pending(tx, &handle, &visitor)? else { return Ok(None) };
                let Some(asked) = house.passkey_asked(tx, &request, &visitor)? else {
                    return Ok(None);
                };
                Ok(match asked.kind {
                    CeremonyKind::SignIn => {
                        house.ask_anybody(tx, asked)?.map(PasskeyQuestion::SignIn)
                    }
                    CeremonyKind::Register => {
                        house.ask_to_register(tx, asked)?.map(PasskeyQuestion::Register)
                    }
                    _ => house.ask_holder(tx, asked)?.map(PasskeyQuestion::SecondFactor),
                })
            })
            .await
    }

    /// Takes a passkey, in the place of address and password or after them. `wanted` is the address
    /// that the sign-in is for; when it is empty, anybody may come.
    pub async fn sign_in_passkey(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        wanted: &str,
        answer: &str,
    ) -> Result<Outcome> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        let (wanted, answer) = (wanted.trim().to_owned(), answer.to_owned());
        self.store()
            .write(move |tx| {
                let Some(mut request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(Outcome::Expired);
                };
                let screen = house.screen(tx, &request, &visitor)?;
                let asked = house.passkey_asked(tx, &request, &visitor)?;
                let asked = asked.filter(|asked| asked.kind != CeremonyKind::Register);
                let Some(asked) = asked else { return Ok(Outcome::Next(screen)) };
                let asked = Asked { only: only(tx, &wanted)?, ..asked };
                match house.try_passkey(tx, &visitor, asked, &answer)? {
                    Err(reason) => {
                        Ok(Outcome::Again { screen, sentence: reason.sentence().to_owned() })
                    }
                    Ok((person, method)) => {
                        let event = FactorEvent { method, at: house.now() };
                        house.passed_passkey(tx, &visitor, (&mut request, asked), (person, event))
                    }
                }
            })
            .await
    }

    /// Registers a passkey at the first sign-in; then it counts, and recovery codes are made.
    pub async fn sign_in_enroll_passkey(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        name: &str,
        answer: &str,
    ) -> Result<Outcome> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        let (name, answer) = (name.to_owned(), answer.to_owned());
        self.store()
            .write(move |tx| {
                let Some(mut request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(Outcome::Expired);
                };
                let screen = house.screen(tx, &request, &visitor)?;
                let asked = house.passkey_asked(tx, &request, &visitor)?;
                let asked = asked.filter(|asked| asked.kind == CeremonyKind::Register);
                let (Some(asked), Some(person)) = (asked, request.user_id) else {
                    return Ok(Outcome::Next(screen));
                };
                let method = match house.try_to_register(tx, &visitor, asked, (name, &answer))? {
                    Ok(method) => method,
                    Err(reason) => {
                        let sentence = reason.sentence().to_owned();
                        return Ok(Outcome::Again { screen, sentence });
                    }
                };
                request.events.push(FactorEvent { method, at: house.now() });
                request.enrolling = None;
                pending_requests::update(tx, &request)?;
                let codes = house.new_recovery_codes(tx, &visitor, person)?;
                let address = request.hint.unwrap_or_default();
                Ok(Outcome::RecoveryCodes { address, codes })
            })
            .await
    }

    /// What an authenticator may be asked where the state machine stands (R040).
    fn passkey_asked(
        &self,
        tx: &mut Tx,
        request: &PendingRequest,
        visitor: &Visitor,
    ) -> Result<Option<Asked>> {
        let place = CeremonyPlace::Request(request.id);
        let ask = |kind, person| Some(Asked { place, kind, person, only: None });
        Ok(match self.step(tx, request, visitor)? {
            Step::FirstFactor { passkey: true, .. } => ask(CeremonyKind::SignIn, None),
            Step::SecondFactor { with } if with.has_keys() => {
                ask(CeremonyKind::SecondFactor, request.user_id)
            }
            Step::Key => ask(CeremonyKind::SecondFactor, request.user_id),
            Step::Enroll { needs_code: false, .. } if request.enrolling.is_some() => {
                ask(CeremonyKind::Register, request.user_id)
            }
            _ => None,
        })
    }

    /// Whether somebody without a passkey gets to the portal's security page, where one is added.
    pub(super) fn may_add_passkey(
        &self,
        tx: &mut Tx,
        request: &PendingRequest,
        visitor: &Visitor,
    ) -> Result<bool> {
        let person = request.user_id.map(|id| users::by_id(tx, id)).transpose()?.flatten();
        let Some(person) = person else { return Ok(false) };
        let premises = self.premises(tx)?;
        let attempt = Attempt::of(request, visitor, self.now());
        let attempt = Attempt { target: Target::Portal, asked: false, ..attempt };
        let verdict = policy::ruling(tx, &premises, &person, &attempt)?.verdict;
        Ok(verdict != Verdict::Denied && !verdict.takes_a_passkey())
    }

    fn passed_passkey(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        (request, asked): (&mut PendingRequest, Asked),
        (person, event): (UserId, FactorEvent),
    ) -> Result<Outcome> {
        if asked.kind == CeremonyKind::SignIn {
            let found = users::by_id(tx, person)?.ok_or_else(|| Error::not_found("person"))?;
            request.user_id = Some(person);
            request.hint = Some(found.upn.to_string());
            request.events.clear();
            request.enrolling = None;
            request.remember = false;
        }
        request.events.push(event);
        self.advance(tx, request, visitor).map(Outcome::Next)
    }
}

/// Whose passkey alone is taken. A name that nobody has is nobody's, which looks like somebody
/// else's (R024).
fn only(tx: &mut Tx, wanted: &str) -> Result<Option<UserId>> {
    if wanted.is_empty() {
        return Ok(None);
    }
    let id = users::by_upn(tx, wanted)?.map(|user| user.id);
    Ok(Some(id.unwrap_or(UserId(uuid::Uuid::nil()))))
}
