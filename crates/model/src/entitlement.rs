//! Why people are assigned: what they, or groups that they are in, were given of an application.

use crate::{
    Ts,
    application::Licence,
    ids::{ApplicationId, EntitlementId, GroupId, UserId},
};

/// What somebody was given, and so why they are assigned: their assignment is what follows from all
/// the entitlements that reach them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// Our id.
    pub id: EntitlementId,
    /// Of what.
    pub application_id: ApplicationId,
    /// To whom.
    pub to: Holder,
    /// The products that come with it.
    pub licences: Vec<Licence>,
    /// Since when.
    pub since: Ts,
}

/// Who was given something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// One person.
    Person(UserId),
    /// Everybody in a group.
    Group(GroupId),
}

/// The products that come with several entitlements together: each product of any of them, with a
/// part switched off only where all that give the product have it off.
#[must_use]
pub fn together(entitlements: &[Entitlement]) -> Vec<Licence> {
    let mut all: Vec<Licence> = Vec::new();
    for licence in entitlements.iter().flat_map(|entitlement| &entitlement.licences) {
        match all.iter_mut().find(|known| known.sku_id == licence.sku_id) {
            Some(known) => {
                known.disabled_plans.retain(|plan| licence.disabled_plans.contains(plan));
            }
            None => all.push(licence.clone()),
        }
    }
    in_order(&all)
}

/// The same products and switched-off parts in one order, so that equal ones look equal.
#[must_use]
pub fn in_order(licences: &[Licence]) -> Vec<Licence> {
    let mut all = licences.to_vec();
    for licence in &mut all {
        licence.disabled_plans.sort();
    }
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{ServicePlanId, SkuId};

    fn entitlement(number: u128, licences: &[(u128, &[u128])]) -> Entitlement {
        let licence = |(sku, off): &(u128, &[u128])| Licence {
            sku_id: SkuId(Uuid::from_u128(*sku)),
            disabled_plans: off.iter().map(|plan| ServicePlanId(Uuid::from_u128(*plan))).collect(),
        };
        Entitlement {
            id: EntitlementId(Uuid::from_u128(number)),
            application_id: ApplicationId(Uuid::nil()),
            to: Holder::Group(GroupId(Uuid::from_u128(number))),
            licences: licences.iter().map(licence).collect(),
            since: Ts(0),
        }
    }

    #[test]
    fn entitlements_add_up_whatever_their_order() {
        let few = entitlement(1, &[(10, &[1, 2])]);
        let more = entitlement(2, &[(20, &[]), (10, &[2, 3])]);
        let expected = entitlement(3, &[(10, &[2]), (20, &[])]).licences;
        assert_eq!(together(&[few.clone(), more.clone()]), expected);
        assert_eq!(together(&[more.clone(), few]), expected);
        let all_on = entitlement(4, &[(10, &[])]);
        let on = |licences: Vec<Licence>| licences[0].disabled_plans.is_empty();
        assert!(on(together(&[more, all_on])), "one entitlement with all parts is enough");
        assert_eq!(together(&[]), []);
    }
}
