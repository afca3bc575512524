//! Owners who can't get in any more, and what the server's command line does for them.

use std::time::Duration;

use app::{
    Kind, Visitor,
    sign_in::{Outcome, Screen},
};
use mail::testing::MailServer;
use model::{Role, pending_request::Purpose, user::UserState};
use store::users;

use crate::support::{Bench, both, visitor};

/// Whatever can keep an owner out: blocked, guessed at by strangers, and the app gone.
async fn shut_out(bench: &Bench) {
    let (olivia, now) = (bench.user_id("olivia").await, bench.house.now());
    let block = move |tx: &mut store::Tx| users::set_state(tx, olivia, UserState::Blocked, now);
    bench.store.write(block).await.unwrap();
    crate::limits::exhaust(bench, "olivia").await;
}

/// R033, R053
#[test]
fn an_owner_comes_in_with_a_new_password_and_a_new_app() {
    both(|bench| async move {
        let server = MailServer::start().await.unwrap();
        let bench = bench.with_mail(&server).await;
        let (_, before) = bench.employee("olivia", &visitor("198.51.100.7")).await;
        shut_out(&bench).await;
        let (house, shell) = (&bench.house, Visitor::at_the_command_line(&bench.house));
        let again = house.recover_owner("Olivia@contoso.com", &shell).await.unwrap();
        assert!(house.employee(&before).await.unwrap().is_none(), "what was open is shut");

        bench.pass(Duration::from_secs(11));
        let from = visitor("192.0.2.1");
        let handle = house.begin_sign_in(Purpose::Console, &from).await.unwrap();
        house.sign_in_address(&handle, &from, "olivia@contoso.com").await.unwrap();
        let password = again.initial_password;
        let right = house.sign_in_password(&handle, &from, password).await.unwrap();
        assert!(matches!(right, Outcome::Next(Screen::EnrollmentCode { .. })), "{right:?}");
        let code = secrecy::ExposeSecret::expose_secret(&again.enrollment_code).to_owned();
        let taken = house.sign_in_enrollment_code(&handle, &from, &code).await.unwrap();
        assert!(matches!(taken, Outcome::Next(Screen::Enroll { .. })), "{taken:?}");

        while house.send_letters().await.unwrap() > 0 {}
        let letters = server.messages();
        assert!(letters.iter().any(|it| it.contains("an owner was let in again")), "{letters:?}");
        let untold = house.recovered_owner(&shell).await.unwrap();
        assert_eq!(untold.as_deref(), Some("olivia@contoso.com"));
        assert_eq!(house.recovered_owner(&shell).await.unwrap(), None, "it is said once");
    });
}

#[test]
fn nobody_else_is_let_in_and_nobody_is_made_an_owner() {
    both(|bench| async move {
        let shell = Visitor::at_the_command_line(&bench.house);
        crate::accounts::admin_as(&bench, "erin", Role::SecurityAdmin).await;
        for (upn, kind) in [
            ("erin@contoso.com", Kind::Conflict),
            ("alice@contoso.com", Kind::Conflict),
            ("nobody@contoso.com", Kind::NotFound),
        ] {
            let refused = bench.house.recover_owner(upn, &shell).await;
            assert_eq!(refused.expect_err("no owner").kind, kind, "{upn}");
        }
        assert_eq!(bench.house.recovered_owner(&shell).await.unwrap(), None);
        bench.next_code();
        bench.employee("erin", &visitor("198.51.100.8")).await;
    });
}
