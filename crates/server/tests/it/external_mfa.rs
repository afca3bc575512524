//! Entra has a second factor proved here, over HTTP on both sides: the simulator plays Entra, posts what
//! it says of a person, and judges the answer with code of its own.

mod asked;
mod hostile;
mod nothing_opens;
mod rules;

use std::time::Duration;

use reqwest::{Client, redirect::Policy};
use simulator::{ExternalMethod, sample::SIGN_IN_CLIENT_ID};
use store::Database;

use crate::{
    browser::{Browser, Fields, Page},
    html,
    support::World,
};

const PAGE: &str = "/admin/microsoft365/external-mfa";
const METHOD: &str = "c0a80000-0000-4000-8000-00000000e0a1";
const ALICE: &str = "alice@contoso.com";

/// It is switched on, Entra is told, and everybody who is assigned is linked.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) console: Browser,
}

impl Stage {
    pub(super) async fn new() -> Self {
        Self::on(Database::Sqlite).await
    }

    pub(super) async fn on(kind: Database) -> Self {
        let world = World::on(kind).await;
        world.sync().await;
        let console = world.signed_in("olivia", "/admin").await;
        let stage = Self { world, console };
        stage.switch("on").await;
        stage.tell_microsoft().await;
        stage
    }

    pub(super) async fn switch(&self, state: &str) {
        let page = self.console.get(PAGE).await;
        let action = format!("{PAGE}/switch");
        let done = self.console.fill(&page, &action, &[("state", state)]).await;
        let location = format!("{PAGE}?done=external-mfa-{state}");
        assert_eq!(done.location.as_deref(), Some(&*location), "{}", done.body);
    }

    /// What an administrator of the tenant types in there, as the console shows it.
    async fn tell_microsoft(&self) {
        let page = self.console.get(PAGE).await;
        let shown: Vec<String> =
            page.elements().into_iter().filter(|it| it.is("code")).map(|it| it.text).collect();
        let with = |end: &str| shown.iter().find(|it| it.ends_with(end)).unwrap().clone();
        self.world.simulator.add_redirect_uri(&with("/eam/authorize"));
        let tenant = self.world.store.read(store::tenants::all).await.unwrap()[0].id.to_string();
        assert!(shown.contains(&tenant), "{shown:?}");
        self.world.simulator.add_external_method(ExternalMethod {
            id: METHOD.to_owned(),
            display_name: "Gatehouse".to_owned(),
            app_id: SIGN_IN_CLIENT_ID.to_owned(),
            client_id: tenant,
            discovery_url: with("/eam/.well-known/openid-configuration"),
            enabled: true,
        });
    }

    /// What Entra has somebody's browser post here, after the first factor.
    pub(super) async fn sent(&self, account: &str) -> Fields {
        // Two hints about one person within a second would be the same to the byte.
        self.world.pass(Duration::from_secs(1));
        let form = [("username", account), ("method", METHOD)];
        let (status, html) = self.post("/outlook/verify", &form).await;
        assert_eq!(status, 200, "{html}");
        form_of(&html, &format!("{}/eam/authorize", self.world.url))
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, String) {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        let address = format!("{}{path}", self.world.simulator.url());
        let answer = client.post(&address).form(form).send().await.unwrap();
        let cookie = answer.headers().get("set-cookie").map(|it| it.to_str().unwrap().to_owned());
        let status = answer.status().as_u16();
        let Some(cookie) = cookie.filter(|_| status == 303) else {
            return (status, answer.text().await.unwrap());
        };
        let mailbox = format!("{}/outlook/mailbox", self.world.simulator.url());
        let request = client.get(mailbox).header("cookie", cookie.split(';').next().unwrap());
        (status, request.send().await.unwrap().text().await.unwrap())
    }

    /// Posts it here, as a form of another site.
    pub(super) async fn come(&self, browser: &Browser, fields: &Fields) -> Page {
        let body = serde_urlencoded(fields);
        browser.come_by_form("/eam/authorize", &body).await
    }

