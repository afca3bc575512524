//! Every way in which an answer can be wrong, from an authenticator that is told how to lie.

use super::*;
use crate::testing::Authenticator;

const ORIGIN: &str = "https://id.example.com";

fn site() -> Site {
    Site::new("Contoso", &format!("{ORIGIN}/").parse().unwrap()).unwrap()
}

const HOLDER: Holder<'_> =
    Holder { handle: &[7; 16], name: "alice@example.com", display_name: "Alice" };

/// An authenticator that is registered, and what is stored of it.
fn registered(verifies: bool) -> (Authenticator, Registered) {
    let mut key = Authenticator { verifies, ..Authenticator::at(ORIGIN) };
    let asked = site().ask_to_register(HOLDER, Vec::new()).unwrap();
    let answer = key.register(&asked.options);
    let made = site().register(&asked.state, &answer).unwrap();
    assert_eq!((&made.credential_id, made.verifies), (&key.id, verifies));
    (key, made)
}

fn verify(asked: &Question, answer: &str, stored: &str) -> Result<Used, Reason> {
    site().verify(&asked.state, &Answer::read(answer).unwrap(), stored)
}

#[test]
fn a_key_that_can_be_found_without_a_name_and_verifies_its_person_is_preferred() {
    let known = vec![vec![1, 2, 3]];
    let asked = site().ask_to_register(HOLDER, known).unwrap();
    let options: serde_json::Value = serde_json::from_str(&asked.options).unwrap();
    assert_eq!(options["rp"]["id"], "id.example.com");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "preferred");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "preferred");
    assert_eq!(options["excludeCredentials"][0]["id"], "AQID");
    assert_eq!(options["attestation"], "none");
    // 32 bytes of challenge.
    assert_eq!(options["challenge"].as_str().unwrap().len(), 43);
}

#[test]
fn the_question_at_a_sign_in_names_nobody() {
    let asked = site().ask_anybody().unwrap();
    let options: serde_json::Value = serde_json::from_str(&asked.options).unwrap();
    assert_eq!(options["allowCredentials"], serde_json::json!([]));
    assert_eq!(options["userVerification"], "required");
    assert_ne!(asked.options, site().ask_anybody().unwrap().options, "a new challenge each time");
}

#[test]
fn a_house_without_a_name_has_no_passkeys() {
    assert!(Site::new("Contoso", &"https://192.0.2.1/".parse().unwrap()).is_none());
    assert!(Site::new("Contoso", &"http://localhost:8080/".parse().unwrap()).is_some());
}

#[test]
fn r036_origin_and_rp_id_must_match_to_the_letter() {
    let (key, stored) = registered(true);
    for origin in [
        "https://badid.example.com",
        "https://evil.id.example.com",
        "https://example.com",
        "http://id.example.com",
        "https://id.example.com:8443",
        "https://id.example.com.evil.test",
    ] {
        let mut key = Authenticator { origin: origin.to_owned(), ..key.clone() };
        let asked = site().ask_anybody().unwrap();
        let answer = key.prove(&asked.options);
        assert_eq!(verify(&asked, &answer, &stored.credential), Err(Reason::PasskeyRefused));
        let asked = site().ask_to_register(HOLDER, Vec::new()).unwrap();
        let answer = key.register(&asked.options);
        assert_eq!(site().register(&asked.state, &answer), Err(Reason::PasskeyRefused), "{origin}");
    }
    for rp_id in ["example.com", "badexample.com", "ID.example.com"] {
        let mut key = Authenticator { rp_id: Some(rp_id.to_owned()), ..key.clone() };
        let asked = site().ask_anybody().unwrap();
        let answer = key.prove(&asked.options);
        assert_eq!(verify(&asked, &answer, &stored.credential), Err(Reason::PasskeyRefused));
    }
}

