//! Licences: assigning, seats, dependencies, removing.

use serde_json::{Value, json};
use simulator::sample::{BUSINESS_PREMIUM, EXCHANGE_PLAN_1};

use crate::support::{Bench, error};

const EXCHANGE: &str = "9aaf7827-d63c-4b61-89c3-182f06f82e5c";
const ARCHIVE: &str = "176a09a6-7ec5-4039-ac02-b2791c6ba793";

fn add(sku: &str, disabled: &[&str]) -> Value {
    json!({"addLicenses": [{"skuId": sku, "disabledPlans": disabled}], "removeLicenses": []})
}

async fn message(bench: &Bench, body: Value) -> String {
    let (status, answer) = bench.app("POST", "/users/ada@contoso.com/assignLicense", body).await;
    if status == 200 { String::new() } else { error(&answer).1.to_owned() }
}

#[tokio::test]
async fn the_tenant_owns_two_products_with_their_plans() {
    let bench = Bench::start().await;
    let (_, body) = bench.get("/subscribedSkus").await;
    let skus = body["value"].as_array().unwrap();
    let seats: Vec<_> = skus
        .iter()
        .map(|sku| {
            (sku["skuPartNumber"].as_str().unwrap(), sku["prepaidUnits"]["enabled"].as_u64())
        })
        .collect();
    assert_eq!(seats, [("SPB", Some(25)), ("EXCHANGESTANDARD", Some(10))]);
    assert_eq!(skus[1]["servicePlans"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_licence_takes_a_seat_and_opens_a_mailbox() {
    let bench = Bench::start().await;
    bench.create("ada@contoso.com", None).await;
    assert_eq!(message(&bench, add(BUSINESS_PREMIUM, &[])).await, "");
    assert_eq!(message(&bench, add(BUSINESS_PREMIUM, &[])).await, "");
    assert_eq!(bench.simulator.tenant().consumed("SPB"), 1);
    let select = "?$select=assignedLicenses,licenseAssignmentStates,mail,proxyAddresses";
    let (_, user) = bench.get(&format!("/users/ada@contoso.com{select}")).await;
    assert_eq!(user["assignedLicenses"], json!([{"skuId": BUSINESS_PREMIUM, "disabledPlans": []}]));
    assert_eq!(user["licenseAssignmentStates"][0]["assignedByGroup"], Value::Null);
    assert_eq!(user["licenseAssignmentStates"][0]["state"], "Active");
    assert_eq!(user["mail"], "ada@contoso.com");
    let (_, details) = bench.get("/users/ada@contoso.com/licenseDetails").await;
    assert_eq!(details["value"][0]["skuPartNumber"], "SPB");
    // Swapping happens in one call.
    let swap =
        json!({"addLicenses": [{"skuId": EXCHANGE_PLAN_1}], "removeLicenses": [BUSINESS_PREMIUM]});
    assert_eq!(message(&bench, swap).await, "");
    let tenant = bench.simulator.tenant();
    assert_eq!((tenant.consumed("SPB"), tenant.consumed("EXCHANGESTANDARD")), (0, 1));
    let id = tenant.user("ada@contoso.com").unwrap().id.clone();
    bench.app("DELETE", &format!("/users/{id}"), Value::Null).await;
    assert_eq!(bench.simulator.tenant().consumed("EXCHANGESTANDARD"), 0);
}

#[tokio::test]
async fn each_refusal_has_its_sentence() {
    let bench = Bench::start().await;
    bench.create("ada@contoso.com", None).await;
    let unknown = "11111111-2222-4333-8444-555555555555";
    for (body, fragment) in [
        (json!({"addLicenses": []}), "missing parameters are: removeLicenses"),
        (json!({"addLicenses": [], "removeLicenses": []}), "No license changes provided"),
        (add("nonsense", &[]), "Cannot convert a primitive value to the expected type 'Edm.Guid'"),
        (add(unknown, &[]), "does not correspond to a valid company License."),
        (add(BUSINESS_PREMIUM, &[unknown]), "does not belong to the license"),
        (add(BUSINESS_PREMIUM, &[EXCHANGE]), "depends on the service plan(s)"),
        (
            json!({"addLicenses": [], "removeLicenses": [BUSINESS_PREMIUM]}),
            "User does not have a corresponding license.",
        ),
    ] {
        let message = message(&bench, body).await;
        assert!(message.contains(fragment), "{message}");
    }
    // With what depends on it switched off as well, it may go.
    assert_eq!(message(&bench, add(BUSINESS_PREMIUM, &[EXCHANGE, ARCHIVE])).await, "");
    let (status, _) = bench
        .app("POST", "/users/nobody@contoso.com/assignLicense", add(BUSINESS_PREMIUM, &[]))
        .await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn seats_run_out() {
    let bench = Bench::start().await;
    bench.simulator.set_seats("SPB", 0);
    bench.create("ada@contoso.com", None).await;
    let message = message(&bench, add(BUSINESS_PREMIUM, &[])).await;
    assert_eq!(
        message,
        format!("Subscription with SKU {BUSINESS_PREMIUM} does not have any available licenses.")
    );
}

#[tokio::test]
async fn a_usage_location_is_needed_and_has_to_arrive_first() {
    let bench = Bench::start().await;
    let mut body = crate::support::person("ada@contoso.com", None);
    body.as_object_mut().unwrap().remove("usageLocation");
    assert_eq!(bench.app("POST", "/users", body).await.0, 201);
    let invalid = "License assignment cannot be done for user with invalid usage location.";
    assert_eq!(message(&bench, add(BUSINESS_PREMIUM, &[])).await, invalid);
    bench.simulator.faults().set_replication_lag(std::time::Duration::from_secs(2));
    bench.app("PATCH", "/users/ada@contoso.com", json!({"usageLocation": "DE"})).await;
    assert_eq!(message(&bench, add(BUSINESS_PREMIUM, &[])).await, invalid);
    bench.advance(2);
    assert_eq!(message(&bench, add(BUSINESS_PREMIUM, &[])).await, "");
}
