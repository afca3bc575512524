//! Giving a code. It is decided like any token, but nothing is vouched for yet, so nothing is signed
//! and the journal stays as it is.

use std::time::Duration;

use model::{
    ids::OidcGrantId,
    oidc::{OidcGrant, OidcRequest},
    pending_request::PendingRequest,
    session::ClientInfo,
};
use store::{oidc_grants, pending_requests};

use super::super::{Ask, Decision, Denial, Facts};
use crate::{Error, House, Kind, Result, visitor::Secret};

/// A code goes from the browser to the client and straight back to us.
const CODE_FOR: Duration = Duration::from_mins(1);

/// How it ended.
pub(super) enum Coded {
    Given(Secret),
    SignInFirst,
    /// The request is about another person.
    SomebodyElse,
    Denied(Denial),
}

impl House {
    /// Decides, and gives a code. Whatever changes before it comes back counts then.
    pub(super) async fn give_code(
        &self,
        ask: &Ask,
        (asked, browser): (&OidcRequest, &ClientInfo),
        pending: Option<&PendingRequest>,
    ) -> Result<Coded> {
        let (house, wish, from) = (self.clone(), ask.clone(), browser.clone());
        let decided = self.store().read_briefly(move |tx| house.decide(tx, &wish, &from)).await?;
        let facts = match decided {
            Decision::SignInFirst => return Ok(Coded::SignInFirst),
            Decision::Denied(denial) => return Ok(Coded::Denied(denial)),
            Decision::Issue(facts) => facts,
        };
        let subject = facts.user.immutable_id.as_str();
        if asked.subject.as_deref().is_some_and(|named| named != subject) {
            return Ok(Coded::SomebodyElse);
        }
        let Some((code, grant)) = self.grant(&facts, asked, browser) else {
            return Ok(Coded::SignInFirst);
        };
        let (now, pending) = (self.now(), pending.map(|pending| pending.id));
        self.store()
            .write(move |tx| {
                if let Some(pending) = pending
                    && !pending_requests::redeem(tx, pending, now)?
                {
                    let public = "This sign-in was used already. Go back to the application and \
                                  begin again.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                Ok(oidc_grants::put(tx, &grant)?)
            })
            .await?;
        Ok(Coded::Given(code))
    }

    fn grant(
        &self,
        facts: &Facts,
        asked: &OidcRequest,
        browser: &ClientInfo,
    ) -> Option<(Secret, OidcGrant)> {
        let code = Secret::draw(self.random());
        let until = self.now() + CODE_FOR;
        let grant = OidcGrant {
            id: OidcGrantId(self.new_id()),
            code_digest: code.digest(),
            relying_party_id: facts.party.id,
            domain_id: asked.domain,
            user_id: facts.user.id,
            session_id: facts.grounds.session?,
            browser: browser.clone(),
            reply: asked.reply.clone(),
            terms: asked.terms.clone(),
            code_expires_at: until,
            used_at: None,
            access_digest: None,
            expires_at: until,
            revoked_at: None,
        };
        Some((code, grant))
    }
}
