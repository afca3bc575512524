//! Password hashes and seeds of authenticators that people bring along: they sign in as before, once,
//! and are ours from then on.

use app::{
    Admin, Kind, Visitor,
    imports::RowVerdict,
    sample::SampleAccount,
    sign_in::{Outcome, Screen},
    visitor::Secret,
};
use mail::testing::MailServer;
use model::{Role, credential::Credential, import::RowOutcome, pending_request::Purpose};
use secrecy::SecretString;
use store::{Tx, credentials, users};

use super::{applied, as_role, brought, from, person, tally, wrong};
use crate::support::{Bench, both, visitor};

const OLD: &str = "correct horse battery";
const BCRYPT: &str = "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.";
const DJANGO: &str = "pbkdf2_sha256$1000$abcSALT$6+Z6KQZ3j1yqslUWoJGNU6zjgk0ZQKbVaCsOUBl8Jww=";
/// Of "Password1".
const WEAK: &str = "pbkdf2_sha256$1000$abcSALT$rLNWlniz6bELnRKx0IITvddiLcUkLrqo2kJMx3H1cDg=";
const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async fn credential(bench: &Bench, upn: &'static str) -> Option<Credential> {
    let read = move |tx: &mut Tx| {
        let user = users::by_upn(tx, upn)?.unwrap();
        credentials::by_user(tx, user.id)
    };
    bench.store.read(read).await.unwrap()
}

/// Types a name and a password.
async fn typed(bench: &Bench, upn: &str, password: &str, from: &Visitor) -> (Secret, Outcome) {
    let handle = bench.house.begin_sign_in(Purpose::Portal, from).await.unwrap();
    bench.house.sign_in_address(&handle, from, upn).await.unwrap();
    let password = SecretString::from(password);
    let outcome = bench.house.sign_in_password(&handle, from, password).await.unwrap();
    (handle, outcome)
}

async fn imported(bench: &Bench, admin: &Admin, rows: &str) {
    let file = format!("upn;name;password hash;totp seed\n{rows}\n");
    let id = brought(bench, admin, &file).await.unwrap();
    let draft = bench.house.import(admin, id).await.unwrap();
    assert!(draft.checks.iter().all(|check| matches!(check.verdict, RowVerdict::New(_))));
    assert!(!format!("{draft:?}").contains("$2b$"), "no hash is printed");
    applied(bench, admin, id).await.unwrap();
    let done = bench.house.import(admin, id).await.unwrap();
    assert_eq!(tally(&done, RowOutcome::Refused), 0, "{:?}", done.left);
}

/// R002, R026, R035
#[test]
fn whoever_brings_both_along_signs_in_as_before_and_is_ours_from_then_on() {
    both(|bench| async move {
        let server = MailServer::start().await.unwrap();
        let bench = bench.with_mail(&server).await;
        let admin = bench.admin().await;
        imported(&bench, &admin, &format!("mia@contoso.com;Mia;{BCRYPT};{SEED}")).await;
        while bench.house.send_letters().await.unwrap() > 0 {}
        let letters = server.messages();
        let hers: Vec<_> = letters.iter().filter(|l| l.contains("mia@contoso.com")).collect();
        assert_eq!(hers.len(), 1, "{letters:?}");
        assert!(hers[0].contains("your password and your"), "{}", hers[0]);

        let before = credential(&bench, "mia@contoso.com").await.unwrap();
        assert!(before.is_imported());
        let from = visitor("203.0.113.1");
        let (_, outcome) = typed(&bench, "mia@contoso.com", "not the one", &from).await;
        assert!(matches!(outcome, Outcome::Again { .. }), "{outcome:?}");
        let (handle, outcome) = typed(&bench, "MIA@contoso.com", OLD, &from).await;
        assert!(matches!(outcome, Outcome::Next(Screen::SecondFactor { .. })), "{outcome:?}");
        let after = credential(&bench, "mia@contoso.com").await.unwrap();
        assert!(after.phc.starts_with("$argon2id$") && !after.is_imported(), "{}", after.phc);
        let left = bench.store.read(credentials::imported).await.unwrap();
        assert_eq!(left, 0, "the old hash is gone");

        let account = SampleAccount {
            totp_secret: Some(SEED.to_owned().into()),
            ..bench.account("carol").clone()
        };
        let at_once = bench.house.sign_in_code(&handle, &from, &bench.code(&account)).await;
        let at_once = at_once.unwrap();
        assert!(matches!(at_once, Outcome::Again { .. }), "it may have been used there");
        bench.next_code();
        let outcome = bench.house.sign_in_code(&handle, &from, &bench.code(&account)).await;
        assert_eq!(outcome.unwrap(), Outcome::Next(Screen::Done));
        assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_some());
        let (_, again) = typed(&bench, "mia@contoso.com", OLD, &from).await;
        assert!(matches!(again, Outcome::Next(Screen::SecondFactor { .. })), "{again:?}");
    });
}

