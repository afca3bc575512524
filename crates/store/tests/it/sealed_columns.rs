//! Sealed values move to another master key while others read and write, and a stop at any point
//! leaves every one of them open (R130).

use std::{collections::BTreeSet, thread};

use aws_lc_rs::rand;
use model::{
    ids::{FactorId, LetterId, RegistrationId, TenantId, UserId},
    letter::Letter,
    signing_key::SigningKeyState,
    tenant::{ClientCertificate, PreparedCertificate},
    webhook::Webhook,
};
use secrecy::{ExposeSecret, SecretSlice};
use store::{
    Error, MasterKey, MasterKeys, Settings, Store, Tx, applications, attribute_mappings, factors,
    letters, peppers, prepared_certificates, registration_credentials, registrations,
    sealed_columns::{self, Portion, SealedColumn},
    signing_keys, tenants,
    testing::{MASTER_KEY, Throwaway, databases, execute},
    webhooks,
};

use crate::{
    migrations::tables,
    samples::{
        NOON, alice, application, id, next_secret, registration, secret_of, signing_key, tenant,
        text_of, totp,
    },
};

const ALICE: UserId = UserId(id(1));
const SEEDS: u128 = 40;
/// Signing keys, connections, certificates that wait for them, registrations, their second secrets,
/// peppers and letters, each.
const OTHERS: u128 = 3;
/// With the webhook's secret and the canary.
const VALUES: usize = 40 + 8 * 3 + 2;

/// Columns of bytes that hold no secret: digests, ids of credentials, and
/// certificates.
const PLAIN: [&str; 28] = [
    "access_passes.digest",
    "enrollment_codes.digest",
    "issued_tokens.digest",
    "known_devices.digest",
    "mailed_codes.digest",
    "microsoft_rounds.browser_digest",
    "microsoft_rounds.state_digest",
    "oidc_grants.access_digest",
    "oidc_grants.code_digest",
    "passkeys.credential_id",
    "pending_requests.browser_digest",
    "pending_requests.handle_digest",
    "prepared_certificates.certificate",
    "program_tokens.digest",
    "pushed_requests.digest",
    "recovery_codes.digest",
    "registration_credentials.certificate",
    "registrations.certificate",
    "remembered_devices.basis",
    "remembered_devices.former_digest",
    "remembered_devices.secret_digest",
    "remembered_devices.series_digest",
    "reset_links.basis",
    "reset_links.digest",
    "sessions.token_digest",
    "signing_keys.certificate",
    "tenants.certificate",
    "used_hints.digest",
];

/// R125
#[test]
fn every_column_of_bytes_is_in_the_list_or_known_to_hold_no_secret() {
    let sealed = SealedColumn::ALL.iter().map(|at| format!("{}.{}", at.table(), at.column()));
    let listed: BTreeSet<String> = sealed.chain(PLAIN.map(str::to_owned)).collect();
    for store in databases() {
        let database = store.database();
        let tables = store.read_blocking(|tx| tables(tx, database)).expect("read");
        let columns = tables.iter().flat_map(|(table, columns)| {
            let bytes = columns.iter().filter(|column| column.contains(" bytes "));
            bytes
                .map(move |column| format!("{table}.{}", column.split(' ').next().expect("a name")))
        });
        assert_eq!(columns.collect::<BTreeSet<_>>(), listed, "{database:?}: left: the tables");
    }
}

fn master(number: u8) -> MasterKey {
    MasterKey::from_bytes([MASTER_KEY[0] + number; 32])
}

/// A node that knows some of the master keys; the first is its current one.
fn node(database: &Throwaway, known: &[u8]) -> Result<Store, Error> {
    let (current, additional) = known.split_first().expect("a current key");
    let additional = additional.iter().copied().map(master).collect();
    let master_keys = MasterKeys { current: master(*current), additional };
    Store::open(&Settings { master_keys, ..database.settings.clone() })
}

fn letter(number: u128, text: &str) -> Letter {
    let [to, subject] = ["alice@contoso.com", "Hello"].map(str::to_owned);
    Letter { id: LetterId(id(number)), to, subject, text: text.to_owned() }
}

fn prepared(number: u128) -> PreparedCertificate {
    let private_key = SecretSlice::from(format!("client key {number}").into_bytes());
    let certificate = b"a certificate".to_vec();
    let made = ClientCertificate { certificate, private_key, not_after: NOON };
    PreparedCertificate { made, made_at: NOON }
}

