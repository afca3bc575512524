//! Which licences change for one person, with seats counted and reserved (Y27, `graph.md` 3).
//!
//! Only products that the application hands out are looked at. A swap happens whole or not at
//! all: nobody loses a mailbox because its successor has no seat.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::{
    application::Licence,
    entra::{EntraUser, SubscribedSku},
    ids::SkuId,
};

use crate::{desired::DesiredUser, planner::Observed};

/// The tenant's products and the seats that are left while a plan is made.
pub(crate) struct Seats<'a> {
    products: HashMap<SkuId, &'a SubscribedSku>,
    free: HashMap<SkuId, i64>,
    managed: HashSet<SkuId>,
}

/// One `assignLicense` call, and what couldn't be part of it.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) add: Vec<Licence>,
    pub(crate) remove: Vec<SkuId>,
    pub(crate) refusals: Vec<String>,
}

impl Change {
    pub(crate) fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }
}

impl<'a> Seats<'a> {
    pub(crate) fn new(observed: &'a Observed, desired: &[DesiredUser]) -> Self {
        let handed_out = desired.iter().flat_map(|person| &person.licences);
        let free = |sku: &SubscribedSku| i64::from(sku.enabled) - i64::from(sku.consumed);
        Self {
            products: observed.skus.iter().map(|sku| (sku.sku_id, sku)).collect(),
            free: observed.skus.iter().map(|sku| (sku.sku_id, free(sku))).collect(),
            managed: handed_out
                .map(|licence| licence.sku_id)
                .chain(observed.managed_skus.iter().copied())
                .collect(),
        }
    }

    /// Brings a person's licences to exactly `wanted`, as far as products and seats allow; `kept` were
    /// there before us and stay.
    pub(crate) fn exactly(
        &mut self,
        wanted: &[Licence],
        held: &[Licence],
        kept: &HashSet<SkuId>,
    ) -> Change {
        let mut change = Change::default();
        let mut new = Vec::new();
        for licence in distinct(wanted) {
            let has = held.iter().find(|h| h.sku_id == licence.sku_id);
            if has.is_some_and(|has| switched_off(has) == switched_off(&licence)) {
                continue;
            }
            match self.refusal(&licence, has.is_some()) {
                Some(refusal) => change.refusals.push(refusal),
                None if has.is_some() => change.add.push(licence),
                None => new.push(licence),
            }
        }
        if change.refusals.is_empty() {
            let unwanted =
                |id: &SkuId| !wanted.iter().any(|w| w.sku_id == *id) && !kept.contains(id);
            change.remove = self.ours(held).into_iter().filter(unwanted).collect();
        }
        self.reserve(&new, &change.remove);
        change.add.extend(new);
        change.add.sort();
        change
    }

    /// Takes away what the application gave; `kept` were there before us and stay.
    pub(crate) fn nothing(&mut self, object: &EntraUser, kept: &HashSet<SkuId>) -> Change {
        let mut remove = self.ours(&object.licences);
        remove.retain(|id| !kept.contains(id));
        self.reserve(&[], &remove);
        Change { remove, ..Change::default() }
    }

    /// A licence with its switched-off parts, for people.
    pub(crate) fn describe(&self, licences: &[Licence]) -> String {
        let parts = |licence: &Licence| match licence.disabled_plans.len() {
            0 => self.name(licence.sku_id),
            1 => format!("{} without 1 part", self.name(licence.sku_id)),
            n => format!("{} without {n} parts", self.name(licence.sku_id)),
        };
        let names: BTreeSet<String> = licences.iter().map(parts).collect();
        if names.is_empty() {
            return "no licence".to_owned();
        }
        names.into_iter().collect::<Vec<_>>().join(", ")
    }

    fn name(&self, id: SkuId) -> String {
        self.products.get(&id).map_or_else(|| id.to_string(), |sku| sku.sku_part_number.clone())
    }

    fn ours(&self, held: &[Licence]) -> Vec<SkuId> {
        let ours: BTreeSet<SkuId> =
            held.iter().map(|h| h.sku_id).filter(|id| self.managed.contains(id)).collect();
        ours.into_iter().collect()
    }

    fn refusal(&self, licence: &Licence, has_seat: bool) -> Option<String> {
        let Some(product) = self.products.get(&licence.sku_id) else {
            return Some(format!("the tenant doesn't own the product {}", licence.sku_id));
        };
        let name = &product.sku_part_number;
        let part = |id| product.service_plans.iter().any(|plan| plan.id == id);
        if let Some(unknown) = licence.disabled_plans.iter().find(|id| !part(**id)) {
            return Some(format!("{name} has no part {unknown} that could be switched off"));
        }
        if !product.usable {
            return Some(format!("the subscription of {name} is suspended or has ended"));
        }
        let free = self.free.get(&licence.sku_id).copied().unwrap_or_default();
        let short = !has_seat && free < 1;
        short.then(|| format!("no seat of {name} is left ({} bought)", product.enabled))
    }

    fn reserve(&mut self, add: &[Licence], remove: &[SkuId]) {
        for licence in add {
            *self.free.entry(licence.sku_id).or_default() -= 1;
        }
        for id in remove {
            *self.free.entry(*id).or_default() += 1;
        }
    }
}

fn distinct(wanted: &[Licence]) -> Vec<Licence> {
    let mut seen = HashSet::new();
    wanted.iter().filter(|licence| seen.insert(licence.sku_id)).cloned().collect()
}

fn switched_off(licence: &Licence) -> BTreeSet<model::ids::ServicePlanId> {
    licence.disabled_plans.iter().copied().collect()
}
