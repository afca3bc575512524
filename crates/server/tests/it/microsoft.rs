//! Signing in with Microsoft, over HTTP on both sides: a registration is added in the console, an
//! account is linked in the portal, and from then on it takes the place of the password.

mod circle;
mod consent;
mod hostile;
mod registrations;
mod rotation;
mod trial;

use reqwest::{Client, redirect::Policy};
use simulator::sample::{ALICE_ELSEWHERE, SIGN_IN_CLIENT_ID, SIGN_IN_SECRET};

use crate::{
    browser::{Browser, Page},
    support::World,
};

/// A registration that is on, and somebody's way to Microsoft and back.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) console: Browser,
    pub(super) id: String,
}

/// What Microsoft is told by whoever stands before its page.
#[derive(Clone, Copy)]
pub(super) struct There<'a> {
    pub(super) account: &'a str,
    pub(super) mfa: bool,
}

pub(super) const ALICE_THERE: There<'_> = There { account: ALICE_ELSEWHERE, mfa: false };

impl Stage {
    /// Anybody of any organisation may come, and no second factor of theirs counts.
    pub(super) async fn new() -> Self {
        Self::with(&[("mode", "organizations")]).await
    }

    pub(super) async fn with(fields: &[(&str, &str)]) -> Self {
        Self::of(World::new().await, fields).await
    }

    pub(super) async fn of(world: World, fields: &[(&str, &str)]) -> Self {
        let console = world.signed_in("olivia", "/admin").await;
        let id = register(&world, &console, fields).await;
        Self { world, console, id }
    }

    /// Alice is signed in and has linked her account in the directory of Fabrikam.
    pub(super) async fn with_alice(fields: &[(&str, &str)]) -> (Self, Browser) {
        let stage = Self::with(fields).await;
        let alice = stage.world.signed_in("alice", "/portal").await;
        let linked = stage.link(&alice, ALICE_THERE).await;
        assert_eq!(linked.location.as_deref(), Some("/portal/security?done=microsoft-linked"));
        (stage, alice)
    }

    /// Links an account of Microsoft's; what comes of it.
    pub(super) async fn link(&self, browser: &Browser, there: There<'_>) -> Page {
        let page = browser.get("/portal/security").await;
        let action = "/portal/security/microsoft";
        let leaving = browser.fill(&page, action, &[("registration", &self.id)]).await;
        let back = there.and_back(&self.world, &way(&leaving)).await;
        browser.come(&back).await
    }

    /// From the page that a browser is on to Microsoft and back: the page that it ends on.
    pub(super) async fn sign_in(&self, browser: &Browser, page: &Page, there: There<'_>) -> Page {
        let back = there.and_back(&self.world, &self.leave(browser, page).await).await;
        let came = browser.come(&back).await;
        assert_eq!(came.status, 303, "{}", came.body);
        browser.get(&came.location.unwrap()).await
    }

    /// Presses the button; the address at Microsoft.
    pub(super) async fn leave(&self, browser: &Browser, page: &Page) -> String {
        let mut fields = page.form("/sign-in/microsoft");
        // With several registrations there are several forms; this is the one of ours.
        fields.retain(|(name, value)| name != "registration" || *value == self.id);
        fields.sort();
        fields.dedup();
        way(&browser.post("/sign-in/microsoft", &fields).await)
    }

    /// Somebody else's browser before the first page of a sign-in.
    pub(super) async fn stranger(&self) -> (Browser, Page) {
        let browser = self.world.browser();
        let page = browser.follow("/portal").await;
        (browser, page)
    }
}

impl There<'_> {
    /// Signs in on Microsoft's page: the path and query that it leads back to.
    pub(super) async fn and_back(self, world: &World, address: &str) -> String {
        let location = self.answer(address).await.unwrap_or_else(|page| panic!("{page}"));
        let back = location.strip_prefix(&world.url);
        back.unwrap_or_else(|| panic!("{location} leads elsewhere")).to_owned()
    }

    /// Where Microsoft sends the browser; or its page, when it refuses.
    pub(super) async fn answer(self, address: &str) -> Result<String, String> {
        let (page, query) = address.split_once('?').unwrap();
        let mut form = vec![("query", query), ("username", self.account)];
        form.extend(self.mfa.then_some(("mfa", "yes")));
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        let answer = client.post(page).form(&form).send().await.unwrap();
        match answer.headers().get("location").map(|at| at.to_str().unwrap().to_owned()) {
            Some(location) => Ok(location),
            None => Err(answer.text().await.unwrap()),
        }
    }
}

/// The address that a page leads on to.
pub(super) fn way(page: &Page) -> String {
    let links = page.elements().into_iter().filter(|element| element.is("a"));
    let mut on = links.filter(|link| link.text == "Continue");
    let link =
        on.next().unwrap_or_else(|| panic!("{} {:?} {}", page.status, page.location, page.body));
    link.get("href").unwrap().to_owned()
}

