//! The master key changes while people sign in (R130).

use std::time::Duration;

use app::{
    master_key::{self, Inventory, SealedColumn},
    settings::StoreSettings,
};
use model::{
    audit::AuditKind,
    credential::Credential,
    directory::{Directory, Encryption, KeptPassword, Verifier},
    factor::TotpFactor,
    ids::{ClientId, DirectoryId, FactorId, ImportId, LetterId, RegistrationId},
    import::{Field, Import, ImportState, Terms},
    letter::Letter,
    pending_request::Purpose,
    registration::{OtherCredential, Registration, Tenants, Turn},
    relying_party::Cloud,
    tenant::{AppCredential, ClientCertificate, PreparedCertificate},
    webhook::Webhook,
};
use secrecy::SecretSlice;
use store::{
    MasterKey, MasterKeys, Store,
    audit_log::{self, AuditFilter},
    credentials, factors, imports, peppers,
    testing::{MASTER_KEY, Throwaway},
};
use uuid::Uuid;

use crate::support::{self, Bench, visitor};

/// Enough for a rotation that takes longer than a sign-in.
const SEEDS: u128 = 1500;

fn former() -> MasterKey {
    MasterKey::from_bytes(MASTER_KEY)
}

fn next() -> MasterKey {
    MasterKey::from_bytes([8; 32])
}

fn settings(database: &Throwaway, current: MasterKey, additional: &[MasterKey]) -> StoreSettings {
    let master_keys = MasterKeys { current, additional: additional.to_vec() };
    StoreSettings { master_keys, ..database.settings.clone() }
}

/// Runs `test` on a database of each kind, with a house that knows the former key only.
fn both<Done: Future<Output = ()>>(test: impl Fn(Throwaway, Bench) -> Done) {
    support::both(|bench| async {
        add_letter(&bench).await;
        add_import(&bench).await;
        add_webhook(&bench).await;
        add_mapping(&bench).await;
        add_directory(&bench).await;
        add_prepared(&bench).await;
        add_registration(&bench).await;
        bench.house.chain_audit_log().await.unwrap();
        test(bench.database.clone(), bench).await;
    });
}

/// A letter that waits.
async fn add_letter(bench: &Bench) {
    let [to, subject, text] = ["alice@contoso.com", "Hello", "A link"].map(str::to_owned);
    let letter = Letter { id: LetterId(Uuid::from_u128(1)), to, subject, text };
    let now = bench.house.now();
    bench.store.write(move |tx| store::letters::put(tx, &letter, now)).await.unwrap();
}

/// Another system that hears of alarms.
async fn add_webhook(bench: &Bench) {
    let (set_by, set_at) = (bench.user_id("olivia").await, bench.house.now());
    let url = "https://alarms.contoso.com/".to_owned();
    let hook = Webhook { url, secret: "key".into(), set_by, set_at };
    bench.store.write(move |tx| store::webhooks::put(tx, &hook)).await.unwrap();
}

/// What pseudonyms are made with.
async fn add_mapping(bench: &Bench) {
    let (key, now) = (SecretSlice::from(vec![7; 32]), bench.house.now());
    let begin = move |tx: &mut store::Tx| {
        let office = store::applications::all(tx)?.remove(0);
        store::attribute_mappings::begin(tx, office.id, &key, now)
    };
    bench.store.write(begin).await.unwrap();
}

/// A directory, and what is kept of a password that it checked.
async fn add_directory(bench: &Bench) {
    let (user_id, now) = (bench.user_id("carol").await, bench.house.now());
    let text = |text: &str| text.to_owned();
    let directory = Directory {
        id: DirectoryId(Uuid::from_u128(3)),
        name: text("Berlin"),
        host: text("dc1.contoso.com"),
        port: 636,
        encryption: Encryption::Tls,
        authority: String::new(),
        account: text("cn=gatehouse"),
        password: "of the account".into(),
        base: text("dc=contoso,dc=com"),
        filter: text("(mail={name})"),
        keep_days: 3,
        help: String::new(),
        changed_at: now,
    };
    let verifier = Some(Verifier { phc: text("hash"), pepper_id: text("pepper") });
    let directory_id = directory.id;
    let kept = KeptPassword {
        user_id,
        directory_id,
        since: now,
        confirmed_at: now,
        verifier,
        may_open: true,
    };
    let add = move |tx: &mut store::Tx| {
        store::directories::put(tx, &directory)?;
        store::kept_passwords::put(tx, &kept)
    };
    bench.store.write(add).await.unwrap();
}

