//! Finds a person's object in Entra: by their link, else by their immutable id.
//!
//! Never by name alone: an object that merely has the same sign-in name is somebody else's until
//! an admin says otherwise (Y09, ruling 10).

use std::collections::HashMap;

use model::{
    entra::{EntraLink, EntraUser},
    ids::{ObjectId, UserId},
    upn,
};

use crate::{desired::DesiredUser, reasons};

/// Where a person is in Entra.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Match<'a> {
    /// Their linked object.
    Linked(&'a EntraUser),
    /// An object without a link that carries their immutable id.
    Unlinked(&'a EntraUser),
    /// Nowhere.
    Absent {
        /// They had an object once.
        was_linked: bool,
    },
    /// Something is there that we must not take for them; the text says what.
    Refused(String),
}

/// The objects of a tenant, found fast.
pub(crate) struct Index<'a> {
    by_id: HashMap<ObjectId, &'a EntraUser>,
    by_immutable_id: HashMap<&'a str, Vec<&'a EntraUser>>,
    by_upn: HashMap<String, &'a EntraUser>,
    links: HashMap<UserId, ObjectId>,
    owners: HashMap<ObjectId, Vec<UserId>>,
}

impl<'a> Index<'a> {
    pub(crate) fn new(users: &'a [EntraUser], links: &[EntraLink]) -> Self {
        let mut by_immutable_id: HashMap<&str, Vec<&EntraUser>> = HashMap::new();
        for user in users {
            if let Some(id) = &user.immutable_id {
                by_immutable_id.entry(id).or_default().push(user);
            }
        }
        let mut owners: HashMap<ObjectId, Vec<UserId>> = HashMap::new();
        for link in links {
            owners.entry(link.object_id).or_default().push(link.user_id);
        }
        Self {
            by_id: users.iter().map(|user| (user.id, user)).collect(),
            by_immutable_id,
            by_upn: users.iter().map(|user| (upn::fold(&user.upn), user)).collect(),
            links: links.iter().map(|link| (link.user_id, link.object_id)).collect(),
            owners,
        }
    }

    pub(crate) fn find(&self, person: &DesiredUser) -> Match<'a> {
        let linked = self.links.get(&person.user_id);
        if let Some(object) = linked.and_then(|id| self.by_id.get(id)) {
            return self.only_theirs(person, object).map_or_else(Match::Refused, Match::Linked);
        }
        match self.by_immutable_id.get(person.immutable_id.as_str()).map(Vec::as_slice) {
            Some([object]) => {
                self.only_theirs(person, object).map_or_else(Match::Refused, Match::Unlinked)
            }
            Some([_, _, ..]) => Match::Refused(reasons::TWO_OBJECTS.to_owned()),
            _ => match self.by_upn.get(&upn::fold(&person.upn)) {
                Some(object) => Match::Refused(reasons::name_taken(object)),
                None => Match::Absent { was_linked: linked.is_some() },
            },
        }
    }

    fn only_theirs(
        &self,
        person: &DesiredUser,
        object: &'a EntraUser,
    ) -> Result<&'a EntraUser, String> {
        let foreign = |owner: &UserId| *owner != person.user_id;
        match self.owners.get(&object.id) {
            Some(owners) if owners.iter().any(foreign) => Err(reasons::SOMEBODY_ELSES.to_owned()),
            _ => Ok(object),
        }
    }
}