/// Adds a registration in the console, tells Microsoft its redirect URI, and switches it on.
pub(super) async fn register(world: &World, console: &Browser, fields: &[(&str, &str)]) -> String {
    let page = console.get("/admin/registrations/new").await;
    let mut typed = vec![
        ("alias", "Partners"),
        ("client_id", SIGN_IN_CLIENT_ID),
        ("client_secret", SIGN_IN_SECRET),
        ("cloud", "simulator"),
    ];
    typed.retain(|(name, _)| !fields.iter().any(|(other, _)| other == name));
    typed.extend(fields);
    let added = console.fill(&page, "/admin/registrations/new", &typed).await;
    let location = added.location.clone().unwrap_or_else(|| panic!("{}", added.body));
    let address = location.strip_suffix("?done=registration-added").unwrap();
    let page = console.get(address).await;
    let shown = page.elements().into_iter().find(|it| it.is("code")).unwrap().text;
    assert_eq!(shown, format!("{}/sign-in/microsoft/{}", world.url, &address[21..]));
    world.simulator.add_redirect_uri(&shown);
    let action = format!("{address}/switch");
    let on = console.fill(&page, &action, &[("state", "on")]).await;
    assert_eq!(on.status, 303);
    address[21..].to_owned()
}

/// The sentence that says what is wrong.
pub(super) fn complaint(page: &Page) -> String {
    let shown = page.elements().into_iter().find(|it| it.get("role") == Some("alert"));
    shown.map(|it| it.text.trim().to_owned()).unwrap_or_default()
}

