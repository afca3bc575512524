//! The rules of whichever domain vouches for a person hold where Microsoft asks, too.

use model::{Actor, Upn};
use store::{Tx, federated_domains, relying_parties, users};

use super::{ALICE, Stage, both};
use crate::policy::{add, press};

impl Stage {
    async fn publish(&self, fields: &[(&str, &str)]) {
        let drafted = add(&self.console, fields).await;
        assert_eq!(drafted.status, 303, "{}", drafted.body);
        let done = press(&self.console, "/admin/policy/review", "/admin/policy/publish").await;
        assert_eq!(done.status, 303, "{}", done.body);
    }

    async fn rename_alice(&self, upn: &'static str) {
        let renamed = self.world.store.write(move |tx: &mut Tx| {
            let mut alice = users::by_upn(tx, ALICE)?.unwrap();
            alice.upn = Upn::parse(upn).unwrap();
            users::update(tx, &alice)
        });
        renamed.await.unwrap();
    }
}

#[test]
fn the_rules_for_microsoft_are_those_of_the_persons_own_domain() {
    both(|stage| async move {
        let world = &stage.world;
        let found = world.store.read(|tx| {
            let domain = federated_domains::by_slug(tx, "contoso-com")?.unwrap();
            let realm = "urn:federation:MicrosoftOnline";
            let party = relying_parties::by_realm(tx, domain.id, realm)?.unwrap();
            Ok::<_, store::Error>((domain.tenant_id, party.id))
        });
        let (tenant, party) = found.await.unwrap();
        let visitor = app::Visitor::at_the_command_line(&world.house);
        let added = world.house.add_domain(tenant, "eu.contoso.com", Actor::Operator, &visitor);
        added.await.unwrap();
        let target = format!("party:{party}");
        stage.publish(&[("name", "Closed"), ("targets", &target), ("then", "deny")]).await;
        let (_, page) = stage.ask(ALICE).await;
        stage.is_declined(&page, "GH-EAM-10").await;
        assert!(!page.body.contains("Closed"), "what admins call the rule is for admins");
        let journal = stage.journal().await;
        assert!(journal.contains("by Contoso: denied by the rule &quot;Closed&quot;"), "{journal}");
        stage.rename_alice("alice@eu.contoso.com").await;
        let (_, page) = stage.ask(ALICE).await;
        assert_eq!(page.text("h1"), "Enter your code", "{}", page.body);
    });
}

/// R056: a browser that is remembered spares nobody what Microsoft is told was proved.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_remembered_proves_it_all_the_same() {
    let stage = Stage::new().await;
    stage.publish(&[("name", "Remember"), ("remember", "14")]).await;
    let browser = stage.world.browser();
    let page = browser.follow("/portal").await;
    let page = browser.fill(&page, "/sign-in/address", &[("address", ALICE)]).await;
    let alice = stage.world.account("alice");
    let password = secrecy::ExposeSecret::expose_secret(&alice.password);
    let page = browser.fill(&page, "/sign-in/password", &[("password", password)]).await;
    let code = stage.world.next_code(alice);
    let fields = [("code", code.as_str()), ("remember", "yes")];
    browser.fill(&page, "/sign-in/second-factor", &fields).await;
    assert!(browser.cookie("gh_remembered").is_some());
    let sent = stage.sent(ALICE).await;
    let page = stage.come(&browser, &sent).await;
    let page = browser.get(&page.location.unwrap()).await;
    assert!(!page.body.contains("name=\"remember\""), "{}", page.body);
    assert!(page.body.contains("Somebody has just signed in at Microsoft"), "{}", page.body);
    let page = stage.prove(&browser, &page, "alice").await;
    assert!(stage.bring(&stage.answered(&page)).await.contains("Inbox of"));
}
