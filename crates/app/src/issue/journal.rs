//! The journal row of a token, written before the token leaves (R095). The same transaction uses up
//! what the token answers, so nothing is answered twice (R096, R113).

use std::time::Duration;

use model::{
    Ts,
    ids::{IssuedTokenId, PendingRequestId, RelyingPartyId, SigningKeyId},
    issued_token::IssuedToken,
    pending_request::PendingRequest,
    session::ClientInfo,
};
use store::{
    Tx, client_sessions, issued_tokens, oidc_grants, pending_requests, revision, sessions,
    used_messages,
};

use super::{Ask, Envelope, Facts, Issued, Who, oidc::Redeemed};
use crate::{Error, House, Kind, Result};

/// How long an answered request is remembered: longer than its time of issue lets it come again.
const REMEMBERED: Duration = Duration::from_mins(10);

/// How the writing ended.
pub(super) enum Journaled {
    Written,
    /// Something changed since the snapshot: nothing is written, and the token must not leave.
    Outrun,
    /// The request has its token already, and nobody has signed in since: the same.
    Replayed,
}

/// Why a transaction was undone: there is an answer without it, or there is trouble.
pub(super) enum Undone<A> {
    Answer(A),
    Trouble(Error),
}

impl<A> From<Error> for Undone<A> {
    fn from(error: Error) -> Self {
        Self::Trouble(error)
    }
}

impl<A> From<store::Error> for Undone<A> {
    fn from(error: store::Error) -> Self {
        Self::Trouble(error.into())
    }
}

/// What a token answers.
pub(super) struct Answers {
    /// The request that waited for its person.
    pending: Option<PendingRequestId>,
    /// The message of a protocol that numbers them.
    message: Option<(RelyingPartyId, String)>,
    /// The code that a client brought, whose access token goes along.
    redeemed: Option<Redeemed>,
}

impl Answers {
    pub(super) fn of(ask: &Ask, pending: Option<&PendingRequest>) -> Self {
        let message = match (&ask.envelope, &ask.who) {
            (Envelope::Saml2(asked), Who::Session(_)) => {
                Some((ask.party.id, asked.request_id.clone()))
            }
            // Whoever brings a password has just proved who they are.
            _ => None,
        };
        let redeemed = match &ask.envelope {
            Envelope::Oidc(redeemed) => Some((**redeemed).clone()),
            _ => None,
        };
        Self { pending: pending.map(|pending| pending.id), message, redeemed }
    }

    /// Uses both up: false when the message was answered before, so that another token takes a
    /// sign-in of its own. The second answer to a waiting request is refused.
    pub(super) fn use_up(&self, tx: &mut Tx, now: Ts) -> Result<bool> {
        if let Some(id) = self.pending
            && !pending_requests::redeem(tx, id, now)?
        {
            let public =
                "This sign-in was used already. Go back to the application and begin again.";
            return Err(Error::new(Kind::Conflict, public));
        }
        if let Some(redeemed) = &self.redeemed {
            let (digest, until) = (redeemed.access_token.digest(), redeemed.access_until);
            if !oidc_grants::give_access(tx, redeemed.grant, &digest, until)? {
                return Err(Error::new(Kind::Conflict, "This code came a second time meanwhile."));
            }
            if let Some(heard) = &redeemed.hears {
                client_sessions::remember(tx, heard, now)?;
            }
        }
        match &self.message {
            Some((party, id)) => Ok(used_messages::use_up(tx, *party, id, now + REMEMBERED)?),
            None => Ok(true),
        }
    }
}

impl House {
    pub(super) fn journal_row(
        &self,
        ask: &Ask,
        facts: &Facts,
        key: SigningKeyId,
        issued: &Issued,
        client: &ClientInfo,
    ) -> IssuedToken {
        IssuedToken {
            id: IssuedTokenId(self.new_id()),
            token_id: issued.token.token_id.clone(),
            user_id: facts.user.id,
            session_id: facts.grounds.session,
            domain_id: facts.domain.id,
            relying_party_id: facts.party.id,
            protocol: ask.envelope.protocol(),
            signing_key_id: key,
            issued_at: issued.stamp.now,
            events: facts.grounds.proof.events().to_vec(),
            says_mfa: issued.token.says_mfa,
            client_address: client.address.clone(),
            client_agent: client.user_agent.clone(),
            asked: Some(ask.asked()),
            digest: issued.token.digest,
            claims: issued.said.clone(),
        }
    }

    /// Writes the journal row, unless something changed since the snapshot or the request has its
    /// token already.
    pub(super) async fn journal(
        &self,
        facts: &Facts,
        ask: &Ask,
        row: IssuedToken,
        answers: Answers,
    ) -> Result<Journaled> {
        let (now, snapshot, fresh) =
            (self.now(), facts.premises.revision, ask.came_before(&facts.grounds.proof));
        let unnoted = facts.grounds.unnoted;
        let written = self.store().write(move |tx| {
            if !answers.use_up(tx, now)? && !fresh {
                return Err(Undone::Answer(Journaled::Replayed));
            }
            // Whoever comes from Microsoft alone uses their session, too (R052).
            if let Some(session) = unnoted {
                sessions::touch(tx, session, now)?;
            }
            // The revision comes last of all locks.
            if !revision::check(tx, snapshot)? {
                return Err(Undone::Answer(Journaled::Outrun));
            }
            Ok(issued_tokens::record(tx, &row)?)
        });
        match written.await {
            Ok(()) => Ok(Journaled::Written),
            Err(Undone::Answer(answer)) => Ok(answer),
            Err(Undone::Trouble(error)) => Err(error),
        }
    }
}
