//! Microsoft's products and their parts by the names that people know (`SPB` is *Microsoft 365
//! Business Premium*). The lists are Microsoft's published ones, compiled in and read once.

use std::{collections::HashMap, sync::LazyLock};

use model::{
    application::Licence,
    entra::{ServicePlan, SubscribedSku},
};

type Names = HashMap<&'static str, &'static str>;

/// Part number to name.
static PRODUCTS: LazyLock<Names> = LazyLock::new(|| {
    let lines = include_str!("../data/skus.csv").lines().skip(1);
    lines.filter_map(|line| line.split_once(',')?.1.split_once(',')).collect()
});

/// Service plan id to name.
static PARTS: LazyLock<Names> = LazyLock::new(|| {
    let lines = include_str!("../data/service_plans.csv").lines().skip(1);
    lines.filter_map(|line| line.split_once(',')).collect()
});

/// The name of a product; Microsoft's short one when it is unknown.
pub(crate) fn product(sku: &SubscribedSku) -> &str {
    PRODUCTS.get(sku.sku_part_number.as_str()).copied().unwrap_or(&sku.sku_part_number)
}

/// The name of a part of a product.
pub(crate) fn part(plan: &ServicePlan) -> String {
    let known = PARTS.get(plan.id.to_string().as_str());
    known.map_or_else(|| plan.name.clone(), |name| (*name).to_owned())
}

/// What somebody has: "Microsoft 365 Business Premium, without Viva Engage Core".
pub(crate) fn licence(licence: &Licence, skus: &[SubscribedSku]) -> String {
    let Some(sku) = skus.iter().find(|sku| sku.sku_id == licence.sku_id) else {
        return "A product that the tenant has no longer".to_owned();
    };
    let off = sku.service_plans.iter().filter(|plan| licence.disabled_plans.contains(&plan.id));
    let off: Vec<String> = off.map(part).collect();
    match off.as_slice() {
        [] => product(sku).to_owned(),
        few if few.len() <= 3 => format!("{}, without {}", product(sku), few.join(", ")),
        many => format!("{}, without {} of its parts", product(sku), many.len()),
    }
}

/// A sentence of a plan with short names replaced by the known ones.
pub(crate) fn spelled_out(text: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut spelled = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        spelled.push_str(PRODUCTS.get(word).copied().unwrap_or(word));
        let end = after.find(is_name).unwrap_or(after.len());
        spelled.push_str(&after[..end]);
        rest = &after[end..];
    }
    spelled
}

/// Seats that nobody uses.
pub(crate) fn free(sku: &SubscribedSku) -> u32 {
    sku.enabled.saturating_sub(sku.consumed)
}

#[cfg(test)]
mod tests {
    use model::ids::{ServicePlanId, SkuId};
    use uuid::Uuid;

    use super::*;

    fn premium() -> SubscribedSku {
        let plan = |id: &str, name: &str| ServicePlan {
            id: id.parse().unwrap(),
            name: name.to_owned(),
            per_user: true,
        };
        SubscribedSku {
            sku_id: SkuId(Uuid::nil()),
            sku_part_number: "SPB".to_owned(),
            enabled: 25,
            consumed: 9,
            usable: true,
            service_plans: vec![
                plan("7547a3fe-08ee-4ccb-b430-5077c5041653", "YAMMER_ENTERPRISE"),
                plan("00000000-0000-0000-0000-00000000000f", "SOMETHING_NEW"),
            ],
        }
    }

    #[test]
    fn products_and_parts_have_plain_names_and_unknown_ones_keep_theirs() {
        let sku = premium();
        assert_eq!(product(&sku), "Microsoft 365 Business Premium");
        assert_eq!(part(&sku.service_plans[0]), "Viva Engage Core");
        assert_eq!(part(&sku.service_plans[1]), "SOMETHING_NEW");
        let unknown = SubscribedSku { sku_part_number: "XYZ".to_owned(), ..sku };
        assert_eq!(product(&unknown), "XYZ");
    }

    #[test]
    fn a_licence_names_what_is_switched_off() {
        let off: ServicePlanId = "7547a3fe-08ee-4ccb-b430-5077c5041653".parse().unwrap();
        let licence = super::licence(
            &Licence { sku_id: SkuId(Uuid::nil()), disabled_plans: vec![off] },
            &[premium()],
        );
        assert_eq!(licence, "Microsoft 365 Business Premium, without Viva Engage Core");
    }

    #[test]
    fn a_plan_speaks_of_products_by_name() {
        let text = "EXCHANGESTANDARD, SPB without 2 parts";
        let said = "Exchange Online (Plan 1), Microsoft 365 Business Premium without 2 parts";
        assert_eq!(spelled_out(text), said);
        assert_eq!(spelled_out("no licence"), "no licence");
        assert_eq!(spelled_out(""), "");
    }

    #[test]
    fn both_lists_were_read_whole() {
        assert_eq!(PRODUCTS.len(), 60);
        assert_eq!(PARTS.len(), 196);
    }
}
