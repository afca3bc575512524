//! What every sign-in asks must be one statement each, found by an index and prepared once.

use std::sync::{Arc, Mutex};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, connection::InstrumentationEvent, sql_query,
    sql_types::Text,
};
use model::{
    FactorEvent, Method, Ts,
    ids::{
        ApplicationId, FederatedDomainId, IssuedTokenId, RelyingPartyId, SessionId, SigningKeyId,
        UserId,
    },
    issued_token::{Asked, IssuedToken, Protocol},
};
use uuid::Uuid;

use crate::{
    Database, Error, Tx, assignments, federated_domains, issued_tokens, relying_parties, revision,
    sessions, signing_keys, testing::databases, users,
};

type Question = fn(&mut Tx, u128) -> Result<(), Error>;

const QUESTIONS: [Question; 8] = [
    |tx, _| sessions::by_token(tx, &[1; 32]).map(drop),
    |tx, _| users::by_id(tx, UserId(Uuid::nil())).map(drop),
    |tx, _| assignments::active(tx, UserId(Uuid::nil()), ApplicationId(Uuid::nil())).map(drop),
    |tx, _| relying_parties::by_realm(tx, FederatedDomainId(Uuid::nil()), "urn:realm").map(drop),
    |tx, _| federated_domains::by_slug(tx, "contoso-com").map(drop),
    |tx, _| signing_keys::active(tx).map(drop),
    |tx, number| issued_tokens::record(tx, &token(number)),
    |tx, _| revision::check(tx, 0).map(drop),
];

fn token(number: u128) -> IssuedToken {
    let id = Uuid::from_u128(number);
    IssuedToken {
        id: IssuedTokenId(id),
        token_id: id.to_string(),
        user_id: UserId(id),
        session_id: Some(SessionId(id)),
        domain_id: FederatedDomainId(id),
        relying_party_id: RelyingPartyId(id),
        protocol: Protocol::WsFed,
        signing_key_id: SigningKeyId(id),
        issued_at: Ts(0),
        events: vec![FactorEvent { method: Method::Password, at: Ts(0) }],
        says_mfa: false,
        client_address: String::new(),
        client_agent: String::new(),
        asked: Some(Asked::default()),
        digest: [0; 32],
        claims: Vec::new(),
    }
}

/// What the driver did.
#[derive(Default)]
struct Seen {
    statements: Vec<String>,
    prepared: Vec<String>,
}

#[derive(QueryableByName)]
struct Plan {
    #[diesel(sql_type = Text)]
    detail: String,
}

fn watch(tx: &mut Tx) -> Arc<Mutex<Seen>> {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let noting = Arc::clone(&seen);
    tx.conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        let mut seen = noting.lock().expect("nobody panics with it");
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                seen.statements.push(query.to_string());
            }
            InstrumentationEvent::CacheQuery { sql, .. } => seen.prepared.push(sql.to_owned()),
            _ => {}
        }
    });
    seen
}

#[test]
fn each_question_is_one_statement_that_is_prepared_once() {
    for store in databases() {
        let (first, again) = store
            .write_blocking(|tx| {
                let seen = watch(tx);
                let mut rounds = Vec::new();
                for round in 0..2 {
                    *seen.lock().expect("nobody panics with it") = Seen::default();
                    for question in QUESTIONS {
                        question(tx, round)?;
                    }
                    let seen = std::mem::take(&mut *seen.lock().expect("nobody panics with it"));
                    rounds.push((seen.statements.len(), seen.prepared.len()));
                }
                Ok::<_, Error>((rounds[0], rounds[1]))
            })
            .expect("answered");
        let all = QUESTIONS.len();
        assert_eq!(first, (all, all), "{:?}", store.database());
        assert_eq!(again, (all, 0), "{:?}", store.database());
    }
}

#[test]
fn each_question_is_answered_by_an_index() {
    let [lite, _] = databases();
    assert_eq!(lite.database(), Database::Sqlite);
    let plans = lite
        .write_blocking(|tx| {
            let seen = watch(tx);
            for question in QUESTIONS {
                question(tx, 1)?;
            }
            let seen = std::mem::take(&mut *seen.lock().expect("nobody panics with it"));
            let mut plans = Vec::new();
            for statement in seen.statements {
                let sql = statement.split(" -- binds").next().unwrap_or_default();
                // Of signing keys there are a handful.
                if sql.contains("`signing_keys`") || sql.starts_with("INSERT") {
                    continue;
                }
                let plan = sql_query(format!("EXPLAIN QUERY PLAN {sql}"));
                plans.extend(plan.load::<Plan>(&mut tx.conn)?.into_iter().map(|plan| plan.detail));
            }
            Ok::<_, Error>(plans)
        })
        .expect("explained");
    assert_eq!(plans.len(), QUESTIONS.len() - 2, "{plans:?}");
    assert!(plans.iter().all(|plan| plan.starts_with("SEARCH")), "{plans:?}");
}
