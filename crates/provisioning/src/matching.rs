//! Finds a person's object in Entra: by their link, else by their immutable id, else by the word of
//! an admin; else in its bin.
//!
//! Never by name alone: an object that merely has the same sign-in name is somebody else's until
//! an admin says otherwise (Y09, ruling 10), for whom `matches` makes the table.

use std::collections::{HashMap, HashSet};

use model::{
    entra::{DeletedUser, EntraUser},
    ids::{ObjectId, UserId},
    matches::Promise,
    upn,
};

use crate::{desired::DesiredUser, planner::Observed, reasons};

/// Where a person is in Entra.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Match<'a> {
    /// Their linked object.
    Linked(&'a EntraUser),
    /// An object without a link that carries their immutable id.
    Unlinked(&'a EntraUser),
    /// An object that an admin said is theirs.
    Accepted(&'a EntraUser),
    /// In the bin, from which it can be restored.
    InBin {
        /// What is there.
        deleted: &'a DeletedUser,
        /// It is their linked object.
        linked: bool,
    },
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
    bin: &'a [DeletedUser],
    links: HashMap<UserId, ObjectId>,
    owners: HashMap<ObjectId, Vec<UserId>>,
    accepted: &'a HashMap<UserId, Promise>,
    rejected: &'a HashSet<(UserId, ObjectId)>,
}

impl<'a> Index<'a> {
    pub(crate) fn new(observed: &'a Observed) -> Self {
        let Observed { users, links, bin, accepted, rejected, .. } = observed;
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
            bin,
            links: links.iter().map(|link| (link.user_id, link.object_id)).collect(),
            owners,
            accepted,
            rejected,
        }
    }

    /// Whoever has this sign-in name there.
    pub(crate) fn named(&self, upn: &str) -> Option<&'a EntraUser> {
        self.by_upn.get(&upn::fold(upn)).copied()
    }

    pub(crate) fn find(&self, person: &DesiredUser) -> Match<'a> {
        let linked = self.links.get(&person.user_id);
        if let Some(object) = linked.and_then(|id| self.by_id.get(id)) {
            return self.theirs(person, object.id, Match::Linked(object));
        }
        match self.by_immutable_id.get(person.immutable_id.as_str()).map(Vec::as_slice) {
            Some([object]) => self.unless_rejected(person, object.id, Match::Unlinked(object)),
            Some([_, _, ..]) => Match::Refused(reasons::TWO_OBJECTS.to_owned()),
            _ => match self.accepted.get(&person.user_id).filter(|_| linked.is_none()) {
                Some(accepted) => self.accepted(person, accepted),
                None => self.deleted_or_absent(person, linked.copied()),
            },
        }
    }

    /// Nothing else is made for somebody who was promised an object.
    fn accepted(&self, person: &DesiredUser, accepted: &Promise) -> Match<'a> {
        match self.by_id.get(&accepted.object_id) {
            Some(object) => self.theirs(person, object.id, Match::Accepted(object)),
            None => Match::Refused(reasons::ACCEPTED_IS_GONE.to_owned()),
        }
    }

    /// Nothing of theirs is live. What is in the bin is waited for as long as somebody else has the
    /// name: a new object would be a second mailbox.
    fn deleted_or_absent(&self, person: &DesiredUser, linked: Option<ObjectId>) -> Match<'a> {
        let deleted = self.in_bin(person, linked);
        // What is in the bin comes back under the name that it had.
        let back_as = deleted.and_then(|deleted| self.named(&deleted.user.upn));
        match (deleted, self.named(&person.upn).or(back_as)) {
            (Some(deleted), None) => {
                let linked = linked == Some(deleted.user.id);
                let found = Match::InBin { deleted, linked };
                if linked {
                    return self.theirs(person, deleted.user.id, found);
                }
                self.unless_rejected(person, deleted.user.id, found)
            }
            (Some(deleted), Some(namesake)) => {
                Match::Refused(reasons::name_taken_meanwhile(namesake, deleted))
            }
            (None, Some(namesake)) => Match::Refused(reasons::name_taken(namesake)),
            (None, None) => Match::Absent { was_linked: linked.is_some() },
        }
    }

    /// The linked object, else the newest with their immutable id.
    fn in_bin(&self, person: &DesiredUser, linked: Option<ObjectId>) -> Option<&'a DeletedUser> {
        let is_linked = |deleted: &&DeletedUser| Some(deleted.user.id) == linked;
        let carries = |deleted: &&DeletedUser| {
            deleted.user.immutable_id.as_deref() == Some(person.immutable_id.as_str())
        };
        let newest = |deleted: &&DeletedUser| (deleted.deleted_at, deleted.user.id);
        let by_link = self.bin.iter().find(is_linked);
        by_link.or_else(|| self.bin.iter().filter(carries).max_by_key(newest))
    }

    /// What carries their immutable id is theirs, unless an admin said that it isn't.
    fn unless_rejected(
        &self,
        person: &DesiredUser,
        object: ObjectId,
        found: Match<'a>,
    ) -> Match<'a> {
        if self.rejected.contains(&(person.user_id, object)) {
            return Match::Refused(reasons::REJECTED.to_owned());
        }
        self.theirs(person, object, found)
    }

    fn theirs(&self, person: &DesiredUser, object: ObjectId, found: Match<'a>) -> Match<'a> {
        let foreign = |owner: &UserId| *owner != person.user_id;
        match self.owners.get(&object) {
            Some(owners) if owners.iter().any(foreign) => {
                Match::Refused(reasons::SOMEBODY_ELSES.to_owned())
            }
            _ => found,
        }
    }
}
