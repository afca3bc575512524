//! New passwords, good and bad.

use model::{
    ImmutableId, Ts, Upn,
    ids::UserId,
    user::{Profile, UserState},
};
use uuid::Uuid;

use super::*;

fn judge(text: &str, min_length: usize, context: &[String]) -> Result<(), Weakness> {
    check_new(&SecretString::from(text), &Rules { min_length, context })
}

fn alice() -> User {
    User {
        id: UserId(Uuid::nil()),
        upn: Upn::parse("alice.ng@contoso.com").unwrap(),
        immutable_id: ImmutableId::from_random([1; 16]).unwrap(),
        state: UserState::Active,
        profile: Profile {
            display_name: "Alice Ng".to_owned(),
            surname: Some("Ng".to_owned()),
            mail: Some("aliceng@mail.contoso.com".to_owned()),
            ..Profile::default()
        },
        role: None,
        created_at: Ts(0),
        updated_at: Ts(0),
    }
}

/// R008
#[test]
fn fifty_listed_words_are_refused_as_listed() {
    let words = "123456 password 12345678 qwerty 123456789 12345 1234 111111 1234567 dragon \
                 123123 baseball abc123 football monkey letmein 696969 shadow master 666666 \
                 qwertyuiop 123321 mustang 1234567890 michael 654321 superman 1qaz2wsx 7777777 \
                 121212 000000 qazwsx 123qwe killer trustno1 jordan jennifer zxcvbnm asdfgh hunter \
                 buster soccer harley batman andrew tigger sunshine iloveyou charlie robert";
    assert_eq!(words.split_whitespace().count(), 50);
    for word in words.split_whitespace() {
        assert_eq!(judge(word, 8, &[]), Err(Weakness::Listed), "{word}");
    }
}

#[test]
fn long_leaked_passwords_are_on_the_list_too() {
    for text in
        ["correcthorsebatterystaple", "passwordpassword", "iloveyouforever", "1q2w3e4r5t6y7u8i9o0p"]
    {
        assert_eq!(judge(text, 15, &[]), Err(Weakness::Listed), "{text}");
    }
}

#[test]
fn simple_variations_of_a_listed_word_are_refused() {
    for text in [
        "PassWord",
        "Password2026!!!",
        "p@$$w0rd",
        "P4ssw0rd!!",
        "sunshine-1987",
        "DRAGONdragonDRAGON",
        "ＰＡＳＳＷＯＲＤ",
    ] {
        assert_eq!(judge(text, 8, &[]), Err(Weakness::Listed), "{text}");
    }
}

#[test]
fn the_usual_substitutes_hide_no_listed_word() {
    for text in ["butt3rfl1e$", "w4$hingt0n", "Butt3rfly$1983", "sup3rm4n!!"] {
        assert!(!PasswordList::shipped().contains(&text.to_lowercase()), "{text} proves nothing");
        assert_eq!(judge(text, 8, &[]), Err(Weakness::Listed), "{text}");
    }
}

#[test]
fn a_listed_word_that_is_the_smaller_part_is_no_variation() {
    assert_eq!(judge("sunshine 83104 72956", 15, &[]), Ok(()));
    assert_eq!(judge("sunshine 83104", 8, &[]), Err(Weakness::Listed));
}

#[test]
fn a_listed_word_inside_a_longer_thought_is_no_variation() {
    for text in ["sunshine over nine wet hills", "q738291047561930", "monkeys type hamlet slowly"] {
        assert_eq!(judge(text, 15, &[]), Ok(()), "{text}");
    }
}

#[test]
fn length_is_counted_in_characters_and_nothing_goes_below_eight() {
    assert_eq!(judge("zuqobnkdwimvtl", 15, &[]), Err(Weakness::TooShort { min: 15 }));
    assert_eq!(judge("zuqobnkdwimvtla", 15, &[]), Ok(()));
    assert_eq!(judge("žüqöbñkdwïmvtla", 15, &[]), Ok(()));
    assert_eq!(judge("zuqobnk", 1, &[]), Err(Weakness::TooShort { min: 8 }));
    assert_eq!(judge("zuqobnkd", 1, &[]), Ok(()));
    assert_eq!(judge(&"zuqobnkd".repeat(17), 15, &[]), Err(Weakness::TooLong));
    assert_eq!(judge(&"x".repeat(1_000_000), 15, &[]), Err(Weakness::TooLong));
}

/// R007
#[test]
fn no_kind_of_character_is_demanded() {
    for text in [
        "zuqobnkdwimvtla",
        "ZUQOBNKDWIMVTLA",
        "739205816472918",
        "Заяц бежит домой",
        "  spaced   out  ",
    ] {
        assert_eq!(judge(text, 15, &[]), Ok(()), "{text}");
    }
}

#[test]
fn rows_runs_and_repeats_are_refused() {
    for text in ["zzzzzzzzzzzzzzzyyy", "mnopqrstuvwxyzabc", "lkjhgfdsapoiuytre"] {
        let outcome = judge(text, 15, &[]);
        assert!(
            matches!(outcome, Err(Weakness::Pattern | Weakness::Listed)),
            "{text}: {outcome:?}"
        );
    }
    assert_eq!(judge("zzzzzzzzzzzzzzzyyy", 15, &[]), Err(Weakness::Pattern));
}

/// R008
#[test]
fn what_anybody_would_try_for_this_person_is_refused() {
    let words = context_words(&alice(), "Contoso Pharma Ltd");
    for (text, word) in [
        ("alice wonders why now", "alice"),
        ("heron-C0nt0s0-lamp-42", "contoso"),
        ("my gatehouse key is here", "gatehouse"),
        ("blue OFFICE chair leg", "office"),
        ("aliceng walks a dog", "aliceng"),
        ("heron 4 ltd 4 lampshade", "ltd"),
        ("big ＰＨＡＲＭＡ candle wax", "pharma"),
    ] {
        let expected = Err(Weakness::Context { word: word.to_owned() });
        let outcome = judge(text, 15, &words);
        let also_alice =
            word == "aliceng" && outcome == Err(Weakness::Context { word: "alice".to_owned() });
        assert!(outcome == expected || also_alice, "{text}: {outcome:?}");
    }
}

#[test]
fn short_words_count_only_where_they_stand_alone() {
    let words = context_words(&alice(), "Contoso Pharma Ltd");
    assert!(words.contains(&"ltd".to_owned()));
    // Neither "ng" nor the top-level domain is a word that counts.
    assert!(!words.iter().any(|word| word == "ng" || word == "com"));
    assert_eq!(judge("singing welltdraft moss", 15, &words), Ok(()));
    assert_eq!(judge("commander of nine geese", 15, &words), Ok(()));
}

#[test]
fn every_weakness_is_a_sentence() {
    for weakness in [
        Weakness::TooShort { min: 15 },
        Weakness::TooLong,
        Weakness::Listed,
        Weakness::Context { word: "contoso".to_owned() },
        Weakness::Pattern,
    ] {
        let sentence = weakness.to_string();
        assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase), "{sentence}");
    }
}
