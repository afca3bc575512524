//! Who is asked, and who is sent back with which code: by what links an account to a person, by what
//! they have, and by the rules that hold for everybody.

use model::{
    Ts,
    ids::{EntraTenantId, MicrosoftAccountId, ObjectId},
    microsoft_account::{Identity, MicrosoftAccount},
    user::UserState,
};
use simulator::sample::{BREAK_GLASS, TENANT_ID};
use store::Tx;
use uuid::Uuid;

use super::{ALICE, Stage, set, value};
use crate::browser::Page;

impl Stage {
    /// The page that says no, with its code; Microsoft is told so by its button.
    async fn is_declined(&self, page: &Page, code: &str) {
        assert!(page.status == 200 && page.body.contains(code), "{code}: {}", page.body);
        let answer = self.answered(page);
        assert_eq!(value(&answer, "error"), "access_denied");
        let seen = self.bring(&answer).await;
        assert!(seen.contains("AADSTS50158") && seen.contains(code), "{seen}");
    }

    async fn link(&self, number: u128, account: &str, name: &str) {
        let users = self.world.simulator.tenant().users;
        let object = users.iter().find(|user| user.upn() == account).unwrap().id.clone();
        let upn = format!("{name}@contoso.com");
        let linked = move |tx: &mut Tx| {
            let account = MicrosoftAccount {
                id: MicrosoftAccountId(Uuid::from_u128(number)),
                user_id: store::users::by_upn(tx, &upn)?.unwrap().id,
                identity: Identity {
                    tenant: EntraTenantId(TENANT_ID.parse().unwrap()),
                    object: ObjectId(object.parse().unwrap()),
                },
                name: "x".to_owned(),
                linked_at: Ts(0),
                used_at: None,
            };
            store::microsoft_accounts::put(tx, &account)
        };
        self.world.store.write(linked).await.unwrap();
    }
}

/// An administrator's account that has its own name there is known by the person's own link.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_somebodys_by_a_link_and_never_by_its_name() {
    let stage = Stage::new().await;
    let (_, page) = stage.ask(BREAK_GLASS[0]).await;
    stage.is_declined(&page, "GH-EAM-09").await;
    // What the account is called says nothing.
    stage.world.simulator.set(BREAK_GLASS[1], "userPrincipalName", "olivia@contoso.com");
    stage.world.simulator.set(ALICE, "displayName", "Olivia");
    stage.link(1, BREAK_GLASS[0], "alice").await;
    let (browser, page) = stage.ask(BREAK_GLASS[0]).await;
    assert!(page.body.contains(ALICE), "{}", page.body);
    let page = stage.prove(&browser, &page, "alice").await;
    let seen = stage.bring(&stage.answered(&page)).await;
    assert!(seen.contains("You are signed in"), "{seen}");
    // Alice's own object is linked by the sync; a second person's word for it makes it nobody's.
    stage.link(2, ALICE, "grace").await;
    let (_, page) = stage.ask(ALICE).await;
    stage.is_declined(&page, "GH-EAM-09").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_goes_meanwhile_is_answered_no_more() {
    let stage = Stage::new().await;
    stage.link(1, BREAK_GLASS[0], "alice").await;
    let (browser, page) = stage.ask(BREAK_GLASS[0]).await;
    let id = MicrosoftAccountId(Uuid::from_u128(1));
    let gone = stage.world.store.write(move |tx| store::microsoft_accounts::remove(tx, id));
    assert!(gone.await.unwrap());
    let page = stage.prove(&browser, &page, "alice").await;
    stage.is_declined(&page, "GH-EAM-09").await;
}

