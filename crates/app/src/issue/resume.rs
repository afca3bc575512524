//! Where a waiting request goes on after its person has signed in, whatever its protocol.

use model::{
    pending_request::{PendingRequest, Purpose},
    relying_party::RelyingParty,
};

use super::{Denial, external_mfa, oidc, saml2, wsfed};
use crate::{Error, House, Result, Visitor, visitor::Secret};

/// Where a waiting request leads, by its protocol.
#[derive(Debug, Clone)]
pub enum Resumed {
    /// A request of WS-Federation.
    WsFed(wsfed::Entered),
    /// A request of SAML 2.0.
    Saml2(saml2::Entered),
    /// A request of OpenID Connect.
    Oidc(oidc::Entered),
    /// Entra's request for a second factor.
    ExternalMfa(external_mfa::Entered),
    /// The party or its domain was switched off meanwhile: nothing goes there, no error either.
    Denied(Denial),
    /// The waiting request is over, used, or another browser's, or its answer would go to an address
    /// that was taken off the list meanwhile.
    Expired,
}

/// What waits behind a handle.
enum Found {
    /// A token for a party, which may be switched off.
    Token(Box<(PendingRequest, RelyingParty, bool)>),
    /// An answer about a second factor.
    SecondFactor,
}

impl House {
    /// Microsoft's id of the attempt that waits behind a handle, for the page that says why it ended.
    pub async fn client_request_id(
        &self,
        handle: &Secret,
        visitor: &Visitor,
    ) -> Result<Option<String>> {
        let (house, handle, visitor) = (self.clone(), handle.clone(), visitor.clone());
        self.store()
            .read_briefly(move |tx| {
                let found = house.pending(tx, &handle, &visitor)?;
                Ok(found.and_then(|it| it.purpose.client_request_id().map(str::to_owned)))
            })
            .await
    }

    /// The waiting request behind a handle, after its person has signed in.
    pub async fn resume(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        session: Option<&Secret>,
    ) -> Result<Resumed> {
        let (house, wanted, from) = (self.clone(), handle.clone(), visitor.clone());
        let found = self
            .store()
            .read_briefly(move |tx| {
                let Some(pending) = house.pending(tx, &wanted, &from)? else { return Ok(None) };
                if pending.purpose.confirms().is_some() {
                    return Ok(Some(Found::SecondFactor));
                }
                let (domain, relying_party, reply) = match &pending.purpose {
                    Purpose::WsFed { domain, relying_party, reply, .. } => {
                        (*domain, *relying_party, reply)
                    }
                    Purpose::Saml2(asked) => (asked.domain, asked.relying_party, &asked.reply),
                    Purpose::Oidc(asked) => (asked.domain, asked.relying_party, &asked.reply),
                    _ => return Ok(None),
                };
                let premises = house.premises(tx)?;
                let party = premises.party(relying_party).filter(|it| it.replies.contains(reply));
                let Some(party) = party.cloned() else { return Ok(None) };
                let is_on = premises.is_on(domain, &party);
                Ok::<_, Error>(Some(Found::Token(Box::new((pending, party, is_on)))))
            })
            .await?;
        let (pending, party, is_on) = match found {
            None => return Ok(Resumed::Expired),
            Some(Found::SecondFactor) => {
                let entered = self.answer_external_mfa(handle, visitor).await?;
                return Ok(Resumed::ExternalMfa(entered));
            }
            Some(Found::Token(found)) => *found,
        };
        let visitor = &visitor.asking_under(pending.purpose.client_request_id());
        if !is_on {
            self.record_denial(visitor, &Denial::SwitchedOff).await?;
            return Ok(Resumed::Denied(Denial::SwitchedOff));
        }
        if let Purpose::Saml2(asked) = &pending.purpose {
            let asked = (**asked).clone();
            let waiting = (asked, party);
            let entered = self.redeem_saml2(&pending, waiting, handle, (visitor, session)).await?;
            return Ok(Resumed::Saml2(entered));
        }
        if let Purpose::Oidc(asked) = &pending.purpose {
            let waiting = ((**asked).clone(), party);
            let entered = self.redeem_oidc(&pending, waiting, handle, (visitor, session)).await?;
            return Ok(Resumed::Oidc(entered));
        }
        let Some(session) = session else {
            return Ok(Resumed::WsFed(wsfed::Entered::Ask(handle.clone())));
        };
        self.redeem(pending, party, handle, visitor, session).await.map(Resumed::WsFed)
    }
}
