//! Products and who has them (`graph.md` 3).

use model::{
    application::Licence,
    entra::{ServicePlan, SubscribedSku},
    ids::{ObjectId, ServicePlanId, SkuId},
};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    client::{Call, Graph},
    error::{Error, Result},
};

pub(crate) const READ: &str = "LicenseAssignment.Read.All";
const WRITE: &str = "LicenseAssignment.ReadWrite.All";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSku {
    sku_id: Uuid,
    sku_part_number: String,
    applies_to: Option<String>,
    capability_status: Option<String>,
    consumed_units: Option<i64>,
    prepaid_units: Option<WireUnits>,
    #[serde(default)]
    service_plans: Vec<WirePlan>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct WireUnits {
    enabled: i64,
    warning: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePlan {
    service_plan_id: Uuid,
    service_plan_name: String,
    applies_to: Option<String>,
}

/// Both lists are sent even when empty: Graph demands it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireChange {
    add_licenses: Vec<WireAdd>,
    remove_licenses: Vec<Uuid>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireAdd {
    sku_id: Uuid,
    disabled_plans: Vec<Uuid>,
}

impl Graph {
    /// The tenant's products that can be given to people.
    pub async fn subscribed_skus(&self) -> Result<Vec<SubscribedSku>> {
        let skus: Vec<WireSku> =
            self.list(Call::get(self.url(&["subscribedSkus"], &[]), READ)).await?;
        let for_people = |sku: &WireSku| sku.applies_to.as_deref() != Some("Company");
        Ok(skus.into_iter().filter(for_people).map(WireSku::into_noun).collect())
    }

    /// Gives and takes licences in one call, so that a swap happens whole or not at all.
    pub async fn assign_licences(
        &self,
        id: &ObjectId,
        add: &[Licence],
        remove: &[SkuId],
    ) -> Result<()> {
        let wanted = |licence: &Licence| WireAdd {
            sku_id: licence.sku_id.0,
            disabled_plans: licence.disabled_plans.iter().map(|plan| plan.0).collect(),
        };
        let body = WireChange {
            add_licenses: add.iter().map(wanted).collect(),
            remove_licenses: remove.iter().map(|sku| sku.0).collect(),
        };
        let url = self.url(&["users", &id.to_string(), "assignLicense"], &[]);
        match self.send(Call::write(Method::POST, url, WRITE, &body).about(*id)).await {
            // Taking away what isn't there is what was wanted.
            Err(Error::Refused { message, .. })
                if add.is_empty()
                    && remove.len() == 1
                    && message.contains("does not have a corresponding license") =>
            {
                Ok(())
            }
            other => other.map(drop),
        }
    }
}

impl WireSku {
    fn into_noun(self) -> SubscribedSku {
        let status = self.capability_status.unwrap_or_default();
        let units = self.prepaid_units.unwrap_or_default();
        let seats = |number: i64| u32::try_from(number.max(0)).unwrap_or(u32::MAX);
        SubscribedSku {
            sku_id: SkuId(self.sku_id),
            sku_part_number: self.sku_part_number,
            // Units in their grace time count (`graph.md` 3.1).
            enabled: seats(units.enabled.saturating_add(units.warning)),
            consumed: seats(self.consumed_units.unwrap_or_default()),
            usable: matches!(status.as_str(), "Enabled" | "Warning"),
            service_plans: self.service_plans.into_iter().map(WirePlan::into_noun).collect(),
        }
    }
}

impl WirePlan {
    fn into_noun(self) -> ServicePlan {
        ServicePlan {
            id: ServicePlanId(self.service_plan_id),
            name: self.service_plan_name,
            per_user: self.applies_to.as_deref() != Some("Company"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_in_grace_count_and_suspended_ones_do_not() {
        let sku = |status: &str| {
            let json = format!(
                r#"{{"skuId":"cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46","skuPartNumber":"SPB","capabilityStatus":"{status}",
                "consumedUnits":14,"prepaidUnits":{{"enabled":25,"suspended":7,"warning":3}},"servicePlans":[]}}"#
            );
            serde_json::from_str::<WireSku>(&json).unwrap().into_noun()
        };
        assert_eq!((sku("Warning").enabled, sku("Warning").usable), (28, true));
        assert!(!sku("Suspended").usable);
    }

    #[test]
    fn empty_lists_are_sent() {
        let body = WireChange { add_licenses: vec![], remove_licenses: vec![] };
        let json = serde_json::to_string(&body).unwrap();
        assert_eq!(json, r#"{"addLicenses":[],"removeLicenses":[]}"#);
    }
}
