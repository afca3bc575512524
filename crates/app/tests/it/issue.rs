//! Tokens: who gets one, and everybody who does not.

use std::time::Duration;

use app::{
    Visitor,
    issue::{
        Denial, Resumed,
        wsfed::{AutoPost, Entered},
    },
    visitor::Secret,
};
use model::pending_request::Purpose;
use simulator as _;
use store::issued_tokens;

use crate::support::{Bench, QUERY, both, visitor};

async fn resume(bench: &Bench, handle: &Secret, from: &Visitor, session: &Secret) -> Entered {
    match bench.house.resume(handle, from, Some(session)).await.unwrap() {
        Resumed::WsFed(entered) => entered,
        Resumed::Denied(denial) => Entered::Denied(denial),
        Resumed::Expired => Entered::Expired,
        Resumed::Saml2(other) => panic!("another protocol: {other:?}"),
        Resumed::Oidc(other) => panic!("another protocol: {other:?}"),
        Resumed::ExternalMfa(other) => panic!("another protocol: {other:?}"),
    }
}

fn token(entered: Entered) -> AutoPost {
    match entered {
        Entered::Token(token) => token,
        other => panic!("no token: {other:?}"),
    }
}

async fn journaled(bench: &Bench) -> i64 {
    bench.store.read(issued_tokens::count).await.unwrap()
}

/// R084, R095
#[test]
fn alice_gets_a_token_and_the_journal_knows_it() {
    both(|bench| async move {
        let from = visitor("203.0.113.1");
        let Entered::Ask(handle) = bench.enter(QUERY, &from, None).await else {
            panic!("nobody is signed in yet")
        };
        let alice = bench.account("alice").clone();
        bench.house.sign_in_password(&handle, &from, alice.password.clone()).await.unwrap();
        bench.house.sign_in_code(&handle, &from, &bench.code(&alice)).await.unwrap();
        let signed_in = bench.house.complete_sign_in(&handle, &from).await.unwrap().unwrap();

        let session = Some(&signed_in.token);
        let first = token(resume(&bench, &handle, &from, &signed_in.token).await);
        let context = "LoginOptions=3&estsredirect=2&estsrequest=rQQIARAA";
        assert_eq!(first.context.as_deref(), Some(context));
        assert_eq!(first.reply, format!("{}/login.srf", bench.simulator.url()));
        assert!(first.wresult.contains(&alice.immutable_id));
        assert!(first.wresult.contains("http://schemas.microsoft.com/claims/multipleauthn"));
        assert_eq!(journaled(&bench).await, 1);

        let again = resume(&bench, &handle, &from, &signed_in.token).await;
        assert!(matches!(again, Entered::Expired), "a request is redeemed once: {again:?}");
        let second = token(bench.enter(QUERY, &from, session).await);
        assert_ne!(first.wresult, second.wresult, "no page, and a token of its own");
        assert_eq!(journaled(&bench).await, 2);
    });
}

/// R081
#[test]
fn nobody_gets_a_token_without_an_assignment() {
    both(|bench| async move {
        let from = visitor("203.0.113.2");
        let (_, olivia) = bench.employee("olivia", &from).await;
        let entered = bench.enter(QUERY, &from, Some(&olivia)).await;
        let upn = "olivia@contoso.com".to_owned();
        let application = "Office 365".to_owned();
        assert!(
            matches!(&entered, Entered::Denied(denial) if *denial == Denial::NotAssigned { upn, application }),
            "{entered:?}"
        );
        assert_eq!(journaled(&bench).await, 0);
    });
}

#[test]
fn a_foreign_realm_or_reply_leads_nowhere() {
    both(|bench| async move {
        let from = visitor("203.0.113.3");
        let (_, alice) = bench.employee("alice", &from).await;
        let realm = QUERY.replace("MicrosoftOnline", "microsoftonline");
        let own = format!("{}/login.srf", bench.simulator.url());
        for (query, code) in [
            (realm, "GH-FED"),
            (format!("{QUERY}&wreply=https%3a%2f%2fevil.example%2f"), "GH-FED"),
            (format!("{QUERY}&wreply={own}%2f"), "GH-FED"),
            (QUERY.replace("wsignin1.0", "wattr1.0"), "GH-FED"),
        ] {
            let entered = bench.enter(&query, &from, Some(&alice)).await;
            let Entered::Refused(refused) = entered else { panic!("{query}: {entered:?}") };
            assert!(refused.code.starts_with(code), "{refused:?}");
        }
        assert_eq!(journaled(&bench).await, 0);
        let named = format!("{QUERY}&wreply={}", own.replace(':', "%3a").replace('/', "%2f"));
        token(bench.enter(&named, &from, Some(&alice)).await);
    });
}

/// R053, R081
#[test]
fn blocking_somebody_ends_their_tokens_at_once() {
    both(|bench| async move {
        let from = visitor("203.0.113.4");
        let (_, alice) = bench.employee("alice", &from).await;
        token(bench.enter(QUERY, &from, Some(&alice)).await);
        let admin = bench.admin().await;
        let id = bench.user_id("alice").await;
        bench.house.block(&admin, id, &from).await.unwrap();
        let entered = bench.enter(QUERY, &from, Some(&alice)).await;
        assert!(matches!(entered, Entered::Ask(_)), "{entered:?}");
        assert_eq!(journaled(&bench).await, 1);
    });
}

