//! Who means no good, or whose Microsoft does: each is refused, with a sentence, and nothing is proved.

use simulator::{
    Twist,
    sample::{ADATUM_ID, ALICE_AT_HOME, FABRIKAM_ID, MALLORY, OTHER_SIGN_IN_CLIENT_ID, TENANT_ID},
};

use super::{ALICE_THERE, Stage, There, complaint, register};
use crate::support::both;

/// Every token with something wrong is refused, and the next good one is not.
#[tokio::test(flavor = "multi_thread")]
async fn no_token_with_anything_wrong_is_believed() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    for (twist, word) in [
        (Twist::Issuer, "issuer"),
        (Twist::Tenant, "issuer"),
        (Twist::Audience, "audience"),
        (Twist::Party, "audience"),
        (Twist::Unsigned, "algorithm"),
        (Twist::SharedSecret, "algorithm"),
        (Twist::Signature, "signature"),
        (Twist::UnknownKey, "unknown key"),
        (Twist::ForeignKey, "key of another issuer"),
        (Twist::Nonce, "nonce"),
        (Twist::NoNonce, "nonce"),
        (Twist::Expired, "time"),
        (Twist::Future, "time"),
        (Twist::NoObject, "names nobody"),
    ] {
        // So that the newest row is this one's.
        stage.world.pass(std::time::Duration::from_secs(1));
        let (browser, page) = stage.stranger().await;
        stage.world.simulator.twist(twist);
        let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
        assert!(complaint(&page).contains("can't be used"), "{twist:?}: {}", page.body);
        assert_eq!(page.text("h1"), "Sign in", "{twist:?}: nothing was proved");
        // The newest row: an older one may say the same word.
        let journal = stage.console.get("/admin/audit").await.body;
        let (_, newest) = journal.split_once("the ID token is not believed: ").expect("a row");
        assert!(newest.starts_with(word), "{twist:?}: {}", newest.get(..40).unwrap_or(newest));
    }
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
    assert_eq!(page.text("h1"), "Enter your code", "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_directory_is_not_of_the_one_that_was_asked() {
    let one = [("mode", "one"), ("tenant", "fabrikam.com")];
    let (stage, _) = Stage::with_alice(&one).await;
    let (browser, page) = stage.stranger().await;
    stage.world.simulator.twist(Twist::ForeignTenant);
    let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
    assert!(complaint(&page).contains("can't be used"), "{}", page.body);
}

