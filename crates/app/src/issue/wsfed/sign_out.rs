//! The end of a sign-out for applications of WS-Federation (`federation.md` 1.5). They are told by
//! an image that the browser fetches, `wsignoutcleanup1.0`, and never answer; one that asked for the
//! sign-out itself may have the person back, at a registered address and no other.

use std::collections::HashSet;

use model::{
    ids::{RelyingPartyId, SessionId, UserId},
    issued_token::Protocol,
    pending_request::{PartyEnd, SignOut, SignOutReturn},
    relying_party::RelyingParty,
};
use store::{Tx, issued_tokens, relying_parties};
use url::Url;

use crate::{
    House, Result,
    issue::{ends::named, oidc},
    relying_parties::sign_out_of,
};

/// What the last page of a sign-out shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parting {
    /// The applications that are told by an image.
    pub cleanups: Vec<Way>,
    /// How it ended for each of the others, by name.
    pub ends: Vec<(String, PartyEnd)>,
    /// Where the person may go on, if they came from an application.
    pub back: Option<Way>,
    /// Where they go on by themselves: a client of OpenID Connect has them back.
    pub onward: Option<String>,
}

/// An application and an address of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What people call it.
    pub party: String,
    /// The address.
    pub address: String,
}

impl House {
    /// Where `wreply` of a sign-out leads: to exactly a registered reply of an application that
    /// speaks WS-Federation, or nowhere. The sign-out itself is done all the same.
    pub(super) async fn registered_return(
        &self,
        slug: &str,
        asked: Option<String>,
    ) -> Result<Option<SignOutReturn>> {
        let Some(asked) = asked else { return Ok(None) };
        let house = self.clone();
        let premises = self.store().read_briefly(move |tx| house.premises(tx)).await?;
        let Some(domain) = premises.domain_at(slug) else { return Ok(None) };
        let party = premises.party_that(|party| {
            party.domain_id == domain.id && takes_back(party) && party.replies.contains(&asked)
        });
        Ok(party.map(|party| SignOutReturn { relying_party: party.id, reply: asked, state: None }))
    }

    /// What the last page shows of a sign-out.
    pub(in crate::issue) async fn parting(&self, of: &SignOut) -> Result<Parting> {
        let (cleanups, back, ends) = (of.cleanups.clone(), of.back.clone(), of.ends.clone());
        self.store()
            .read(move |tx| {
                let mut parting = Parting { ends: named(tx, &ends)?, ..Parting::default() };
                for id in cleanups {
                    let party = relying_parties::by_id(tx, id)?;
                    parting.cleanups.extend(party.as_ref().and_then(cleanup));
                }
                if let Some(back) = back {
                    let party = relying_parties::by_id(tx, back.relying_party)?;
                    parting.onward = party.as_ref().and_then(|party| oidc::onward(party, &back));
                    let still = |party: &RelyingParty| {
                        takes_back(party) && party.replies.contains(&back.reply)
                    };
                    parting.back = party
                        .filter(still)
                        .map(|party| Way { party: party.name, address: back.reply });
                }
                Ok(parting)
            })
            .await
    }
}

/// Microsoft's address for answers is no place for people.
fn takes_back(party: &RelyingParty) -> bool {
    party.enabled && party.kind.protocol().is_some() && party.kind.speaks(Protocol::WsFed)
}

fn cleanup(party: &RelyingParty) -> Option<Way> {
    let mut address = Url::parse(&sign_out_of(party)?.location).ok()?;
    address.query_pairs_mut().append_pair("wa", "wsignoutcleanup1.0");
    Some(Way { party: party.name.clone(), address: address.into() })
}

/// The parties that got a token of WS-Federation in a session, each once.
pub(in crate::issue) fn to_clean_up(
    tx: &mut Tx,
    session: SessionId,
    user: UserId,
) -> Result<Vec<RelyingPartyId>> {
    let mut told = HashSet::new();
    let mut cleanups = Vec::new();
    for token in issued_tokens::of_session(tx, user, session, Protocol::WsFed)? {
        if told.insert(token.relying_party_id)
            && let Some(party) = relying_parties::by_id(tx, token.relying_party_id)?
            && party.enabled
            && sign_out_of(&party).is_some()
        {
            cleanups.push(party.id);
        }
    }
    Ok(cleanups)
}
