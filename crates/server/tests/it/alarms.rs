//! Alarms from the wire to the page: somebody changes the federation at Microsoft, the alarm comes;
//! it is put back, and the alarm goes.

use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    browser::{Browser, Page},
    keys::run,
    support::{METRICS, World, both},
};

const ALARMS: &str = "/admin/alarms";
const DOMAIN: &str = "/admin/domains/contoso-com";

/// What an intruder with an administrator's account does: changes properties, and says what they
/// were.
pub(crate) async fn change_federation(world: &World, wanted: &Value) -> Value {
    let tenant = world.simulator.tenant();
    let before = tenant.domain("contoso.com").unwrap().federation.clone().unwrap();
    let graph = format!("{}/v1.0", world.simulator.url());
    let url = format!("{graph}/domains/contoso.com/federationConfiguration/{}", before.id);
    let request = reqwest::Client::builder()
        .build()
        .unwrap()
        .patch(url)
        .bearer_auth(sample::ADMIN_TOKEN)
        .json(wanted);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 204, "{}", answer.text().await.unwrap());
    let before = serde_json::to_value(before).unwrap();
    let old = |name: &String| (name.clone(), before[name.as_str()].clone());
    Value::Object(wanted.as_object().unwrap().keys().map(old).collect())
}

pub(crate) async fn health(world: &World) -> (u16, String) {
    let page = world.browser().get("/health/alarms").await;
    (page.status, page.body)
}

pub(crate) fn is(state: (u16, &str)) -> (u16, String) {
    (state.0, format!("{}\n", state.1))
}

async fn press(admin: &Browser, action: &str) -> Page {
    let page = admin.get(ALARMS).await;
    admin.post(action, &page.form(action)).await
}

/// Presses the button of the one alarm that nobody knows of.
pub(crate) async fn acknowledge(admin: &Browser) -> Page {
    let elements = admin.get(ALARMS).await.elements();
    let mut actions = elements.iter().filter_map(|element| element.get("action"));
    let action = actions.find(|action| action.ends_with("/acknowledge")).unwrap();
    press(admin, action).await
}

pub(crate) async fn look(admin: &Browser) -> Page {
    let looked = press(admin, "/admin/alarms/look").await;
    assert_eq!(looked.location.as_deref(), Some("/admin/alarms?done=checked"), "{}", looked.body);
    admin.get(ALARMS).await
}

/// A federated domain, and an admin who has just looked.
pub(crate) async fn begin(world: World) -> (World, Browser) {
    world.drain().await;
    let admin = world.signed_in("olivia", "/admin").await;
    assert_eq!(health(&world).await, is((503, "unwatched")));
    assert!(admin.get("/admin").await.body.contains("Nobody has looked for alarms lately"));
    run(&world, &admin, "federate.sh").await;
    let page = look(&admin).await;
    assert!(page.text("h1").contains("Alarms") && page.body.contains("No alarm is open"));
    assert!(page.body.contains("Federation of contoso.com"), "{}", page.body);
    assert_eq!(health(&world).await, is((200, "quiet")));
    (world, admin)
}

