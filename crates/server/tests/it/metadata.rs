//! Federation metadata over HTTP: signed once, kept by whoever asks, and told apart by its tag.

use app::keys::{Keeper, Unseen};
use model::relying_party::SignedRequests;
use store::relying_parties;

use crate::{
    browser::{Browser, Page},
    support::World,
};

const PARTY: &str = include_str!("party-metadata.xml");

/// The three addresses, with how often a key is named there: once in each role.
async fn addresses(world: &World) -> Vec<(String, usize)> {
    let certificate = include_str!("../../../federation/tests/data/test-certificate.pem");
    let body: String = certificate.lines().filter(|line| !line.starts_with('-')).collect();
    let metadata = PARTY.replace("CERTIFICATE", &body);
    world.register(&metadata, |wish| "Wiki".clone_into(&mut wish.name)).await;
    let parties = world.store.read(relying_parties::all).await.unwrap();
    let wiki = parties.iter().find(|party| party.name == "Wiki").unwrap();
    assert_eq!(wiki.settings.requests, SignedRequests::Required);
    let federation = "/d/contoso-com/federationmetadata/2007-06/federationmetadata.xml";
    let saml = "/d/contoso-com/saml/metadata";
    vec![(federation.to_owned(), 2), (saml.to_owned(), 1), (format!("{saml}/{}", wiki.id), 1)]
}

/// The certificates of each role, in their order.
fn roles(xml: &str, count: usize) -> Vec<Vec<String>> {
    let keys = xml.split("<md:KeyDescriptor use=\"signing\">").skip(1);
    let named = |key: &str| {
        key.split("X509Certificate>").nth(1).unwrap().trim_end_matches("</ds:").to_owned()
    };
    let all: Vec<String> = keys.map(named).collect();
    assert_eq!(all.len(), 2 * count, "two in each role: {xml}");
    all.chunks(2).map(<[String]>::to_vec).collect()
}

/// Whether xmlsec1 finds the signature whole, made by the key of this certificate.
fn is_signed_by(xml: &str, certificate: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let (document, trusted) = (folder.path().join("m.xml"), folder.path().join("c.pem"));
    std::fs::write(&document, xml).unwrap();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
    std::fs::write(&trusted, pem).unwrap();
    let element = "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor";
    let mut command = std::process::Command::new("xmlsec1");
    command.args(["--verify", "--id-attr:ID", element, "--pubkey-cert-pem"]);
    command.arg(trusted).arg(document).output().unwrap().status.success()
}

fn header<'p>(page: &'p Page, name: &str) -> Option<&'p str> {
    page.headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_stays_the_same_to_the_byte_and_is_not_sent_twice() {
    let world = World::new().await;
    for (address, _) in addresses(&world).await {
        let (one, other) = (Browser::new(&world.url), Browser::new(&world.url));
        let first = one.get(&address).await;
        assert_eq!(first.status, 200);
        let kind = "application/samlmetadata+xml; charset=utf-8";
        assert_eq!(header(&first, "content-type"), Some(kind));
        assert_eq!(header(&first, "cache-control"), Some("public, max-age=3600"));
        assert_eq!(header(&first, "set-cookie"), None, "a proxy may keep it for everybody");
        let tag = header(&first, "etag").unwrap().to_owned();

        let again = other.get(&address).await;
        assert_eq!((&again.body, header(&again, "etag")), (&first.body, Some(tag.as_str())));
        for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
            let kept = one.odd("GET", &address, &[("if-none-match", &known)]).await;
            assert_eq!((kept.status, kept.body.as_str()), (304, ""), "{address} {known}");
            assert_eq!(header(&kept, "etag"), Some(tag.as_str()));
        }
        let other = one.odd("GET", &address, &[("if-none-match", "\"other\"")]).await;
        assert_eq!((other.status, &other.body), (200, &first.body));
    }
}

/// R128
#[tokio::test(flavor = "multi_thread")]
async fn the_active_and_the_next_certificate_are_always_in_it_and_the_active_one_signs() {
    let world = World::new().await;
    let addresses = addresses(&world).await;
    let browser = Browser::new(&world.url);
    let mut before: Vec<(String, String, String)> = Vec::new();
    for promoted in [false, true] {
        for (address, count) in &addresses {
            let page = browser.get(address).await;
            let roles = roles(&page.body, *count);
            let [active, next] = &roles[0][..] else { unreachable!("chunks of two") };
            assert!(active != next && roles.iter().all(|role| *role == roles[0]), "{address}");
            assert!(is_signed_by(&page.body, active), "{address}: {}", page.body);
            assert!(!is_signed_by(&page.body, next), "{address}");
            let forged = page.body.replace("/d/contoso-com/", "/d/fabrikam-com/");
            assert!(!is_signed_by(&forged, active), "{address}");
            let tag = header(&page, "etag").unwrap().to_owned();
            if promoted {
                let (next_before, active_before, tag_before) = before.remove(0);
                assert_eq!(*active, next_before, "{address}: the next one signs now");
                assert!(![&active_before, active].contains(&next) && tag != tag_before);
            } else {
                before.push((next.clone(), active.clone(), tag));
            }
        }
        let visitor = app::Visitor::at_the_command_line(&world.house);
        let (keeper, next) = (Keeper::Operator, world.house.signing_keys(Keeper::Operator).await);
        let next = next.unwrap()[1].id;
        world.house.promote_key(keeper, next, Unseen::Accept, &visitor).await.unwrap();
    }
}

/// R143
#[tokio::test(flavor = "multi_thread")]
async fn a_party_sees_what_was_agreed_with_it_and_nobody_elses_party_is_found() {
    let world = World::new().await;
    let addresses = addresses(&world).await;
    let browser = Browser::new(&world.url);
    let everybodys = browser.get(&addresses[1].0).await.body;
    let own = browser.get(&addresses[2].0).await.body;
    assert!(everybodys.contains("WantAuthnRequestsSigned=\"false\""), "{everybodys}");
    assert!(own.contains("WantAuthnRequestsSigned=\"true\""), "{own}");
    assert_eq!(everybodys.matches("<md:NameIDFormat>").count(), 4, "{everybodys}");
    let format = "<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress<";
    assert!(own.contains(format) && own.matches("<md:NameIDFormat>").count() == 1, "{own}");
    assert!(!own.contains("RoleDescriptor "), "SAML 2.0 alone");
    let elsewhere = addresses[2].0.replace("contoso-com", "fabrikam-com");
    assert_eq!(browser.get(&elsewhere).await.status, 404);
}
