//! The catalogue against the simulator: every code that it can answer is explained.

use std::{collections::BTreeSet, fs, path::Path};

use app::explain::{CATALOGUE, Here, explain};
use model::{Actor, plan::Scope};

use crate::support::{Bench, both};

/// The codes for which the simulator has a cause that provokes them. A code that is new there, or
/// gone, changes this list.
const PROVOKED: [&str; 69] = [
    "AADSTS1002012",
    "AADSTS20001",
    "AADSTS20012",
    "AADSTS28003",
    "AADSTS500011",
    "AADSTS50006",
    "AADSTS50008",
    "AADSTS5000811",
    "AADSTS500082",
    "AADSTS5000820",
    "AADSTS50011",
    "AADSTS50012",
    "AADSTS50013",
    "AADSTS500133",
    "AADSTS50020",
    "AADSTS50027",
    "AADSTS50034",
    "AADSTS50057",
    "AADSTS50058",
    "AADSTS50059",
    "AADSTS50076",
    "AADSTS50079",
    "AADSTS50089",
    "AADSTS50107",
    "AADSTS501491",
    "AADSTS50158",
    "AADSTS50159",
    "AADSTS50161",
    "AADSTS50166",
    "AADSTS50172",
    "AADSTS50173",
    "AADSTS51004",
    "AADSTS65004",
    "AADSTS700016",
    "AADSTS700021",
    "AADSTS7000215",
    "AADSTS7000218",
    "AADSTS7000222",
    "AADSTS7000229",
    "AADSTS700023",
    "AADSTS700024",
    "AADSTS700027",
    "AADSTS70003",
    "AADSTS70008",
    "AADSTS750054",
    "AADSTS90002",
    "AADSTS900023",
    "AADSTS900144",
    "AADSTS90019",
    "AADSTS90020",
    "AADSTS900491",
    "AADSTS90055",
    "AADSTS900612",
    "AADSTS90107",
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Authorization_RequestDenied",
    "BadRequest",
    "Directory_ExpiredPageToken",
    "Directory_QuotaExceeded",
    "FailedDependency",
    "InvalidAuthenticationToken",
    "Request_BadRequest",
    "Request_MultipleObjectsWithSameKeyValue",
    "Request_ResourceNotFound",
    "Request_UnsupportedQuery",
    "Service_InternalServerError",
    "TooManyRequests",
    "UnknownError",
    "serviceNotAvailable",
];

/// The cases of Graph's messages for which it has one.
const PROVOKED_CASES: usize = 18;

/// The simulator's sources without blanks, and with the lines of its texts joined.
fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

fn simulator() -> String {
    let mut all = String::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../simulator/src")), &mut all);
    all
}

fn leading(text: &str, fits: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !fits(c)).unwrap_or(text.len())]
}

/// Every code behind one of the ways in which the simulator refuses.
fn answered(source: &str) -> BTreeSet<String> {
    let source: String = source.chars().filter(|c| !c.is_whitespace()).collect();
    let mut codes = BTreeSet::new();
    let number = |text: &str| leading(text, |c| c.is_ascii_digit() || c == '_').replace('_', "");
    for piece in source.split("Denial::new(").skip(1) {
        codes.insert(format!("AADSTS{}", number(piece)));
    }
    for piece in source.split("AADSTS").skip(1) {
        codes.insert(format!("AADSTS{}", number(piece)));
    }
    for piece in source.split("failure(").skip(1) {
        codes.extend(piece.split(',').nth(2).map(|code| format!("AADSTS{}", number(code))));
    }
    for piece in source.split("new(").chain(source.split("bad(")).skip(1) {
        let piece = piece.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
        codes.extend(piece.strip_prefix('"').map(|text| leading(text, |c| c != '"').to_owned()));
    }
    codes.retain(|code| code != "AADSTS" && is_code(code));
    codes
}

/// Formed like a code, and not like a word of a message, a path or a name.
fn is_code(text: &str) -> bool {
    let words = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    words && text.len() > 9
}

#[test]
fn every_code_that_the_simulator_answers_is_explained_and_listed() {
    let codes = answered(&simulator());
    let unexplained: Vec<_> =
        codes.iter().filter(|code| explain(code).entries.is_empty()).collect();
    assert!(unexplained.is_empty(), "write entries for {unexplained:?}");
    let listed: BTreeSet<String> = PROVOKED.iter().map(|code| (*code).to_owned()).collect();
    assert_eq!(codes, listed, "left: the simulator, right: this list");
}

#[test]
fn the_cases_that_the_simulator_tells_in_words_are_counted() {
    let texts = simulator().replace("\\\n", "");
    let texts = texts.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let cases = CATALOGUE.iter().filter_map(|entry| entry.says.as_ref());
    let told = cases.filter(|says| texts.contains(&says.to_lowercase())).count();
    assert_eq!(told, PROVOKED_CASES);
}

async fn known(bench: &Bench, text: &str, person: &str) -> Here {
    let admin = bench.admin().await;
    bench.house.known_here(&admin, &explain(text), person).await.unwrap()
}

#[test]
fn a_person_is_found_by_name_or_by_immutable_id_here_and_in_entra() {
    both(|bench| async move {
        bench.house.sync(bench.tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
        let sent = bench.account("alice").immutable_id.clone();
        for (text, typed) in [
            ("51004", " ALICE@contoso.com "),
            ("AADSTS90072: alice@contoso.com", ""),
            (&format!("AADSTS51004: The user account {sent} does not exist."), ""),
        ] {
            let person = known(&bench, text, typed).await.person.expect(text);
            let ours = person.ours.expect(text);
            assert!(ours.assigned && ours.user.immutable_id.as_str() == sent);
            let theirs = person.theirs.unwrap().unwrap();
            assert_eq!(theirs.objects[0].immutable_id.as_deref(), Some(sent.as_str()));
            assert_eq!((theirs.objects.len(), theirs.in_bin), (1, false));
            assert_eq!(ours.link, Some(theirs.objects[0].id));
        }
        bench.simulator.delete("alice@contoso.com");
        // Whoever just created an object takes its absence for lag, and waits.
        let (admin, other) = (bench.admin().await, bench.second_node().await);
        let here = other.known_here(&admin, &explain("51004"), "alice@contoso.com").await.unwrap();
        let theirs = here.person.unwrap().theirs.unwrap().unwrap();
        assert!(theirs.objects.is_empty() && theirs.in_bin);
        let stranger = known(&bench, "51004", "nobody@contoso.com").await.person.unwrap();
        assert!(stranger.ours.is_none() && stranger.theirs.unwrap().unwrap().objects.is_empty());
    });
}

#[test]
fn domain_and_connection_are_known_where_an_entry_is_mended_there() {
    both(|bench| async move {
        let here = known(&bench, "AADSTS7000222", "").await;
        assert_eq!(here.connections.len(), 1);
        assert!(here.person.is_none() && here.domains.is_empty() && here.issuer.is_none());
        let issuer = bench.house.addresses("contoso.com").await.unwrap().issuer_uri;
        let here = known(&bench, &format!("AADSTS50107: '{issuer}'"), "").await;
        assert_eq!(here.issuer.unwrap().of.as_deref(), Some("contoso.com"));
        assert_eq!(here.domains[0].domain.name, "contoso.com");
        assert!(here.domains[0].watch.is_none() && here.connections.is_empty());
        bench.house.keep_watch().await.unwrap();
        let here = known(&bench, "5000811", "").await;
        assert!(here.domains[0].watch.is_some());
    });
}
