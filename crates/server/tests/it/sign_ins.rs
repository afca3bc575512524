//! The watch over Entra's sign-in log: whoever gets in at Microsoft must have got a token here.

use std::time::Duration;

use simulator::SignIn;
use store::{issued_tokens, testing};

use crate::{
    alarms::{acknowledge, begin, health, is, look},
    browser::Browser,
    keys::visit_outlook,
    support::{World, both},
};

/// An entry of the log as somebody leaves it who came by an assertion just now.
fn entry(world: &World, upn: &str) -> SignIn {
    let user = world.simulator.tenant().user(upn).map(|user| user.id.clone());
    SignIn {
        at: world.house.now().0,
        user_id: user.unwrap_or_else(|| "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b13".to_owned()),
        upn: upn.to_owned(),
        incoming_token_type: "saml11".to_owned(),
        error_code: 0,
        ip_address: "198.51.100.66".to_owned(),
    }
}

/// Lets alice sign in so often, some seconds apart, at Microsoft itself.
async fn sign_in_truly(world: &World, alice: &Browser, times: usize) {
    for time in 0..times {
        world.pass(Duration::from_secs(25));
        let (status, page) = visit_outlook(world, alice).await;
        assert_eq!(status, 303, "{time}: {page}");
    }
}

/// R131
#[test]
fn a_hundred_true_sign_ins_raise_nothing_and_one_without_a_journal_row_does() {
    both(|world| async move {
        let (world, admin) = begin(world).await;
        let alice = world.signed_in("alice", "/portal").await;
        world.pass(Duration::from_mins(1));
        for _ in 0..4 {
            sign_in_truly(&world, &alice, 25).await;
            let page = admin.get("/admin").await;
            assert_eq!(page.status, 200, "the admin's session is kept alive");
            assert!(look(&admin).await.body.contains("No alarm is open"));
        }
        assert_eq!(health(&world).await, is((200, "quiet")));
        assert_eq!(world.store.read(issued_tokens::count).await.unwrap(), 100);

        // What a token that is signed elsewhere with the stolen key leaves: Microsoft believes it,
        // and the journal has no row.
        world.pass(Duration::from_mins(16));
        let alice = world.signed_in("alice", "/portal").await;
        sign_in_truly(&world, &alice, 1).await;
        let forget = "DELETE FROM issued_tokens WHERE issued_at = \
                      (SELECT MAX(issued_at) FROM issued_tokens)";
        world.store.write(move |tx| testing::execute(tx, forget)).await.unwrap();
        let admin = world.signed_in("olivia", "/admin").await;
        let page = look(&admin).await;
        assert!(page.body.contains("1 alarm needs somebody now."), "{}", page.body);
        assert!(
            page.body.contains("Microsoft let alice@contoso.com in on 25 Nov 2026"),
            "{}",
            page.body
        );
        assert_eq!(health(&world).await, is((503, "danger")));
    });
}

#[test]
fn each_unexplained_sign_in_rings_once_however_late_it_is_told() {
    both(|world| async move {
        let (world, admin) = begin(world).await;
        world.pass(Duration::from_mins(1));
        let forged = entry(&world, "alice@contoso.com");
        world.pass(Duration::from_mins(7));
        assert!(look(&admin).await.body.contains("No alarm is open"));
        world.pass(Duration::from_mins(7));
        assert!(look(&admin).await.body.contains("No alarm is open"));
        world.simulator.log_sign_in(forged.clone());
        let page = look(&admin).await;
        assert!(
            page.body.contains("Microsoft let alice@contoso.com in on 25 Nov 2026"),
            "{}",
            page.body
        );
        look(&admin).await;
        let raised = admin.get("/admin/audit?kind=alarm.raised").await;
        assert!(raised.body.contains("1 event.") && raised.body.contains("198.51.100.66"));

        world.simulator.log_sign_in(forged.clone());
        assert!(look(&admin).await.body.contains("alice@contoso.com in 2 times, last on"));
        acknowledge(&admin).await;
        assert!(look(&admin).await.body.contains("No alarm is open"), "it was put away");
        assert_eq!(health(&world).await, is((200, "quiet")));
        world.simulator.log_sign_in(SignIn { upn: "nobody@contoso.com".to_owned(), ..forged });
        let page = look(&admin).await;
        assert!(page.body.contains("Microsoft let nobody@contoso.com in"), "whom we don't know");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_that_need_no_token_of_ours_raise_nothing() {
    let (world, admin) = begin(World::new().await).await;
    world.pass(Duration::from_mins(1));
    let forged = entry(&world, "alice@contoso.com");
    let others = [
        SignIn { incoming_token_type: "none".to_owned(), ..forged.clone() },
        SignIn { incoming_token_type: "primaryRefreshToken".to_owned(), ..forged.clone() },
        SignIn { error_code: 50_126, ..forged.clone() },
        entry(&world, "break.glass.1@contoso.onmicrosoft.com"),
        // From before the domain was federated with us.
        SignIn { at: forged.at - 600_000_000, ..forged.clone() },
    ];
    for other in others {
        world.simulator.log_sign_in(other);
    }
    assert!(look(&admin).await.body.contains("No alarm is open"));
    let saml = SignIn { incoming_token_type: "saml20".to_owned(), ..forged };
    world.simulator.log_sign_in(saml);
    assert!(look(&admin).await.body.contains("1 alarm needs somebody now."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_may_not_be_read_is_said_to_be_unread() {
    let world = World::new().await;
    world.simulator.set_seats("SPB", 0);
    let (world, admin) = begin(world).await;
    let page = look(&admin).await;
    assert!(page.body.contains("Not looked at: the tenant needs Microsoft Entra ID P1"));
    assert_eq!(health(&world).await, is((200, "quiet")), "that is no alarm");

    world.simulator.set_seats("SPB", 25);
    world.simulator.withdraw_role("AuditLog.Read.All");
    world.pass(Duration::from_hours(2));
    let admin = world.signed_in("olivia", "/admin").await;
    let page = look(&admin).await;
    assert!(page.body.contains("Not looked at: grant the app the permission AuditLog.Read.All"));
    assert_eq!(health(&world).await, is((200, "quiet")));

    world.simulator.grant_role("AuditLog.Read.All");
    world.pass(Duration::from_hours(2));
    let admin = world.signed_in("olivia", "/admin").await;
    assert!(look(&admin).await.body.contains("Compared with the journal on"));
    world.simulator.withdraw_role("AuditLog.Read.All");
    world.pass(Duration::from_hours(2));
    let admin = world.signed_in("olivia", "/admin").await;
    assert!(look(&admin).await.body.contains("so nothing is known of it: grant the app"));
    assert_eq!(health(&world).await, is((200, "warning")), "somebody blinded us");
}
