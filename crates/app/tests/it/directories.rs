//! Passwords that a directory checks: Debian's slapd, on both databases.

use std::time::{Duration, Instant};

use app::{
    Admin, Kind,
    accounts::NewPerson,
    directories::{DirectoryForm, Tried},
    sign_in::{Outcome, Screen},
    visitor::Secret,
};
use directory::testing::{PASSWORD, Slapd, Speech};
use mail::testing::MailServer;
use model::{
    Role,
    alarm::AlarmKind,
    audit::AuditKind,
    directory::{Delegation, Directory, Step},
    ids::DirectoryId,
    pending_request::Purpose,
    user::Profile,
};
use store::{alarms, audit_log, kept_passwords};

use crate::support::{Bench, both, visitor};

pub(crate) const ALICE: &str = "alice@contoso.com";
pub(crate) const CAROL: &str = "carol@contoso.com";

pub(crate) fn form(directory: &Directory) -> DirectoryForm {
    DirectoryForm {
        name: directory.name.clone(),
        host: directory.host.clone(),
        port: directory.port.to_string(),
        encryption: "tls".to_owned(),
        authority: directory.authority.clone(),
        account: directory.account.clone(),
        password: directory.password.clone(),
        base: directory.base.clone(),
        filter: directory.filter.clone(),
        keep_days: directory.keep_days.to_string(),
        help: "Ask at the gate.".to_owned(),
        domains: String::new(),
    }
}

/// Alice and Carol have their passwords in this directory, each by name.
pub(crate) async fn delegated(bench: &Bench, slapd: &Slapd, keep_days: &str) -> DirectoryId {
    let admin = bench.admin().await;
    let typed = DirectoryForm { keep_days: keep_days.to_owned(), ..form(&slapd.settings()) };
    let me = visitor("198.51.100.9");
    let id = bench.house.save_directory(&admin, None, typed, &me).await.unwrap();
    for name in ["alice", "carol"] {
        let person = bench.user_id(name).await;
        let to = Delegation::To(id);
        bench.house.delegate_password(&admin, person, to, &me).await.unwrap();
    }
    id
}

pub(crate) fn slapd() -> Slapd {
    Slapd::start(Speech::Secret, &[ALICE, CAROL])
}

/// Whether a password opens the way to the second factor; late enough after the guess before.
pub(crate) async fn opens(bench: &Bench, name: &str, password: &str) -> bool {
    bench.pass(Duration::from_secs(20));
    let from = visitor("203.0.113.5");
    let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
    bench.house.sign_in_address(&handle, &from, name).await.unwrap();
    let typed = password.to_owned().into();
    match bench.house.sign_in_password(&handle, &from, typed).await.unwrap() {
        Outcome::Next(
            Screen::SecondFactor { .. } | Screen::EnrollmentCode { .. } | Screen::Enroll { .. },
        ) => true,
        Outcome::Again { screen: Screen::Password { address }, sentence } => {
            assert_eq!(address, name);
            assert!(sentence.contains("That name and password don"), "{sentence}");
            false
        }
        other => panic!("{other:?}"),
    }
}

impl Bench {
    /// Somebody who signed in with this password.
    pub(crate) async fn signed_in_elsewhere(&self, name: &str, password: &str) -> Secret {
        self.next_code();
        let (from, account) = (visitor("203.0.113.78"), self.account(name));
        let handle = self.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
        self.house.sign_in_address(&handle, &from, &account.upn).await.unwrap();
        let typed = password.to_owned().into();
        self.house.sign_in_password(&handle, &from, typed).await.unwrap();
        let code = self.code(account);
        self.house.sign_in_code(&handle, &from, &code).await.unwrap();
        let token = self.house.complete_sign_in(&handle, &from).await.unwrap().unwrap().token;
        assert!(self.house.employee(&token).await.unwrap().is_some());
        token
    }
}