/// A linked account takes the place of the password, and of nothing else: the second factor is asked
/// for as ever.
#[tokio::test(flavor = "multi_thread")]
async fn alice_links_her_account_and_signs_in_with_it() {
    let (stage, alice) = Stage::with_alice(&[("mode", "organizations")]).await;
    let page = alice.get("/portal/security").await;
    assert!(
        page.body.contains(ALICE_ELSEWHERE) && page.body.contains("never used"),
        "{}",
        page.body
    );

    let (browser, page) = stage.stranger().await;
    assert!(page.body.contains("Sign in with Microsoft"), "{}", page.body);
    let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
    assert_eq!(page.text("h1"), "Enter your code", "{}", page.body);
    assert!(page.body.contains("alice@contoso.com"));
    let code = stage.world.next_code(stage.world.account("alice"));
    let done = browser.fill(&page, "/sign-in/second-factor", &[("code", &code)]).await;
    assert_eq!(done.location.as_deref(), Some("/portal"));

    let journal = stage.console.get("/admin/audit").await.body;
    for row in ["Microsoft account linked", "Came back from Microsoft", "Signed in"] {
        assert!(journal.contains(row), "{row}");
    }
    let page = alice.get("/portal/security").await;
    assert!(page.body.contains("last used"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_typed_an_address_comes_with_the_account_of_that_person_alone() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let (browser, page) = stage.stranger().await;
    let typed = browser.fill(&page, "/sign-in/address", &[("address", "grace@contoso.com")]).await;
    let page = stage.sign_in(&browser, &typed, ALICE_THERE).await;
    assert!(complaint(&page).contains("linked to another address"), "{}", page.body);
    assert_eq!(page.text("h1"), "Enter your password", "nothing was proved");
    let typed = browser.get(&format!("/sign-in/address?request={}", handle(&page))).await;
    let typed = browser.fill(&typed, "/sign-in/address", &[("address", "Alice@Contoso.com")]).await;
    let page = stage.sign_in(&browser, &typed, ALICE_THERE).await;
    assert_eq!(page.text("h1"), "Enter your code", "{}", page.body);
}

fn handle(page: &Page) -> String {
    let fields = page.form("/sign-in/password");
    fields.into_iter().find(|(name, _)| name == "handle").unwrap().1
}

/// Whether Microsoft's second factor counts is said per registration and directory; the console takes
/// one of ours in any case.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_there_counts_only_where_the_directory_is_trusted() {
    let twice = There { mfa: true, ..ALICE_THERE };
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, twice).await;
    assert_eq!(page.text("h1"), "Enter your code", "nobody said that it counts");

    let trusted = [("mode", "organizations"), ("trusted", simulator::sample::FABRIKAM_ID)];
    let (stage, _) = Stage::with_alice(&trusted).await;
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
    assert_eq!(page.text("h1"), "Enter your code", "it was not given");
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, twice).await;
    assert_eq!((page.status, page.location.as_deref()), (303, Some("/portal")), "{}", page.body);
    let page = browser.get("/portal/security").await;
    assert!(page.body.contains("Confirm that it is you"), "it confirms nothing weighty");

    let olivia = stage.world.signed_in("olivia", "/portal").await;
    let bob = There { account: "bob@fabrikam.com", mfa: true };
    assert_eq!(stage.link(&olivia, bob).await.status, 303);
    let browser = stage.world.browser();
    let page = browser.follow("/admin").await;
    let page = stage.sign_in(&browser, &page, bob).await;
    assert_eq!(page.text("h1"), "Enter your code", "the console takes one of ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_and_rules_hold_as_after_a_password() {
    let (stage, _) = Stage::with_alice(&[("mode", "organizations")]).await;
    let world = &stage.world;
    let now = world.house.now();
    let read = world.store.read(|tx| store::users::by_upn(tx, "alice@contoso.com"));
    let alice = read.await.unwrap().unwrap().id;
    let blocked = model::user::UserState::Blocked;
    let block = world.store.write(move |tx| store::users::set_state(tx, alice, blocked, now));
    block.await.unwrap();
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
    assert!(page.body.contains("Your account is blocked"), "{}", page.body);
    let journal = stage.console.get("/admin/audit").await.body;
    assert!(journal.contains("Refused") && journal.contains("blocked"), "{journal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_unlinks_an_account_is_signed_in_by_it_no_more() {
    let (stage, alice) = Stage::with_alice(&[("mode", "organizations")]).await;
    // A sign-in that is half done when the link goes.
    let (browser, page) = stage.stranger().await;
    let half = stage.sign_in(&browser, &page, ALICE_THERE).await;
    assert_eq!(half.text("h1"), "Enter your code");
    let page = alice.get("/portal/security").await;
    let forms = page.elements().into_iter().filter(|element| element.is("form"));
    let mut unlink = forms.filter_map(|form| form.get("action").map(str::to_owned));
    let action = unlink.find(|action| action.ends_with("/remove")).unwrap();
    let gone = alice.fill(&page, &action, &[]).await;
    assert_eq!(gone.location.as_deref(), Some("/portal/security?done=microsoft-unlinked"));

    let code = stage.world.next_code(stage.world.account("alice"));
    let late = browser.fill(&half, "/sign-in/second-factor", &[("code", &code)]).await;
    assert_ne!(late.location.as_deref(), Some("/portal"), "what it proved is gone with it");
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
    assert!(complaint(&page).contains("not linked to anybody"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn linking_takes_a_fresh_second_factor() {
    let stage = Stage::new().await;
    let alice = stage.world.signed_in("alice", "/portal").await;
    stage.world.pass(std::time::Duration::from_mins(6));
    let page = alice.get("/portal/security").await;
    assert!(!page.body.contains("action=\"/portal/security/microsoft\""), "{}", page.body);
    let form = [("csrf".to_owned(), page.csrf()), ("registration".to_owned(), stage.id.clone())];
    let asked = alice.post("/portal/security/microsoft", &form).await;
    assert!(asked.location.as_deref().is_some_and(|at| at.starts_with("/portal/step-up")));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_offers_microsoft_where_no_registration_is_on() {
    let stage = Stage::new().await;
    let page = stage.console.get(&format!("/admin/registrations/{}", stage.id)).await;
    let action = format!("/admin/registrations/{}/switch", stage.id);
    assert_eq!(stage.console.fill(&page, &action, &[]).await.status, 303);
    let (browser, page) = stage.stranger().await;
    assert!(!page.body.contains("Microsoft"), "{}", page.body);
    let fields = [
        ("csrf".to_owned(), page.csrf()),
        ("handle".to_owned(), page.form("/sign-in/address")[1].1.clone()),
        ("registration".to_owned(), stage.id.clone()),
    ];
    let refused = browser.post("/sign-in/microsoft", &fields).await;
    assert!(refused.location.is_some_and(|at| at.starts_with("/sign-in?")), "{}", refused.body);
    let alice = stage.world.signed_in("alice", "/portal").await;
    assert!(!alice.get("/portal/security").await.body.contains("Microsoft account"));
}

/// An admin sees what is linked to somebody, and takes it away; so does a reset of their factors.
#[tokio::test(flavor = "multi_thread")]
async fn an_admin_takes_a_link_away() {
    let (stage, alice) = Stage::with_alice(&[("mode", "organizations")]).await;
    let list = stage.console.get("/admin/users?q=alice").await;
    let mut links = list.elements().into_iter().filter_map(|it| it.get("href").map(str::to_owned));
    let person = links.find(|at| at.starts_with("/admin/users/0")).unwrap();
    let page = stage.console.get(&person).await;
    assert!(page.body.contains(ALICE_ELSEWHERE), "{}", page.body);
    let mut forms =
        page.elements().into_iter().filter_map(|it| it.get("action").map(str::to_owned));
    let unlink = forms.find(|action| action.contains("/microsoft/")).unwrap();
    let gone = stage.console.fill(&page, &unlink, &[]).await;
    assert_eq!(gone.location, Some(format!("{person}?done=microsoft-taken")));
    let is_linked = async || stage.console.get(&person).await.body.contains("/microsoft/");
    assert!(!is_linked().await);
    assert_eq!(alice.get("/portal/security").await.status, 303, "her sessions have ended");
    let (browser, page) = stage.stranger().await;
    let page = stage.sign_in(&browser, &page, ALICE_THERE).await;
    assert!(complaint(&page).contains("not linked to anybody"), "{}", page.body);

    let alice = stage.world.signed_in("alice", "/portal").await;
    assert_eq!(stage.link(&alice, ALICE_THERE).await.status, 303);
    assert!(is_linked().await);
    let page = stage.console.get(&person).await;
    let reset = format!("{person}/factors/reset");
    assert_eq!(stage.console.fill(&page, &reset, &[]).await.status, 200);
    assert!(!is_linked().await);
}
