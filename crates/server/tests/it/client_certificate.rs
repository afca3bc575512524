//! The client certificate in the console: made, downloaded, refused as long as Microsoft does not
//! know it, used then (R132).

use crate::support::World;

const PAGE: &str = "/admin/microsoft365/certificate";
const USE: &str = "/admin/microsoft365/certificate/use";

/// R132
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_makes_a_certificate_and_uses_it_once_microsoft_knows_it() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let connection = admin.get("/admin/microsoft365").await;
    assert!(connection.body.contains(PAGE), "{}", connection.body);
    let page = admin.get(PAGE).await;
    assert!(page.body.contains("is reached with a client secret"), "{}", page.body);
    let made = admin.fill(&page, PAGE, &[]).await;
    let there = "/admin/microsoft365/certificate?done=certificate-made";
    assert_eq!(made.location.as_deref(), Some(there), "{}", made.body);

    let page = admin.get(PAGE).await;
    let refused = admin.fill(&page, USE, &[]).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    for said in ["AADSTS700027", "Nothing was changed", "is reached with a client secret"] {
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
    }

    // As an admin uploads it at Microsoft, from the bytes that the console hands out.
    let download = admin.get("/admin/microsoft365/certificate.cer").await;
    assert_eq!(download.headers["content-type"], "application/pkix-cert");
    let upload = format!("{}/simulator/certificates", world.simulator.url());
    let registered =
        reqwest::Client::builder().build().unwrap().post(upload).body(download.bytes).send().await;
    assert_eq!(registered.unwrap().status(), 204);
    let used = admin.fill(&admin.get(PAGE).await, USE, &[]).await;
    let there = "/admin/microsoft365/certificate?done=certificate-used";
    assert_eq!(used.location.as_deref(), Some(there), "{}", used.body);
    world.simulator.expire_client_secret();
    let page = admin.get(PAGE).await;
    assert!(
        page.body.contains("is reached with a certificate that is good until"),
        "{}",
        page.body
    );
    let connection = admin.get("/admin/microsoft365").await;
    assert!(connection.body.contains("A certificate is stored; it ends"), "{}", connection.body);
    assert_eq!(admin.get("/admin/microsoft365/certificate.cer").await.status, 404);
}