#[test]
fn r036_an_answer_fits_its_own_question_and_purpose() {
    let (mut key, stored) = registered(true);
    let (one, other) = (site().ask_anybody().unwrap(), site().ask_anybody().unwrap());
    let answer = key.prove(&one.options);
    assert_eq!(verify(&other, &answer, &stored.credential), Err(Reason::PasskeyRefused));
    assert!(verify(&one, &answer, &stored.credential).is_ok());
    let mut swapped = Authenticator { purpose: Some("webauthn.create"), ..key.clone() };
    let answer = swapped.prove(&one.options);
    assert_eq!(verify(&one, &answer, &stored.credential), Err(Reason::PasskeyRefused));
    let asked = site().ask_to_register(HOLDER, Vec::new()).unwrap();
    let mut swapped = Authenticator { purpose: Some("webauthn.get"), ..key };
    let answer = swapped.register(&asked.options);
    assert_eq!(site().register(&asked.state, &answer), Err(Reason::PasskeyRefused));
}

#[test]
fn r036_another_key_signs_for_nobody() {
    let (key, stored) = registered(true);
    let asked = site().ask_anybody().unwrap();
    let mut thief = Authenticator { id: key.id.clone(), ..Authenticator::at(ORIGIN) };
    let answer = thief.prove(&asked.options);
    assert_eq!(verify(&asked, &answer, &stored.credential), Err(Reason::PasskeyRefused));
}

#[test]
fn r037_without_verification_a_key_is_not_taken_at_a_sign_in() {
    for verifies in [false, true] {
        let (mut key, stored) = registered(verifies);
        let alone = site().ask_anybody().unwrap();
        let answer = key.prove(&alone.options);
        let used = verify(&alone, &answer, &stored.credential);
        assert_eq!(used.is_ok(), verifies, "UV={verifies}");
        // After the password it is taken, and says what it is worth.
        let second = site().ask_holder([stored.credential.as_str()]).unwrap();
        let answer = key.prove(&second.options);
        let used = verify(&second, &answer, &stored.credential).unwrap();
        assert_eq!(used.verified, verifies);
    }
}

#[test]
fn r037_a_key_that_verified_its_person_once_must_do_so_always() {
    let (key, stored) = registered(true);
    let second = site().ask_holder([stored.credential.as_str()]).unwrap();
    let mut careless = Authenticator { verifies: false, ..key };
    let answer = careless.prove(&second.options);
    assert_eq!(verify(&second, &answer, &stored.credential), Err(Reason::PasskeyRefused));
}

#[test]
fn r038_a_counter_that_goes_back_or_stands_still_tells_of_a_copy() {
    let (mut key, stored) = registered(true);
    let mut copy = key.clone();
    let asked = site().ask_anybody().unwrap();
    let answer = key.prove(&asked.options);
    let used = verify(&asked, &answer, &stored.credential).unwrap();
    let asked = site().ask_anybody().unwrap();
    let answer = copy.prove(&asked.options);
    assert_eq!(verify(&asked, &answer, &used.credential), Err(Reason::CopiedPasskey));
    copy.counter = 0;
    let answer = copy.prove(&asked.options);
    assert_eq!(verify(&asked, &answer, &used.credential), Err(Reason::CopiedPasskey));
    let answer = key.prove(&asked.options);
    assert!(verify(&asked, &answer, &used.credential).is_ok(), "the true one goes on");
}

#[test]
fn a_key_that_does_not_count_is_taken_again_and_again() {
    let mut key = Authenticator { counter: 0, ..Authenticator::at(ORIGIN) };
    let asked = site().ask_to_register(HOLDER, Vec::new()).unwrap();
    let answer = key.register(&asked.options);
    let mut stored = site().register(&asked.state, &answer).unwrap().credential;
    for _ in 0..3 {
        let asked = site().ask_anybody().unwrap();
        let answer = key.prove(&asked.options);
        stored = verify(&asked, &answer, &stored).unwrap().credential;
    }
}

#[test]
fn what_is_no_answer_is_refused() {
    let asked = site().ask_to_register(HOLDER, Vec::new()).unwrap();
    let nothing = r#"{"id":"","rawId":"","type":"public-key","response":{"clientDataJSON":"","attestationObject":""}}"#;
    for answer in ["", "{}", "null", "[1]", nothing] {
        assert!(Answer::read(answer).is_none(), "{answer}");
        assert_eq!(site().register(&asked.state, answer), Err(Reason::PasskeyRefused), "{answer}");
    }
}
