//! The products that the tenant owns, from Microsoft's own list of SKUs and service plans,
//! and which plans need or exclude which (graph.md 3.3).

use serde::{Deserialize, Serialize};

const SKUS: &str = include_str!("data/skus.csv");
const PLANS: &str = include_str!("data/sku-service-plans.csv");

/// A product with its seats.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sku {
    /// The SKU's GUID.
    pub id: String,
    /// For example `SPB`.
    pub part_number: String,
    /// Seats bought.
    pub seats: usize,
    /// What the product consists of.
    pub plans: Vec<ServicePlan>,
}

/// A part of a product.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServicePlan {
    /// The plan's GUID.
    pub id: String,
    /// For example `EXCHANGE_S_STANDARD`.
    pub name: String,
}

/// Looks a product up by its part number.
pub(crate) fn sku(part_number: &str, seats: usize) -> Option<Sku> {
    let row = SKUS.lines().skip(1).find(|row| row.split(',').nth(1) == Some(part_number))?;
    let id = row.split(',').next()?.to_owned();
    let plans = PLANS
        .lines()
        .skip(1)
        .filter_map(|row| {
            let mut cells = row.split(',');
            let (sku, plan, name) = (cells.next()?, cells.next()?, cells.next()?);
            (sku == id).then(|| ServicePlan { id: plan.to_owned(), name: name.to_owned() })
        })
        .collect();
    Some(Sku { id, part_number: part_number.to_owned(), seats, plans })
}

/// Plans that work only beside one of others: (plan, any of these).
pub(crate) const DEPENDENCIES: &[(&str, &[&str])] = &[
    ("SHAREPOINTWAC", &["SHAREPOINTSTANDARD", "SHAREPOINTENTERPRISE"]),
    ("EXCHANGE_S_ARCHIVE_ADDON", &["EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE"]),
    ("MCOEV", &["MCOSTANDARD", "TEAMS1"]),
];

/// Plans of which a person can hold one.
pub(crate) const EXCLUSIVE: &[&str] = &[
    "EXCHANGE_S_STANDARD",
    "EXCHANGE_S_ENTERPRISE",
    "EXCHANGE_S_ESSENTIALS",
    "EXCHANGE_S_DESKLESS",
];

/// Whether a plan brings a mailbox.
pub(crate) fn is_mailbox(plan_name: &str) -> bool {
    EXCLUSIVE.contains(&plan_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn business_premium_brings_a_mailbox() {
        let sku = sku("SPB", 25).unwrap();
        assert_eq!(sku.id, "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46");
        assert!(sku.plans.iter().any(|plan| is_mailbox(&plan.name)));
    }
}