/// A certificate that waits to be used at Microsoft.
async fn add_prepared(bench: &Bench) {
    let (tenant, now) = (bench.tenant, bench.house.now());
    let (certificate, private_key) = (vec![1], vec![2].into());
    let made = ClientCertificate { certificate, private_key, not_after: now };
    let prepared = PreparedCertificate { made, made_at: now };
    let add = move |tx: &mut store::Tx| store::prepared_certificates::put(tx, tenant, &prepared);
    bench.store.write(add).await.unwrap();
}

/// An app registration through which people sign in with Microsoft.
async fn add_registration(bench: &Bench) {
    let registration = Registration {
        id: RegistrationId(Uuid::from_u128(4)),
        alias: "Contoso".to_owned(),
        client_id: ClientId(Uuid::from_u128(5)),
        credential: AppCredential::Secret("of the registration".into()),
        credential_ends_at: None,
        other: None,
        cloud: Cloud::Global,
        hosts: Cloud::Global.hosts().unwrap(),
        tenants: Tenants::Organizations,
        trusted: Vec::new(),
        enabled: false,
        created_at: bench.house.now(),
    };
    let other = OtherCredential {
        credential: AppCredential::Secret("the second one".into()),
        ends_at: None,
        added_at: bench.house.now(),
        turn: Turn::Next,
    };
    let add = move |tx: &mut store::Tx| {
        store::registrations::create(tx, &registration)?;
        store::registration_credentials::create(tx, registration.id, &other)
    };
    bench.store.write(add).await.unwrap();
}

/// A file that waits, and a password that was brought along: with the others, one value of each sealed
/// column is there then.
async fn add_import(bench: &Bench) {
    let (made_by, now) = (bench.user_id("olivia").await, bench.house.now());
    let (user_id, phc) = (bench.user_id("grace").await, "{SSHA512}abc".to_owned());
    let (pepper_id, must_change_before) = (String::new(), None);
    let brought = Credential { user_id, phc, pepper_id, must_change_before, set_at: now };
    let terms = Terms {
        file_name: "people.csv".to_owned(),
        rows: 1,
        mapping: [(Field::Upn, 0)].into(),
        secrets: [].into(),
        update: false,
        tenant: None,
    };
    let (id, state, until) = (ImportId(Uuid::from_u128(2)), ImportState::Draft, now);
    let import = Import { id, state, made_by, made_at: now, terms, done: 0, until };
    let file = b"upn\nmia@contoso.com\n".to_vec().into();
    let add = move |tx: &mut store::Tx| {
        credentials::put(tx, &brought)?;
        imports::create(tx, &import, &file)
    };
    bench.store.write(add).await.unwrap();
}

/// Seeds of apps that were never confirmed.
async fn add_seeds(bench: &Bench) {
    let (user_id, created_at) = (bench.user_id("alice").await, bench.house.now());
    let seeds = move |tx: &mut store::Tx| {
        (1..=SEEDS).try_for_each(|number| {
            let id = FactorId(Uuid::from_u128(number));
            let secret = number.to_string().into_bytes().into();
            let (last_step, confirmed_at) = (None, None);
            let app = TotpFactor { id, user_id, secret, last_step, confirmed_at, created_at };
            factors::put_totp(tx, &app)
        })
    };
    bench.store.write(seeds).await.unwrap();
}

fn moved(done: &Inventory) -> usize {
    done.columns.iter().map(|tally| tally.moved).sum()
}

async fn rows(bench: &Bench) -> Vec<(String, String)> {
    let filter = AuditFilter {
        kind: Some(AuditKind::MasterKeyRotated),
        limit: 10,
        ..AuditFilter::default()
    };
    let found = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap();
    found.rows.into_iter().map(|row| (row.subject, row.detail)).collect()
}

