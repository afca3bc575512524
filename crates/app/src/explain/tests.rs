//! The catalogue is whole and in order, and codes are found in whatever is pasted.

use std::collections::BTreeSet;

use super::{catalogue::AREAS, *};

const PASTED: &str = "Sorry, but we're having trouble signing you in.\r\n\r\nAADSTS51004: The user \
     account q1aTzT0yTkeJwS3Pj1n0Xg== does not exist in the 0f5d8f1e-0000-4000-8000-51004aaaaaaa \
     directory. To sign into this application, the account must be added to the directory. \
     (alice@contoso.com)\r\nTrace ID: 255d1aef-8c98-452f-ac51-23d051240864\r\nCorrelation ID: \
     fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7\r\nTimestamp: 2026-11-09 02:02:12Z";

fn codes(text: &str) -> Vec<&'static str> {
    explain(text).entries.into_iter().map(|entry| entry.code.as_str()).collect()
}

#[test]
fn the_catalogue_explains_at_least_150_codes() {
    let codes: BTreeSet<_> = CATALOGUE.iter().map(|entry| &entry.code).collect();
    assert!(codes.len() >= 150, "{}", codes.len());
}

#[test]
fn no_case_is_there_twice_and_each_case_has_its_code() {
    let mut seen = BTreeSet::new();
    for entry in CATALOGUE.iter() {
        assert!(seen.insert(entry.query()), "twice: {}", entry.query());
    }
    for entry in CATALOGUE.iter() {
        assert!(seen.contains(&entry.code), "{} has cases and no entry of its own", entry.code);
    }
}

#[test]
fn every_area_is_sorted() {
    for (name, text) in AREAS {
        let entries = catalogue::read(name, text);
        let order: Vec<_> = entries
            .iter()
            .map(|entry| {
                (entry.number().is_none(), entry.number(), &entry.code, entry.says.as_ref())
            })
            .collect();
        assert!(order.is_sorted(), "{name}: {order:#?}");
    }
}

#[test]
fn every_entry_says_everything_in_whole_sentences() {
    for entry in CATALOGUE.iter() {
        let Explanation { code, title, means, cause, fix, .. } = entry;
        assert!(!title.is_empty() && !title.ends_with('.'), "{code}: {title}");
        assert!(title.chars().count() <= 75, "{code}: {title}");
        for sentence in [means, cause, fix] {
            let ends = sentence.ends_with(['.', '"']);
            assert!(ends && sentence.trim() == sentence, "{code}: {sentence:?}");
            assert!(sentence.chars().count() <= 330, "{code}: {sentence}");
        }
    }
}

#[test]
fn a_code_is_found_however_it_is_typed() {
    for typed in ["AADSTS51004", "aadsts51004", "51004", " 51004\n", "error 51004", "AADSTS51004:"]
    {
        assert_eq!(codes(typed), ["AADSTS51004"], "{typed}");
    }
    let address = "https://login.microsoftonline.com/error?code=7000222";
    assert_eq!(codes(address), ["AADSTS7000222"]);
    assert_eq!(codes("authorization_requestdenied"), ["Authorization_RequestDenied"]);
    assert_eq!(codes("unknownerror"), ["UnknownError"]);
}

#[test]
fn a_code_is_found_in_what_is_pasted_and_numbers_inside_ids_are_not() {
    assert_eq!(codes(PASTED), ["AADSTS51004"]);
    let json = r#"{"error":"invalid_client","error_codes":[7000215],"trace_id":"255d1aef-8c98-452f-ac51-230510040864"}"#;
    assert_eq!(codes(json), ["AADSTS7000215"]);
    assert_eq!(
        codes("AADSTS70002: x. AADSTS50012: y. AADSTS70002"),
        ["AADSTS70002", "AADSTS50012"]
    );
    let dated = "It was on 2026-11-29, in room 50057-B.";
    assert!(explain(dated).entries.is_empty(), "{:?}", explain(dated));
}

