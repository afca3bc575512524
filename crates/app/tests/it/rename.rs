//! A person gets another sign-in name: the same account here and at Microsoft.

use app::{Admin, Kind, issue::wsfed::Entered, sign_in::Outcome, visitor::Secret};
use mail::testing::MailServer;
use model::{Actor, Role, ids::RunId, pending_request::Purpose, plan::Scope};

use crate::{
    imports,
    support::{Bench, QUERY, both, visitor},
};

async fn rename(bench: &Bench, admin: &Admin, name: &str, to: &str) -> app::Result<()> {
    let (id, from) = (bench.user_id(name).await, visitor("198.51.100.9"));
    bench.house.rename_person(admin, id, to, &from).await
}

/// What a run could not do.
async fn conflicts(bench: &Bench, run: RunId) -> String {
    let admin = bench.admin().await;
    let (run, _) = bench.house.run(&admin, run).await.unwrap();
    run.conflicts.into_iter().map(|conflict| conflict.reason).collect()
}

async fn change_mail(bench: &Bench, name: &str, mail: Option<&str>) {
    let (id, mail) = (bench.user_id(name).await, mail.map(str::to_owned));
    let changed = move |tx: &mut store::Tx| {
        let mut user = store::users::by_id(tx, id)?.expect("they are there");
        user.profile.mail = mail;
        store::users::update(tx, &user)
    };
    bench.store.write(changed).await.unwrap();
}

/// The token that Microsoft gets when it asks for this person, whose session it is.
async fn token(bench: &Bench, name: &str, session: &Secret) -> String {
    let query = QUERY.replace("alice%40", &format!("{name}%40"));
    let entered = bench.enter(&query, &visitor("198.51.100.1"), Some(session)).await;
    let Entered::Token(answer) = entered else { panic!("{entered:?}") };
    answer.wresult
}

fn name_id(token: &str) -> String {
    let (_, rest) = token.split_once("<saml:NameIdentifier").unwrap();
    rest.split('<').next().unwrap().rsplit('>').next().unwrap().to_owned()
}

/// R084
#[test]
fn whoever_is_renamed_stays_the_same_account() {
    both(|bench| async move {
        bench.drain().await;
        let from = visitor("198.51.100.1");
        let before = bench.simulator.tenant().user("alice@contoso.com").unwrap().id.clone();
        let (_, session) = bench.employee("alice", &from).await;
        let subject = name_id(&token(&bench, "alice", &session).await);
        let admin = bench.admin().await;
        rename(&bench, &admin, "alice", " alice.ahmed@contoso.com ").await.unwrap();
        bench.drain().await;
        let there = bench.simulator.tenant().user("alice.ahmed@contoso.com").cloned();
        assert_eq!(there.expect("the tenant follows").id, before, "the same object");
        assert!(bench.simulator.tenant().user("alice@contoso.com").is_none());
        let after = token(&bench, "alice.ahmed", &session).await;
        assert_eq!(name_id(&after), subject, "the same subject");
        assert!(after.contains("alice.ahmed@contoso.com"), "and the new name: {after}");

        let page = bench.house.person(&admin, bench.user_id("alice.ahmed").await).await.unwrap();
        let renamed = page.audit.iter().find(|row| row.detail.starts_with("sign-in name: "));
        assert_eq!(
            renamed.expect("what was written under the old name").detail,
            "sign-in name: alice@contoso.com -> alice.ahmed@contoso.com"
        );
        bench.simulator.set("alice.ahmed@contoso.com", "userPrincipalName", "alice@contoso.com");
        let everyone = bench.house.sync(bench.tenant, Scope::Everyone, Actor::Operator);
        let said = conflicts(&bench, everyone.await.unwrap()).await;
        assert!(said.contains("is called alice@contoso.com in Entra"), "asked once: {said}");
        bench.simulator.set("alice@contoso.com", "userPrincipalName", "alice.ahmed@contoso.com");

        rename(&bench, &admin, "alice.ahmed", "alice@contoso.com").await.unwrap();
        bench.drain().await;
        assert!(bench.simulator.tenant().user("alice@contoso.com").is_some(), "and back");
    });
}

#[test]
fn the_old_name_opens_nothing_and_is_free_for_somebody_else() {
    both(|bench| async move {
        let admin = bench.admin().await;
        rename(&bench, &admin, "alice", "alice.ahmed@contoso.com").await.unwrap();
        let from = visitor("198.51.100.1");
        let tried = async |name: &str| {
            let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
            bench.house.sign_in_address(&handle, &from, name).await.unwrap();
            let password = bench.account("alice").password.clone();
            bench.house.sign_in_password(&handle, &from, password).await.unwrap()
        };
        assert!(matches!(tried("alice@contoso.com").await, Outcome::Again { .. }));
        assert!(matches!(tried("Alice.Ahmed@contoso.com").await, Outcome::Next(_)));
        let hers = rename(&bench, &admin, "bob", "alice@contoso.com").await;
        assert_eq!(hers.expect_err("her mail still").kind, Kind::Invalid { field: "upn" });
        change_mail(&bench, "alice.ahmed", None).await;
        bench.pass(std::time::Duration::from_secs(1));
        rename(&bench, &admin, "bob", "alice@contoso.com").await.unwrap();
        let bob = bench.house.person(&admin, bench.user_id("alice").await).await.unwrap();
        assert_eq!(bob.user.profile.display_name, "Bob Brandt");
        let hers = bob.audit.iter().filter(|row| row.detail.contains("alice.ahmed")).count();
        assert_eq!(hers, 0, "what somebody else did under the name is not his");
    });
}