fn fill(tx: &mut Tx) -> Result<(), Error> {
    alice(tx)?;
    for number in 0..SEEDS {
        factors::put_totp(tx, &totp(100 + number, ALICE, format!("seed {number}").as_bytes()))?;
    }
    for number in 0..OTHERS {
        let key = format!("key {number}");
        let retired = SigningKeyState::Retired;
        signing_keys::create(tx, &signing_key(200 + number, retired, key.as_bytes()))?;
        tenants::create(tx, &tenant(300 + number, &format!("client secret {number}")))?;
        prepared_certificates::put(tx, TenantId(id(300 + number)), &prepared(number))?;
        let office = application(600 + number, TenantId(id(300 + number)));
        applications::create(tx, &office)?;
        let key = SecretSlice::from(format!("pseudonyms {number}").into_bytes());
        attribute_mappings::begin(tx, office.id, &key, NOON)?;
        registrations::create(
            tx,
            &registration(500 + number, &format!("sign-in secret {number}")),
        )?;
        let (of, second) = (RegistrationId(id(500 + number)), format!("second secret {number}"));
        registration_credentials::create(tx, of, &next_secret(&second))?;
        let pepper = SecretSlice::from(format!("pepper {number}").into_bytes());
        peppers::create(tx, &format!("p{number}"), &pepper, NOON)?;
        letters::put(tx, &letter(400 + number, &format!("letter {number}")), NOON)?;
    }
    let [url, secret] = ["https://alarms.contoso.com/", "webhook secret"];
    let hook = Webhook { url: url.to_owned(), secret: secret.into(), set_by: ALICE, set_at: NOON };
    webhooks::put(tx, &hook)
}

/// Opens every secret through the functions that the house uses.
fn secrets(tx: &mut Tx) -> Result<BTreeSet<Vec<u8>>, Error> {
    let mut found = BTreeSet::new();
    for number in 0..SEEDS {
        let factor = factors::totp_by_id(tx, FactorId(id(100 + number)))?.expect("there");
        found.insert(factor.secret.expose_secret().to_vec());
    }
    for key in signing_keys::all(tx)? {
        found.insert(key.private_key.here().expect("here").expose_secret().to_vec());
    }
    for tenant in tenants::all(tx)? {
        found.insert(secret_of(&tenant).as_bytes().to_vec());
        if let Some(waiting) = prepared_certificates::get(tx, tenant.id)? {
            found.insert(waiting.made.private_key.expose_secret().to_vec());
        }
    }
    for registration in registrations::all(tx)? {
        found.insert(text_of(&registration.credential).as_bytes().to_vec());
        let other = registration.other.expect("a second one");
        found.insert(text_of(&other.credential).as_bytes().to_vec());
    }
    for waiting in letters::due(tx, NOON, 100)? {
        found.insert(waiting.letter.text.into_bytes());
    }
    for office in applications::all(tx)? {
        let kept = attribute_mappings::of_application(tx, office.id)?.expect("begun");
        found.insert(kept.key.expose_secret().to_vec());
    }
    let hook = webhooks::get(tx)?.expect("there");
    found.insert(hook.secret.expose_secret().as_bytes().to_vec());
    for (_, pepper) in peppers::all(tx)? {
        found.insert(pepper.expose_secret().to_vec());
    }
    Ok(found)
}

fn filled(database: &Throwaway) -> BTreeSet<Vec<u8>> {
    let store = database.open();
    store.write_blocking(fill).expect("filled");
    let written = store.read_blocking(secrets).expect("opened");
    assert_eq!(written.len(), VALUES - 1);
    written
}

/// Moves values to the current key, in portions, and stops like a killed process after `most` of
/// them: what its last transaction did is undone.
fn rotate(store: &Store, most: usize) -> usize {
    const PORTION: usize = 7;
    let mut moved = 0;
    for column in SealedColumn::ALL.iter().copied() {
        let mut next = Some(String::new());
        while let Some(after) = next {
            let (left, from) = (most - moved, after.clone());
            let limit = i64::try_from(PORTION).expect("small");
            let portion: Result<Portion, Error> = store.write_blocking(move |tx| {
                let portion = sealed_columns::rewrap(tx, column, &from, limit)?;
                if portion.moved > left { Err(Error::Unavailable) } else { Ok(portion) }
            });
            let Ok(portion) = portion else { return moved };
            assert_eq!(portion.unopened.len() + portion.behind, 0, "{portion:?}");
            moved += portion.moved;
            next = portion.last;
        }
    }
    moved
}

/// How many values are under the current key, and under another one; all must open.
fn survey(store: &Store) -> (usize, usize) {
    let mut sum = (0, 0);
    for column in SealedColumn::ALL.iter().copied() {
        let portion = store.read_blocking(|tx| sealed_columns::survey(tx, column, "", 1000));
        let portion = portion.expect("read");
        assert!(portion.unopened.is_empty(), "{portion:?}");
        sum = (sum.0 + portion.current, sum.1 + portion.behind);
    }
    sum
}

fn random_below(limit: usize) -> usize {
    let mut bytes = [0; 2];
    rand::fill(&mut bytes).expect("randomness");
    usize::from(u16::from_le_bytes(bytes)) % limit
}