async fn block(stage: &Stage) {
    let now = stage.world.house.now();
    let blocked = stage.world.store.write(move |tx| {
        let alice = store::users::by_upn(tx, ALICE)?.unwrap().id;
        store::users::set_state(tx, alice, UserState::Blocked, now)
    });
    blocked.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_blocked_confirms_nothing_before_the_code_or_after_it() {
    let stage = Stage::new().await;
    let (browser, page) = stage.ask(ALICE).await;
    let code = stage.world.next_code(stage.world.account("alice"));
    let done = browser.fill(&page, "/sign-in/second-factor", &[("code", &code)]).await;
    block(&stage).await;
    let page = browser.get(&done.location.unwrap()).await;
    stage.is_declined(&page, "GH-EAM-10").await;
    let (_, page) = stage.ask(ALICE).await;
    stage.is_declined(&page, "GH-EAM-10").await;
}

/// R033. Carol has no second factor, and the grace period to set one up is on: that is for whoever gave her
/// password here, and nobody who comes by this way has.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_sets_a_factor_up_by_microsofts_word_alone() {
    let stage = Stage::new().await;
    let (browser, page) = stage.ask("carol@contoso.com").await;
    assert!(!page.body.contains("Set up"), "{}", page.body);
    stage.is_declined(&page, "GH-EAM-11").await;
    assert!(browser.cookie("gh_session").is_none());
    let has_factor = stage.world.store.read(|tx| {
        let carol = store::users::by_upn(tx, "carol@contoso.com")?.unwrap().id;
        Ok::<_, store::Error>(!store::factors::totp_of(tx, carol)?.is_empty())
    });
    assert!(!has_factor.await.unwrap(), "nothing was begun");
}

/// R016, R021: codes here and at the sign-in page are counted together.
#[tokio::test(flavor = "multi_thread")]
async fn codes_are_guessed_under_the_limits_of_every_sign_in() {
    let stage = Stage::new().await;
    let (browser, page) = stage.ask(ALICE).await;
    let guess = |code: &'static str| {
        let (browser, page) = (&browser, &page);
        async move { browser.fill(page, "/sign-in/second-factor", &[("code", code)]).await }
    };
    for _ in 0..5 {
        assert!(guess("000000").await.body.contains("That code isn"));
    }
    assert!(guess("000000").await.body.contains("Too many codes"));
    // The right one is not looked at now, and neither is it at the sign-in page.
    let account = stage.world.account("alice");
    let portal = stage.world.browser();
    let signing = portal.follow("/portal").await;
    let signing = portal.fill(&signing, "/sign-in/address", &[("address", ALICE)]).await;
    let password = secrecy::ExposeSecret::expose_secret(&account.password);
    let signing = portal.fill(&signing, "/sign-in/password", &[("password", password)]).await;
    let tried = portal.fill(&signing, "/sign-in/second-factor", &[("code", "000000")]).await;
    assert!(tried.body.contains("Too many codes"), "{}", tried.body);
    let page = stage.prove(&browser, &page, "alice").await;
    assert!(stage.bring(&stage.answered(&page)).await.contains("Inbox of"), "half a minute later");
}

/// What Entra wants to hear is said only where it is true.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wanted_decides_what_is_asked_for() {
    let stage = Stage::new().await;
    for (claims, code) in [
        (r#"{"id_token":{"acr":{"values":["inherence"]}}}"#, "GH-EAM-12"),
        (r#"{"id_token":{"amr":{"values":["face","sms"]}}}"#, "GH-EAM-12"),
        // Alice has an app and no key.
        (r#"{"id_token":{"amr":{"values":["fido"]}}}"#, "GH-EAM-11"),
    ] {
        let (browser, fields) = (stage.world.browser(), stage.sent(ALICE).await);
        let page = stage.come(&browser, &set(&fields, "claims", claims)).await;
        stage.is_declined(&page, code).await;
    }
    let (browser, fields) = (stage.world.browser(), stage.sent(ALICE).await);
    let page = stage.come(&browser, &set(&fields, "claims", "{")).await;
    assert!(page.body.contains("GH-EAM-06"), "{}", page.body);
    assert_eq!(value(&stage.answered(&page), "error"), "invalid_request");
    // Where it names nothing, the usual is said.
    let (browser, fields) = (stage.world.browser(), stage.sent(ALICE).await);
    let page = stage.come(&browser, &set(&fields, "claims", "")).await;
    let page = browser.get(&page.location.unwrap()).await;
    let page = stage.prove(&browser, &page, "alice").await;
    assert!(stage.bring(&stage.answered(&page)).await.contains("Inbox of"));
}
