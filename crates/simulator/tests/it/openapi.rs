//! The names in our answers against Microsoft's own description of Graph
//! (`graph-properties.json`: the property names of the schemas used here).

use std::collections::HashMap;

use serde_json::{Value, json};
use simulator::sample::BUSINESS_PREMIUM;

use crate::signer::Signer;
use crate::support::Bench;

struct Schemas(HashMap<String, Vec<String>>);

impl Schemas {
    fn read() -> Self {
        Self(serde_json::from_str(include_str!("../data/graph-properties.json")).unwrap())
    }

    /// Every name of the object, or of each object in the list, is in the schema.
    fn fit(&self, schema: &str, value: &Value) {
        let objects = value.as_array().map_or_else(|| vec![value.clone()], Clone::clone);
        assert!(!objects.is_empty(), "no {schema} to look at");
        for object in objects {
            for name in object.as_object().unwrap().keys() {
                let is_known = name.starts_with("@odata.") || self.0[schema].contains(name);
                assert!(is_known, "{schema} has no {name}");
            }
        }
    }
}

#[tokio::test]
async fn every_name_in_an_answer_is_microsofts() {
    let (bench, schemas) = (Bench::start().await, Schemas::read());
    bench.create("ada@contoso.com", Some("YWRh")).await;
    let body = json!({"addLicenses": [{"skuId": BUSINESS_PREMIUM}], "removeLicenses": []});
    bench.app("POST", "/users/ada@contoso.com/assignLicense", body).await;
    let (_, user) = bench.get("/users/ada@contoso.com").await;
    schemas.fit("user", &user);
    let select = "?$select=assignedLicenses,licenseAssignmentStates,assignedPlans";
    let (_, user) = bench.get(&format!("/users/ada@contoso.com{select}")).await;
    schemas.fit("assignedLicense", &user["assignedLicenses"]);
    schemas.fit("licenseAssignmentState", &user["licenseAssignmentStates"]);
    schemas.fit("assignedPlan", &user["assignedPlans"]);
    let (_, details) = bench.get("/users/ada@contoso.com/licenseDetails").await;
    schemas.fit("licenseDetails", &details["value"]);

    let (_, skus) = bench.get("/subscribedSkus").await;
    schemas.fit("subscribedSku", &skus["value"]);
    schemas.fit("licenseUnitsDetail", &skus["value"][0]["prepaidUnits"]);
    schemas.fit("servicePlanInfo", &skus["value"][0]["servicePlans"]);
    let (_, organization) = bench.get("/organization").await;
    schemas.fit("organization", &organization["value"]);
    schemas.fit("verifiedDomain", &organization["value"][0]["verifiedDomains"]);
    let (_, domains) = bench.get("/domains").await;
    schemas.fit("domain", &domains["value"]);
    let signer = Signer::new();
    let made =
        bench.federate("contoso.com", "https://idp.example.com/i", &signer.certificate).await;
    schemas.fit("internalDomainFederation", &made);
    schemas.fit("signingCertificateUpdateStatus", &made["signingCertificateUpdateStatus"]);
}

#[tokio::test]
async fn every_user_property_of_microsoft_that_is_no_link_can_be_selected() {
    let (bench, schemas) = (Bench::start().await, Schemas::read());
    bench.create("ada@contoso.com", None).await;
    let unserved = [
        "authorizationInfo",
        "externalUserStateChangeDateTime",
        "identityParentId",
        "isManagementRestricted",
        "legalAgeGroupClassification",
        "licenseDetails",
        "manager",
        "memberOf",
        "preferredDataLocation",
        "serviceProvisioningErrors",
        "signInActivity",
        "transitiveMemberOf",
    ];
    for name in &schemas.0["user"] {
        if name.contains('@') || unserved.contains(&name.as_str()) {
            continue;
        }
        let (status, body) = bench.get(&format!("/users/ada@contoso.com?$select={name}")).await;
        assert_eq!(status, 200, "{name}");
        assert!(body.get(name).is_some(), "{name}");
    }
}

#[tokio::test]
async fn an_error_has_microsofts_form() {
    let (bench, schemas) = (Bench::start().await, Schemas::read());
    let (_, body) = bench.app("POST", "/users", json!({})).await;
    schemas.fit("ODataErrors.ODataError", &body);
    schemas.fit("ODataErrors.MainError", &body["error"]);
    schemas.fit("ODataErrors.ErrorDetails", &body["error"]["details"]);
    assert_eq!(body["error"]["innerError"]["date"], "2026-11-22T09:01:00");
}
