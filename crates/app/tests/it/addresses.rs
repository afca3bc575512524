//! Addresses that a browser is sent to: whatever is registered is read by a parser of another make as
//! it is by ours (R075).

use app::relying_parties::registry::PartyWish;
use http::Uri;
use model::relying_party::{PartyProtocol, RelyingParty};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use store::{Database, federated_domains};
use url::Url;

use crate::support::{Bench, SLUG, visitor};

const SCHEMES: &[&str] = &["HTTPS", "hTTps", "http", "javascript", "ftp", "https ", ""];

const SLASHES: &[&str] = &[":", ":/", ":///", ":////", ":\\\\", ":/\\", "//"];

const USERS: &[&str] =
    &["user@", "user:word@", "@", ":@", "a@b@", "login.microsoftonline.com%40", "%2f@", "a\\@"];

const HOSTS: &[&str] = &[
    "TIME.Contoso.com",
    "xn--bcher-kva.example",
    "bücher.example",
    "1.2.3.4",
    "0x7f.1",
    "127.1",
    "1.2.3.4.",
    "2130706433",
    "[2001:db8::1]",
    "[2001:DB8:0::1]",
    "[fe80::1%25eth0]",
    "[fe80::1%eth0]",
    "[::ffff:1.2.3.4]",
    "[::1]",
    "a_b.example",
    "a..b",
    "example.com.",
    "ex%61mple.com",
    "a%2fb.example",
    "localhost",
    "e\u{ad}x.com",
    "good.com\\evil.com",
    "a,b.com",
    "*.contoso.com",
    "\u{ff12}.com",
    "a;b.com",
    "-a.com",
    "a+b.com",
    "xn--a",
    "a|b",
    "",
    "a b.com",
];

const PORTS: &[&str] = &[":443", ":8443", ":", ":0", ":65535", ":65536", ":08443", ":80:90", ":x"];

const PATHS: &[&str] = &[
    "",
    "/",
    "/a/../b",
    "/a/./b",
    "/..",
    "/%2e%2e/b",
    "/.%2E/b",
    "/a//b",
    "//a",
    "/a\\b",
    "\\a",
    "/ä",
    "/%C3%A4",
    "/%c3%a4",
    "/%zz",
    "/%",
    "/a;b=c",
    "/a b",
    "/a\tb",
    "/a|b",
    "/{x}",
    "/a^b",
    "/`",
    "/[x]",
    "/~x",
    "/%2f..%2f",
    "/a:b",
    "/@a",
    "/a,b",
    "/'",
    "/\"",
    "/<x>",
    "/%00",
    "/a%20",
];

const QUERIES: &[&str] = &[
    "?a=b",
    "?",
    "?a=b&c=d",
    "?x=%",
    "?x={y}|z",
    "?a'b",
    "?<x>",
    "?a=https://evil.example/",
    "?a b",
    "?ä",
    "?a?b",
    "?\\",
    "?a=^`",
    "?a=[1]",
    "?%2f",
    "?@",
    "?/../",
];

const FRAGMENTS: &[&str] = &["#", "#x", "#?a", "#@"];

const ODD: &[&str] = &[
    "\t", "\r", "\n", "\0", " ", "\u{200b}", "\u{fe0f}", "\\", "\u{ff0f}", "%", "#", "@", "\u{7f}",
];

/// One of these, the first of them as often as all others.
fn mostly(usual: &'static str, odd: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just(usual.to_owned()),
        2 => proptest::sample::select(odd).prop_map(str::to_owned),
    ]
}

/// Addresses that readers of addresses quarrel about, and ordinary ones.
fn address() -> impl Strategy<Value = String> {
    let scheme = mostly("https", SCHEMES);
    let slashes = mostly("://", SLASHES);
    let user = prop_oneof![
        8 => Just(""),
        1 => proptest::sample::select(USERS),
    ];
    let host = mostly("time.contoso.com", HOSTS);
    let port = mostly("", PORTS);
    let path = mostly("/saml/acs", PATHS);
    let query = mostly("", QUERIES);
    let fragment = prop_oneof![8 => Just(""), 1 => proptest::sample::select(FRAGMENTS)];
    let parts = (scheme, slashes, user, host, (port, path, query), fragment);
    let whole = parts.prop_map(|(scheme, slashes, user, host, (port, path, query), fragment)| {
        [scheme, slashes, user.to_owned(), host, port, path, query, fragment.to_owned()].concat()
    });
    let odd = prop_oneof![
        12 => Just(""),
        1 => proptest::sample::select(ODD),
    ];
    (whole, odd, any::<proptest::sample::Index>()).prop_map(|(mut whole, odd, at)| {
        let places: Vec<usize> = whole.char_indices().map(|(at, _)| at).collect();
        if !places.is_empty() {
            whole.insert_str(*at.get(&places), odd);
        }
        whole
    })
}

