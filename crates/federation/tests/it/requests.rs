//! WS-Federation requests: the recorded shapes, and what strangers may try.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use federation::wsfed::request::{Refusal, Request, SignIn, client_request_id, parse};
use model::pending_request::Demand;
use proptest::prelude::*;

const WIRE: &str = include_str!("../vectors/wire-requests.txt");
const REALM: &str = "urn:federation:MicrosoftOnline";
const WCTX: &str = "estsredirect=2&estsrequest=rQQIARAAfake";

/// The query (or body) of the recorded line with this name.
fn wire(name: &str) -> &'static str {
    let line = WIRE.lines().find(|line| line.split(' ').next() == Some(name)).expect("recorded");
    line.split_once('?')
        .map_or_else(|| line.rsplit(' ').next(), |(_, query)| Some(query))
        .expect("it has a query")
}

fn sign_in(raw: &str) -> SignIn {
    let Ok(Request::SignIn(sign_in)) = parse(raw) else { unreachable!("not a sign-in: {raw}") };
    sign_in
}

#[test]
fn every_recorded_request_is_understood() {
    let recorded = WIRE.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(recorded, 10, "a new line needs a new expectation below");
    let fresh = Demand { max_age: Some(0), ..Demand::default() };
    let mfa = Demand { mfa: true, ..Demand::default() };
    let ada = Some("ada@contoso.com");
    for (name, hint, demand, has_id) in [
        ("WSFED-CLASSIC", ada, Demand::default(), true),
        ("WSFED-NEWER", ada, Demand::default(), true),
        ("WSFED-LCID", None, Demand::default(), true),
        ("WSFED-PROMPT-LOGIN", ada, fresh, false),
        ("WSFED-MFA", ada, mfa, false),
        ("WSFED-HYBRIDJOIN", None, mfa, false),
    ] {
        let read = sign_in(wire(name));
        assert_eq!(read.realm, REALM, "{name}");
        assert_eq!(read.reply, None, "{name}");
        assert_eq!(read.hint.as_deref(), hint, "{name}");
        assert_eq!(read.demand, demand, "{name}");
        assert_eq!(read.client_request_id.is_some(), has_id, "{name}");
        let context = read.context.expect("all of them have one");
        assert!(
            context == WCTX || context == format!("LoginOptions=3&{WCTX}"),
            "{name}: {context}"
        );
    }
    let reply = Some("https://login.microsoftonline.com/login.srf".to_owned());
    assert_eq!(parse(wire("WSFED-SIGNOUT")), Ok(Request::SignOut { reply }));
    assert_eq!(parse(wire("WSFED-CLEANUP")), Ok(Request::SignOutCleanup { reply: None }));
    for saml in ["SAML-POST", "SAML-REDIRECT"] {
        assert_eq!(parse(wire(saml)), Err(Refusal::UnknownAction), "{saml}");
    }
}

#[test]
fn a_context_of_eight_kibibytes_of_reserved_bytes_comes_back_byte_for_byte() {
    const RESERVED: &str = ":/?#[]@!$&'()*+,;=%\"<>\\^`{|} ~-._é😀\t\r\n";
    let context: String = RESERVED.chars().cycle().take(7_600).collect();
    assert!(context.len() > 8 * 1024);
    let encoded: String = url::form_urlencoded::byte_serialize(context.as_bytes()).collect();
    for spelled in [encoded.to_lowercase(), encoded] {
        // Lower-casing touches the escapes only, as the context has no capital letters.
        let raw =
            format!("wa=wsignin1.0&wtrealm=urn%3afederation%3aMicrosoftOnline&wctx={spelled}");
        assert_eq!(sign_in(&raw).context.as_deref(), Some(context.as_str()));
    }
    let absent = sign_in("wa=wsignin1.0&wtrealm=x");
    let empty = sign_in("wa=wsignin1.0&wtrealm=x&wctx=");
    assert_eq!((absent.context, empty.context), (None, Some(String::new())));
}