    /// From Entra to the page that asks for the second factor, or wherever it ends.
    pub(super) async fn ask(&self, account: &str) -> (Browser, Page) {
        let browser = self.world.browser();
        let fields = self.sent(account).await;
        let page = self.come(&browser, &fields).await;
        let page = match &page.location {
            Some(location) => browser.get(location).await,
            None => page,
        };
        (browser, page)
    }

    /// Gives the code; the page that posts the answer.
    pub(super) async fn prove(&self, browser: &Browser, page: &Page, name: &str) -> Page {
        assert_eq!(page.text("h1"), "Enter your code", "{}", page.body);
        let code = self.world.next_code(self.world.account(name));
        let done = browser.fill(page, "/sign-in/second-factor", &[("code", &code)]).await;
        let location = done.location.unwrap_or_else(|| panic!("{}", done.body));
        assert!(location.starts_with("/continue?request="), "{location}");
        browser.get(&location).await
    }

    /// What is posted to Entra.
    pub(super) fn answered(&self, page: &Page) -> Fields {
        let to = format!("{}/common/federation/externalauthprovider", self.world.simulator.url());
        page.form(&to)
    }

    /// What Entra makes of it: the mailbox, or its page with a code.
    pub(super) async fn bring(&self, answer: &Fields) -> String {
        let pairs: Vec<_> = answer.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.post("/common/federation/externalauthprovider", &pairs).await.1
    }

    /// The newest rows of the audit log.
    pub(super) async fn journal(&self) -> String {
        self.console.get("/admin/audit").await.body
    }
}

/// Runs `test` on both databases.
pub(super) fn both<Done: Future<Output = ()>>(test: impl Fn(Stage) -> Done) {
    for kind in [Database::Sqlite, Database::Postgres] {
        eprintln!("on {kind:?}");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async { test(Stage::on(kind).await).await });
    }
}

/// The fields of a form on a page of Microsoft's.
fn form_of(html: &str, action: &str) -> Fields {
    let elements = html::read(html).unwrap();
    assert!(elements.iter().any(|it| it.is("form") && it.get("action") == Some(action)), "{html}");
    let inputs = elements.iter().filter(|it| it.is("input"));
    let pair = |it: &html::Element| {
        Some((it.get("name")?.to_owned(), it.get("value").unwrap_or_default().to_owned()))
    };
    inputs.filter_map(pair).collect()
}

pub(super) fn serde_urlencoded(fields: &Fields) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub(super) fn set(fields: &Fields, name: &str, value: &str) -> Fields {
    let mut fields = fields.clone();
    let field = fields.iter_mut().find(|(known, _)| known == name).expect(name);
    value.clone_into(&mut field.1);
    fields
}

pub(super) fn value<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// Alice's domain is managed: Microsoft asks for her password, and her code is asked for here.
#[test]
fn alice_proves_her_second_factor_and_microsoft_lets_her_in() {
    both(|stage| async move {
        let (browser, page) = stage.ask(ALICE).await;
        assert!(page.body.contains(ALICE) && !page.body.contains("Not you?"), "{}", page.body);
        assert!(!page.body.contains("name=\"remember\""), "nothing spares what is confirmed");
        let page = stage.prove(&browser, &page, "alice").await;
        let answer = stage.answered(&page);
        let names: Vec<&str> = answer.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["id_token", "state"]);
        let mailbox = stage.bring(&answer).await;
        assert!(mailbox.contains("Inbox of") && mailbox.contains("pwd<br>otp"), "{mailbox}");
        let journal = stage.journal().await;
        for row in ["Microsoft asked for a second factor", "Second factor confirmed to Microsoft"] {
            assert!(journal.contains(row), "{row}: {journal}");
        }
        for fact in ["to Contoso: otp", "SHA-256", "subject"] {
            assert!(journal.contains(fact), "{fact}: {journal}");
        }
        let again = stage.bring(&answer).await;
        assert!(again.contains("AADSTS50089"), "its attempt is over: {again}");
    });
}