/// A name or mail address of Microsoft's finds nobody (nOAuth); neither does an object id alone.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_found_by_what_an_account_says_it_is_called() {
    let (stage, _) = Stage::with_alice(&[("mode", "common")]).await;
    for account in [MALLORY, "twin@adatum.example"] {
        let (browser, page) = stage.stranger().await;
        let page = stage.sign_in(&browser, &page, There { account, mfa: true }).await;
        assert!(complaint(&page).contains("not linked to anybody"), "{account}: {}", page.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn directories_and_personal_accounts_that_are_not_wanted_are_told_so() {
    let several = format!("{TENANT_ID}\n{FABRIKAM_ID}");
    let (stage, _) = Stage::with_alice(&[("mode", "several"), ("several", &several)]).await;
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, There { account: MALLORY, mfa: false }).await;
    assert!(complaint(&page).contains("does not sign in here"), "{}", page.body);

    // Microsoft itself keeps personal accounts away there; should it not, we do.
    let (browser, page) = stage.stranger().await;
    let address = stage.leave(&browser, &page).await.replace("/organizations/", "/common/");
    let back = There { account: ALICE_AT_HOME, mfa: false }.and_back(&stage.world, &address).await;
    let page = browser.get(&browser.come(&back).await.location.unwrap()).await;
    assert!(complaint(&page).contains("personal Microsoft account"), "{}", page.body);

    let stage = Stage::with(&[("mode", "consumers")]).await;
    let (browser, page) = stage.stranger().await;
    let address = stage.leave(&browser, &page).await.replace("/consumers/", "/common/");
    let back = ALICE_THERE.and_back(&stage.world, &address).await;
    let page = browser.get(&browser.come(&back).await.location.unwrap()).await;
    assert!(complaint(&page).contains("can't be used"), "its issuer is another: {}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_is_good_once_and_in_the_browser_that_left() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let (browser, page) = stage.stranger().await;
    let address = stage.leave(&browser, &page).await;
    let back = ALICE_THERE.and_back(&stage.world, &address).await;
    // Somebody else's browser, with an own sign-in and without.
    let (other, page) = stage.stranger().await;
    stage.leave(&other, &page).await;
    assert_eq!(other.come(&back).await.status, 410, "the state is another browser's");
    let first = browser.come(&back).await;
    assert_eq!(first.status, 303);
    assert_eq!(browser.come(&back).await.status, 410, "the state was used");
    // The code with a fresh state of the same browser.
    let (browser, page) = stage.stranger().await;
    let fresh = stage.leave(&browser, &page).await;
    let given = parameter(&fresh, "state");
    let replayed = back.replace(&parameter(&back, "state"), &given);
    let page = browser.get(&browser.come(&replayed).await.location.unwrap()).await;
    assert!(complaint(&page).contains("AADSTS54005"), "{}", page.body);
}

/// Login CSRF and code injection: somebody's fresh code is put into another browser's sign-in. PKCE and
/// nonce are bound to the browser.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_another_browser_is_worth_nothing() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let (thief, page) = stage.stranger().await;
    let own = stage.leave(&thief, &page).await;
    let (alice, page) = stage.stranger().await;
    let hers = stage.leave(&alice, &page).await;
    let back = ALICE_THERE.and_back(&stage.world, &hers).await;
    let swapped = back.replace(&parameter(&back, "state"), &parameter(&own, "state"));
    let page = thief.get(&thief.come(&swapped).await.location.unwrap()).await;
    assert!(complaint(&page).contains("AADSTS501481"), "{}", page.body);
    assert_eq!(page.text("h1"), "Sign in");
}

/// Two registrations, one of which may be somebody's who means no good.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_one_registration_is_not_taken_for_anothers() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let other =
        [("alias", "Other"), ("client_id", OTHER_SIGN_IN_CLIENT_ID), ("mode", "organizations")];
    let other = register(&stage.world, &stage.console, &other).await;
    let (browser, page) = stage.stranger().await;
    assert!(page.body.contains("Sign in with Microsoft: Other"), "{}", page.body);
    let address = stage.leave(&browser, &page).await;
    let back = ALICE_THERE.and_back(&stage.world, &address).await;
    let moved = back.replace(&stage.id, &other);
    assert_eq!(browser.come(&moved).await.status, 410);
    assert_eq!(browser.come(&back).await.status, 410, "and it is used up by that");
    // The other's code, brought to this one's address with this one's state.
    let (browser, page) = stage.stranger().await;
    let ours = stage.leave(&browser, &page).await;
    let theirs = ours
        .replace(&parameter(&ours, "client_id"), OTHER_SIGN_IN_CLIENT_ID)
        .replace(&stage.id, &other);
    let back = ALICE_THERE.and_back(&stage.world, &theirs).await.replace(&other, &stage.id);
    let page = browser.get(&browser.come(&back).await.location.unwrap()).await;
    assert!(complaint(&page).contains("AADSTS70000"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_to_a_foreign_address() {
    let stage = Stage::new().await;
    let (browser, page) = stage.stranger().await;
    let address = stage.leave(&browser, &page).await;
    assert!(address.starts_with(&format!("{}/organizations/", stage.world.simulator.url())));
    let redirect = parameter(&address, "redirect_uri");
    let evil = address.replace(&redirect, "https%3A%2F%2Fevil.example%2F");
    let refused = ALICE_THERE.answer(&evil).await.unwrap_err();
    assert!(refused.contains("AADSTS50011"), "{refused}");
    // What comes back names no address of ours to go on to.
    let odd = "https://evil.example/";
    let back = ALICE_THERE.and_back(&stage.world, &address).await;
    let back = format!("{back}&redirect_uri={odd}&request={odd}&microsoft={odd}");
    let came = browser.come(&back).await.location.unwrap();
    assert!(came.starts_with("/sign-in?request=") && !came.contains("evil"), "{came}");
    let page = browser.get(&format!("{came}x&microsoft=<script>")).await;
    assert!(!page.body.contains("<script>"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_took_too_long_or_was_broken_off_says_so() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let (browser, page) = stage.stranger().await;
    let address = stage.leave(&browser, &page).await;
    let given = parameter(&address, "state");
    let path = format!("/sign-in/microsoft/{}", stage.id);
    let declined =
        format!("{path}?error=access_denied&error_description=AADSTS65004&state={given}");
    let page = browser.get(&browser.come(&declined).await.location.unwrap()).await;
    assert!(complaint(&page).contains("without signing in"), "{}", page.body);
    let address = stage.leave(&browser, &page).await;
    let given = parameter(&address, "state");
    let failed = format!("{path}?error=x&error_description=AADSTS50105: no.&state={given}");
    let page = browser.get(&browser.come(&failed).await.location.unwrap()).await;
    assert!(complaint(&page).contains("AADSTS50105"), "{}", page.body);

    let address = stage.leave(&browser, &page).await;
    let back = ALICE_THERE.and_back(&stage.world, &address).await;
    stage.world.pass(std::time::Duration::from_mins(11));
    assert_eq!(browser.come(&back).await.status, 410);
    for odd in ["", "?state=", "?code=x", "?state=x&code=y"] {
        assert_eq!(browser.come(&format!("{path}{odd}")).await.status, 410, "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_were_replaced_are_read_again() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let reads = || {
        let requests = stage.world.simulator.tenant().requests;
        requests.iter().filter(|request| request.path.ends_with("/discovery/v2.0/keys")).count()
    };
    let before = reads();
    stage.world.simulator.replace_openid_keys();
    for _ in 0..3 {
        let (browser, page) = stage.stranger().await;
        let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
        assert!(complaint(&page).contains("can't be used"), "{}", page.body);
    }
    assert_eq!(reads(), before, "whoever names unknown keys has them read again once a minute");
    stage.world.pass(std::time::Duration::from_mins(2));
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
    assert_eq!(page.text("h1"), "Enter your code", "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_ended_is_told_by_its_number() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    stage.world.simulator.expire_sign_in_secrets();
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
    assert!(complaint(&page).contains("AADSTS7000222"), "{}", page.body);
    let journal = stage.console.get("/admin/audit").await.body;
    assert!(journal.contains("Microsoft refused: AADSTS7000222"));
}

/// The sync knows whose account it is: whoever has its password links it to nobody else.
#[test]
fn an_account_that_the_sync_gave_to_somebody_is_linked_to_nobody_else() {
    both(|world| async move {
        world.sync().await;
        let stage = Stage::of(world, &[("mode", "organizations")]).await;
        let there = There { account: "alice@contoso.com", mfa: false };
        let grace = stage.world.signed_in("grace", "/portal").await;
        let refused = stage.link(&grace, there).await;
        assert_eq!(refused.location.as_deref(), Some("/portal/security?microsoft=anothers"));
        let page = grace.get("/portal/security?microsoft=anothers").await;
        assert!(complaint(&page).contains("belongs to somebody else"), "{}", page.body);
        let journal = stage.console.get("/admin/audit").await.body;
        assert!(journal.contains("the sync says that the account is"), "{journal}");
        let alice = stage.world.signed_in("alice", "/portal").await;
        let linked = stage.link(&alice, there).await;
        assert_eq!(linked.location.as_deref(), Some("/portal/security?done=microsoft-linked"));
    });
}

/// Somebody else may not link an account that is linked, and nobody links what may not come.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_linked_once_and_only_if_it_may_come() {
    let (stage, alice) = Stage::with_alice(&[("mode", "one"), ("tenant", FABRIKAM_ID)]).await;
    let grace = stage.world.signed_in("grace", "/portal").await;
    let refused = stage.link(&grace, ALICE_THERE).await;
    assert_eq!(refused.location.as_deref(), Some("/portal/security?microsoft=taken"));
    let page = grace.get("/portal/security?microsoft=taken").await;
    assert!(complaint(&page).contains("linked already"), "{}", page.body);
    assert!(!page.body.contains("alice@fabrikam.com"));
    stage.world.simulator.twist(Twist::ForeignTenant);
    let bob = There { account: "bob@fabrikam.com", mfa: false };
    let refused = stage.link(&alice, bob).await;
    assert_eq!(refused.location.as_deref(), Some("/portal/security?microsoft=disbelieved"));
    assert!(!alice.get("/portal/security").await.body.contains(ADATUM_ID));
    // Somebody else's session finishes what one began: nothing is linked to either.
    let page = alice.get("/portal/security").await;
    let typed = [("registration", stage.id.as_str())];
    let leaving = alice.fill(&page, "/portal/security/microsoft", &typed).await;
    let back = bob.and_back(&stage.world, &super::way(&leaving)).await;
    assert_eq!(grace.come(&back).await.status, 410);
    alice.forget_cookie("gh_session");
    assert_eq!(alice.come(&back).await.status, 410);
}

/// The value of a parameter of an address, as it stands there.
fn parameter(address: &str, name: &str) -> String {
    let query = address.split_once('?').unwrap().1;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(known, _)| *known == name).unwrap().1.to_owned()
}

/// Accounts that are linked to nobody, and Microsoft's own trouble, slow nobody's password down.
#[tokio::test(flavor = "multi_thread")]
async fn only_codes_and_tokens_that_were_nobodys_count_and_not_as_passwords() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let place = authn::lockout::address("127.0.0.1");
    let there = authn::lockout::from_microsoft(&place);
    let counted = async |key: &model::guess::GuessKey| {
        let key = key.clone();
        let read = stage.world.store.write(move |tx| store::guess_counters::lock(tx, &key));
        read.await.unwrap().failures
    };
    let before = counted(&place).await;
    let (browser, page) = stage.stranger().await;
    let unknown = There { account: "bob@fabrikam.com", mfa: false };
    let page = stage.sign_in(&browser, &page, unknown).await;
    assert!(complaint(&page).contains("not linked to anybody"), "{}", page.body);
    assert_eq!((counted(&place).await, counted(&there).await), (before, 0));
    stage.world.simulator.twist(Twist::Nonce);
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
    assert!(complaint(&page).contains("can't be used"), "{}", page.body);
    assert_eq!((counted(&place).await, counted(&there).await), (before, 1));
}