#[test]
fn hostile_requests_get_their_code() {
    let long = "a".repeat(33 * 1024);
    let many = (0..70).map(|n| format!("&p{n}=1")).collect::<Vec<_>>().concat();
    let good = "wa=wsignin1.0&wtrealm=x";
    for (raw, refusal) in [
        (String::new(), Refusal::UnknownAction),
        ("wa=wevil1.0&wtrealm=x".to_owned(), Refusal::UnknownAction),
        ("wtrealm=x".to_owned(), Refusal::UnknownAction),
        ("WA=wsignin1.0&wtrealm=x".to_owned(), Refusal::UnknownAction),
        ("wa=wsignin1.0".to_owned(), Refusal::NoRealm),
        ("wa=wsignin1.0&wtrealm=".to_owned(), Refusal::NoRealm),
        (format!("{good}&wtrealm=urn:unknown"), Refusal::DuplicateParameter),
        (format!("{good}&wtrealm=x"), Refusal::DuplicateParameter),
        (format!("{good}&wreply=https://a/&wreply=https://b/"), Refusal::DuplicateParameter),
        (format!("{good}&Wtrealm=y"), Refusal::DuplicateParameter),
        (format!("{good}&%77reply=https://evil.example/"), Refusal::EncodedName),
        (format!("{good}&wreply%00=x"), Refusal::EncodedName),
        (format!("{good}&w+reply=x"), Refusal::EncodedName),
        (format!("{good}&wctx=%"), Refusal::Malformed),
        (format!("{good}&wctx=%4"), Refusal::Malformed),
        (format!("{good}&wctx=%zz"), Refusal::Malformed),
        (format!("{good}&wctx=%ff"), Refusal::Malformed),
        (format!("{good}&wctx=%c0%80"), Refusal::Malformed),
        (format!("{good}&wctx=a%00b"), Refusal::Malformed),
        (format!("{good}&wctx={}", &long[..17 * 1024]), Refusal::TooLong),
        (format!("wa=wsignin1.0&wtrealm={}", &long[..1_025]), Refusal::TooLong),
        (format!("{good}&x={long}"), Refusal::TooLong),
        (format!("{good}{many}"), Refusal::TooManyParameters),
    ] {
        assert_eq!(parse(&raw), Err(refusal), "{}", &raw[..raw.len().min(80)]);
    }
}

#[test]
fn a_foreign_reply_is_passed_on_as_it_came_and_judged_by_exact_comparison() {
    let raw = "wa=wsignin1.0&wtrealm=x&wreply=https%3a%2f%2fLogin.microsoftonline.com%2flogin.srf";
    let reply = sign_in(raw).reply;
    assert_eq!(reply.as_deref(), Some("https://Login.microsoftonline.com/login.srf"));
}

/// What a computer asks for that joins by itself.
fn joining(properties: &str) -> String {
    let text = format!("{{\"Properties\":{properties}}}");
    format!("&resource_params={}", URL_SAFE_NO_PAD.encode(text))
}

