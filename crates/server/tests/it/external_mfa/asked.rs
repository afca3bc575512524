//! Who is asked, and who is sent back with which code: by what links an account to a person, by what
//! they have, and by the rules that hold for everybody.

use model::{
    Ts,
    entra::{EntraLink, Origin},
    ids::{EntraTenantId, MicrosoftAccountId, ObjectId},
    microsoft_account::{Identity, MicrosoftAccount},
    user::UserState,
};
use simulator::sample::{BREAK_GLASS, TENANT_ID};
use store::Tx;
use uuid::Uuid;

use super::{ALICE, Stage, both, set, value};
use crate::{browser::Page, passkeys::with_key};

impl Stage {
    /// The page that says no, with its code; Microsoft is told so by its button.
    pub(super) async fn is_declined(&self, page: &Page, code: &str) {
        assert!(page.status == 200 && page.body.contains(code), "{code}: {}", page.body);
        let answer = self.answered(page);
        assert_eq!(value(&answer, "error"), "access_denied");
        let seen = self.bring(&answer).await;
        assert!(seen.contains("AADSTS50158") && seen.contains(code), "{seen}");
    }

    fn object(&self, account: &str) -> ObjectId {
        let users = self.world.simulator.tenant().users;
        let object = &users.iter().find(|user| user.upn() == account).unwrap().id;
        ObjectId(object.parse().unwrap())
    }

    /// The sync finds that an account is somebody's, in place of the one that it found before.
    async fn give(&self, account: &str, name: &str) {
        let (object, upn) = (self.object(account), format!("{name}@contoso.com"));
        let given = move |tx: &mut Tx| {
            let user_id = store::users::by_upn(tx, &upn)?.unwrap().id;
            let link =
                EntraLink { user_id, object_id: object, origin: Origin::Found, deleted_at: None };
            let tenant = store::tenants::all(tx)?.remove(0).id;
            store::entra_links::put(tx, tenant, &link)
        };
        self.world.store.write(given).await.unwrap();
    }

    /// Somebody links an account to sign in with, which takes the password that it has there.
    async fn link(&self, number: u128, account: &str, name: &str) {
        let (object, upn) = (self.object(account), format!("{name}@contoso.com"));
        let linked = move |tx: &mut Tx| {
            let account = MicrosoftAccount {
                id: MicrosoftAccountId(Uuid::from_u128(number)),
                user_id: store::users::by_upn(tx, &upn)?.unwrap().id,
                identity: Identity { tenant: EntraTenantId(TENANT_ID.parse().unwrap()), object },
                name: "x".to_owned(),
                linked_at: Ts(0),
                used_at: None,
            };
            store::microsoft_accounts::put(tx, &account)
        };
        self.world.store.write(linked).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_somebodys_by_what_the_sync_found_and_never_by_its_name() {
    let stage = Stage::new().await;
    let (_, page) = stage.ask(BREAK_GLASS[0]).await;
    stage.is_declined(&page, "GH-EAM-09").await;
    // What the account is called says nothing.
    stage.world.simulator.set(BREAK_GLASS[1], "userPrincipalName", "olivia@contoso.com");
    stage.world.simulator.set(ALICE, "displayName", "Olivia");
    stage.give(BREAK_GLASS[0], "alice").await;
    let (browser, page) = stage.ask(BREAK_GLASS[0]).await;
    assert!(page.body.contains(ALICE), "{}", page.body);
    let page = stage.prove(&browser, &page, "alice").await;
    let seen = stage.bring(&stage.answered(&page)).await;
    assert!(seen.contains("You are signed in"), "{seen}");
    let (_, page) = stage.ask(ALICE).await;
    stage.is_declined(&page, "GH-EAM-09").await;
}

/// Grace has passwords that are not hers, of an administrator and of Alice. What she links by them
/// makes her code nobody's second factor there, and locks nobody out.
#[test]
fn an_account_that_somebody_linked_is_no_word_about_a_second_factor() {
    both(|stage| async move {
        stage.link(1, BREAK_GLASS[0], "grace").await;
        let (_, page) = stage.ask(BREAK_GLASS[0]).await;
        stage.is_declined(&page, "GH-EAM-09").await;
        stage.link(2, ALICE, "grace").await;
        let (browser, page) = stage.ask(ALICE).await;
        assert!(page.body.contains(ALICE) && !page.body.contains("grace@"), "{}", page.body);
        let page = stage.prove(&browser, &page, "alice").await;
        assert!(stage.bring(&stage.answered(&page)).await.contains("Inbox of"));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_goes_meanwhile_is_answered_no_more() {
    let stage = Stage::new().await;
    let (browser, page) = stage.ask(ALICE).await;
    let gone = stage.world.store.write(|tx| {
        let alice = store::users::by_upn(tx, ALICE)?.unwrap().id;
        let tenant = store::tenants::all(tx)?.remove(0).id;
        store::entra_links::remove(tx, tenant, alice)
    });
    gone.await.unwrap();
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
    let journal = stage.journal().await;
    assert_eq!(journal.matches("by Contoso: blocked").count(), 2, "{journal}");
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
    let journal = stage.journal().await;
    assert!(journal.contains("by Contoso: claims is not JSON"), "{journal}");
    // Where it names nothing, the usual is said.
    let (browser, fields) = (stage.world.browser(), stage.sent(ALICE).await);
    let page = stage.come(&browser, &set(&fields, "claims", "")).await;
    let page = browser.get(&page.location.unwrap()).await;
    let page = stage.prove(&browser, &page, "alice").await;
    assert!(stage.bring(&stage.answered(&page)).await.contains("Inbox of"));
}

/// What is good once is not used up where it would not be answered with.
#[tokio::test(flavor = "multi_thread")]
async fn no_code_on_paper_is_asked_for_or_looked_at_where_a_key_is_wanted() {
    let stage = Stage::new().await;
    let _ = with_key(&stage.world, "alice").await;
    let (browser, fields) = (stage.world.browser(), stage.sent(ALICE).await);
    let key = r#"{"id_token":{"amr":{"values":["fido"]}}}"#;
    let page = stage.come(&browser, &set(&fields, "claims", key)).await;
    let location = page.location.unwrap();
    let page = browser.get(&location).await;
    assert_eq!(page.text("h1"), "Use your passkey", "{}", page.body);
    assert!(!page.body.contains("/sign-in/recovery-code"), "{}", page.body);
    let other = location.replace("/sign-in", "/sign-in/recovery-code");
    let paper = browser.get(&other).await;
    let typed = [("code", "ABCD-EFGH-JKLM")];
    let same = browser.fill(&paper, "/sign-in/recovery-code", &typed).await;
    assert_eq!(same.text("h1"), "Use your passkey", "{}", same.body);
    assert!(!stage.journal().await.contains("wrong_recovery_code"), "it was not looked at");
}