/// Entra reads these with a length and an `x5c`, or not at all; the simulator insists on both.
#[tokio::test(flavor = "multi_thread")]
async fn what_entra_reads_is_there_only_while_it_is_switched_on() {
    let world = World::new().await;
    let browser = world.browser();
    for path in ["/eam/.well-known/openid-configuration", "/eam/jwks"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    let refused = browser.come_by_form("/eam/authorize", "client_id=x&id_token_hint=y").await;
    assert!(refused.status == 400 && refused.body.contains("GH-EAM-02"), "{}", refused.body);
    drop(world);
    let stage = Stage::new().await;
    let browser = stage.world.browser();
    let document = browser.get("/eam/.well-known/openid-configuration").await;
    assert!(document.headers.contains_key("content-length"));
    let read: serde_json::Value = serde_json::from_str(&document.body).unwrap();
    assert_eq!(read["issuer"], format!("{}/eam", stage.world.url));
    let keys = browser.get("/eam/jwks").await;
    assert!(keys.headers.contains_key("content-length"));
    let keys: serde_json::Value = serde_json::from_str(&keys.body).unwrap();
    let keys = keys["keys"].as_array().unwrap();
    assert!(!keys.is_empty() && keys.iter().all(|key| key["x5c"][0].is_string()));
    stage.switch("off").await;
    assert_eq!(browser.get("/eam/jwks").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_half_done_when_it_is_switched_off_is_not_answered() {
    let stage = Stage::new().await;
    let (browser, page) = stage.ask(ALICE).await;
    let code = stage.world.next_code(stage.world.account("alice"));
    let done = browser.fill(&page, "/sign-in/second-factor", &[("code", &code)]).await;
    stage.switch("off").await;
    let over = browser.get(&done.location.unwrap()).await;
    assert_eq!(over.status, 410, "{}", over.body);
    let fields = {
        stage.world.simulator.forget_providers();
        let form = [("username", ALICE), ("method", METHOD)];
        stage.post("/outlook/verify", &form).await
    };
    assert!(fields.1.contains("AADSTS50166"), "{}", fields.1);
}

/// R144, R147
#[tokio::test(flavor = "multi_thread")]
async fn switching_takes_a_fresh_factor_and_is_written_down() {
    let stage = Stage::new().await;
    let page = stage.console.get(PAGE).await;
    let wrong = stage.console.fill(&page, PAGE, &[("app_id", "Gatehouse")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("That is no id"), "{}", wrong.body);
    assert!(wrong.body.contains("value=\"Gatehouse\""), "what was typed stays");
    let saved = stage.console.fill(&page, PAGE, &[("app_id", SIGN_IN_CLIENT_ID)]).await;
    assert_eq!(saved.location.as_deref(), Some(&*format!("{PAGE}?done=saved")));
    let page = stage.console.get(PAGE).await;
    let call = page.elements().into_iter().find(|it| it.is("pre")).unwrap().text;
    let call: serde_json::Value = serde_json::from_str(&call).unwrap();
    assert_eq!(call["appId"], SIGN_IN_CLIENT_ID);
    assert_eq!(
        call["openIdConnectSetting"]["discoveryUrl"],
        format!("{}/eam/.well-known/openid-configuration", stage.world.url)
    );
    let journal = stage.journal().await;
    assert!(journal.contains("External MFA changed") && journal.contains("switched on"));
    stage.world.pass(Duration::from_mins(6));
    let old = stage.console.get(PAGE).await;
    assert!(old.body.contains("Confirm that it is you"), "{}", old.body);
    let refused = stage.console.fill(&page, &format!("{PAGE}/switch"), &[("state", "off")]).await;
    assert!(refused.location.unwrap().starts_with("/admin/step-up"));
}