pub(crate) async fn details(bench: &Bench, kind: AuditKind) -> Vec<String> {
    let filter = audit_log::AuditFilter { kind: Some(kind), limit: 50, ..Default::default() };
    let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
    rows.into_iter().map(|row| row.detail).collect()
}

pub(crate) async fn is_kept(bench: &Bench, name: &str) -> bool {
    let id = bench.user_id(name).await;
    let kept = bench.store.read(move |tx| kept_passwords::of_user(tx, id)).await.unwrap();
    kept.is_some_and(|kept| kept.may_open)
}

pub(crate) async fn is_ringing(bench: &Bench) -> bool {
    let open = bench.store.read(alarms::open).await.unwrap();
    open.iter().any(|alarm| alarm.cause.kind() == AlarmKind::DirectoryAway)
}

#[test]
fn the_directory_decides_and_the_password_from_before_opens_nothing() {
    both(|bench| async move {
        let slapd = slapd();
        delegated(&bench, &slapd, "3").await;
        let before = bench.account("alice").password().to_owned();
        assert!(!opens(&bench, ALICE, &before).await, "the one that was here");
        assert!(!opens(&bench, ALICE, "").await, "slapd would say yes");
        assert!(opens(&bench, ALICE, PASSWORD).await);
        assert!(!opens(&bench, "nobody@contoso.com", PASSWORD).await);
        let said = details(&bench, AuditKind::PasswordChecked).await;
        assert!(said.contains(&"by the directory \"Contoso's directory\"".to_owned()), "{said:?}");
        slapd.set_password(ALICE, "chosen at the directory");
        assert!(!opens(&bench, ALICE, PASSWORD).await);
        assert!(opens(&bench, ALICE, "chosen at the directory").await);
        let olivia = bench.account("olivia").password().to_owned();
        assert!(opens(&bench, "olivia@contoso.com", &olivia).await, "whose password is here");
    });
}

#[test]
fn what_was_right_opens_for_three_days_without_the_directory() {
    both(|bench| async move {
        let mut slapd = slapd();
        delegated(&bench, &slapd, "3").await;
        assert!(opens(&bench, ALICE, PASSWORD).await);
        assert!(!opens(&bench, ALICE, "a slip of the finger").await, "which drops nothing");
        slapd.pause();
        assert!(opens(&bench, ALICE, PASSWORD).await);
        assert!(is_ringing(&bench).await, "at once");
        assert!(!opens(&bench, ALICE, "another one").await);
        assert!(!opens(&bench, ALICE, "").await);
        assert!(!opens(&bench, CAROL, PASSWORD).await, "who was never let in there");
        let said = details(&bench, AuditKind::PasswordChecked).await;
        assert!(said.iter().any(|it| it.starts_with("by what was kept of it")), "{said:?}");
        bench.pass(Duration::from_mins(3 * 24 * 60 - 10));
        assert!(opens(&bench, ALICE, PASSWORD).await);
        bench.pass(Duration::from_mins(10));
        assert!(!opens(&bench, ALICE, PASSWORD).await, "three days are over");
        bench.house.forget_expired().await.unwrap();
        assert!(!is_kept(&bench, "alice").await, "and it is forgotten");

        bench.house.keep_watch().await.unwrap();
        assert!(is_ringing(&bench).await);
        slapd.resume();
        bench.pass(Duration::from_secs(20));
        bench.house.keep_watch().await.unwrap();
        assert!(!is_ringing(&bench).await, "it is back");
        assert!(opens(&bench, CAROL, PASSWORD).await);
    });
}

#[test]
fn with_no_days_nothing_is_kept() {
    both(|bench| async move {
        let mut slapd = slapd();
        delegated(&bench, &slapd, "0").await;
        assert!(opens(&bench, ALICE, PASSWORD).await);
        assert!(!is_kept(&bench, "alice").await);
        slapd.pause();
        assert!(!opens(&bench, ALICE, PASSWORD).await);
    });
}

