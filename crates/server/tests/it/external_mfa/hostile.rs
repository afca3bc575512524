//! Hints that are not Entra's, not of this tenant, not for us, not of now, or that came before: nothing
//! is asked, nothing is posted, and the audit log says why.

use model::audit::AuditKind;
use simulator::{Twist, sample::BREAK_GLASS};
use store::audit_log::{self, AuditFilter};

use super::{ALICE, Stage, both, set, value};

/// Every hint with something wrong is refused, and the next good one is not.
#[tokio::test(flavor = "multi_thread")]
async fn no_hint_with_anything_wrong_is_believed() {
    let stage = Stage::new().await;
    for (twist, word) in [
        (Twist::Unsigned, "algorithm"),
        (Twist::SharedSecret, "algorithm"),
        (Twist::Signature, "signature"),
        (Twist::UnknownKey, "unknown key"),
        (Twist::ForeignKey, "key of another issuer"),
        (Twist::Issuer, "issuer"),
        (Twist::Tenant, "issuer"),
        (Twist::ForeignTenant, "issuer"),
        (Twist::Audience, "audience"),
        (Twist::Expired, "time"),
        (Twist::Future, "time"),
        (Twist::NoObject, "names nobody"),
    ] {
        // So that the newest row is this one's.
        stage.world.pass(std::time::Duration::from_secs(1));
        stage.world.simulator.twist(twist);
        let (_, page) = stage.ask(ALICE).await;
        assert!(page.status == 400 && page.body.contains("GH-EAM-04"), "{twist:?}: {}", page.body);
        assert!(!page.body.contains("externalauthprovider"), "{twist:?}: nothing is posted");
        assert!(!page.body.contains(word), "{twist:?}: why is nobody's business");
        let journal = stage.journal().await;
        let (_, newest) = journal.split_once("(id_token_hint). (").expect("a row");
        assert!(newest.starts_with(word), "{twist:?}: {}", newest.get(..40).unwrap_or(newest));
    }
    let (browser, page) = stage.ask(ALICE).await;
    let page = stage.prove(&browser, &page, "alice").await;
    assert!(stage.bring(&stage.answered(&page)).await.contains("Inbox of"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_is_good_once_whoever_brings_it() {
    let stage = Stage::new().await;
    let fields = stage.sent(ALICE).await;
    let (browser, thief) = (stage.world.browser(), stage.world.browser());
    assert_eq!(stage.come(&browser, &fields).await.status, 303);
    for again in [&browser, &thief] {
        let page = stage.come(again, &fields).await;
        assert!(page.status == 400 && page.body.contains("GH-EAM-05"), "{}", page.body);
    }
    // Another request about her within the same second has the same hint.
    let twin = set(&set(&fields, "state", "another"), "nonce", "another");
    assert_eq!(stage.come(&browser, &twin).await.status, 303);
    let page = stage.come(&thief, &twin).await;
    assert!(page.status == 400 && page.body.contains("GH-EAM-05"), "{}", page.body);
    // With another spelling of its signature it is the same hint, or none.
    let hint = value(&fields, "id_token_hint").to_owned();
    for odd in [format!("{hint}="), format!("{hint}A")] {
        let page = stage.come(&thief, &set(&fields, "id_token_hint", &odd)).await;
        assert_eq!(page.status, 400, "{}", page.body);
    }
    // Nobody waits that long.
    let late = stage.sent(ALICE).await;
    stage.world.pass(std::time::Duration::from_mins(11));
    let page = stage.come(&browser, &late).await;
    assert!(page.body.contains("GH-EAM-04"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_go_to_microsoft_alone_and_only_for_a_tenant_that_asks() {
    let stage = Stage::new().await;
    let (browser, fields) = (stage.world.browser(), stage.sent(ALICE).await);
    let own = value(&fields, "redirect_uri").to_owned();
    for foreign in [
        "https://evil.example/common/federation/externalauthprovider".to_owned(),
        format!("{own}/"),
        format!("{own}?x=1"),
        own.to_uppercase(),
        own.replace("127.0.0.1", "127.0.0.1@evil.example"),
        "https://login.microsoftonline.com/common/federation/externalauthprovider".to_owned(),
        String::new(),
    ] {
        let page = stage.come(&browser, &set(&fields, "redirect_uri", &foreign)).await;
        assert!(page.status == 400 && page.body.contains("GH-EAM-03"), "{foreign}: {}", page.body);
        assert!(foreign.is_empty() || !page.body.contains(&foreign), "{foreign}");
    }
    let strangers = ["c0a80000-0000-4000-8000-000000000001", "x", simulator::sample::TENANT_ID];
    for stranger in strangers {
        let page = stage.come(&browser, &set(&fields, "client_id", stranger)).await;
        assert!(page.status == 400 && page.body.contains("GH-EAM-02"), "{stranger}");
    }
    let nobody = stage.come(&browser, &set(&fields, "id_token_hint", "")).await;
    assert!(nobody.body.contains("GH-EAM-01"), "{}", nobody.body);
    let twice = format!("{}&state=other", super::serde_urlencoded(&fields));
    let page = browser.come_by_form("/eam/authorize", &twice).await;
    assert!(page.body.contains("GH-FED-05"), "{}", page.body);
    assert_eq!(stage.come(&browser, &fields).await.status, 303, "none of these used it up");
}

/// State and nonce are Entra's own; whoever changes one on the way gets an answer that it refuses.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_state_or_nonce_comes_back_and_microsoft_sees_it() {
    let stage = Stage::new().await;
    for (name, code) in [("state", "AADSTS50089"), ("nonce", "AADSTS900612")] {
        let browser = stage.world.browser();
        let fields = set(&stage.sent(ALICE).await, name, "other");
        let page = stage.come(&browser, &fields).await;
        let page = browser.get(&page.location.unwrap()).await;
        let page = stage.prove(&browser, &page, "alice").await;
        let seen = stage.bring(&stage.answered(&page)).await;
        assert!(seen.contains(code), "{name}: {seen}");
    }
}

/// Any page can have browsers bring forged requests, from behind the address of a whole office: they
/// don't fill the log, and stop nobody.
#[test]
fn hints_that_are_not_believed_stop_nobody_and_do_not_fill_the_log() {
    both(|stage| async move {
        let (browser, fields) = (stage.world.browser(), stage.sent(ALICE).await);
        let forged = set(&fields, "id_token_hint", "eyJhbGciOiJub25lIn0.e30.");
        for _ in 0..70 {
            let page = stage.come(&browser, &forged).await;
            assert!(page.body.contains("GH-EAM-04"), "{}", page.body);
        }
        let filter = AuditFilter {
            kind: Some(AuditKind::RequestRefused),
            limit: 1,
            ..AuditFilter::default()
        };
        let rows = stage.world.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap();
        assert_eq!(rows.total, 60);
        let page = stage.come(&browser, &fields).await;
        assert_eq!(page.status, 303, "{}", page.body);
    });
}

/// Keys are read anew for one that is not known, but not each time that somebody names one.
#[tokio::test(flavor = "multi_thread")]
async fn new_keys_of_microsoft_are_found_after_a_pause() {
    let stage = Stage::new().await;
    let (_, page) = stage.ask(ALICE).await;
    assert_eq!(page.text("h1"), "Enter your code");
    let reads = || {
        let requests = stage.world.simulator.tenant().requests;
        requests.iter().filter(|it| it.path.ends_with("/discovery/v2.0/keys")).count()
    };
    let before = reads();
    stage.world.simulator.replace_openid_keys();
    for _ in 0..3 {
        let (_, page) = stage.ask(ALICE).await;
        assert!(page.body.contains("GH-EAM-04"), "{}", page.body);
    }
    assert_eq!(reads(), before);
    stage.world.pass(std::time::Duration::from_secs(61));
    let (_, page) = stage.ask(ALICE).await;
    assert_eq!(page.text("h1"), "Enter your code", "{}", page.body);
    assert_eq!(reads(), before + 1);
}

/// Microsoft does not answer: the person reads so, and nothing is held against them.
#[tokio::test(flavor = "multi_thread")]
async fn silence_of_microsofts_is_said_and_counts_against_nobody() {
    let stage = Stage::new().await;
    let fields = stage.sent(BREAK_GLASS[0]).await;
    let dead = "http://127.0.0.1:9";
    let moved = stage.world.store.write(move |tx| {
        let mut tenant = store::tenants::all(tx)?.remove(0);
        tenant.hosts.login = dead.to_owned();
        store::tenants::update(tx, &tenant)
    });
    moved.await.unwrap();
    let reply = format!("{dead}/common/federation/externalauthprovider");
    let (browser, fields) = (stage.world.browser(), set(&fields, "redirect_uri", &reply));
    for _ in 0..62 {
        let page = stage.come(&browser, &fields).await;
        assert!(page.body.contains("GH-EAM-07"), "{}", page.body);
        assert_eq!(value(&page.form(&reply), "error"), "temporarily_unavailable");
    }
    assert!(stage.journal().await.contains("by Contoso: the tenant"), "it is written down");
}
