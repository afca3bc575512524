//! Tokens of programs.

use std::time::Duration;

use app::{
    Kind,
    programs::{Entry, Trouble},
    visitor::Secret,
};
use model::{audit::AuditKind, program::Removal};

use super::{FROM, about, bring, brought, enter, let_in, remove, set_active, wish};
use crate::support::{Bench, both, visitor};

async fn entry(bench: &Bench, token: &str, from: &str) -> Entry {
    bench.house.enter_program(token, &visitor(from)).await.unwrap()
}

#[test]
fn a_token_is_known_by_its_digest_ends_on_its_day_and_two_overlap() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let (id, first) = let_in(&bench, &admin, "HR", Removal::Block).await;
        let second = bench.house.make_program_token(&admin, id, "1", &from).await.unwrap();
        let third = bench.house.make_program_token(&admin, id, "1", &from).await.unwrap_err();
        assert_eq!(third.kind, Kind::Conflict);
        for wrong in ["0", "731", "-1", "soon", ""] {
            let refused = bench.house.make_program_token(&admin, id, wrong, &from).await;
            assert!(matches!(refused.unwrap_err().kind, Kind::Invalid { .. }), "{wrong}");
        }
        for token in [&first, &second] {
            assert_eq!(enter(&bench, token).await.program().id, id);
        }
        let rows = about(&bench, "HR").await;
        let secrets = [&first, &second].map(|token| token.expose()[50..].to_owned());
        for row in &rows {
            assert!(!secrets.iter().any(|secret| row.detail.contains(secret.as_str())));
        }
        bench.pass(Duration::from_hours(24));
        assert!(matches!(entry(&bench, second.expose(), FROM).await, Entry::Closed));
        enter(&bench, &first).await;

        let admin = bench.admin().await;
        let view = bench.house.program(&admin, id).await.unwrap();
        let live = view.tokens.iter().find(|token| token.expires_at > bench.house.now()).unwrap();
        assert!(live.used_at.is_some());
        bench.house.revoke_program_token(&admin, id, live.id, &from).await.unwrap();
        assert!(matches!(entry(&bench, first.expose(), FROM).await, Entry::Closed));
        assert_eq!(about(&bench, "HR").await[0].kind, AuditKind::ProgramTokenChanged);
    });
}

#[test]
fn a_token_that_goes_while_a_request_is_under_way_opens_nothing_either() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("198.51.100.9"));
        let (id, first) = let_in(&bench, &admin, "HR", Removal::Block).await;
        let second = bench.house.make_program_token(&admin, id, "1", &from).await.unwrap();
        let (revoked, ended) = (enter(&bench, &first).await, enter(&bench, &second).await);
        let anna = brought(&bench, &revoked, "anna").await;
        let tokens = bench.house.program(&admin, id).await.unwrap().tokens;
        let token = tokens.iter().max_by_key(|token| token.expires_at).unwrap().id;
        bench.house.revoke_program_token(&admin, id, token, &from).await.unwrap();
        bring(&bench, &ended, wish("berta")).await.unwrap();
        bench.pass(Duration::from_hours(24));
        for caller in [&revoked, &ended] {
            for trouble in [
                bring(&bench, caller, wish("eva")).await.map(drop).unwrap_err(),
                remove(&bench, caller, anna).await.unwrap_err(),
                set_active(&bench, caller, anna, false).await.map(drop).unwrap_err(),
            ] {
                assert!(matches!(trouble, Trouble::ShutOut), "{trouble:?}");
            }
        }
    });
}

/// R014
#[test]
fn wrong_tokens_are_limited_and_use_up_nobody_elses() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let (_, token) = let_in(&bench, &admin, "HR", Removal::Block).await;
        let (_, other) = let_in(&bench, &admin, "Other", Removal::Block).await;
        let cut = token.expose().rfind('_').unwrap() + 1;
        let guess = format!("{}{}", &token.expose()[..cut], "0".repeat(64));
        for nonsense in ["", "x", "gatehouse_scim_", "gatehouse_scim_x_y", &guess[..20]] {
            assert!(matches!(entry(&bench, nonsense, FROM).await, Entry::Closed), "{nonsense}");
        }
        for _ in 0..30 {
            assert!(matches!(entry(&bench, &guess, FROM).await, Entry::Closed));
        }
        let before = about(&bench, "SCIM").await.len();
        assert!(matches!(entry(&bench, &guess, FROM).await, Entry::TooMany(_)));
        assert_eq!(about(&bench, "SCIM").await.len(), before, "no more is written down");
        // The right one is not looked at from there any more; others are, and it is from elsewhere.
        assert!(matches!(entry(&bench, token.expose(), FROM).await, Entry::TooMany(_)));
        assert!(matches!(entry(&bench, other.expose(), FROM).await, Entry::Program(_)));
        assert!(matches!(entry(&bench, token.expose(), "203.0.113.51").await, Entry::Program(_)));
        // Tokens that nobody has are counted by themselves.
        for _ in 0..40 {
            let unknown = format!("gatehouse_scim_{}_0", bench.house.correlation_id());
            entry(&bench, &unknown, "203.0.113.52").await;
        }
        let from_there = entry(&bench, token.expose(), "203.0.113.52").await;
        assert!(matches!(from_there, Entry::Program(_)));
        bench.pass(Duration::from_mins(16));
        assert!(matches!(entry(&bench, token.expose(), FROM).await, Entry::Program(_)));
        let _: Secret = token;
    });
}
