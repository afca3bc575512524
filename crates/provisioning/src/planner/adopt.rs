//! Taking over an object that was there before us, once an admin said whose it is (Y09).

use std::collections::HashSet;

use model::{entra::EntraUser, ids::SkuId, plan::Action};

use super::{Draft, Match, Words, step};
use crate::{desired::DesiredUser, reasons};

impl Draft<'_> {
    /// Takes the object over and brings it in step. Whoever blocked it before opens it, too, and what
    /// it has of licences stays.
    pub(super) fn adopt(&mut self, person: &DesiredUser, object: &EntraUser) {
        if !self.take_over(person, object) {
            return;
        }
        if let Some(reason) = reasons::renamed(&person.upn, object) {
            return self.conflict(person, reason);
        }
        let held: HashSet<SkuId> = object.licences.iter().map(|held| held.sku_id).collect();
        self.kept.insert(object.id, held);
        self.align(person, object, true);
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
            Match::Unlinked(object) => match reasons::mismatch(person, object) {
                Some(reason) => self.conflict(person, reason),
                None => self.link(person, object),
            },
            Match::Refused(reason) => self.conflict(person, reason),
            Match::Linked(_) | Match::InBin { .. } | Match::Absent { .. } => {}
        }
    }

    fn take_over(&mut self, person: &DesiredUser, object: &EntraUser) -> bool {
        if let Some(reason) = reasons::unadoptable(&person.immutable_id, object) {
            self.conflict(person, reason.to_owned());
            return false;
        }
        let id = &person.immutable_id;
        let words = Words::new(
            "an admin confirmed that this account is theirs",
            &format!("{}, no immutable id, not linked", object.upn),
            &format!("{}, immutable id {id}, linked", object.upn),
        );
        let action = Action::Adopt { immutable_id: id.clone() };
        self.lanes.rest.push(step(person, Some(object.id), action, words));
        true
    }
}