#[test]
fn unassigning_somebody_ends_their_tokens_at_once() {
    both(|bench| async move {
        let from = visitor("203.0.113.5");
        let (_, alice) = bench.employee("alice", &from).await;
        let admin = bench.admin().await;
        let id = bench.user_id("alice").await;
        bench.house.unassign(&admin, id, bench.application, &from).await.unwrap();
        let entered = bench.enter(QUERY, &from, Some(&alice)).await;
        assert!(matches!(entered, Entered::Denied(Denial::NotAssigned { .. })), "{entered:?}");
    });
}

/// R097
#[test]
fn a_fresh_sign_in_is_demanded_and_honoured() {
    both(|bench| async move {
        let from = visitor("203.0.113.6");
        let (_, old) = bench.employee("alice", &from).await;
        bench.next_code();
        let fresh = format!("{QUERY}&wfresh=0");
        let Entered::Ask(handle) = bench.enter(&fresh, &from, Some(&old)).await else {
            panic!("the old session is not enough")
        };
        let resumed = resume(&bench, &handle, &from, &old).await;
        assert!(matches!(resumed, Entered::Ask(_)), "{resumed:?}");
        let alice = bench.account("alice").clone();
        bench.house.sign_in_password(&handle, &from, alice.password.clone()).await.unwrap();
        bench.house.sign_in_code(&handle, &from, &bench.code(&alice)).await.unwrap();
        let new = bench.house.complete_sign_in(&handle, &from).await.unwrap().unwrap().token;
        let now = bench.house.now();
        let entered = resume(&bench, &handle, &from, &new).await;
        let instant = format!("AuthenticationInstant=\"{}\"", now.to_xml());
        assert!(token(entered).wresult.contains(&instant));
    });
}

/// R050
#[test]
fn an_admins_console_cookie_gets_no_token() {
    both(|bench| async move {
        let from = visitor("203.0.113.7");
        let signed_in = bench.sign_in("olivia", Purpose::Console, &from).await;
        let entered = bench.enter(QUERY, &from, Some(&signed_in.token)).await;
        assert!(matches!(entered, Entered::Ask(_)), "{entered:?}");
    });
}

/// R095
#[test]
fn the_journal_says_each_claim_and_why() {
    both(|bench| async move {
        use model::issued_token::Reason::{
            self, Factors, FirstFactor, ImmutableId, SecondFactor, SignInName,
        };
        let from = visitor("203.0.113.8");
        let (_, alice) = bench.employee("alice", &from).await;
        let sent = token(bench.enter(QUERY, &from, Some(&alice)).await);
        let admin = bench.admin().await;
        let id = bench.user_id("alice").await;
        let (_, page) = bench.house.tokens_of(&admin, id, 0).await.unwrap();
        assert_eq!((page.total, page.rows.len()), (1, 1));
        let row = &page.rows[0];
        assert_eq!(row.relying_party.as_deref(), Some("Microsoft 365"));
        assert_eq!(row.domain.as_deref(), Some("contoso.com"));
        let keys = bench.house.signing_keys(app::keys::Keeper::Operator).await.unwrap();
        assert_eq!(row.key.as_ref(), Some(&keys[0].thumbprint));
        let claims = &row.token.claims;
        let reasons: Vec<Reason> = claims.iter().map(|claim| claim.reason).collect();
        let of_sign_in = [FirstFactor, Factors, Factors, SecondFactor];
        assert_eq!(reasons[..3], [ImmutableId, SignInName, ImmutableId]);
        assert_eq!(reasons[3..], of_sign_in);
        let (named, claims) = claims.split_first().unwrap();
        assert_eq!(named.name, "NameIdentifier");
        assert!(sent.wresult.contains(&format!(">{}</saml:NameIdentifier>", named.values[0])));
        for claim in claims {
            let (_, name) = claim.name.rsplit_once('/').unwrap();
            assert!(sent.wresult.contains(&format!("AttributeName=\"{name}\"")), "{name}");
            for value in &claim.values {
                assert!(sent.wresult.contains(&format!(">{value}<")), "{value}");
            }
        }
        assert_eq!(sent.wresult.matches("<saml:Attribute ").count(), claims.len(), "no more");
        let beyond = bench.house.tokens_of(&admin, id, 25).await.unwrap().1;
        assert_eq!((beyond.total, beyond.rows.len()), (1, 0));
    });
}

/// R052
#[test]
fn a_session_that_only_microsoft_uses_is_not_idle() {
    both(|bench| async move {
        let from = visitor("203.0.113.11");
        let (_, token) = bench.employee("alice", &from).await;
        for _ in 0..13 {
            bench.pass(Duration::from_mins(55));
            let entered = bench.enter(QUERY, &from, Some(&token)).await;
            assert!(matches!(entered, Entered::Token(_)), "{entered:?}");
        }
        bench.pass(Duration::from_mins(5));
        let entered = bench.enter(QUERY, &from, Some(&token)).await;
        assert!(matches!(entered, Entered::Ask(_)), "after 12 hours: {entered:?}");
        let (_, token) = bench.employee("alice", &from).await;
        bench.pass(Duration::from_mins(61));
        let entered = bench.enter(QUERY, &from, Some(&token)).await;
        assert!(matches!(entered, Entered::Ask(_)), "after an idle hour: {entered:?}");
    });
}
