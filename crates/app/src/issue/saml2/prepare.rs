//! Measures a request by what is registered of its party: it may select among that and demand more,
//! and grants nothing.

use federation::{
    assertion::saml20,
    saml2::{
        Refusal,
        context::{self, Vocabulary},
        request::AuthnRequest,
        response::Status,
    },
};
use model::{
    ids::FederatedDomainId,
    pending_request::{Demand, SamlRequest},
    relying_party::{NameIdFormat, PartyKind, RelyingParty},
    user::User,
};

use super::Waiting;
use crate::relying_parties::about_in_saml20;

/// A request that was measured by what is registered.
pub(super) struct Prepared {
    pub(super) waiting: Waiting,
    pub(super) demand: Demand,
    /// Why there will be no token, whoever signs in.
    pub(super) obstacle: Option<Status>,
}

/// Measures a request by what is registered of its party; its answer travels in `way` or not at all.
pub(super) fn prepare(
    request: AuthnRequest,
    domain: FederatedDomainId,
    party: RelyingParty,
    relay_state: Option<String>,
    way: &str,
) -> std::result::Result<Prepared, Refusal> {
    if request.protocol_binding.as_deref().is_some_and(|wanted| wanted != way) {
        return Err(Refusal::UnknownBinding);
    }
    let reply = selected_reply(&party, &request).ok_or(Refusal::ForeignReply)?;
    let name = name_id(&party, request.name_id_format.as_deref());
    let contexts = context::acceptable(request.contexts.as_ref(), vocabulary(party.kind));
    let obstacle = match (name, &contexts) {
        (None, _) => Some(Status::InvalidNameIdPolicy),
        (_, None) => Some(Status::NoAuthnContext),
        _ => None,
    };
    let asked = SamlRequest {
        domain,
        relying_party: party.id,
        reply,
        relay_state,
        request_id: request.header.id,
        contexts: contexts.unwrap_or_default(),
        name_id: name.unwrap_or_default(),
        passive: request.passive,
    };
    let demand = context::demand(&asked.contexts, request.force.then_some(0));
    Ok(Prepared { waiting: (asked, party), demand, obstacle })
}

/// What the token says beyond the statement.
pub(in crate::issue) fn envelope(
    asked: &SamlRequest,
    party: &RelyingParty,
    user: &User,
) -> saml20::Envelope {
    saml20::Envelope {
        recipient: asked.reply.clone(),
        in_response_to: Some(asked.request_id.clone()),
        about: about_in_saml20(party, user, asked.name_id),
        acceptable: asked.contexts.clone(),
        vocabulary: vocabulary(party.kind),
    }
}

/// The registered reply that a request selects, by address or by number; else the first (R074).
fn selected_reply(party: &RelyingParty, request: &AuthnRequest) -> Option<String> {
    match (&request.reply, request.reply_index) {
        (Some(asked), _) => party.replies.iter().find(|reply| *reply == asked).cloned(),
        (None, Some(index)) => {
            let at = party.settings.reply_indexes.iter().position(|known| *known == index)?;
            party.replies.get(at).cloned()
        }
        (None, None) => party.replies.first().cloned(),
    }
}

/// In which form the person will be named: the registered one, which the request may only confirm.
fn name_id(party: &RelyingParty, wanted: Option<&str>) -> Option<NameIdFormat> {
    let registered = party.settings.name_id;
    let fits = match wanted.map(NameIdFormat::from_uri) {
        None | Some(Some(NameIdFormat::Unspecified)) => true,
        Some(named) => named == Some(registered),
    };
    fits.then_some(registered)
}

/// In which words a party is told about two factors.
const fn vocabulary(kind: PartyKind) -> Vocabulary {
    match kind {
        PartyKind::Microsoft => Vocabulary::Microsoft,
        PartyKind::Saml2 | PartyKind::WsFed | PartyKind::Oidc => Vocabulary::General,
    }
}
