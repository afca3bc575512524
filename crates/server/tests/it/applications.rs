//! An application that speaks WS-Federation: an admin registers it in the console, people sign in
//! there, and another program judges what it gets.

use model::relying_party::SignedRequests;
use store::{federated_domains, relying_parties};

use crate::{
    browser::{Browser, Page},
    oidc,
    outside::xmlsec1_agrees,
    parties::send,
    support::World,
    wsfed::DOOR,
};

const LIST: &str = "/admin/relying-parties";
const NEW: &str = "/admin/relying-parties/new";
pub(crate) const REPLY: &str = "https://time.contoso.com/signin-wsfed";
pub(crate) const QUERY: &str =
    "wa=wsignin1.0&wtrealm=urn%3acontoso%3atimesheet&wctx=rm%3d0%26id%3dpassive";

/// What Windows Identity Foundation and its kin write about an application.
fn metadata() -> String {
    let endpoint = |name: &str, address: &str| {
        format!(
            "<fed:{name}><EndpointReference xmlns=\"http://www.w3.org/2005/08/addressing\">\
             <Address>{address}</Address></EndpointReference></fed:{name}>"
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><EntityDescriptor \
         entityID=\"urn:contoso:timesheet\" xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\">\
         <RoleDescriptor xsi:type=\"fed:ApplicationServiceType\" ServiceDisplayName=\"Time sheet\" \
         protocolSupportEnumeration=\"http://docs.oasis-open.org/wsfed/federation/200706\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:fed=\"http://docs.oasis-open.org/wsfed/federation/200706\">{}{}</RoleDescriptor>\
         </EntityDescriptor>",
        endpoint("TargetScopes", "urn:contoso:timesheet"),
        endpoint("PassiveRequestorEndpoint", REPLY),
    )
}

/// Registers the application by its metadata, for everybody; answers its page's address.
pub(crate) async fn register(admin: &Browser) -> String {
    let page = admin.get(&format!("{NEW}?protocol=ws-fed")).await;
    let read = send(admin, &page, &format!("{LIST}/read"), &[("metadata", &metadata())]).await;
    assert_eq!(read.status, 200, "{}", read.body);
    let done = send(admin, &read, NEW, &[("access", "everyone")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    done.location.unwrap().split('?').next().unwrap().to_owned()
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map_or_else(|| panic!("no {name}"), |(_, value)| value.as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_registered_by_its_metadata_and_people_sign_in_there() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let here = register(&admin).await;
    let page = admin.get(&here).await;
    for shown in ["Time sheet", "WS-Federation", "urn:contoso:timesheet", "wa=wsignout1.0", REPLY] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains("Certificates of its signatures"), "its requests are not signed");
    assert!(admin.get(LIST).await.body.contains("WS-Federation"));

    let browser = Browser::new(&world.url);
    let asked = browser.come(&format!("{DOOR}?{QUERY}")).await;
    let page = browser.come(asked.location.as_deref().unwrap()).await;
    assert!(page.body.contains("Time sheet") && !page.body.contains("Microsoft"), "{}", page.body);
    let typed = [("address", "alice@contoso.com")];
    let page = browser.fill(&page, "/sign-in/address", &typed).await;
    let page = world.prove(&browser, &page, "alice").await;
    let page = browser.get(page.location.as_deref().unwrap()).await;
    assert!(page.body.contains("One more step to Time sheet."), "{}", page.body);
    let fields = page.form(REPLY);
    assert_eq!((field(&fields, "wa"), field(&fields, "wctx")), ("wsignin1.0", "rm=0&id=passive"));
    let token = field(&fields, "wresult");
    assert!(token.contains("<saml:Audience>urn:contoso:timesheet</saml:Audience>"), "{token}");
    assert!(token.contains("AttributeName=\"emailaddress\"") && token.contains("multipleauthn"));
    assert!(xmlsec1_agrees(&world, token).await);
    let forged = token.replace("alice@", "mallory@");
    assert!(forged != token && !xmlsec1_agrees(&world, &forged).await);

    let people = admin.get("/admin/users?q=alice").await;
    let person = people.elements().into_iter().find_map(|it| {
        let href = it.get("href")?;
        (href.starts_with("/admin/users/") && href.len() > 45).then(|| href.to_owned())
    });
    let journal = admin.get(&format!("{}/tokens", person.unwrap())).await;
    for shown in ["Time sheet", "emailaddress", "Chosen by an admin for this application."] {
        assert!(journal.body.contains(shown), "{shown}: {}", journal.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_of_each_protocol_takes_its_own_fields_and_says_what_is_wrong() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let page = admin.get(&format!("{NEW}?protocol=ws-fed")).await;
    let saml = admin.get(NEW).await;
    let tab = |page: &Page, label: &str| {
        page.elements().into_iter().any(|it| {
            it.is("a")
                && it.get("aria-current") == Some("page")
                && it.get("href").is_some_and(|href| href.ends_with(label))
        })
    };
    assert!(tab(&page, "ws-fed") && tab(&saml, "saml2"));
    assert_eq!(admin.get(&format!("{NEW}?protocol=oidc")).await.status, 400);

    let wrong = send(&admin, &page, &format!("{LIST}/read"), &[("metadata", "<a/>")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("not metadata"), "{}", wrong.body);
    let other = send(&admin, &saml, &format!("{LIST}/read"), &[("metadata", &metadata())]).await;
    assert!(other.status == 422 && other.body.contains("SPSSODescriptor"), "{}", other.body);

    let filled = [("entity_id", "urn:contoso:wiki"), ("name", "Wiki"), ("replies", REPLY)];
    for (field, value, said) in [
        ("entity_id", "wiki", "The realm must be a URI"),
        ("entity_id", "urn:federation:MicrosoftOnline", "This realm is registered"),
        ("replies", "http://time.contoso.com/", "plain https"),
        ("claim_mail", "mail", "named by a URI"),
        (
            "claim_mail",
            "http://schemas.microsoft.com/claims/authnmethodsreferences",
            "by ourselves",
        ),
    ] {
        let with = [&filled[..], &[(field, value)]].concat();
        let again = send(&admin, &page, NEW, &with).await;
        let status = if said.ends_with("is registered") { 409 } else { 422 };
        assert!(again.status == status && again.body.contains(said), "{said}: {}", again.body);
        assert!(tab(&again, "ws-fed"), "the protocol stays chosen");
    }
    let foreign = send(&admin, &page, NEW, &[&filled[..], &[("certificates", "x")]].concat()).await;
    assert_eq!(foreign.status, 400, "a field of SAML 2.0");
    let done = send(&admin, &page, NEW, &filled).await;
    assert_eq!(done.status, 303, "{}", done.body);

    let here = register(&admin).await;
    let moved = metadata().replace("signin-wsfed", "moved");
    let page = admin.get(&here).await;
    let compared = send(&admin, &page, &format!("{here}/metadata"), &[("metadata", &moved)]).await;
    assert!(compared.body.contains("What the metadata changes"), "{}", compared.body);
    assert!(!compared.body.contains("Signed requests"));
    let saved = send(&admin, &compared, &here, &[]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    assert!(admin.get(&here).await.body.contains("https://time.contoso.com/moved"));
}

/// R104: what an application says of itself takes no demand back.
/// R143
#[tokio::test(flavor = "multi_thread")]
async fn signed_requests_stay_demanded_when_metadata_is_read_anew() {
    let world = World::new().await;
    let metadata = include_str!("../../../federation/tests/hostile/saml2/metadata/M00-control.xml");
    world.register(metadata, |_| {}).await;
    let find = |tx: &mut store::Tx| {
        let domain = federated_domains::by_slug(tx, "contoso-com")?.unwrap();
        relying_parties::by_realm(tx, domain.id, "https://sp.example/md")
    };
    let id = world.store.read(find).await.unwrap().unwrap().id;
    let here = format!("{LIST}/{id}");
    let admin = world.signed_in("olivia", "/admin").await;
    let page = admin.get(&here).await;
    let lax = metadata.replace("AuthnRequestsSigned=\"true\"", "");
    assert_ne!(lax, metadata);
    let compared = send(&admin, &page, &format!("{here}/metadata"), &[("metadata", &lax)]).await;
    assert_eq!(compared.status, 200, "{}", compared.body);
    let saved = send(&admin, &compared, &here, &[]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let party = world.store.read(find).await.unwrap().unwrap();
    assert_eq!(party.settings.requests, SignedRequests::Required);
}

/// Where the links and the images of a page lead.
pub(crate) fn leads_to(page: &Page, tag: &str, attribute: &str) -> Vec<String> {
    let elements = page.elements().into_iter().filter(|element| element.is(tag));
    elements.filter_map(|element| element.get(attribute).map(str::to_owned)).collect()
}

pub(crate) fn policy(page: &Page) -> &str {
    page.headers["content-security-policy"].to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_tells_the_application_and_leads_back_to_it_alone() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    register(&admin).await;
    let told = format!("{REPLY}?wa=wsignoutcleanup1.0");
    for (wreply, leads_back) in [
        ("&wreply=https%3a%2f%2ftime.contoso.com%2fsignin-wsfed", true),
        ("&wreply=https%3a%2f%2fevil.example%2f", false),
    ] {
        let browser = world.signed_in("alice", "/portal").await;
        assert_eq!(browser.come(&format!("{DOOR}?{QUERY}")).await.status, 200);
        let out = browser.come(&format!("{DOOR}?wa=wsignout1.0{wreply}")).await;
        assert_eq!((out.status, out.text("h1").as_str()), (200, "You are signed out"));
        assert_eq!(leads_to(&out, "img", "src"), [told.as_str()]);
        let policy = policy(&out);
        assert!(policy.contains("img-src 'self' data: https://time.contoso.com;"), "{policy}");
        let links = leads_to(&out, "a", "href");
        assert_eq!(links.iter().any(|link| link == REPLY), leads_back, "{links:?}");
        assert!(!out.body.contains("evil.example"));
        assert_eq!(browser.get("/portal").await.status, 303, "the session is over");
    }
    let nobody = Browser::new(&world.url).come(&format!("{DOOR}?wa=wsignout1.0")).await;
    assert!(leads_to(&nobody, "img", "src").is_empty());
    assert!(policy(&nobody).contains("img-src 'self' data:;"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_says_whether_the_real_peer_is_in_a_corporate_network() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let (here, to) =
        ("/admin/domains/contoso-com/protocols", "/admin/domains/contoso-com/networks");
    let alice = world.signed_in("alice", "/portal").await;
    let microsoft = format!("{DOOR}?wa=wsignin1.0&wtrealm=urn%3afederation%3aMicrosoftOnline");
    let says = async |said: Option<&str>| {
        let forged =
            [("x-forwarded-for", "203.0.113.7"), ("x-ms-forwarded-client-ip", "203.0.113.7")];
        let page = alice.odd("GET", &microsoft, &forged).await;
        world.pass(std::time::Duration::from_secs(61));
        let form = page.form(&format!("{}/login.srf", world.simulator.url()));
        let token = field(&form, "wresult");
        let value = token.split("ws/2012/01\"><saml:AttributeValue>").nth(1);
        assert_eq!(value.and_then(|rest| rest.split('<').next()), said, "{token}");
    };
    says(None).await;
    let page = admin.get(here).await;
    let wrong = send(&admin, &page, to, &[("corporate_networks", "203.0.113.7/24")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("203.0.113.7/24 is no network"));
    for (networks, said) in
        [("203.0.113.0/24", Some("false")), ("127.0.0.0/8 ::1", Some("true")), ("", None)]
    {
        let saved = send(&admin, &page, to, &[("corporate_networks", networks)]).await;
        assert_eq!(saved.status, 303, "{}", saved.body);
        says(said).await;
    }
    let log = admin.get("/admin/audit").await;
    assert!(log.body.contains("corporate networks: 127.0.0.0/8, ::1/128"), "{}", log.body);
}

/// F024: a tile leads to the application's own start, which asks us like any sign-in there.
#[tokio::test(flavor = "multi_thread")]
async fn the_portal_has_a_tile_for_who_may_use_an_application() {
    const START: &str = "https://tickets.contoso.com/start";
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let client = oidc::register(&admin, &[("start", START), ("access", "assigned")]).await;
    let alice = world.signed_in("alice", "/portal").await;
    let tiles = alice.get("/portal").await;
    let leads = |page: &Page| page.elements().iter().any(|it| it.get("href") == Some(START));
    assert!(leads(&tiles) && tiles.body.contains("tickets.contoso.com"), "{}", tiles.body);
    let olivia = world.signed_in("olivia", "/portal").await;
    assert!(!leads(&olivia.get("/portal").await), "she is assigned to nothing");

    let page = admin.get(&client.here).await;
    let odd = send(&admin, &page, &client.here, &[("start", "javascript:alert(1)")]).await;
    assert_eq!(odd.status, 422, "{}", odd.body);
    let none = send(&admin, &page, &client.here, &[("start", "")]).await;
    assert_eq!(none.status, 303, "{}", none.body);
    assert!(!leads(&alice.get("/portal").await));
}