/// R131, R166
#[test]
fn a_change_of_the_federation_rings_until_it_is_put_back() {
    both(|world| async move {
        let (world, admin) = begin(world).await;
        let wanted = json!({
            "federatedIdpMfaBehavior": "rejectMfaByFederatedIdp",
            "signOutUri": "https://evil.example/out",
        });
        let before = change_federation(&world, &wanted).await;
        let page = look(&admin).await;
        assert!(page.body.contains("1 alarm needs somebody now."), "{}", page.body);
        assert!(page.body.contains("(signOutUri, federatedIdpMfaBehavior)"), "{}", page.body);
        let cell = |label: &str, value: &str| {
            let cell = format!("data-label=\"{label}\"><code class=\"break\">{value}</code>");
            assert!(page.body.contains(&cell), "{label}: {}", page.body);
        };
        cell("Planned", "acceptIfMfaDoneByFederatedIdp");
        cell("Found", "https://evil.example/out");
        let home = admin.get("/admin").await;
        assert!(home.body.contains("<strong>Alarm:</strong>"), "{}", home.body);
        assert!(home.body.contains("1 thing needs you and can&#39;t wait."));
        assert_eq!(health(&world).await, is((503, "danger")));
        let ready = world.browser().get("/health/ready").await;
        assert_eq!((ready.status, ready.body.as_str()), (200, "ready\n"), "it still serves");

        let known = acknowledge(&admin).await;
        assert_eq!(known.location.as_deref(), Some("/admin/alarms?done=alarm-acknowledged"));
        let page = look(&admin).await;
        assert!(page.body.contains(" knows since "), "{}", page.body);
        assert_eq!(health(&world).await, is((200, "quiet")));
        assert!(!admin.get("/admin").await.body.contains("<strong>Alarm:</strong>"));

        let forged = json!({"passiveSignInUri": "https://evil.example/in"});
        let also = change_federation(&world, &forged).await;
        look(&admin).await;
        assert_eq!(health(&world).await, is((503, "danger")), "that is another change");
        change_federation(&world, &also).await;
        change_federation(&world, &before).await;
        let page = look(&admin).await;
        assert!(page.body.contains("No alarm is open") && page.body.contains("id=\"ended\""));
        assert_eq!(health(&world).await, is((200, "quiet")));
        let activity = admin.get("/admin/audit?kind=alarm.raised").await;
        assert!(activity.body.contains("evil.example"), "before and after: {}", activity.body);
        assert!(activity.body.contains("2 events."), "it began, and got worse once");
        assert!(admin.get("/admin/audit?kind=alarm.ended").await.body.contains("1 event."));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_exchanged_at_microsoft_and_a_domain_that_is_taken_over_ring() {
    let (world, admin) = begin(World::new().await).await;
    let federation = world.simulator.tenant().domain("contoso.com").unwrap().federation.clone();
    let next = federation.unwrap().next_signing_certificate;
    let before = change_federation(&world, &json!({"signingCertificate": next})).await;
    let page = look(&admin).await;
    assert!(page.body.contains("2 alarms need somebody now."), "{}", page.body);
    assert!(page.body.contains("Microsoft does not trust the key that signs for contoso.com"));
    change_federation(&world, &before).await;
    assert!(look(&admin).await.body.contains("No alarm is open"));

    let issuer = json!({"issuerUri": "https://evil.example/trust"});
    let before = change_federation(&world, &issuer).await;
    assert_eq!(admin.get(DOMAIN).await.status, 200, "the page of the domain notices it, too");
    let page = look(&admin).await;
    assert!(page.body.contains("another identity provider vouches for its people"));
    change_federation(&world, &before).await;
    let page = look(&admin).await;
    assert!(page.body.contains("1 alarm needs somebody now."), "it has happened all the same");
    acknowledge(&admin).await;
    assert!(admin.get(ALARMS).await.body.contains("No alarm is open"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_stays_while_nothing_can_be_seen() {
    let (world, admin) = begin(World::new().await).await;
    let wanted = json!({"signOutUri": "https://evil.example/out"});
    change_federation(&world, &wanted).await;
    look(&admin).await;
    world.simulator.expire_client_secret();
    world.pass(std::time::Duration::from_hours(2));
    let admin = world.signed_in("olivia", "/admin").await;
    let page = look(&admin).await;
    assert!(page.body.contains("1 alarm needs somebody now."), "{}", page.body);
    assert!(page.body.contains("be read, so nothing is known of it"), "{}", page.body);
    assert!(admin.get("/admin").await.body.contains("could be looked at"));
}

/// The webhook from the form to the list of what was sent.
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_sets_tries_and_removes_the_webhook() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let path = "/admin/alarms/webhook";
    assert!(admin.get("/admin/alarms").await.body.contains(path), "the alarms lead there");
    let page = admin.get(path).await;
    assert!(page.body.contains("Alarms go to no other system."), "{}", page.body);
    let set = async |url: &str| {
        let page = admin.get(path).await;
        admin.fill(&page, path, &[("url", url)]).await
    };
    let wrong = set("http://alarms.contoso.com/").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("must begin with https") && wrong.body.contains("aria-invalid"));
    let done = set("https://localhost:9/in?key=<b>").await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.body.contains("It is not shown again."), "the secret: {}", done.body);
    assert!(done.body.contains("https://localhost:9/in?key=%3Cb%3E"), "{}", done.body);
    let page = admin.get(path).await;
    assert!(!page.body.contains("It is not shown again."));

    let form = "/admin/alarms/webhook/test";
    let tried = admin.post(form, &page.form(form)).await;
    assert_eq!(tried.status, 422, "{}", tried.body);
    assert!(tried.body.contains("not on the internet"), "{}", tried.body);
    assert!(tried.body.contains("A try") && tried.body.contains("Given up"), "{}", tried.body);
    let form = "/admin/alarms/webhook/remove";
    let removed = admin.post(form, &page.form(form)).await;
    let there = "/admin/alarms/webhook?done=webhook-removed";
    assert_eq!(removed.location.as_deref(), Some(there), "{}", removed.body);
    assert!(admin.get(path).await.body.contains("Alarms go to no other system."));
}

/// F119
#[tokio::test(flavor = "multi_thread")]
async fn monitoring_reads_what_ends_when_and_what_is_open_with_its_token_alone() {
    let world = World::new().await;
    let monitor = world.browser();
    let wrong = format!("Bearer {METRICS}0");
    let right = format!("Bearer {METRICS}");
    for headers in [&[][..], &[("authorization", METRICS)], &[("authorization", wrong.as_str())]] {
        let page = monitor.odd("GET", "/metrics", headers).await;
        assert_eq!((page.status, page.body.as_str()), (401, "unauthorized\n"), "{headers:?}");
        assert!(!page.headers.contains_key("set-cookie"), "it is no browser");
    }
    let read = async || {
        let page = monitor.odd("GET", "/metrics", &[("authorization", right.as_str())]).await;
        assert_eq!(page.status, 200);
        page.body
    };
    let before = read().await;
    let key = world.store.read(store::signing_keys::active).await.unwrap().unwrap();
    let thumbprint = hex::encode_upper(digest(&SHA1_FOR_LEGACY_USE_ONLY, &key.certificate));
    let active = format!("{{state=\"active\",thumbprint=\"{thumbprint}\"}} 730\n");
    for line in [
        active.as_str(),
        "gatehouse_open_alarms{severity=\"danger\",acknowledged=\"false\"} 0\n",
        "gatehouse_watched 0\n",
    ] {
        assert!(before.contains(line), "{line}: {before}");
    }

    world.pass(Duration::from_hours(700 * 24));
    world.house.keep_watch().await.unwrap();
    let after = read().await;
    assert!(after.contains(&active.replace(" 730\n", " 30\n")), "{after}");
    assert!(after.contains("gatehouse_watched 1\n"), "{after}");
    let open = "gatehouse_open_alarms{severity=\"warning\",acknowledged=\"false\"} ";
    let count = after.lines().find_map(|line| line.strip_prefix(open)).unwrap();
    assert!(count.parse::<u32>().unwrap() >= 2, "both certificates end soon: {after}");
}
