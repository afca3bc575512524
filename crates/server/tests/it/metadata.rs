//! Federation metadata over HTTP: signed once, kept by whoever asks, and told apart by its tag.

use crate::{
    browser::{Browser, Page},
    support::World,
};

const ADDRESS: &str = "/d/contoso-com/federationmetadata/2007-06/federationmetadata.xml";

fn header<'p>(page: &'p Page, name: &str) -> Option<&'p str> {
    page.headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_stays_the_same_to_the_byte_and_is_not_sent_twice() {
    let world = World::new().await;
    let (one, other) = (Browser::new(&world.url), Browser::new(&world.url));
    let first = one.get(ADDRESS).await;
    assert_eq!(first.status, 200);
    assert_eq!(header(&first, "content-type"), Some("application/samlmetadata+xml; charset=utf-8"));
    assert_eq!(header(&first, "cache-control"), Some("public, max-age=3600"));
    assert_eq!(header(&first, "set-cookie"), None, "a proxy may keep it for everybody");
    let tag = header(&first, "etag").unwrap().to_owned();

    let again = other.get(ADDRESS).await;
    assert_eq!((&again.body, header(&again, "etag")), (&first.body, Some(tag.as_str())));
    for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
        let kept = one.odd("GET", ADDRESS, &[("if-none-match", &known)]).await;
        assert_eq!((kept.status, kept.body.as_str()), (304, ""), "{known}");
        assert_eq!(header(&kept, "etag"), Some(tag.as_str()));
    }
    let other = one.odd("GET", ADDRESS, &[("if-none-match", "\"other\"")]).await;
    assert_eq!((other.status, &other.body), (200, &first.body));
}

/// R128
#[tokio::test(flavor = "multi_thread")]
async fn the_active_and_the_next_certificate_are_always_in_it() {
    let world = World::new().await;
    let page = Browser::new(&world.url).get(ADDRESS).await;
    let keys = page.body.split("<md:KeyDescriptor use=\"signing\">").skip(1);
    let certificates: Vec<&str> =
        keys.map(|key| key.split("X509Certificate>").nth(1).unwrap()).collect();
    assert_eq!(certificates.len(), 4, "two in each role: {}", page.body);
    assert_ne!(certificates[0], certificates[1]);
    assert_eq!(certificates[..2], certificates[2..]);
}
