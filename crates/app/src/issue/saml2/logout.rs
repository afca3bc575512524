//! Single logout, both ways (SAML 2.0 profiles 4.4; `federation.md` 2.4). A party's signed request
//! ends the sessions that it names, if they are its own (R114); an unsigned one, as Entra sends it,
//! ends the session of this browser and no other. Then the browser goes round to the other parties
//! of the session, one after the other, and at last back to whoever asked.

use std::{collections::HashSet, time::Duration};

use federation::saml2::{
    Refusal,
    binding::{self, Binding, Outgoing},
    logout::{self, LogoutRequest, LogoutResponse, LogoutStatus, Sending, SessionOf},
    message::Message,
};
use model::{
    Actor,
    audit::AuditKind,
    ids::{RelyingPartyId, SessionId, UserId},
    issued_token::Protocol,
    pending_request::{
        Demand, PartyEnd, PendingRequest, Purpose, SignOut, SignOutAnswer, SignOutEnd,
        SignOutReturn, SignOutStep,
    },
    relying_party::{PartyKind, RelyingParty},
};
use store::{
    Tx, audit_log, federated_domains, issued_tokens, pending_requests, relying_parties, sessions,
    signing_keys, used_messages, users,
};

use super::{Entered, Opened};
use crate::{
    Error, House, Result, Visitor,
    issue::{
        ends::{beside, note_answer},
        wsfed::sign_out::{Parting, to_clean_up},
    },
    relying_parties::{sign_out_of, subject},
    visitor::Secret,
};

mod named;

use named::{session_of_browser, sessions_by_index};

/// How long a used message is remembered: as long as it could come again (R113).
const REMEMBERED: Duration = Duration::from_mins(10);

/// How a logout request went, before anybody is told.
enum Ended {
    Refused(Refusal),
    /// The sessions are over; these parties of theirs are still to be told.
    Over(Box<SignOut>),
}

impl House {
    /// A message at `/d/{slug}/saml/slo`.
    pub async fn logout_saml2(
        &self,
        slug: &str,
        binding: Binding,
        raw: &str,
        visitor: &Visitor,
        session: Option<&Secret>,
    ) -> Result<Entered> {
        let address = self.endpoints(slug).logout_uri();
        match self.open_saml2(slug, binding, raw, &address).await? {
            Err(refusal) => self.refuse_saml2(visitor, slug, refusal).await,
            Ok(opened) => match &opened.message {
                Message::Logout(request) => {
                    let request = request.clone();
                    self.log_out(slug, request, opened, visitor, session).await
                }
                Message::LoggedOut(response) => {
                    let response = response.clone();
                    self.logged_out(response, opened, visitor).await
                }
                Message::Authn(_) => {
                    self.refuse_saml2(visitor, slug, Refusal::UnknownMessage).await
                }
            },
        }
    }

    async fn log_out(
        &self,
        slug: &str,
        request: LogoutRequest,
        opened: Opened,
        visitor: &Visitor,
        session: Option<&Secret>,
    ) -> Result<Entered> {
        let signed = request.header.is_signed;
        if !signed && opened.party.kind != PartyKind::Microsoft {
            return self.refuse_saml2(visitor, slug, Refusal::Unsigned).await;
        }
        if !signed && session.is_none() && opened.received.binding == Binding::Post {
            // The cookie stays behind when another site posts.
            let again = binding::as_query(&opened.received);
            let address = self.endpoints(slug).logout_uri();
            return Ok(Entered::ComeAgain(format!("{address}?{again}")));
        }
        let (house, from, cookie) = (self.clone(), visitor.clone(), session.map(Secret::digest));
        let (asked, party) = (request.clone(), opened.party.clone());
        let ended = self
            .store()
            .write(move |tx| house.end_named(tx, &asked, &party, cookie, &from))
            .await?;
        let round = match ended {
            Ended::Refused(refusal) => return self.refuse_saml2(visitor, slug, refusal).await,
            Ended::Over(round) => round,
        };
        let answer = SignOutAnswer {
            domain: opened.domain,
            relying_party: opened.party.id,
            request_id: request.header.id,
            relay_state: opened.received.relay_state,
        };
        self.go_round(SignOut { answer: Some(answer), ..*round }, visitor).await
    }

