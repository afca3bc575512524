//! Which sessions a logout request names, and whether they are its party's to end (R114).

use federation::saml2::logout::LogoutRequest;
use model::{
    ids::{SessionId, UserId},
    issued_token::{IssuedToken, Protocol},
    relying_party::RelyingParty,
    user::User,
};
use store::{Tx, issued_tokens, sessions, users};

use crate::{Result, relying_parties::subject};

/// The sessions; `None` when one of them is not the party's.
pub(super) type Named = Option<Vec<(SessionId, UserId)>>;

/// The sessions that a signed request names by their index. `None` when one of them is another
/// party's or another person's.
pub(super) fn sessions_by_index(
    tx: &mut Tx,
    request: &LogoutRequest,
    party: &RelyingParty,
) -> Result<Named> {
    let mut named = Vec::new();
    for index in &request.session_indexes {
        let Some(token) = issued_tokens::by_token_id(tx, index)? else { return Ok(None) };
        let Some(user) = users::by_id(tx, token.user_id)? else { return Ok(None) };
        if token.relying_party_id != party.id || !is_named(request, party, &user, &token.token_id) {
            return Ok(None);
        }
        named.extend(token.session_id.map(|session| (session, user.id)));
    }
    Ok(Some(named))
}

/// The session of this browser, if it is of the person that the request names. Nobody signed in
/// here means that it is over already.
pub(super) fn session_of_browser(
    tx: &mut Tx,
    request: &LogoutRequest,
    party: &RelyingParty,
    cookie: Option<[u8; 32]>,
) -> Result<Named> {
    let Some(digest) = cookie else { return Ok(Some(Vec::new())) };
    let Some(session) = sessions::by_token(tx, &digest)? else { return Ok(Some(Vec::new())) };
    let Some(user) = users::by_id(tx, session.user_id)? else { return Ok(None) };
    let tokens: Vec<IssuedToken> =
        issued_tokens::of_session(tx, user.id, session.id, Protocol::Saml2)?;
    let mut own = tokens.iter().filter(|token| token.relying_party_id == party.id);
    let is_theirs = own.any(|token| is_named(request, party, &user, &token.token_id))
        || is_named(request, party, &user, "");
    Ok(is_theirs.then(|| vec![(session.id, user.id)]))
}

/// Whether the request names this person as our token with this id named them.
fn is_named(request: &LogoutRequest, party: &RelyingParty, user: &User, token_id: &str) -> bool {
    subject(user, party.settings.name_id).name_id(token_id).1 == request.name_id
}
