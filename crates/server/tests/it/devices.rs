//! The page *Devices*: calm only while the published rules keep the password to Windows.

use app::{Clock as _, SystemClock};

use crate::{policy::press, support::World};

const PAGE: &str = "/admin/policy/devices";

#[tokio::test(flavor = "multi_thread")]
async fn an_open_permit_is_a_warning_until_the_rules_are_published() {
    let world = World::behind_https(SystemClock.now()).await;
    let admin = world.signed_in("olivia", "/admin").await;
    let says = async |tone: &str, text: &str| {
        let page = admin.get(PAGE).await.body;
        let verdict = page.split_once("<p class=\"verdict ").expect("a verdict").1;
        let verdict = verdict.split_once("</p>").expect("its end").0;
        assert!(verdict.starts_with(tone) && verdict.contains(text), "{tone}, {text}: {verdict}");
        page
    };
    says("neutral", "no permit is open").await;
    world.permit("alice@contoso.com", true).await;
    says("warn", "no rule says that only Windows may use it").await;

    let page = admin.get(PAGE).await;
    let networks = ("networks".to_owned(), "203.0.113.0/24".to_owned());
    let mut fields = page.form(PAGE);
    fields.retain(|(name, _)| name != "networks");
    fields.push(networks);
    admin.post(PAGE, &fields).await;
    let page = says("warn", "not published yet").await;
    assert!(page.contains("The rules are in the draft."), "{page}");
    press(&admin, "/admin/policy/review", "/admin/policy/publish").await;
    let page = says("ok", "Windows signed people in from").await;
    assert!(page.contains("The rules are published and count."), "{page}");
}
