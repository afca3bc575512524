//! The sign-in policy from the form to the sign-in page: an owner drafts, reviews and publishes a
//! rule, and somebody at home reads that they may not.

use crate::{
    browser::{Browser, Page},
    support::World,
    wsfed::DOOR,
};

const POLICY: &str = "/admin/policy";
const QUERY: &str = "wa=wsignin1.0&wtrealm=urn%3afederation%3aMicrosoftOnline&wctx=x\
    &username=alice%40contoso.com";

/// Sends the form of a new rule with these fields instead of the empty ones.
pub(crate) async fn add(admin: &Browser, changed: &[(&str, &str)]) -> Page {
    let page = admin.get("/admin/policy/rules/new").await;
    let mut fields: Vec<(String, String)> = [
        ("name", ""),
        ("place", "anywhere"),
        ("networks", ""),
        ("agent", ""),
        ("asked", "either"),
        ("then", "always"),
        ("hours", ""),
        ("remember", ""),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    fields.push(("csrf".to_owned(), page.csrf()));
    for (name, value) in changed {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some(field) => (*value).clone_into(&mut field.1),
            None => fields.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    admin.post("/admin/policy/rules/new", &fields).await
}

pub(crate) async fn press(admin: &Browser, page: &str, action: &str) -> Page {
    let page = admin.get(page).await;
    admin.post(action, &page.form(action)).await
}

/// Alice gives her right password on the way to Microsoft.
async fn alice_signs_in(world: &World) -> Page {
    let browser = Browser::new(&world.url);
    let asked = browser.come(&format!("{DOOR}?{QUERY}")).await;
    let page = browser.come(asked.location.as_deref().unwrap()).await;
    let password = world.account("alice").password().to_owned();
    let fields = [("password", password.as_str())];
    browser.fill(&page, "/sign-in/password", &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_drafts_reviews_and_publishes_a_rule_and_it_decides() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    assert!(admin.get(POLICY).await.body.contains("No rule counts"));

    let wrong = add(&admin, &[("name", "Nowhere"), ("place", "inside"), ("networks", "x")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("x is no network") && wrong.body.contains("Nowhere"), "kept");

    let fields = [
        ("name", "Only the office <b>"),
        ("place", "outside"),
        ("networks", "203.0.113.0/24"),
        ("clients", "browser"),
        ("then", "deny"),
    ];
    let done = add(&admin, &fields).await;
    assert_eq!(
        done.location.as_deref(),
        Some("/admin/policy?done=policy-drafted"),
        "{}",
        done.body
    );
    let list = admin.get(POLICY).await;
    for shown in [
        "This is a draft",
        "Only the office &lt;b&gt;",
        "from anywhere but 203.0.113.0/24, with a browser or modern app",
        "Denied",
    ] {
        assert!(list.body.contains(shown), "{shown}: {}", list.body);
    }
    assert!(alice_signs_in(&world).await.body.contains("/sign-in/second-factor"), "only a draft");

    let review = admin.get("/admin/policy/review").await;
    assert!(review.body.contains("Publishing this changes sign-ins of"), "{}", review.body);
    assert!(review.body.contains("from elsewhere"), "{}", review.body);
    let published = press(&admin, "/admin/policy/review", "/admin/policy/publish").await;
    let there = Some("/admin/policy?done=policy-published");
    assert_eq!(published.location.as_deref(), there, "{}", published.body);

    let denied = alice_signs_in(&world).await;
    assert!(denied.body.contains("does not allow this sign-in"), "{}", denied.body);
    let log = admin.get("/admin/audit").await;
    assert!(log.body.contains("Sign-in policy published"), "{}", log.body);

    let question = "/admin/policy/what-if?person=alice%40contoso.com&address=203.0.113.9";
    let answer = admin.get(question).await;
    assert!(answer.body.contains("It is for other networks."), "{}", answer.body);
    assert!(answer.body.contains("Second factor for alice@contoso.com: no rule fits."));
    let nobody = admin.get("/admin/policy/what-if?person=nobody&address=203.0.113.9").await;
    assert_eq!(nobody.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_open_gets_no_token_and_the_page_says_why() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let alice = world.signed_in("alice", "/portal").await;
    let before = alice.come(&format!("{DOOR}?{QUERY}")).await;
    assert!(before.body.contains("wresult"), "{}", before.body);
    add(&admin, &[("name", "Closed"), ("then", "deny")]).await;
    press(&admin, "/admin/policy/review", "/admin/policy/publish").await;
    let after = alice.come(&format!("{DOOR}?{QUERY}")).await;
    assert_eq!(after.status, 403);
    assert!(after.body.contains("GH-SIGN-05") && !after.body.contains("wresult"), "{}", after.body);
    assert!(!after.body.contains("Closed"), "what admins call the rule is for admins");
    let log = admin.get("/admin/audit").await;
    assert!(log.body.contains("denied by the rule &quot;Closed&quot;"), "{}", log.body);

    let history = admin.get("/admin/policy/history").await;
    assert!(history.body.contains("Counts now") && history.body.contains("Closed"));
}