    /// Ends the sessions that a request names, and collects who else is to be told.
    fn end_named(
        &self,
        tx: &mut Tx,
        request: &LogoutRequest,
        party: &RelyingParty,
        cookie: Option<[u8; 32]>,
        visitor: &Visitor,
    ) -> Result<Ended> {
        let now = self.now();
        let id = &request.header.id;
        if request.header.is_signed && !used_messages::use_up(tx, party.id, id, now + REMEMBERED)? {
            return Ok(Ended::Refused(Refusal::Replayed));
        }
        let named = if request.header.is_signed && !request.session_indexes.is_empty() {
            sessions_by_index(tx, request, party)?
        } else {
            session_of_browser(tx, request, party, cookie)?
        };
        let Some(named) = named else { return Ok(Ended::Refused(Refusal::OtherSession)) };
        let mut round = SignOut::default();
        for (session, user) in named {
            round.steps.extend(steps_of(tx, session, user, Some(party.id))?);
            round.cleanups.extend(to_clean_up(tx, session, user)?);
            let live = sessions::by_id(tx, session)?.is_some_and(|held| held.ended_at.is_none());
            if live {
                sessions::end(tx, session, now)?;
                let upn = users::by_id(tx, user)?.map(|user| user.upn.to_string());
                let subject = upn.unwrap_or_default();
                let mut row =
                    visitor.audit(self, Actor::Person(user), AuditKind::SessionEnded, &subject);
                row.detail = format!("asked for by {}", party.name);
                audit_log::record(tx, &row)?;
            }
        }
        Ok(Ended::Over(Box::new(round)))
    }

    /// Ends the session behind a cookie, if there is one, and goes round to the parties that it was
    /// used with; at the end the person may go `back` to an application.
    pub async fn sign_out_everywhere(
        &self,
        token: Option<&Secret>,
        back: Option<SignOutReturn>,
        visitor: &Visitor,
    ) -> Result<Entered> {
        let mut round = SignOut { back, ..SignOut::default() };
        if let Some(token) = token {
            let digest = token.digest();
            let asked = round.clone();
            let find = move |tx: &mut Tx| {
                let mut round = asked.clone();
                let Some(session) = sessions::by_token(tx, &digest)? else {
                    return Ok(round);
                };
                let (id, user) = (session.id, session.user_id);
                round.steps = steps_of(tx, id, user, None)?;
                round.cleanups = to_clean_up(tx, id, user)?;
                round.ends = beside(tx, (id, user), &round)?;
                Ok::<_, Error>(round)
            };
            round = self.store().read(find).await?;
            self.sign_out(token, visitor).await?;
        }
        self.go_round(round, visitor).await
    }

    /// On to the first party that is to be told; without any, to the end.
    async fn go_round(&self, round: SignOut, visitor: &Visitor) -> Result<Entered> {
        let waits = round.answer.is_some() && !round.cleanups.is_empty();
        if round.steps.is_empty() && !waits {
            return self.answer_logout(round).await;
        }
        let purpose = Purpose::SignOut(Box::new(round));
        let handle = self.begin(purpose, Demand::default(), None, visitor).await?;
        self.next_sign_out(&handle, visitor).await
    }

    /// The next party of a sign-out under way.
    pub async fn next_sign_out(&self, handle: &Secret, visitor: &Visitor) -> Result<Entered> {
        let (house, wanted, from) = (self.clone(), handle.clone(), visitor.clone());
        let found = self
            .store()
            .write(move |tx| {
                let Some(pending) = house.pending(tx, &wanted, &from)? else { return Ok(None) };
                house.take_step(tx, pending)
            })
            .await?;
        match found {
            None => Ok(Entered::SignedOut(Parting::default())),
            Some(Taken::Step(step)) => self.tell(step, handle).await,
            Some(Taken::CleanUps(round)) => {
                let next = format!("/sign-out/next?request={}", handle.expose());
                Ok(Entered::CleanUp(self.parting(&round).await?, next))
            }
            Some(Taken::End(round)) => self.answer_logout(round).await,
        }
    }

    fn take_step(&self, tx: &mut Tx, pending: PendingRequest) -> Result<Option<Taken>> {
        let Purpose::SignOut(mut under_way) = pending.purpose else { return Ok(None) };
        let step = under_way.steps.pop();
        if step.is_none() && (under_way.answer.is_none() || under_way.cleanups.is_empty()) {
            pending_requests::redeem(tx, pending.id, self.now())?;
            return Ok(Some(Taken::End(*under_way)));
        }
        under_way.ends.extend(
            step.as_ref().map(|step| SignOutEnd {
                relying_party: step.relying_party,
                how: PartyEnd::Silent,
            }),
        );
        let cleanups = match step {
            Some(_) => Vec::new(),
            None => std::mem::take(&mut under_way.cleanups),
        };
        pending_requests::set_purpose(tx, pending.id, &Purpose::SignOut(under_way))?;
        Ok(Some(match step {
            Some(step) => Taken::Step(step),
            None => Taken::CleanUps(SignOut { cleanups, ..SignOut::default() }),
        }))
    }

