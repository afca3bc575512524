//! Answering Entra: what was proved is looked at once more, vouched for, written down, and only then
//! posted. Whatever changes meanwhile is seen (R083, R095).

use std::{sync::Arc, time::Duration};

use authn::flow::Step;
use federation::{Stamp, assertion::SignedToken, external_mfa::token};
use model::{
    Actor,
    audit::AuditKind,
    external_mfa::{Answer, ExternalMfaRequest},
    ids::{PendingRequestId, SigningKeyId},
    pending_request::Purpose,
    user::User,
};
use store::{Tx, audit_log, pending_requests, revision, users};

use super::{super::journal::Undone, Back, Declined, Entered, whose};
use crate::{
    Error, House, Kind, Result, Visitor,
    premises::{Asking, Premises},
    visitor::Secret,
};

/// An answer goes straight back.
const GOOD_FOR: Duration = Duration::from_mins(5);
/// How often it starts over when something changed under it.
const TRIES: usize = 3;

/// What an answer needs, read in one snapshot.
struct Facts {
    premises: Arc<Premises>,
    request: PendingRequestId,
    asked: ExternalMfaRequest,
    asking: Asking,
    person: User,
    answer: Answer,
}

enum Decided {
    Vouch(Box<Facts>),
    /// The second factor is not proved yet.
    Waits,
    Declined(Box<No>),
    Expired,
}

/// Why there is no answer, and whom it is about.
struct No {
    why: Declined,
    words: String,
    asking: Asking,
    person: User,
    back: Back,
}

/// Something changed since the snapshot.
struct Outrun;

impl House {
    /// The waiting request, after its person has proved their second factor.
    pub(in crate::issue) async fn answer_external_mfa(
        &self,
        handle: &Secret,
        visitor: &Visitor,
    ) -> Result<Entered> {
        for _ in 0..TRIES {
            let (house, wanted, from) = (self.clone(), handle.clone(), visitor.clone());
            let decided = move |tx: &mut Tx| house.confirmed(tx, &wanted, &from);
            let facts = match self.store().read(decided).await? {
                Decided::Vouch(facts) => facts,
                Decided::Waits => return Ok(Entered::Ask(handle.clone())),
                Decided::Declined(no) => {
                    let whose = (no.asking, String::new(), Some(no.person));
                    self.note_decline(whose, &no.words, visitor).await?;
                    return Ok(no.back.declined(no.why));
                }
                Decided::Expired => return Ok(Entered::Expired),
            };
            let made = self.vouch(&facts);
            if let Err(trouble) = &made {
                self.ring_for_key(trouble).await;
            }
            let (key, token) = made?;
            let back = Back { reply: facts.asked.reply.clone(), state: facts.asked.state.clone() };
            let text = token.text.clone();
            if self.write_down(facts, (key, token), handle, visitor).await?.is_ok() {
                return Ok(Entered::Answer(back.with(vec![("id_token", text)])));
            }
        }
        Err(Error::new(Kind::Unavailable, "Much is being changed just now. Try again in a moment."))
    }

    /// What may be said about a waiting request, as things stand.
    fn confirmed(&self, tx: &mut Tx, handle: &Secret, visitor: &Visitor) -> Result<Decided> {
        let Some(request) = self.pending(tx, handle, visitor)? else { return Ok(Decided::Expired) };
        let Purpose::ExternalMfa(asked) = &request.purpose else { return Ok(Decided::Expired) };
        let premises = self.premises(tx)?;
        let reply = |it: &Asking| federation::external_mfa::reply(&it.hosts.login);
        let asking = premises.asking(&asked.client_id).filter(|it| reply(it) == asked.reply);
        let Some(asking) = asking else { return Ok(Decided::Expired) };
        let back = Back { reply: asked.reply.clone(), state: asked.state.clone() };
        let Some(person) = users::by_id(tx, asked.user)? else { return Ok(Decided::Expired) };
        // The link may have gone, or have become somebody else's.
        let owner = whose(tx, &asking, asked.identity)?.filter(|owner| owner.id == person.id);
        let why = match self.step(tx, &request, visitor)? {
            _ if owner.is_none() => Declined::Unknown,
            Step::Confirmed(proof) => match asked.wanted.answer(&proof) {
                None => Declined::Unmet,
                Some(answer) => {
                    let (asked, request) = ((**asked).clone(), request.id);
                    let facts = Facts { premises, request, asked, asking, person, answer };
                    return Ok(Decided::Vouch(Box::new(facts)));
                }
            },
            Step::Denied(reason) => Declined::Denied(reason),
            _ => return Ok(Decided::Waits),
        };
        let words = self.words(tx, visitor, (&request, &person), why)?;
        Ok(Decided::Declined(Box::new(No { why, words, asking, person, back })))
    }

    fn vouch(&self, facts: &Facts) -> Result<(SigningKeyId, SignedToken)> {
        let (key, signer) = facts.premises.signer()?;
        let stamp = Stamp { token_id: self.draw(), now: self.now(), lifetime: GOOD_FOR };
        let issuer = self.external_mfa_issuer();
        let statement = token::Statement {
            issuer: &issuer,
            audience: &facts.asked.client_id,
            subject: &facts.asked.subject,
            nonce: &facts.asked.nonce,
        };
        Ok((key, token::issue(&statement, facts.answer, &stamp, &signer)?))
    }

    /// Uses the request up and writes the answer down, unless something changed since the snapshot.
    async fn write_down(
        &self,
        facts: Box<Facts>,
        (key, token): (SigningKeyId, SignedToken),
        handle: &Secret,
        visitor: &Visitor,
    ) -> Result<std::result::Result<(), Outrun>> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        let written = self.store().write(move |tx| {
            let Decided::Vouch(now) = house.confirmed(tx, &handle, &visitor)? else {
                return Err(Undone::Answer(Outrun));
            };
            let is_same = now.answer == facts.answer && now.request == facts.request;
            if !is_same || !pending_requests::redeem(tx, facts.request, house.now())? {
                return Err(Undone::Answer(Outrun));
            }
            let (actor, kind) = (Actor::Person(facts.person.id), AuditKind::ExternalMfaAnswered);
            let mut row = visitor.audit(&house, actor, kind, facts.person.upn.as_str());
            row.detail = detail(&facts, key, &token);
            audit_log::record(tx, &row)?;
            // The revision comes last of all locks.
            if !revision::check(tx, facts.premises.revision)? {
                return Err(Undone::Answer(Outrun));
            }
            Ok(())
        });
        match written.await {
            Ok(()) => Ok(Ok(())),
            Err(Undone::Answer(outrun)) => Ok(Err(outrun)),
            Err(Undone::Trouble(error)) => Err(error),
        }
    }
}

/// Everything that a journal of tokens has to say (R095).
fn detail(facts: &Facts, key: SigningKeyId, token: &SignedToken) -> String {
    let factor = facts.answer.factor();
    format!(
        "to {}: {} ({:?} at {}); subject {}; token {}, SHA-256 {}, key {key}",
        facts.asking.alias,
        facts.answer.method(),
        factor.method(),
        factor.at(),
        facts.asked.subject,
        token.token_id,
        hex::encode(token.digest),
    )
}
