//! A person's profile is changed, and Entra and letters follow.

use app::{Admin, Kind};
use mail::testing::MailServer;
use model::{Role, audit::AuditKind, pending_request::Purpose, user::Profile};
use store::audit_log::{self, AuditFilter};

use crate::support::{Bench, both, visitor};

async fn profile(bench: &Bench, name: &str) -> app::Result<Profile> {
    let id = bench.user_id(name).await;
    let found = bench.store.read(move |tx| store::users::by_id(tx, id)).await?;
    Ok(found.ok_or_else(|| app::Error::not_found("person"))?.profile)
}

async fn change(bench: &Bench, admin: &Admin, name: &str, to: Profile) -> app::Result<()> {
    let (id, from) = (bench.user_id(name).await, visitor("198.51.100.9"));
    bench.house.change_profile(admin, id, to, &from).await
}

#[test]
fn whoever_moves_to_another_department_moves_in_the_tenant() {
    both(|bench| async move {
        bench.drain().await;
        let admin = bench.admin().await;
        let mut moved = profile(&bench, "alice").await.unwrap();
        moved.display_name = " Alice Ahmed ".to_owned();
        moved.department = Some("Marketing".to_owned());
        moved.job_title = Some("  ".to_owned());
        change(&bench, &admin, "alice", moved.clone()).await.unwrap();
        bench.drain().await;
        let tenant = bench.simulator.tenant();
        let there = tenant.user("alice@contoso.com").unwrap();
        assert_eq!(there.text("displayName"), Some("Alice Ahmed"));
        assert_eq!(there.text("department"), Some("Marketing"));
        assert_eq!(there.text("jobTitle"), Some("Account manager"), "as the page says");
        assert_eq!(profile(&bench, "alice").await.unwrap().job_title, None);
        change(&bench, &admin, "alice", moved).await.unwrap();
        let filter =
            AuditFilter { kind: Some(AuditKind::UserChanged), limit: 9, ..AuditFilter::default() };
        let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
        assert_eq!(rows.len(), 1, "what changes nothing leaves no row");
        let said = "name: Alice Anders -> Alice Ahmed; department: Sales -> Marketing; \
                    job title: Account manager -> none";
        assert_eq!(rows[0].detail, said);
    });
}

/// R041
#[test]
fn another_mail_address_takes_a_fresh_factor_and_is_told_to_the_old_one() {
    both(|bench| async move {
        let server = MailServer::start().await.unwrap();
        let bench = bench.with_mail(&server).await;
        let (admin, from) = (bench.admin().await, visitor("203.0.113.5"));
        bench.house.ask_reset("alice@contoso.com", &from).await.unwrap();
        let mut moved = profile(&bench, "alice").await.unwrap();
        moved.mail = Some("alice@elsewhere.example".to_owned());
        bench.pass(std::time::Duration::from_mins(6));
        let late = change(&bench, &admin, "alice", moved.clone()).await;
        assert_eq!(late.expect_err("six minutes are too long").kind, Kind::StepUp);
        let admin = bench.admin().await;
        change(&bench, &admin, "alice", moved).await.unwrap();
        let own = Profile { mail: None, ..profile(&bench, "olivia").await.unwrap() };
        let mine = change(&bench, &admin, "olivia", own).await;
        assert_eq!(mine.expect_err("not their own").kind, Kind::Conflict);
        let mail = Some("Grace@contoso.com".to_owned());
        let taken = Profile { mail, ..profile(&bench, "erin").await.unwrap() };
        let taken = change(&bench, &admin, "erin", taken).await;
        assert_eq!(taken.expect_err("somebody's name").kind, Kind::Invalid { field: "mail" });
        while bench.house.send_letters().await.unwrap() > 0 {}
        let letters = server.messages();
        let told = letters.iter().find(|it| it.contains("your mail address was changed")).unwrap();
        assert!(told.contains("To: alice@contoso.com"), "{told}");
        let link = letters.iter().find_map(|letter| {
            let text = letter.replace("=\n", "").replace("=3D", "=");
            let secret = text.split_once("token=")?.1.to_owned();
            Some(secret.chars().take_while(char::is_ascii_hexdigit).collect::<String>())
        });
        let link = app::visitor::Secret::from_cookie(&link.unwrap());
        assert!(bench.house.use_reset_link(&link, &from).await.unwrap().is_none(), "void");
    });
}

/// R145
#[test]
fn a_profile_is_changed_by_user_admins_and_not_from_below() {
    both(|bench| async move {
        let (erin, now) = (bench.user_id("erin").await, bench.house.now());
        let from = visitor("198.51.100.9");
        for (role, who, kind) in [
            (Role::HelpDesk, "alice", Some(Kind::Forbidden)),
            (Role::UserAdmin, "alice", None),
            (Role::UserAdmin, "olivia", Some(Kind::Forbidden)),
        ] {
            let set =
                bench.store.write(move |tx| store::users::set_role(tx, erin, Some(role), now));
            set.await.unwrap();
            bench.next_code();
            let signed_in = bench.sign_in("erin", Purpose::Console, &from).await;
            let admin = bench.house.admin(&signed_in.token).await.unwrap().unwrap();
            let mut other = profile(&bench, who).await.unwrap();
            other.department = Some("Legal".to_owned());
            let changed = change(&bench, &admin, who, other).await;
            assert_eq!(changed.err().map(|error| error.kind), kind, "{role:?} {who}");
        }
    });
}

#[test]
fn what_can_be_no_profile_is_refused_at_its_field() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let good = profile(&bench, "alice").await.unwrap();
        let wrong = |field: &'static str, change: &dyn Fn(&mut Profile)| {
            let mut bad = good.clone();
            change(&mut bad);
            (field, bad)
        };
        let mut cases = vec![
            wrong("display_name", &|p| p.display_name = "  ".to_owned()),
            wrong("display_name", &|p| p.display_name = "x".repeat(257)),
            wrong("surname", &|p| p.surname = Some("a\u{202e}b".to_owned())),
            wrong("department", &|p| p.department = Some("x".repeat(65))),
            wrong("country", &|p| p.country = Some("Germany".to_owned())),
        ];
        for mail in ["alice", "@contoso.com", "a@b", "a b@contoso.com", "a@b..c", "<a@b.c>"] {
            cases.push(wrong("mail", &|p| p.mail = Some(mail.to_owned())));
        }
        for (field, bad) in cases {
            let changed = change(&bench, &admin, "alice", bad.clone()).await;
            assert_eq!(changed.expect_err(field).kind, Kind::Invalid { field }, "{bad:?}");
        }
    });
}
