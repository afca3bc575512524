//! The describing attributes of an account: what is said of a new one, and what is changed of one that
//! is there.

use model::{
    attribute::Attribute,
    entra::{EntraAttributes, EntraUser},
    plan::Action,
};

use super::{Draft, Words, step};
use crate::{desired::DesiredUser, reasons};

impl Draft<'_> {
    pub(super) fn update(&mut self, person: &DesiredUser, object: &EntraUser) {
        self.unfit(person);
        let mut changes = person.attributes.changes(&object.attributes);
        changes.0.retain(|attribute, value| {
            let fought = self.observed.fought.get(&(person.user_id, *attribute));
            let leaves = fought == Some(value);
            if leaves {
                self.conflict(person, reasons::fought(*attribute));
            }
            !leaves
        });
        if changes.0.is_empty() {
            return;
        }
        let reason = reasons::written(&person.attributes, &changes);
        let (before, after) = reasons::differences(&object.attributes, &changes);
        let words = Words::new(&reason, &before, &after);
        let action = Action::Update { attributes: changes };
        self.lanes.rest.push(step(person, Some(object.id), action, words));
    }

    /// A value that Entra doesn't take keeps nobody out; somebody has to hear of it.
    pub(super) fn unfit(&mut self, person: &DesiredUser) {
        for reason in &person.attributes.unfit {
            self.conflict(person, reason.clone());
        }
    }

    /// Exchange wants nicknames to differ, though the directory doesn't.
    pub(super) fn free_nickname(&mut self, person: &DesiredUser) -> String {
        let wish = person.attributes.nickname();
        let wish = wish.map_or_else(|| nickname(&person.upn), str::to_owned);
        let mut name = wish.clone();
        let mut number = 1_u32;
        while !self.nicknames.insert(name.clone()) {
            number += 1;
            let ending = format!(".{number}");
            let room = 64 - ending.len();
            name = format!("{}{ending}", wish.get(..room.min(wish.len())).unwrap_or(&wish));
        }
        name
    }
}

/// No account is made without a name, whatever the mapping says.
pub(super) fn named(person: &DesiredUser) -> EntraAttributes {
    let mut attributes = person.attributes.for_new();
    if attributes.display_name().is_empty() {
        let name = person.upn.split('@').next().unwrap_or_default();
        attributes.set(Attribute::DisplayName, Some(name.to_owned()));
    }
    attributes
}

pub(super) fn nickname(upn: &str) -> String {
    upn.split('@').next().unwrap_or_default().to_lowercase()
}