/// R130
#[test]
fn a_stop_at_fifty_random_points_leaves_every_value_open_and_the_next_run_finishes() {
    for database in Throwaway::both() {
        let written = filled(&database);
        for former in 0..50 {
            let (current, stop) = (former + 1, random_below(VALUES));
            let both = node(&database, &[current, former]).expect("both keys");
            assert_eq!(survey(&both), (0, VALUES));
            let moved = rotate(&both, stop);
            assert!(moved <= stop, "{moved} of {stop}");
            drop(both);
            for known in [[current, former], [former, current]] {
                let store = node(&database, &known).expect("both keys");
                assert_eq!(store.read_blocking(secrets).expect("opened"), written, "at {stop}");
            }
            let early = node(&database, &[current]);
            assert!(matches!(early, Err(Error::WrongMasterKey)), "at {stop}: {early:?}");

            let again = node(&database, &[current, former]).expect("both keys");
            assert_eq!(survey(&again), (moved, VALUES - moved), "what moved stays");
            assert_eq!(rotate(&again, VALUES), VALUES - moved);
            drop(again);
            let alone = node(&database, &[current]).expect("the new key alone");
            assert_eq!(alone.read_blocking(secrets).expect("opened"), written, "at {stop}");
            assert_eq!(survey(&alone), (VALUES, 0));
            let late = node(&database, &[former]);
            assert!(matches!(late, Err(Error::WrongMasterKey)), "{late:?}");
        }
    }
}

#[test]
fn nodes_are_restarted_one_by_one_and_read_what_the_others_write() {
    for database in Throwaway::both() {
        filled(&database);
        // Each stage is a pair of nodes; the first of them was restarted already.
        let stages: [[&[u8]; 2]; 4] =
            [[&[0, 1], &[0]], [&[0, 1], &[0, 1]], [&[1, 0], &[0, 1]], [&[1, 0], &[1, 0]]];
        for (stage, known) in (0_u128..).zip(stages) {
            let [one, other] = known.map(|known| node(&database, known).expect("opens"));
            for (number, (writer, reader)) in (0_u128..).zip([(&one, &other), (&other, &one)]) {
                let number = 1000 + stage * 2 + number;
                let add = move |tx: &mut Tx| factors::put_totp(tx, &totp(number, ALICE, b"seed"));
                writer.write_blocking(add).expect("written");
                let read = reader
                    .read_blocking(|tx| factors::totp_by_id(tx, FactorId(id(number))))
                    .expect("opened");
                assert_eq!(read.expect("there").secret.expose_secret(), b"seed");
            }
        }
        let last = node(&database, &[1, 0]).expect("opens");
        rotate(&last, usize::MAX);
        let other = node(&database, &[1]).expect("the new key alone");
        assert_eq!(survey(&other), (VALUES + 8, 0));
    }
}

/// The values of a portion are read before they are swapped: what another node writes in between
/// must win.
#[test]
fn what_others_write_meanwhile_is_not_lost() {
    for database in Throwaway::both() {
        filled(&database);
        let directions: [&[u8]; 2] = [&[1, 0], &[0, 1]];
        let rotating = directions.map(|known| node(&database, known).expect("opens"));
        let writer = node(&database, &[0, 1]).expect("opens");
        thread::scope(|scope| {
            let writing = scope.spawn(|| write_and_read(&writer));
            let mut rounds = 0;
            while !writing.is_finished() {
                for store in &rotating {
                    let rewrap = |tx: &mut Tx| {
                        sealed_columns::rewrap(tx, SealedColumn::ClientSecret, "", 100)
                    };
                    store.write_blocking(rewrap).expect("moved");
                    rounds += 1;
                }
            }
            writing.join().expect("nothing was lost");
            assert!(rounds > 20, "only {rounds} rounds met the writer");
        });
    }
}

fn write_and_read(store: &Store) {
    for number in 0..200 {
        for row in (300..300 + OTHERS).rev() {
            let secret = format!("secret {number} of {row}");
            let written = tenant(row, &secret);
            store.write_blocking(move |tx| tenants::update(tx, &written)).expect("written");
            let read = store.read_blocking(|tx| tenants::by_id(tx, TenantId(id(row))));
            assert_eq!(secret_of(&read.expect("opened").expect("there")), secret);
        }
    }
}

#[test]
fn what_opens_with_no_key_is_named_and_left_as_it_is() {
    for database in Throwaway::both() {
        filled(&database);
        let store = node(&database, &[1, 0]).expect("opens");
        let damage = move |tx: &mut Tx| {
            execute(
                tx,
                "UPDATE peppers SET key = (SELECT client_secret FROM tenants LIMIT 1)
                         WHERE id = 'p1'",
            )
        };
        store.write_blocking(damage).expect("damaged");
        let stranger = node(&database, &[2, 0]).expect("opens");
        let add = |tx: &mut Tx| peppers::create(tx, "p3", &SecretSlice::from(vec![1]), NOON);
        stranger.write_blocking(add).expect("written");
        let rewrap = |tx: &mut Tx| sealed_columns::rewrap(tx, SealedColumn::Pepper, "", 100);
        let portion = store.write_blocking(rewrap).expect("moved");
        let why: Vec<String> = portion.unopened.iter().map(ToString::to_string).collect();
        assert_eq!(
            why,
            [
                "the row p1 of peppers is damaged",
                "the row p3 of peppers is sealed with a master key that is not configured"
            ]
        );
        assert_eq!((portion.current, portion.moved, portion.behind), (2, 2, 0));
    }
}
