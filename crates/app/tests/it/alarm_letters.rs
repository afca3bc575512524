//! Letters about alarms: who gets them, when, and what they say (F119).

use std::time::Duration;

use mail::testing::MailServer;
use model::Role;
use store::users;

use crate::support::{Bench, both};

const DAY: Duration = Duration::from_hours(24);

/// The letters of one more round: to whom each went, its subject, and all of it.
async fn after_a_round(bench: &Bench, server: &MailServer) -> Vec<(String, String, String)> {
    let before = server.messages().len();
    bench.house.keep_watch().await.unwrap();
    while bench.house.send_letters().await.unwrap() > 0 {}
    let header = |message: &str, name: &str| {
        let line = message.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().to_owned()
    };
    let readable = |message: &String| message.replace("=\n", "").replace("=3D", "=");
    let new = server.messages()[before..].iter().map(readable).collect::<Vec<_>>();
    let mut letters: Vec<_> =
        new.into_iter().map(|all| (header(&all, "To: "), header(&all, "Subject: "), all)).collect();
    letters.sort();
    letters
}

async fn give_role(bench: &Bench, name: &str, role: Role) {
    let (id, now) = (bench.user_id(name).await, bench.house.now());
    bench.store.write(move |tx| users::set_role(tx, id, Some(role), now)).await.unwrap();
}

#[test]
fn whoever_can_act_is_told_when_an_alarm_begins_gets_worse_and_ends() {
    both(|bench| async {
        let server = MailServer::start().await.unwrap();
        let bench = bench.with_alarms_to(&server, &["Night shift <night@fabrikam.com>"]).await;
        give_role(&bench, "alice", Role::SecurityAdmin).await;
        give_role(&bench, "carol", Role::UserAdmin).await;
        give_role(&bench, "dan", Role::Owner).await;
        assert!(after_a_round(&bench, &server).await.is_empty());

        bench.pass(DAY * 675);
        let begun = after_a_round(&bench, &server).await;
        // Two keys, and for each: Alice, Olivia and the night shift; not Dan, who is blocked.
        let to: Vec<&str> = begun.iter().map(|(to, ..)| to.as_str()).collect();
        let expected =
            ["\"Night shift\" <night@fabrikam.com>", "alice@contoso.com", "olivia@contoso.com"];
        assert_eq!(to, expected.iter().flat_map(|to| [to; 2]).copied().collect::<Vec<_>>());
        for (_, subject, all) in &begun {
            assert_eq!(subject, "Contoso: an alarm needs you soon");
            assert!(all.contains("signing key ends on 24 Nov 2028"), "{all}");
            assert!(all.contains("http://localhost:8080/admin/alarms"), "{all}");
        }
        assert!(after_a_round(&bench, &server).await.is_empty(), "nothing is new");
        bench.pass(DAY * 50);
        let worse = after_a_round(&bench, &server).await;
        assert_eq!(worse.len(), 6);
        assert!(worse.iter().all(|(_, subject, _)| subject == "Contoso: an alarm needs you now"));
    });
}

#[test]
fn the_end_of_an_alarm_is_told_and_without_a_mail_server_nothing_is_written() {
    both(|bench| async {
        let quiet = bench.second_node().await;
        crate::alarms::permit_until(&bench, 10).await;
        quiet.keep_watch().await.unwrap();
        let server = MailServer::start().await.unwrap();
        let bench = bench.with_mail(&server).await;
        assert!(after_a_round(&bench, &server).await.is_empty(), "it had begun, unheard");
        crate::alarms::permit_until(&bench, 90).await;
        let over = after_a_round(&bench, &server).await;
        assert_eq!(over.len(), 1);
        let (to, subject, all) = &over[0];
        assert_eq!(
            (to.as_str(), subject.as_str()),
            ("olivia@contoso.com", "Contoso: an alarm is over")
        );
        assert!(all.contains("this is over") && all.contains("on 5 Dec 2026"), "{all}");
    });
}