#[test]
fn what_the_directory_says_no_to_is_dropped() {
    both(|bench| async move {
        let mut slapd = slapd();
        delegated(&bench, &slapd, "3").await;
        assert!(opens(&bench, ALICE, PASSWORD).await && opens(&bench, CAROL, PASSWORD).await);
        slapd.set_password(ALICE, "chosen at the directory");
        slapd.lock(CAROL);
        assert!(!opens(&bench, ALICE, PASSWORD).await && !opens(&bench, CAROL, PASSWORD).await);
        assert!(!is_kept(&bench, "alice").await && !is_kept(&bench, "carol").await);
        let said = details(&bench, AuditKind::DirectoryAnswered).await;
        assert_eq!(said, ["\"Contoso's directory\" says that the account is locked"]);
        slapd.pause();
        assert!(!opens(&bench, ALICE, PASSWORD).await && !opens(&bench, CAROL, PASSWORD).await);
    });
}

/// R053: who had begun with the password from before does not go on with it.
#[test]
fn a_password_that_was_changed_there_ends_what_was_begun_with_the_old_one() {
    both(|bench| async move {
        let slapd = slapd();
        delegated(&bench, &slapd, "3").await;
        let session = bench.signed_in_elsewhere("alice", PASSWORD).await;
        let from = visitor("203.0.113.77");
        let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
        bench.house.sign_in_address(&handle, &from, ALICE).await.unwrap();
        let typed = PASSWORD.to_owned().into();
        bench.house.sign_in_password(&handle, &from, typed).await.unwrap();
        let screen = bench.house.sign_in_screen(&handle, &from).await.unwrap().unwrap();
        assert!(matches!(screen, Screen::SecondFactor { .. }), "{screen:?}");
        slapd.set_password(ALICE, "chosen at the directory");
        assert!(opens(&bench, ALICE, "chosen at the directory").await);
        let screen = bench.house.sign_in_screen(&handle, &from).await.unwrap().unwrap();
        assert!(matches!(screen, Screen::Password { .. }), "{screen:?}");
        assert!(bench.house.employee(&session).await.unwrap().is_none(), "and the sessions end");
    });
}

/// R022, R023: a refusal takes as long for a name that nobody has, and reads alike (`opens`).
#[test]
fn no_refusal_comes_sooner_than_a_directory_would_take() {
    both(|bench| async move {
        let slapd = slapd();
        delegated(&bench, &slapd, "3").await;
        for name in [ALICE, "nobody@contoso.com", "olivia@contoso.com"] {
            let began = Instant::now();
            assert!(!opens(&bench, name, "wrong").await);
            assert!(began.elapsed() >= Duration::from_secs(1), "{name}: {:?}", began.elapsed());
        }
    });
}

#[test]
fn nobody_gets_another_password_here() {
    both(|bench| async move {
        let server = MailServer::start().await.unwrap();
        let bench = bench.with_mail(&server).await;
        let slapd = slapd();
        let id = delegated(&bench, &slapd, "3").await;
        let (admin, me) = (bench.admin().await, visitor("198.51.100.9"));
        bench.house.ask_reset(ALICE, &me).await.unwrap();
        while bench.house.send_letters().await.unwrap() > 0 {}
        let letter = server.messages().pop().unwrap().replace("=\n", "");
        assert!(letter.contains("Ask at the gate.") && !letter.contains("token"), "{letter}");

        let alice = bench.user_id("alice").await;
        let given = bench.house.give_initial_password(&admin, alice, &me).await.unwrap_err();
        assert_eq!(given.kind, Kind::Conflict);
        assert!(given.public.contains("Contoso's directory"), "{}", given.public);

        let person = bench.house.person(&admin, alice).await.unwrap();
        assert_eq!(person.password.delegation, Delegation::To(id));
        assert!(person.password.directory.is_some() && person.password.kept_until.is_none());
    });
}

