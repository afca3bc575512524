//! A last look before describing attributes are sent. A run may be long: its plan overrules neither the
//! rules that an admin saved meanwhile nor what somebody typed at Microsoft meanwhile (Y26).

use model::{attribute::Attribute, entra::AttributeChanges, ids::ObjectId, mapping::Mode};
use provisioning::{Trouble, Verdict};

use super::{Adapter, stop, trouble};
use crate::mapping;

impl Adapter {
    /// Stops a step that sends attributes whose rule is another one since its plan was made: what was set
    /// to "never" meanwhile doesn't leave, and the next run plans by the rules as they are.
    pub(super) async fn only_by_rules_in_force(&self, sent: &[Attribute]) -> Result<(), Trouble> {
        let tenant = self.tenant_id;
        let now = self.house.store().read(move |tx| mapping::in_force(tx, tenant));
        let now = now.await.map_err(|error| stop(&error))?;
        match sent.iter().find(|attribute| !now.has_same_rule(&self.mapping, **attribute)) {
            None => Ok(()),
            Some(changed) => Err(left_out(format!(
                "the rule for the {} was changed since this plan was made",
                changed.label()
            ))),
        }
    }

    /// Stops a step that fills what was empty when its plan was made and isn't any more: it is read again
    /// where a rule says "only when empty".
    pub(super) async fn unless_filled(
        &self,
        object: ObjectId,
        changes: &AttributeChanges,
    ) -> Result<(), Trouble> {
        let fills = |attribute: &Attribute| self.mapping.mode(*attribute) == Mode::WhenEmpty;
        let filled: Vec<Attribute> = changes.0.keys().copied().filter(fills).collect();
        if filled.is_empty() {
            return Ok(());
        }
        let there = self.graph.user_by_id(&object).await.map_err(|error| trouble(&error))?;
        let Some(there) = there else {
            let detail = "the linked object is gone".to_owned();
            return Err(Trouble { verdict: Verdict::Relink, detail });
        };
        match filled.into_iter().find(|attribute| there.attributes.get(*attribute).is_some()) {
            None => Ok(()),
            Some(typed) => Err(left_out(format!(
                "somebody filled in the {} since this plan was made",
                typed.label()
            ))),
        }
    }
}

fn left_out(detail: String) -> Trouble {
    Trouble { verdict: Verdict::SkipObject(detail.clone()), detail }
}
