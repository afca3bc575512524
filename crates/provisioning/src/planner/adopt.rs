//! Taking over an object that was there before us, once an admin said whose it is (Y09).

use model::{entra::EntraUser, plan::Action};

use super::{Draft, Match, Words, step};
use crate::{desired::DesiredUser, reasons};

impl<'a> Draft<'a> {
    /// Takes the object over and brings it in step. Whoever blocked it before opens it, too, and what
    /// it has of licences stays.
    pub(super) fn adopt(&mut self, person: &DesiredUser, object: &EntraUser) {
        if !self.take_over(person, object) {
            return;
        }
        self.align_found(person, object);
    }

    /// An object without a link that carries the person's immutable id. Unless we made it, it was there
    /// before us, and is treated like any other that is taken over.
    pub(super) fn join(&mut self, person: &DesiredUser, object: &'a EntraUser) {
        if self.is_promised(person, object) {
            return self.adopt(person, object);
        }
        self.link(person, object);
        if self.observed.made.contains(&person.user_id) {
            return self.bring_in_step(person, object);
        }
        self.keep_as_found(person, object);
    }

    pub(super) fn keep_as_found(&mut self, person: &DesiredUser, object: &EntraUser) {
        match reasons::mismatch(person, object) {
            Some(reason) => self.conflict(person, reason),
            None => self.align_found(person, object),
        }
    }

    /// Whoever blocked it opens it, and what it has of licences stays.
    fn align_found(&mut self, person: &DesiredUser, object: &EntraUser) {
        let held = object.licences.iter().map(|held| held.sku_id);
        self.kept.entry(object.id).or_default().extend(held);
        self.align(person, object, true);
    }

    fn is_promised(&self, person: &DesiredUser, object: &EntraUser) -> bool {
        let promise = self.observed.accepted.get(&person.user_id);
        promise.is_some_and(|promise| promise.object_id == object.id)
    }

    /// For people whom the application has nothing to do with: the immutable id, and nothing else.
    pub(super) fn adopt_only(&mut self, person: &DesiredUser) {
        if !self.observed.accepted.contains_key(&person.user_id) {
            return;
        }
        match self.index.find(person) {
            Match::Accepted(object) => {
                self.take_over(person, object);
            }
            Match::Unlinked(object) if self.is_promised(person, object) => {
                self.take_over(person, object);
            }
            Match::Unlinked(object) => match reasons::mismatch(person, object) {
                Some(reason) => self.conflict(person, reason),
                None => self.link(person, object),
            },
            Match::Refused(reason) => self.conflict(person, reason),
            Match::Linked(_) | Match::InBin { .. } | Match::Absent { .. } => {}
        }
    }

    fn take_over(&mut self, person: &DesiredUser, object: &EntraUser) -> bool {
        let promise = self.observed.accepted.get(&person.user_id);
        let against = reasons::unadoptable(&person.immutable_id, object)
            .map(str::to_owned)
            .or_else(|| reasons::called_otherwise(promise.map(|p| p.upn.as_str()), object))
            .or_else(|| reasons::names_differ(&person.upn, object));
        if let Some(reason) = against {
            self.conflict(person, reason);
            return false;
        }
        let id = &person.immutable_id;
        let before = object.immutable_id.as_deref().unwrap_or("no immutable id");
        let words = Words::new(
            "an admin confirmed that this account is theirs",
            &format!("{}, {before}, not linked", object.upn),
            &format!("{}, immutable id {id}, linked", object.upn),
        );
        let action = Action::Adopt { immutable_id: id.clone() };
        self.lanes.rest.push(step(person, Some(object.id), action, words));
        true
    }
}