#[test]
fn the_message_tells_the_case_of_a_code_that_stands_for_many() {
    let said = "Subscription with SKU cbdc14ab does not have any available licenses. \
                (Request_BadRequest)";
    let case = explain(said);
    assert_eq!(case.entries.len(), 1);
    assert_eq!(case.entries[0].title, "No seat is left");
    assert!(case.cases.is_empty());
    let without_code = explain("subscription with sku x DOES not have any available licenses");
    assert_eq!(without_code.entries, case.entries);
    let general = explain("Request_BadRequest");
    assert_eq!(general.entries[0].says, None);
    assert!(general.cases.len() > 10);
    for entry in CATALOGUE.iter() {
        assert!(explain(&entry.query()).entries.contains(&entry), "{}", entry.query());
    }
}

#[test]
fn a_code_that_nobody_explained_is_named_as_such() {
    for (typed, code) in [
        ("AADSTS99999999: Something new.", "AADSTS99999999"),
        ("12345", "AADSTS12345"),
        ("Something odd (Directory_SomethingElse)", "Directory_SomethingElse"),
    ] {
        let explained = explain(typed);
        assert_eq!(explained.unknown, [code], "{typed}");
        assert!(explained.entries.is_empty() && explained.alike.is_empty());
    }
    let both = explain("AADSTS50012: x. AADSTS99999999: y.");
    assert_eq!((both.entries.len(), both.unknown.len()), (1, 1));
}

#[test]
fn words_find_entries_whose_title_has_them_first() {
    let found = explain("secret expired").alike;
    assert_eq!(found[0].code, "AADSTS7000222");
    let in_title = |entry: &&Explanation| entry.title.to_lowercase().contains("certificate");
    let found = explain("certificate").alike;
    let titles = found.iter().take_while(|entry| in_title(entry)).count();
    assert!(titles > 1 && titles < found.len() && !found[titles..].iter().any(in_title));
    assert!(explain("licence seat").alike.iter().any(|entry| entry.code == "CountViolation"));
    for nothing in ["", "  ", "xyzzy", "a b"] {
        let explained = explain(nothing);
        assert!(explained.alike.is_empty() && explained.unknown.is_empty(), "{nothing}");
    }
}

#[test]
fn what_else_a_message_names_is_read() {
    let clues = explain(PASTED).clues;
    assert_eq!(clues.upn.as_deref(), Some("alice@contoso.com"));
    assert_eq!(clues.immutable_id.as_deref(), Some("q1aTzT0yTkeJwS3Pj1n0Xg=="));
    assert_eq!(clues.at.as_deref(), Some("2026-11-09 02:02:12Z"));
    let id = |text: &str| Some(text.to_owned());
    assert_eq!(clues.request_id, id("255d1aef-8c98-452f-ac51-23d051240864"));
    assert_eq!(clues.correlation_id, id("fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7"));
    let json = r#"{"error_codes":[50107],"timestamp":"2026-08-20T10:11:12Z","trace_id":"255d1aef-8c98-452f-ac51-23d051240864","correlation_id":"fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7","error_uri":"https://login.microsoftonline.com/error?code=50107"}"#;
    let clues = explain(json).clues;
    assert_eq!(clues.request_id, id("255d1aef-8c98-452f-ac51-23d051240864"));
    assert_eq!(clues.correlation_id, id("fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7"));
    assert_eq!((clues.at.as_deref(), clues.address), (Some("2026-08-20T10:11:12Z"), None));
    let realm = "AADSTS50107: The requested federation realm object \
                 'http://sts.contoso.com/adfs/services/trust' does not exist.";
    let address = explain(realm).clues.address;
    assert_eq!(address.as_deref(), Some("http://sts.contoso.com/adfs/services/trust"));
    assert_eq!(explain("AADSTS50058").clues, Clues::default());
}

#[test]
fn no_text_stops_the_reader() {
    for text in ["@", "AADSTS", "trace id", "correlation_id\":\"zä", "é".repeat(20_000).as_str()]
    {
        let explained = explain(text);
        assert!(explained.entries.is_empty(), "{text}");
    }
}
