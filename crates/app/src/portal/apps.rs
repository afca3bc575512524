//! The applications that people have: what they may open, and what their sessions have opened.

use std::collections::HashMap;

use model::{
    ids::{SessionId, UserId},
    session::Session,
};
use store::{Tx, assignments, issued_tokens, relying_parties, tenant_admins};

use crate::{Employee, Error, House, Result};

/// What a person may open at Microsoft.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Office {
    /// The domain that vouches for them: Microsoft sends whoever names it here without a question.
    pub home: Option<String>,
    /// They were seen to hold an administrator role there.
    pub administers: bool,
}

/// An application on the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// What people call it.
    pub name: String,
    /// Where people begin there.
    pub start: String,
}

impl House {
    /// What a person may open at Microsoft, if they are assigned to anything.
    pub async fn office(&self, me: &Employee) -> Result<Option<Office>> {
        let (house, user) = (self.clone(), me.user().clone());
        self.store()
            .read(move |tx| {
                if assignments::active_of_user(tx, user.id)?.is_empty() {
                    return Ok(None);
                }
                let premises = house.premises(tx)?;
                let Some(own) = premises.vouching(&user.upn.domain()) else {
                    return Ok(Some(Office::default()));
                };
                // Whoever is kept out by their role would not come in there by this door.
                let tenant = own.tenant_id;
                let administers = tenant_admins::is_one(tx, tenant, user.id)?
                    && !premises.keeps_out(tx, tenant, user.id)?;
                Ok::<_, Error>(Some(Office { home: Some(own.name.clone()), administers }))
            })
            .await
    }

    /// The applications that a person may use and that have a start page, by name.
    pub async fn tiles(&self, me: &Employee) -> Result<Vec<Tile>> {
        let (house, user) = (self.clone(), me.user().clone());
        self.store()
            .read(move |tx| {
                let premises = house.premises(tx)?;
                let mut tiles = Vec::new();
                for (party, tenant) in premises.startable() {
                    let vouched = premises.vouching_for(&user.upn.domain(), tenant).is_some();
                    if vouched && premises.opens(tx, party, (&user, tenant))? {
                        let start = party.settings.start.clone().unwrap_or_default();
                        tiles.push(Tile { name: party.name.clone(), start });
                    }
                }
                tiles.sort_by_key(|tile| tile.name.to_lowercase());
                Ok::<_, Error>(tiles)
            })
            .await
    }
}

/// The names of the applications that got tokens in each session.
pub(crate) fn used_with(
    tx: &mut Tx,
    user: UserId,
    sessions: &[Session],
) -> Result<HashMap<SessionId, Vec<String>>> {
    let ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
    let names: HashMap<_, _> =
        relying_parties::all(tx)?.into_iter().map(|party| (party.id, party.name)).collect();
    let mut opened: HashMap<SessionId, Vec<String>> = HashMap::new();
    for (session, party, _) in issued_tokens::parties_of(tx, user, &ids)? {
        let list = opened.entry(session).or_default();
        list.extend(names.get(&party).filter(|name| !list.contains(name)).cloned());
    }
    for list in opened.values_mut() {
        list.sort_by_key(|name| name.to_lowercase());
    }
    Ok(opened)
}