/// R130
#[test]
fn people_sign_in_before_during_and_after_a_rotation() {
    both(|database, bench| async move {
        add_seeds(&bench).await;
        let both_keys = settings(&database, next(), &[former()]);
        let bench = bench.restarted(Store::open(&both_keys).unwrap()).await;
        bench.sign_in("alice", Purpose::Portal, &visitor("192.0.2.1")).await;

        let node = bench.house.clone();
        let rotation =
            tokio::spawn(
                async move { node.rotate_master_key(&visitor("198.51.100.1")).await.unwrap() },
            );
        let mut during = 0;
        while !rotation.is_finished() {
            bench.next_code();
            for (name, purpose) in [("alice", Purpose::Portal), ("olivia", Purpose::Console)] {
                bench.sign_in(name, purpose, &visitor("192.0.2.1")).await;
                during += usize::from(!rotation.is_finished());
            }
        }
        eprintln!("{during} signed in during the rotation");
        let done = rotation.await.unwrap();
        assert!(during > 0, "the rotation was over before anybody had signed in");
        assert!(moved(&done) > usize::try_from(SEEDS).unwrap(), "{:?}", done.columns);
        assert!(done.unopened.is_empty() && done.behind() == 0);

        let alone = settings(&database, next(), &[]);
        let bench = bench.restarted(Store::open(&alone).unwrap()).await;
        bench.next_code();
        bench.sign_in("alice", Purpose::Portal, &visitor("192.0.2.1")).await;
        bench.drain().await;
    });
}

#[test]
fn a_rotation_has_one_audit_row_and_a_second_one_has_nothing_to_do() {
    both(|database, bench| async move {
        let both_keys = settings(&database, next(), &[former()]);
        let before = master_key::check(&both_keys).await.unwrap();
        assert_eq!((moved(&before), before.key), (0, next().id()));
        assert!(before.columns.iter().all(|tally| tally.current == 0 && tally.behind > 0));

        let bench = bench.restarted(Store::open(&both_keys).unwrap()).await;
        let from = visitor("198.51.100.1");
        let done = bench.house.rotate_master_key(&from).await.unwrap();
        assert_eq!(done.columns.last().unwrap().column, SealedColumn::Canary);
        assert!(done.columns.iter().all(|tally| tally.moved > 0 && tally.moved == tally.current));
        let again = bench.house.rotate_master_key(&from).await.unwrap();
        assert_eq!(moved(&again), 0);

        let [(subject, detail)] = rows(&bench).await.try_into().unwrap();
        assert_eq!(subject, next().id());
        assert!(detail.starts_with("signing_keys.private_key 2, tenants.client_secret 1, "));
        let after = master_key::check(&settings(&database, next(), &[])).await.unwrap();
        assert!(after.columns.iter().all(|tally| tally.current > 0 && tally.behind == 0));
        assert_eq!(after.columns.len(), SealedColumn::ALL.len());
        let refused = master_key::check(&settings(&database, former(), &[])).await.unwrap_err();
        assert!(refused.to_string().contains("master key"), "{refused}");
    });
}

/// A node that was forgotten goes on to seal with the former key.
#[test]
fn a_rotation_does_not_call_itself_done_while_a_node_seals_with_the_former_key() {
    both(|database, bench| async move {
        // A round takes longer than the node needs for another value.
        add_seeds(&bench).await;
        let left_behind = Store::open(&settings(&database, former(), &[next()])).unwrap();
        let store = Store::open(&settings(&database, next(), &[former()])).unwrap();
        let bench = bench.restarted(store).await;
        let now = bench.house.now();
        let sealing = tokio::spawn(async move {
            for number in 0.. {
                let key = vec![0; 32].into();
                let add = move |tx: &mut store::Tx| {
                    peppers::create(tx, &format!("z{number:08}"), &key, now)
                };
                left_behind.write(add).await.unwrap();
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        });
        let from = visitor("198.51.100.1");
        let refused = bench.house.rotate_master_key(&from).await.unwrap_err();
        assert!(refused.to_string().contains("a node runs that was not restarted"), "{refused}");
        assert!(rows(&bench).await.is_empty());
        let alone = Store::open(&settings(&database, next(), &[]));
        assert!(matches!(alone, Err(store::Error::WrongMasterKey)));

        sealing.abort();
        sealing.await.unwrap_err();
        assert!(moved(&bench.house.rotate_master_key(&from).await.unwrap()) > 0);
        Store::open(&settings(&database, next(), &[])).unwrap();
    });
}