#[test]
fn a_name_that_cannot_be_is_refused_at_its_field() {
    both(|bench| async move {
        let admin = bench.admin().await;
        for wrong in [
            "alice.ahmed@fabrikam.com",
            "alice.ahmed@contoso.onmicrosoft.com",
            "BOB@contoso.com",
            ".alice@contoso.com",
            "alice ahmed@contoso.com",
            "alice",
        ] {
            let refused = rename(&bench, &admin, "alice", wrong).await.expect_err(wrong);
            assert_eq!(refused.kind, Kind::Invalid { field: "upn" }, "{wrong}");
        }
        change_mail(&bench, "grace", Some("g.gomez@contoso.com")).await;
        let mails = rename(&bench, &admin, "alice", "g.gomez@contoso.com").await;
        assert_eq!(mails.expect_err("somebody's mail").kind, Kind::Invalid { field: "upn" });
        rename(&bench, &admin, "grace", "g.gomez@contoso.com").await.expect("their own mail");
    });
}

/// R045, R145
#[test]
fn only_user_admins_with_a_fresh_factor_rename_and_nobody_above_or_themselves() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let own = rename(&bench, &admin, "olivia", "liv@contoso.com").await;
        assert_eq!(own.expect_err("her own").kind, Kind::Conflict);
        bench.pass(std::time::Duration::from_mins(6));
        let late = rename(&bench, &admin, "alice", "al@contoso.com").await;
        assert_eq!(late.expect_err("six minutes are too long").kind, Kind::StepUp);
        let (erin, now) = (bench.user_id("erin").await, bench.house.now());
        for (role, who, kind) in [
            (Role::HelpDesk, "alice", Some(Kind::Forbidden)),
            (Role::UserAdmin, "olivia", Some(Kind::Forbidden)),
            (Role::UserAdmin, "alice", None),
        ] {
            let set =
                bench.store.write(move |tx| store::users::set_role(tx, erin, Some(role), now));
            set.await.unwrap();
            bench.next_code();
            let from = visitor("198.51.100.9");
            let signed_in = bench.sign_in("erin", Purpose::Console, &from).await;
            let admin = bench.house.admin(&signed_in.token).await.unwrap().unwrap();
            let renamed = rename(&bench, &admin, who, "other@contoso.com").await;
            assert_eq!(renamed.err().map(|error| error.kind), kind, "{role:?} {who}");
        }
    });
}

#[test]
fn the_person_is_told_and_what_was_mailed_before_is_void() {
    both(|bench| async move {
        let server = MailServer::start().await.unwrap();
        let bench = bench.with_mail(&server).await;
        let (admin, from) = (bench.admin().await, visitor("203.0.113.5"));
        bench.house.ask_reset("alice@contoso.com", &from).await.unwrap();
        rename(&bench, &admin, "alice", "alice.ahmed@contoso.com").await.unwrap();
        while bench.house.send_letters().await.unwrap() > 0 {}
        let letters = server.messages();
        let link = letters.iter().find_map(|letter| {
            let text = letter.replace("=\n", "").replace("=3D", "=");
            let secret = text.split_once("token=")?.1.to_owned();
            Some(secret.chars().take_while(char::is_ascii_hexdigit).collect::<String>())
        });
        let link = Secret::from_cookie(&link.unwrap());
        assert!(bench.house.use_reset_link(&link, &from).await.unwrap().is_none(), "void");
        let told = letters.iter().find(|it| it.contains("your sign-in name was changed")).unwrap();
        let told = told.replace("=\n", "");
        assert!(told.contains("To: alice@contoso.com") && told.contains("alice.ahmed"), "{told}");
    });
}

#[test]
fn a_file_with_a_name_from_before_makes_no_second_person() {
    both(|bench| async move {
        let admin = bench.admin().await;
        change_mail(&bench, "alice", None).await;
        rename(&bench, &admin, "alice", "alice.ahmed@contoso.com").await.unwrap();
        let rows = "User principal name,Display name\nalice@contoso.com,Alice Anders\n";
        let id = imports::brought(&bench, &admin, rows).await.unwrap();
        let wrong = imports::wrong(&bench.house.import(&admin, id).await.unwrap(), 2);
        assert!(wrong.concat().contains("is called alice.ahmed@contoso.com now"), "{wrong:?}");
    });
}

/// Whoever was renamed at Microsoft, and not here, is a question for an admin.
#[test]
fn a_name_that_was_given_at_microsoft_is_left_and_told() {
    both(|bench| async move {
        bench.drain().await;
        let elsewhere = "alice.elsewhere@contoso.com";
        bench.simulator.set("alice@contoso.com", "userPrincipalName", elsewhere);
        let admin = bench.admin().await;
        rename(&bench, &admin, "alice", "alice.ahmed@contoso.com").await.unwrap();
        let person = Scope::Person(bench.user_id("alice.ahmed").await);
        let run = bench.house.sync(bench.tenant, person, Actor::Operator).await.unwrap();
        let said = conflicts(&bench, run).await;
        assert!(said.contains("is called alice.elsewhere@contoso.com in Entra"), "{said}");
        assert!(bench.simulator.tenant().user(elsewhere).is_some());
    });
}
