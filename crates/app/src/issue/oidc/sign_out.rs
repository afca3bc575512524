//! A sign-out that a client asks for. An ID token of ours from this very session proves that the
//! client knows it; without one the person is asked, or any page could sign people out.

use federation::oidc::{
    answer::with_query,
    sign_out::{self, Hint, Request},
};
use model::{
    ids::FederatedDomainId,
    pending_request::{Demand, Purpose, SignOut, SignOutReturn},
    relying_party::{PartyKind, RelyingParty},
};
use store::{Tx, sessions};

use super::published;
use crate::{
    Error, House, Result, Visitor,
    issue::wsfed::{Refused, sign_out::Parting},
    visitor::Secret,
};

/// What a request for a sign-out leads to.
#[derive(Debug, Clone)]
pub enum Asked {
    /// The session ends at once; the person may go back to the client.
    Now(Option<SignOutReturn>),
    /// Nobody is signed in, as far as this request shows; the person may go back to the client.
    Nobody(Parting),
    /// The person is asked first; the answer comes with this handle.
    Confirm(Secret),
    /// The request itself is refused.
    Refused(Refused),
}

/// What is found out about a request in one snapshot.
struct Found {
    /// The client has a token of the session that this browser is in.
    is_its_own: bool,
    is_signed_in: bool,
    back: Option<SignOutReturn>,
}

impl House {
    /// A request for a sign-out at a domain, of a browser that holds these sessions.
    pub async fn ask_oidc_sign_out(
        &self,
        slug: &str,
        raw: &str,
        visitor: &Visitor,
        held: &[&Secret],
    ) -> Result<Asked> {
        let request = match sign_out::parse(raw) {
            Ok(request) => request,
            Err(refusal) => {
                let refused = Refused::from(refusal);
                self.record_request_refusal(visitor, slug, &refused).await?;
                return Ok(Asked::Refused(refused));
            }
        };
        let (house, slug) = (self.clone(), slug.to_owned());
        let held: Vec<[u8; 32]> = held.iter().map(|secret| secret.digest()).collect();
        let looked = move |tx: &mut Tx| house.look_into(tx, &slug, &request, &held);
        let Found { is_its_own, is_signed_in, back } = self.store().read(looked).await?;
        if is_its_own {
            return Ok(Asked::Now(back));
        }
        let round = SignOut { back, ..SignOut::default() };
        if !is_signed_in {
            return Ok(Asked::Nobody(self.parting(&round).await?));
        }
        let purpose = Purpose::SignOut(Box::new(round));
        let handle = self.begin(purpose, Demand::default(), None, visitor).await?;
        Ok(Asked::Confirm(handle))
    }

    /// Where a confirmed sign-out leads afterwards.
    pub async fn confirmed_sign_out(
        &self,
        handle: &Secret,
        visitor: &Visitor,
    ) -> Result<Option<SignOutReturn>> {
        Ok(match self.sign_in_purpose(handle, visitor).await? {
            Some(Purpose::SignOut(round)) => round.back,
            _ => None,
        })
    }

    fn look_into(
        &self,
        tx: &mut Tx,
        slug: &str,
        request: &Request,
        held: &[[u8; 32]],
    ) -> Result<Found> {
        let premises = self.premises(tx)?;
        let domain = premises.domain_at(slug).ok_or_else(|| Error::not_found("domain"))?;
        let mut live = Vec::new();
        for digest in held {
            live.extend(sessions::by_token(tx, digest)?.map(|session| session.id.to_string()));
        }
        let hint = self.hint(tx, slug, request)?;
        let is_its_own = hint.as_ref().is_some_and(|hint| live.contains(&hint.session));
        // Whoever sends a hint that says nothing, or is another client's, is led nowhere.
        let client = match &request.hint {
            Some(_) => hint.map(|hint| hint.client_id),
            None => request.client_id.clone(),
        };
        let party = client.and_then(|id| premises.party_with(domain.id, &id));
        let party = party.filter(|party| premises.is_on(domain.id, party));
        let back = party.and_then(|party| registered(party, domain.id, request));
        Ok(Found { is_its_own, is_signed_in: !live.is_empty(), back })
    }

    /// The hint, if it is ours and of the client that asks. How old it is does not matter.
    fn hint(&self, tx: &mut Tx, slug: &str, request: &Request) -> Result<Option<Hint>> {
        let Some(hint) = &request.hint else { return Ok(None) };
        let read = self.read_hint(tx, slug, hint)?;
        Ok(read.filter(|read| request.client_id.as_ref().is_none_or(|id| *id == read.client_id)))
    }

    /// What an ID token tells that a domain gave this client.
    pub(super) async fn own_hint(
        &self,
        slug: &str,
        text: &str,
        client_id: &str,
    ) -> Result<Option<Hint>> {
        let (house, slug, text) = (self.clone(), slug.to_owned(), text.to_owned());
        let read = self.store().read(move |tx| house.read_hint(tx, &slug, &text)).await?;
        Ok(read.filter(|read| read.client_id == client_id))
    }

    fn read_hint(&self, tx: &mut Tx, slug: &str, text: &str) -> Result<Option<Hint>> {
        let keys = published::trusted(tx, |_| true)?;
        let certificates: Vec<Vec<u8>> = keys.into_iter().map(|key| key.certificate).collect();
        let issuer = self.endpoints(slug).oidc_issuer();
        Ok(sign_out::read_hint(text, &issuer, &certificates))
    }
}

/// Where the client has the person back: exactly an address that is registered for that, or nowhere.
fn registered(
    party: &RelyingParty,
    domain: FederatedDomainId,
    request: &Request,
) -> Option<SignOutReturn> {
    let back = SignOutReturn {
        relying_party: party.id,
        reply: request.back.clone()?,
        state: request.state.clone(),
    };
    (party.domain_id == domain && onward(party, &back).is_some()).then_some(back)
}

/// The address that a person goes back to, if it is still registered.
pub(in crate::issue) fn onward(party: &RelyingParty, back: &SignOutReturn) -> Option<String> {
    let known = &party.settings.oidc.after_sign_out;
    if party.kind != PartyKind::Oidc || !party.enabled || !known.contains(&back.reply) {
        return None;
    }
    let state = back.state.as_ref().map(|state| ("state", state.clone()));
    Some(state.map_or_else(|| back.reply.clone(), |state| with_query(&back.reply, &[state])))
}