/// Everywhere that a browser is sent by a party.
fn targets(party: &RelyingParty) -> Vec<String> {
    let settings = &party.settings;
    let sign_out = settings.sign_out.iter().map(|it| it.location.clone());
    let others = sign_out.chain(settings.start.clone()).chain(settings.oidc.after_sign_out.clone());
    party.replies.iter().cloned().chain(others).collect()
}

/// Scheme, host, port, path and query, as two parsers of different makes see them.
type Seen = (String, String, Option<u16>, String, Option<String>);

fn by_url(text: &str) -> Seen {
    let url = Url::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    let host = url.host_str().unwrap_or_default().to_owned();
    let query = url.query().map(str::to_owned);
    (url.scheme().to_owned(), host, url.port(), url.path().to_owned(), query)
}

fn by_http(text: &str) -> Seen {
    let uri: Uri = text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"));
    let authority = uri.authority().unwrap_or_else(|| panic!("{text:?}")).as_str();
    let (host, port) = (uri.host().unwrap_or_default(), uri.port_u16());
    let rebuilt = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    assert_eq!(authority, rebuilt, "{text:?}: nobody stands before the host");
    let (scheme, query) = (uri.scheme_str().unwrap_or_default(), uri.query().map(str::to_owned));
    (scheme.to_owned(), host.to_owned(), port, uri.path().to_owned(), query)
}

/// R075
#[tokio::test(flavor = "multi_thread")]
async fn two_parsers_agree_on_every_address_that_was_registered() {
    const DRAWN: usize = 4_000;
    let bench = Bench::new(Database::Sqlite).await;
    let admin = bench.admin().await;
    let find = |tx: &mut store::Tx| federated_domains::by_slug(tx, SLUG);
    let domain = bench.store.read(find).await.unwrap().unwrap().id;
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[75; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    let strategy = address();
    let (mut registered, mut different) = (0, std::collections::BTreeSet::new());
    for number in 0..DRAWN {
        let address = strategy.new_tree(&mut runner).unwrap().current();
        let protocol =
            [PartyProtocol::WsFed, PartyProtocol::Saml2, PartyProtocol::Oidc][number % 3];
        let is_oidc = protocol == PartyProtocol::Oidc;
        let wish = PartyWish {
            name: "Drawn".to_owned(),
            entity_id: format!("urn:drawn:{number}"),
            replies: address.clone(),
            start: address.clone(),
            sign_out: if is_oidc { String::new() } else { address.clone() },
            after_sign_out: if is_oidc { address.clone() } else { String::new() },
            ..PartyWish::of(protocol)
        };
        let made =
            bench.house.register_party(&admin, domain, &wish, &visitor("198.51.100.9")).await;
        let id = match made {
            Ok(new) => new.id,
            Err(error) => {
                let refused = matches!(error.kind, app::Kind::Invalid { .. });
                assert!(refused, "{address:?}: {error:?}");
                continue;
            }
        };
        registered += 1;
        let party = bench.house.relying_party(&admin, id).await.unwrap().party;
        for target in targets(&party) {
            assert_eq!(by_url(&target), by_http(&target), "{target:?}");
            let printable = target.bytes().all(|it| it.is_ascii_graphic());
            assert!(printable && !target.contains(['\\', '#']), "{target:?}");
            let local =
                ["http://localhost", "http://[::1]"].iter().any(|it| target.starts_with(it));
            assert!(target.starts_with("https://") || local, "{target:?}");
            assert_eq!(target, address.trim(), "nothing is changed about it");
            different.insert(target);
        }
    }
    eprintln!("{registered} of {DRAWN} were registered: {different:#?}");
    assert!(registered > DRAWN / 40 && different.len() > 60, "{registered}, {}", different.len());
}