/// R004, R008
#[test]
fn a_weak_password_that_was_brought_along_must_be_changed_at_once() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let rows = format!("mia@contoso.com;Mia;{WEAK};{SEED}\nnoah@contoso.com;Noah;{DJANGO};");
        imported(&bench, &admin, &rows).await;
        let from = visitor("203.0.113.1");
        let (handle, _) = typed(&bench, "mia@contoso.com", "Password1", &from).await;
        let kept = credential(&bench, "mia@contoso.com").await.unwrap();
        assert!(kept.must_change_before.is_some() && !kept.is_imported());
        bench.next_code();
        let account = SampleAccount {
            totp_secret: Some(SEED.to_owned().into()),
            ..bench.account("carol").clone()
        };
        let outcome = bench.house.sign_in_code(&handle, &from, &bench.code(&account)).await;
        let outcome = outcome.unwrap();
        assert!(matches!(outcome, Outcome::Next(Screen::NewPassword { .. })), "{outcome:?}");
        assert!(bench.house.complete_sign_in(&handle, &from).await.unwrap().is_none());

        let (_, outcome) = typed(&bench, "noah@contoso.com", OLD, &from).await;
        assert!(matches!(outcome, Outcome::Next(Screen::Enroll { .. })), "{outcome:?}");
        assert!(credential(&bench, "noah@contoso.com").await.unwrap().must_change_before.is_none());
    });
}

#[test]
fn what_was_brought_along_and_not_used_is_taken_back_and_only_what_lacks_is_handed_out() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let file = format!(
            "upn;name;password hash;totp seed\nmia@contoso.com;Mia;{BCRYPT};{SEED}\n\
             noah@contoso.com;Noah;{DJANGO};\nolga@contoso.com;Olga;;\n"
        );
        let id = brought(&bench, &admin, &file).await.unwrap();
        applied(&bench, &admin, id).await.unwrap();
        let made = bench.house.make_first_sign_ins(&admin, id, &from()).await.unwrap();
        let said: Vec<_> = made
            .iter()
            .map(|one| (one.upn.as_str(), one.password.is_some(), one.code.is_some()))
            .collect();
        assert_eq!(said, [("noah@contoso.com", false, true), ("olga@contoso.com", true, true)]);
        typed(&bench, "noah@contoso.com", OLD, &visitor("203.0.113.1")).await;

        bench.house.undo_import(&admin, id, &from()).await.unwrap();
        assert!(person(&bench, "mia@contoso.com").await.is_none());
        assert!(person(&bench, "olga@contoso.com").await.is_none());
        assert!(person(&bench, "noah@contoso.com").await.is_some(), "he has begun");
    });
}

/// R025, R144
#[test]
fn secrets_are_for_security_admins_and_a_wrong_one_is_never_shown() {
    both(|bench| async move {
        let olivia = bench.admin().await;
        let costly = BCRYPT.replacen("05", "31", 1);
        let file = format!(
            "upn;name;password hash;totp seed\nmia@contoso.com;Mia;Summer2024!;GEZDGNBVGY3TQOJQ\n\
             noah@contoso.com;Noah;{costly};{SEED}\nolga@contoso.com;Olga;;{SEED}\n"
        );
        let id = brought(&bench, &olivia, &file).await.unwrap();
        let draft = bench.house.import(&olivia, id).await.unwrap();
        for (line, begins) in [
            (
                2,
                [
                    "password hash: This is no password hash",
                    "totp seed: This seed has fewer than 128",
                ],
            ),
            (3, ["password hash: Checking this password hash costs too much", ""]),
            (4, ["totp seed: Line 3 has the same seed.", ""]),
        ] {
            let said = wrong(&draft, line);
            for (at, begin) in begins.iter().enumerate().filter(|(_, begin)| !begin.is_empty()) {
                assert!(said[at].starts_with(begin), "{line}: {said:?}");
            }
        }
        let all = format!("{:?}", draft.checks);
        for secret in ["Summer2024!", "GEZDGNBV", "$2b$"] {
            assert!(!all.contains(secret), "{secret}");
        }

        let grace = as_role(&bench, "grace", Role::UserAdmin).await;
        let seen = bench.house.import(&olivia, id).await.unwrap().fingerprint;
        let refused = bench.house.apply_import(&grace, id, &seen, &from()).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Forbidden);
        let own = brought(&bench, &grace, &file).await.unwrap();
        let mapping = bench.house.import(&grace, own).await.unwrap().import.terms.mapping;
        assert_eq!(mapping.len(), 2, "her file is read without its secrets: {mapping:?}");
        let with = bench.house.import(&olivia, id).await.unwrap().import.terms.mapping;
        let refused = bench.house.map_import(&grace, own, (with, false), &from()).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Forbidden);
    });
}

#[test]
fn whoever_is_here_keeps_what_they_have() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let before = credential(&bench, "alice@contoso.com").await;
        let file = format!("upn;title;password hash;seed\nalice@contoso.com;CEO;{BCRYPT};{SEED}\n");
        let id = brought(&bench, &admin, &file).await.unwrap();
        super::applied_to_all(&bench, &admin, id).await.unwrap();
        assert_eq!(credential(&bench, "alice@contoso.com").await, before);
        let alice = person(&bench, "alice@contoso.com").await.unwrap();
        assert_eq!(alice.profile.job_title.as_deref(), Some("CEO"));
        let factors = bench.store.read(move |tx| store::factors::totp_of(tx, alice.id)).await;
        assert_eq!(factors.unwrap().len(), 1);
    });
}