    /// Sends the browser to a party with our request; it comes back with the answer.
    async fn tell(&self, step: SignOutStep, handle: &Secret) -> Result<Entered> {
        let named = step.clone();
        let found = self
            .store()
            .read(move |tx| {
                let user = users::by_id(tx, named.user)?;
                let domain = federated_domains::by_id(tx, named.domain)?;
                let party = relying_parties::by_id(tx, named.relying_party)?;
                let key = signing_keys::active(tx)?;
                Ok::<_, Error>(user.zip(domain).zip(party).zip(key))
            })
            .await?;
        let gone = || Error::not_found("application");
        let (((user, domain), party), key) = found.ok_or_else(gone)?;
        let service = sign_out_of(&party).ok_or_else(gone)?;
        let (format, name) = subject(&user, party.settings.name_id).name_id(&step.session_index);
        let sending = Sending {
            issuer: &domain.issuer_uri,
            to: &service.location,
            binding: service.binding,
            relay_state: Some(handle.expose()),
            id: self.draw(),
            now: self.now(),
        };
        let about = SessionOf {
            name_id_format: format,
            name_id: &name,
            session_index: &step.session_index,
        };
        let outgoing = logout::request(&sending, &about, &*self.signer(&key)?)?;
        Ok(sent(outgoing, &party))
    }

    /// A party's answer to our request; the browser goes on to the next one.
    async fn logged_out(
        &self,
        response: LogoutResponse,
        opened: Opened,
        visitor: &Visitor,
    ) -> Result<Entered> {
        let state = opened.received.relay_state.unwrap_or_default();
        let is_handle = state.len() == 64 && state.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_handle {
            return Ok(Entered::SignedOut(Parting::default()));
        }
        let handle = Secret::from_cookie(&state);
        let (digest, party) = (handle.digest(), opened.party.id);
        let noted = move |tx: &mut Tx| note_answer(tx, &digest, party, response.succeeded);
        self.store().write(noted).await?;
        if opened.received.binding == Binding::Post {
            let path = format!("/sign-out/next?request={}", handle.expose());
            return Ok(Entered::ComeAgain(path));
        }
        self.next_sign_out(&handle, visitor).await
    }

    /// Tells whoever asked for it how it went.
    async fn answer_logout(&self, round: SignOut) -> Result<Entered> {
        let Some(answer) = round.answer.clone() else {
            return Ok(Entered::SignedOut(self.parting(&round).await?));
        };
        let is_silent = |end: &SignOutEnd| end.how == PartyEnd::Silent;
        let partial = round.partial || round.ends.iter().any(is_silent);
        let status = if partial { LogoutStatus::Partial } else { LogoutStatus::Success };
        let (domain, party) = (answer.domain, answer.relying_party);
        let found = self
            .store()
            .read(move |tx| {
                let domain = federated_domains::by_id(tx, domain)?;
                let party = relying_parties::by_id(tx, party)?;
                Ok::<_, Error>(domain.zip(party).zip(signing_keys::active(tx)?))
            })
            .await?;
        let nowhere = || Ok(Entered::SignedOut(Parting::default()));
        let Some(((domain, party), key)) = found else { return nowhere() };
        let Some(service) = sign_out_of(&party) else { return nowhere() };
        let sending = Sending {
            issuer: &domain.issuer_uri,
            to: service.response.as_ref().unwrap_or(&service.location),
            binding: service.binding,
            relay_state: answer.relay_state.as_deref(),
            id: self.draw(),
            now: self.now(),
        };
        let outgoing =
            logout::response(&sending, &answer.request_id, status, &*self.signer(&key)?)?;
        Ok(sent(outgoing, &party))
    }
}

/// The parties that got a token of SAML 2.0 in a session and take logout messages, each once.
fn steps_of(
    tx: &mut Tx,
    session: SessionId,
    user: UserId,
    but: Option<RelyingPartyId>,
) -> Result<Vec<SignOutStep>> {
    let tokens = issued_tokens::of_session(tx, user, session, Protocol::Saml2)?;
    let mut told: HashSet<RelyingPartyId> = but.into_iter().collect();
    let mut steps = Vec::new();
    for token in tokens.into_iter().rev().filter(|token| told.insert(token.relying_party_id)) {
        let party = relying_parties::by_id(tx, token.relying_party_id)?;
        if party.is_some_and(|party| party.enabled && sign_out_of(&party).is_some()) {
            steps.push(SignOutStep {
                domain: token.domain_id,
                relying_party: token.relying_party_id,
                user,
                session_index: token.token_id,
            });
        }
    }
    Ok(steps)
}

/// What a sign-out under way does next.
enum Taken {
    Step(SignOutStep),
    CleanUps(SignOut),
    End(SignOut),
}

fn sent(outgoing: Outgoing, party: &RelyingParty) -> Entered {
    match outgoing {
        Outgoing::Redirect(address) => Entered::Redirect(address),
        Outgoing::Post(form) => Entered::Post { form, party: party.name.clone(), bounces: None },
    }
}
