//! How a sign-out ended for each application that the session was used with: what the last page tells
//! the person, since only they can close what was not reached (F023).

use model::{
    ids::{RelyingPartyId, SessionId, UserId},
    issued_token::Protocol,
    pending_request::{PartyEnd, Purpose, SignOut, SignOutEnd},
};
use store::{Tx, issued_tokens, pending_requests, relying_parties};

use crate::Result;

/// The applications of a session that neither a message nor an image of this round reaches.
pub(super) fn beside(
    tx: &mut Tx,
    (session, user): (SessionId, UserId),
    round: &SignOut,
) -> Result<Vec<SignOutEnd>> {
    let mut ends: Vec<SignOutEnd> = Vec::new();
    for (_, id, protocol) in issued_tokens::parties_of(tx, user, &[session])? {
        let reached = round.steps.iter().any(|step| step.relying_party == id)
            || round.cleanups.contains(&id)
            || round.back.as_ref().is_some_and(|back| back.relying_party == id)
            || ends.iter().any(|end| end.relying_party == id);
        if reached {
            continue;
        }
        let Some(party) = relying_parties::by_id(tx, id)? else { continue };
        let is_told = protocol == Protocol::Oidc
            && party.enabled
            && party.settings.oidc.back_channel.is_some();
        let how = if is_told { PartyEnd::Told } else { PartyEnd::Untold };
        ends.push(SignOutEnd { relying_party: id, how });
    }
    Ok(ends)
}

/// Notes what an application answered, if it was asked in this round.
pub(super) fn note_answer(
    tx: &mut Tx,
    handle: &[u8; 32],
    party: RelyingPartyId,
    succeeded: bool,
) -> Result<()> {
    // Whoever sends an answer twice after the round is over changes nothing.
    if let Some(pending) =
        pending_requests::by_handle(tx, handle)?.filter(|it| it.used_at.is_none())
        && let Purpose::SignOut(mut under_way) = pending.purpose
    {
        under_way.partial |= !succeeded;
        let asked =
            |end: &&mut SignOutEnd| end.relying_party == party && end.how == PartyEnd::Silent;
        if let Some(end) = under_way.ends.iter_mut().find(asked) {
            end.how = if succeeded { PartyEnd::SignedOut } else { PartyEnd::Refused };
        }
        pending_requests::set_purpose(tx, pending.id, &Purpose::SignOut(under_way))?;
    }
    Ok(())
}

/// The names of the applications, each with its end.
pub(super) fn named(tx: &mut Tx, ends: &[SignOutEnd]) -> Result<Vec<(String, PartyEnd)>> {
    let mut named = Vec::new();
    for end in ends {
        let party = relying_parties::by_id(tx, end.relying_party)?;
        named.extend(party.map(|party| (party.name, end.how)));
    }
    named.sort_by_key(|(name, _)| name.to_lowercase());
    Ok(named)
}
