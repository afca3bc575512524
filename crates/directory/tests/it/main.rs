//! What a real directory answers: Debian's slapd, over TLS.

use directory::{
    Error, ask, check, look,
    testing::{PASSWORD, Slapd, Speech, other_authority},
};
use model::directory::{Answer, Directory, Refusal, Step};
use secrecy::SecretString;

const DORA: &str = "dora@contoso.com";

fn says(directory: &Directory, name: &str, password: &str) -> Answer {
    ask(directory, name, &SecretString::from(password)).answer
}

fn refused(why: Refusal) -> Answer {
    Answer::Refused(why)
}

/// How far a directory came that gave no answer.
fn away_at(answer: &Answer) -> Option<Step> {
    match answer {
        Answer::Away(absence) => Some(absence.step),
        _ => None,
    }
}

#[test]
fn right_wrong_unknown_and_locked_are_told_apart() {
    let slapd = Slapd::start(Speech::Secret, &[DORA, "emil@contoso.com"]);
    for directory in [slapd.settings(), slapd.settings_of_start_tls()] {
        assert_eq!(says(&directory, DORA, PASSWORD), Answer::Right);
        assert_eq!(says(&directory, DORA, "another one"), refused(Refusal::WrongPassword));
        assert_eq!(says(&directory, "nobody@contoso.com", PASSWORD), refused(Refusal::Unknown));
        let everybody = Directory { filter: "(|(mail={name})(uid=*))".to_owned(), ..directory };
        assert_eq!(says(&everybody, DORA, PASSWORD), refused(Refusal::Ambiguous));
    }
    slapd.set_password(DORA, "chosen at the directory");
    assert_eq!(says(&slapd.settings(), DORA, PASSWORD), refused(Refusal::WrongPassword));
    assert_eq!(says(&slapd.settings(), DORA, "chosen at the directory"), Answer::Right);
    slapd.lock("emil@contoso.com");
    assert_eq!(says(&slapd.settings(), "emil@contoso.com", PASSWORD), refused(Refusal::Locked));
}

/// The slapd of this test says yes to an empty password: it must never be asked.
#[test]
fn what_is_no_password_is_never_sent() {
    let slapd = Slapd::start(Speech::Secret, &[DORA]);
    for nothing in ["", "\0", &format!("{PASSWORD}\0"), &"x".repeat(513)] {
        assert_eq!(says(&slapd.settings(), DORA, nothing), refused(Refusal::NotSent));
    }
}

#[test]
fn a_name_is_a_value_and_no_part_of_the_filter() {
    let slapd = Slapd::start(Speech::Secret, &[DORA]);
    let hostile = [
        "*",
        "dora*",
        "dora@contoso.com)(uid=*",
        "*)(|(mail=*",
        "{name}",
        "\\2a",
        "dora\0@contoso.com",
        "",
    ];
    for name in hostile {
        assert_eq!(says(&slapd.settings(), name, PASSWORD), refused(Refusal::Unknown), "{name:?}");
    }
    let by_uid = Directory { filter: "(uid={user})".to_owned(), ..slapd.settings() };
    assert_eq!(says(&by_uid, DORA, PASSWORD), Answer::Right);
    for name in ["*@contoso.com", "d*", "dora)(uid=*@contoso.com"] {
        assert_eq!(says(&by_uid, name, PASSWORD), refused(Refusal::Unknown), "{name:?}");
    }
}

#[test]
fn away_is_no_answer_and_says_how_far_it_came() {
    let mut slapd = Slapd::start(Speech::Secret, &[DORA]);
    let directory = slapd.settings();
    let changed = |change: &dyn Fn(&mut Directory)| {
        let mut changed = directory.clone();
        change(&mut changed);
        away_at(&says(&changed, DORA, PASSWORD))
    };
    assert_eq!(changed(&|it| it.host = "nowhere.invalid".to_owned()), Some(Step::Name));
    assert_eq!(
        changed(&|it| it.authority = other_authority()),
        Some(Step::Tls),
        "another authority"
    );
    assert_eq!(changed(&|it| it.host = "127.0.0.2".to_owned()), Some(Step::Connection));
    assert_eq!(changed(&|it| it.password = "wrong".into()), Some(Step::Account));
    assert_eq!(changed(&|it| it.account = String::new()), Some(Step::Account), "nobody's sign-in");
    assert_eq!(changed(&|it| it.base = "dc=elsewhere".to_owned()), Some(Step::Search));
    assert_eq!(
        changed(&|it| it.base = "ou=elsewhere,dc=contoso,dc=com".to_owned()),
        Some(Step::Search)
    );
    slapd.pause();
    assert_eq!(away_at(&says(&directory, DORA, PASSWORD)), Some(Step::Connection));
    slapd.resume();
    assert_eq!(says(&directory, DORA, PASSWORD), Answer::Right);
}

#[test]
fn nothing_is_said_in_the_clear() {
    let slapd = Slapd::start(Speech::Clear, &[DORA]);
    let directory = slapd.settings_of_start_tls();
    assert_eq!(away_at(&says(&directory, DORA, PASSWORD)), Some(Step::Tls));
}

#[test]
fn a_look_goes_as_far_as_it_is_asked_to() {
    let slapd = Slapd::start(Speech::Secret, &[DORA]);
    let steps = |name| look(&slapd.settings(), name).passed.len();
    assert_eq!((steps(None), steps(Some(DORA))), (4, 5));
    let trail = look(&slapd.settings(), Some("nobody@contoso.com"));
    assert_eq!((trail.passed.len(), trail.answer), (4, refused(Refusal::Unknown)));
}

#[test]
fn settings_that_can_ask_nobody_are_refused() {
    let slapd = Slapd::start(Speech::Secret, &[]);
    let wrong = |change: &dyn Fn(&mut Directory)| {
        let mut changed = slapd.settings();
        change(&mut changed);
        check(&changed)
    };
    assert_eq!(wrong(&|_| ()), Ok(()));
    for host in ["", "ldaps://dc1", "dc1:636", "dc1/x", "a b", "dc1\n"] {
        assert_eq!(wrong(&|it| it.host = host.to_owned()), Err(Error::Host), "{host:?}");
    }
    assert_eq!(wrong(&|it| it.host = "::1".to_owned()), Err(Error::Host));
    assert_eq!(wrong(&|it| it.authority = "x".to_owned()), Err(Error::Authority));
    assert_eq!(wrong(&|it| it.filter = "(mail=dora)".to_owned()), Err(Error::NobodyNamed));
    assert_eq!(wrong(&|it| it.filter = "mail={name})".to_owned()), Err(Error::Filter));
}