/// R145, R147
#[test]
fn a_directory_is_an_owners_and_one_owner_stays_without() {
    both(|bench| async move {
        let slapd = slapd();
        let id = delegated(&bench, &slapd, "3").await;
        let (admin, me) = (bench.admin().await, visitor("198.51.100.9"));
        let change = |typed| bench.house.save_directory(&admin, Some(id), typed, &me);
        let all = DirectoryForm { domains: "Contoso.com".to_owned(), ..form(&slapd.settings()) };
        let refused = change(all.clone()).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Conflict, "{}", refused.public);
        let olivia = bench.user_id("olivia").await;
        let here = bench.house.delegate_password(&admin, olivia, Delegation::Here, &me).await;
        here.unwrap();
        change(all.clone()).await.unwrap();
        let away = bench.house.delegate_password(&admin, olivia, Delegation::To(id), &me).await;
        assert_eq!(away.unwrap_err().kind, Kind::Conflict);

        // Everybody of the domain now: a new person needs no first password.
        let profile = Profile { display_name: "Mia".to_owned(), ..Profile::default() };
        let new = NewPerson { upn: "mia@contoso.com".to_owned(), profile };
        let mia = bench.house.create_person(&admin, new, &me).await.unwrap();
        assert!(mia.initial_password.is_none());

        // Its password goes to no other host by itself.
        let host = "127.0.0.2".to_owned();
        let moved = DirectoryForm { host, password: String::new().into(), ..all.clone() };
        let refused = change(moved).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Invalid { field: "password" });
        let kept = DirectoryForm { password: String::new().into(), ..all };
        change(kept).await.unwrap();
        assert!(opens(&bench, ALICE, PASSWORD).await);

        let stale = bench.admin().await;
        bench.pass(Duration::from_mins(6));
        let late = bench.house.remove_directory(&stale, id, &me).await;
        assert_eq!(late.unwrap_err().kind, Kind::StepUp);
        let help = with_role(&bench, Role::SecurityAdmin).await;
        let refused = bench.house.remove_directory(&help, id, &me).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Forbidden);
    });
}

/// Olivia with another role.
async fn with_role(bench: &Bench, role: Role) -> Admin {
    let (olivia, now) = (bench.user_id("olivia").await, bench.house.now());
    let set = bench.store.write(move |tx| store::users::set_role(tx, olivia, Some(role), now));
    set.await.unwrap();
    bench.admin().await
}

#[test]
fn a_try_goes_step_by_step_and_a_password_in_it_is_a_guess() {
    both(|bench| async move {
        let slapd = slapd();
        let id = delegated(&bench, &slapd, "3").await;
        let (admin, me) = (bench.admin().await, visitor("198.51.100.9"));
        let attempt = async |name: &str, password: &str| {
            let wish = (name.to_owned(), password.to_owned().into());
            bench.house.try_directory(&admin, id, wish, &me).await
        };
        let went = |tried: &[Tried]| -> Vec<Step> {
            let fine = tried.iter().filter(|it| matches!(it.ended, Some(Ok(_))));
            fine.map(|it| it.step).collect()
        };
        assert_eq!(went(&attempt("", "").await.unwrap()), Step::ALL[..4]);
        assert_eq!(went(&attempt(ALICE, "").await.unwrap()), Step::ALL[..5]);
        assert_eq!(went(&attempt(ALICE, PASSWORD).await.unwrap()), Step::ALL);
        let unknown = attempt("nobody@contoso.com", PASSWORD).await.unwrap();
        assert_eq!(unknown[4].ended, Some(Err("nobody there has this name".to_owned())));
        assert_eq!(unknown[5].ended, None);
        let nobody = attempt("", PASSWORD).await.unwrap_err();
        assert_eq!(nobody.kind, Kind::Invalid { field: "who" });
        let mut last = None;
        for _ in 0..6 {
            last = Some(attempt(ALICE, "wrong").await);
        }
        assert_eq!(last.unwrap().unwrap_err().kind, Kind::Conflict, "slowed down like every guess");
    });
}