#[test]
fn wishes_become_the_strictest_demand() {
    for (wishes, mfa, max_age) in [
        ("", false, None),
        ("&wfresh=", false, None),
        ("&wfresh=0", false, Some(0)),
        ("&wfresh=5", false, Some(300)),
        ("&wfresh=abc", false, Some(0)),
        ("&wfresh=-1", false, Some(0)),
        ("&wfresh=99999999999999999999999", false, Some(u64::MAX)),
        ("&wfresh=5&prompt=login", false, Some(0)),
        ("&prompt=none", false, None),
        ("&wauth=http%3a%2f%2fschemas.microsoft.com%2fclaims%2fmultipleauthn", true, None),
        ("&wauth=http://schemas.microsoft.com/claims/wiaormultiauthn&wfresh=0", true, Some(0)),
        ("&wauth=urn:oasis:names:tc:SAML:1.0:am:password", false, None),
        (&joining(r#"[{"Key":"acr","Value":"wiaormultiauthn"}]"#), true, None),
        (&joining(r#"[{"Key":"x"},7,{"Value":"multipleauthn","Key":"acr"}]"#), true, None),
        (
            &format!("&prompt=login{}==", joining(r#"[{"Key":"acr","Value":"multipleauthn"}]"#)),
            true,
            Some(0),
        ),
        (
            &joining(
                r#"[{"Key":"acr","Value":"http://schemas.microsoft.com/claims/multipleauthn"}]"#,
            ),
            true,
            None,
        ),
        (
            &joining(r#"[{"Key":"acr","Value":"password"},{"Key":"x","Value":"multipleauthn"}]"#),
            false,
            None,
        ),
        (&joining(r#"[{"Key":"acr","Value":["multipleauthn"]}]"#), false, None),
        (&joining(r#"{"Key":"acr","Value":"multipleauthn"}"#), false, None),
        (
            &joining(&format!(
                r#"[{{"Key":"acr","Value":"multipleauthn"}},"{}"]"#,
                "x".repeat(4_000)
            )),
            false,
            None,
        ),
        (&format!("&resource_params={}", "W".repeat(3_000)), false, None),
        ("&resource_params=not+base64", false, None),
        ("&resource_params=%ff", false, None),
    ] {
        let read = sign_in(&format!("wa=wsignin1.0&wtrealm=x{wishes}"));
        assert_eq!(read.demand, Demand { mfa, max_age, password: false }, "{wishes}");
    }
}

#[test]
fn a_hint_that_cannot_be_an_address_is_forgotten() {
    let long = format!("&username={}", "a".repeat(300));
    for (hints, read) in [
        ("&username=ada%40contoso.com&login_hint=bob%40contoso.com", Some("ada@contoso.com")),
        ("&username=&login_hint=bob%40contoso.com", Some("bob@contoso.com")),
        ("&username=a%0d%0ab", None),
        ("&username=%ff", None),
        (&long, None),
    ] {
        let hint = sign_in(&format!("wa=wsignin1.0&wtrealm=x{hints}")).hint;
        assert_eq!(hint.as_deref(), read, "{hints}");
    }
    for (named, read) in [
        ("contoso.com", Some("contoso.com")),
        ("EU.Contoso.Com", Some("eu.contoso.com")),
        ("", None),
        ("contoso.com%0d%0ax", None),
        ("http%3a%2f%2fadfs.contoso.com%2fadfs%2fservices%2ftrust", None),
        ("%ff", None),
    ] {
        let realm = sign_in(&format!("wa=wsignin1.0&wtrealm=x&whr={named}")).home_realm;
        assert_eq!(realm.as_deref(), read, "{named}");
    }
    let id = |text: &str| {
        sign_in(&format!("wa=wsignin1.0&wtrealm=x&client-request-id={text}")).client_request_id
    };
    assert!(id("5d5e3a4b-8f6e-4d5b-9b0a-3b1f9f0c2d11").is_some());
    for bad in ["5d5e3a4b", "5d5e3a4b-8f6e-4d5b-9b0a-3b1f9f0c2d1g", "%0d%0aSet-Cookie:x"] {
        assert_eq!(id(bad), None);
    }
    let refused = "wa=wevil1.0&client-request-id=5d5e3a4b-8f6e-4d5b-9b0a-3b1f9f0c2d11";
    assert!(parse(refused).is_err() && client_request_id(refused).is_some());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// R072
    #[test]
    fn any_context_without_nul_comes_back(context in "[^\\x00]{0,200}") {
        let encoded: String = url::form_urlencoded::byte_serialize(context.as_bytes()).collect();
        let read = sign_in(&format!("wctx={encoded}&wa=wsignin1.0&wtrealm=x"));
        prop_assert_eq!(read.context, Some(context));
    }

    /// R112
    #[test]
    fn no_query_makes_the_parser_panic(raw in ".{0,400}") {
        let _ = parse(&raw);
    }
}
