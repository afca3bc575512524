//! The page of the activity log says whether the log is as it was written.

use store::testing::execute;

use crate::support::World;

/// R153
#[tokio::test(flavor = "multi_thread")]
async fn an_admin_reads_how_far_the_log_was_checked_and_what_is_wrong() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let page = admin.get("/admin/audit").await;
    assert!(page.body.contains("Nothing was checked yet"), "{}", page.body);
    assert!(page.body.contains("No signed checkpoints are kept elsewhere"), "{}", page.body);
    let rows = world.house.chain_audit_log().await.unwrap();
    world.house.check_audit_log().await.unwrap();
    let page = admin.get("/admin/audit").await;
    let fine = format!("As it was written up to row {rows}, checked just now.");
    assert!(page.body.contains(&fine), "{}", page.body);
    let change = "UPDATE audit_log SET subject = 'nobody' WHERE number = 2";
    world.store.write(move |tx| execute(tx, change)).await.unwrap();
    world.pass(std::time::Duration::from_hours(25));
    world.house.check_audit_log().await.unwrap();
    let admin = world.signed_in("olivia", "/admin").await;
    let page = admin.get("/admin/audit").await;
    assert!(page.body.contains("row 2 is not as it was written"), "{}", page.body);
}
