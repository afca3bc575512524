//! Directories that check passwords, whose, and what is remembered of these.

use model::{
    Ts,
    directory::{Delegation, Directory, Encryption, KeptPassword, Verifier},
    ids::{DirectoryId, UserId},
};
use secrecy::ExposeSecret as _;
use store::{Error, Tx, directories, kept_passwords, testing::databases, users};

use crate::samples::{NOON, id, user};

const ALICE: UserId = UserId(id(1));
const BOB: UserId = UserId(id(2));
const NOBODY: UserId = UserId(id(0));
const BERLIN: DirectoryId = DirectoryId(id(70));
const PARIS: DirectoryId = DirectoryId(id(71));

fn directory(id: DirectoryId, name: &str) -> Directory {
    let text = |text: &str| text.to_owned();
    Directory {
        id,
        name: text(name),
        host: text("dc1.contoso.com"),
        port: 636,
        encryption: Encryption::StartTls,
        authority: String::new(),
        account: text("cn=gatehouse"),
        password: "of the account".into(),
        base: text("dc=contoso,dc=com"),
        filter: text("(mail={name})"),
        keep_days: 3,
        help: String::new(),
        changed_at: NOON,
    }
}

fn people(tx: &mut Tx) -> Result<(), Error> {
    users::create(tx, &user(1, "Alice"))?;
    users::create(tx, &user(2, "Bob"))
}

#[test]
fn a_persons_own_row_comes_before_their_domains() {
    for store in databases() {
        store
            .write_blocking(|tx| {
                people(tx)?;
                assert!(!directories::any(tx)?);
                directories::put(tx, &directory(BERLIN, "Berlin"))?;
                directories::put(tx, &directory(PARIS, "Paris"))?;
                let domains = ["contoso.com".to_owned()];
                assert_eq!(directories::put_domains(tx, BERLIN, &domains)?, None);
                let taken = directories::put_domains(tx, PARIS, &domains)?;
                assert_eq!(taken.as_deref(), Some("contoso.com"), "Berlin has it");
                let of = |tx: &mut Tx, user| {
                    let found = directories::of(tx, user, "contoso.com")?;
                    Ok::<_, Error>(found.map(|directory| directory.id))
                };
                assert_eq!([of(tx, ALICE)?, of(tx, NOBODY)?], [Some(BERLIN); 2]);
                assert!(directories::of(tx, ALICE, "elsewhere.com")?.is_none());
                directories::delegate(tx, ALICE, Delegation::Here)?;
                directories::delegate(tx, BOB, Delegation::To(PARIS))?;
                assert_eq!([of(tx, ALICE)?, of(tx, BOB)?], [None, Some(PARIS)]);
                assert_eq!(directories::delegation(tx, ALICE)?, Delegation::Here);
                assert_eq!(directories::delegated(tx, PARIS)?, 1);
                directories::delegate(tx, ALICE, Delegation::ByDomain)?;
                directories::remove(tx, PARIS)?;
                assert_eq!([of(tx, ALICE)?, of(tx, BOB)?], [Some(BERLIN); 2]);
                let renamed = directory(BERLIN, "Berlin 2");
                directories::put(tx, &renamed)?;
                let kept = directories::by_id(tx, BERLIN)?.expect("there");
                assert_eq!((kept.name.as_str(), kept.port), ("Berlin 2", 636));
                assert_eq!(kept.password.expose_secret(), "of the account");
                assert_eq!(directories::domains(tx, BERLIN)?, domains);
                Ok::<_, Error>(())
            })
            .expect("written");
    }
}

#[test]
fn what_is_kept_is_forgotten_in_time_and_with_its_directory() {
    for store in databases() {
        store
            .write_blocking(|tx| {
                people(tx)?;
                directories::put(tx, &directory(BERLIN, "Berlin"))?;
                let verifier =
                    Verifier { phc: "$argon2id$x".to_owned(), pepper_id: "p1".to_owned() };
                let kept = |user_id, confirmed_at| KeptPassword {
                    user_id,
                    directory_id: BERLIN,
                    since: NOON,
                    confirmed_at,
                    verifier: Some(verifier.clone()),
                    may_open: true,
                };
                let late = Ts(NOON.0 + 1);
                kept_passwords::put(tx, &kept(ALICE, NOON))?;
                kept_passwords::put(tx, &kept(BOB, late))?;
                assert_eq!(kept_passwords::of_user(tx, ALICE)?, Some(kept(ALICE, NOON)));
                assert_eq!(kept_passwords::purge(tx, BERLIN, NOON)?, 1);
                assert_eq!(kept_passwords::purge(tx, BERLIN, NOON)?, 0, "once");
                let left = kept_passwords::of_user(tx, ALICE)?.expect("since when is remembered");
                assert_eq!((left.since, left.may_open), (NOON, false));
                assert!(left.verifier.is_some(), "to compare the next one with");
                assert_eq!(kept_passwords::of_user(tx, BOB)?, Some(kept(BOB, late)));
                assert_eq!(kept_passwords::drop_all(tx, BERLIN, late)?.len(), 2);
                let left = kept_passwords::of_user(tx, BOB)?.expect("there");
                assert_eq!((left.since, left.may_open), (late, false));
                directories::remove(tx, BERLIN)?;
                assert_eq!(kept_passwords::of_user(tx, BOB)?, None);
                Ok::<_, Error>(())
            })
            .expect("written");
    }
}
